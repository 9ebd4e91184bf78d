// Fails if the gate's wasm is larger than its budget, or names a folder of the machine that built it: scripts/budget.mjs FOLDER
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** In bytes. A feature that needs more says so in the commit that raises them. */
const BUDGET = { raw: 745_000, gzip: 318_000 };

const bytes = readFileSync(join(process.argv[2], 'index_bg.wasm'));
const sizes = { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
const problems = Object.entries(BUDGET)
  .filter(([measure, most]) => sizes[measure] > most)
  .map(([measure, most]) => `expected at most ${most} bytes ${measure}, got ${sizes[measure]}`);
// Not a folder that is named as scripts/build.sh names all of them, nor the root.
const ANYWHERE = ['/', '/edgeward', '/rust', '/cargo', '/crates'];
const folders = [homedir(), process.cwd(), process.env.CARGO_HOME].filter((folder) => folder && !ANYWHERE.includes(folder));
for (const folder of folders) if (bytes.includes(folder)) problems.push(`expected no path of this machine, got ${folder}`);
for (const problem of problems) console.error(`   ${problem}`);
if (problems.length > 0) process.exit(1);
