#!/usr/bin/env node
import { create } from 'edgeward/create';

process.exitCode = await create(process.argv.slice(2));
