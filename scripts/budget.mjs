// Fails if a wasm module is larger than its budget, or names a folder of the machine that built it: scripts/budget.mjs FOLDER
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** In bytes. A feature that needs more says so in the commit that raises them. */
const BUDGETS = {
  'index_bg.wasm': { raw: 950_000, gzip: 408_000 },
  'authority_bg.wasm': { raw: 480_000, gzip: 193_000 },
};

const problems = [];
const modules = Object.keys(BUDGETS).map((name) => [name, readFileSync(join(process.argv[2], name))]);
for (const [name, bytes] of modules) {
  const sizes = { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
  for (const [measure, most] of Object.entries(BUDGETS[name])) {
    if (sizes[measure] > most) problems.push(`${name}: expected at most ${most} bytes ${measure}, got ${sizes[measure]}`);
  }
}
// Not a folder that is named as scripts/build.sh names all of them, nor the root.
const ANYWHERE = ['/', '/edgeward', '/rust', '/cargo', '/crates'];
const folders = [homedir(), process.cwd(), process.env.CARGO_HOME].filter((folder) => folder && !ANYWHERE.includes(folder));
for (const folder of folders) {
  for (const [name, bytes] of modules) if (bytes.includes(folder)) problems.push(`${name}: expected no path of this machine, got ${folder}`);
}
for (const problem of problems) console.error(`   ${problem}`);
if (problems.length > 0) process.exit(1);
