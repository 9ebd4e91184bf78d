// The Chromium that scripts/tools.sh browser has found or installed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const NOTE = fileURLToPath(new URL('../../../.tools/chromium', import.meta.url));

const ARGS = [
  '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  // No name but loopback's leads anywhere: what leaves the machine in a test must not leave it.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** Starts it. */
export async function launch() {
  const executablePath = process.env.CHROMIUM || (existsSync(NOTE) ? readFileSync(NOTE, 'utf8').trim() : undefined);
  assert.ok(executablePath, 'no browser: run scripts/tools.sh browser first');
  return await chromium.launch({ executablePath, args: ARGS });
}
