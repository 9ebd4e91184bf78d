// What goes into the archive, and what it weighs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { ROOT, install, packed } from './package.mjs';

/** What is built, or stands in pkg/ itself; the command line is whatever git knows of it. */
const FILES = [
  'LICENSE', 'README.md', 'api.js', 'browser.js', 'create.d.ts', 'demo/issuer.js', 'demo/issuer.toml', 'demo/keyring.js', 'demo/origin.js', 'demo/origin.toml',
  'dist/cli.js', 'dist/cli.wasm', 'dist/edgeward.js', 'dist/edgeward.wasm', 'dist/worker/accept.js', 'dist/worker/authority_bg.wasm',
  'dist/worker/gate.js', 'dist/worker/index.js', 'dist/worker/index_bg.wasm', 'dist/worker/objects.js', 'error.js', 'gate.d.ts', 'gate.js', 'index.d.ts',
  'key_set.js', 'migrations/0001_registry.sql', 'migrations/0002_audit.sql', 'migrations/0003_tokens_tenant.sql', 'migrations/0004_subjects_iss.sql', 'migrations/0005_removed_rows.sql', 'node.js', 'package.json', 'worker.d.ts', 'workerd.js',
];
const PLAYGROUND = /^www\/\.edgeward\/playground\//;
const COMMANDS = /^cli\//;
const BUDGET_BYTES = 272_000;

test('the archive holds these files and no others', () => {
  const { name, files } = packed('--dry-run');
  assert.equal(name, 'edgeward');
  const paths = files.map(({ path }) => path).sort();
  assert.deepEqual(paths.filter((path) => !PLAYGROUND.test(path) && !COMMANDS.test(path)), FILES);
  const known = execFileSync('git', ['ls-files', 'cli'], { cwd: join(ROOT, 'pkg'), encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(paths.filter((path) => COMMANDS.test(path)), known.sort());
  assert.ok(paths.includes('www/.edgeward/playground/index.html'), 'and the playground');
});

test('its version is the crate\'s', () => {
  const [, version] = /^version = "(.*)"$/m.exec(readFileSync(join(ROOT, 'Cargo.toml'), 'utf8'));
  assert.equal(packed('--dry-run').version, version);
  assert.ok(readFileSync(join(ROOT, 'pkg/key_set.js'), 'utf8').includes(`'edgeward/${version}'`), 'in the requests of its own, too');
});

test('a page downloads less than 272 kB, and no software for public keys', (t) => {
  const { home } = install();
  const wasm = readFileSync(join(home, 'dist/edgeward.wasm'));
  const sizes = { raw: wasm.length, gzip: gzipSync(wasm, { level: 9 }).length, brotli: brotliCompressSync(wasm).length };
  t.diagnostic(JSON.stringify(sizes));
  assert.ok(sizes.brotli < BUDGET_BYTES, 'every browser takes brotli');
  // The order of P-256, which no elliptic curve arithmetic goes without, in either order of its bytes.
  const order = Buffer.from('bce6faada7179e84f3b9cac2fc632551', 'hex');
  assert.ok(!wasm.includes(order) && !wasm.includes(order.reverse()));
  const sections = WebAssembly.Module.customSections(new WebAssembly.Module(wasm), 'name');
  assert.deepEqual(sections, [], 'no names of functions');
});
