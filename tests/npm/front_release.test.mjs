// A release: the archives, and what a user gets of them by npm alone.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { pack, versions } from '../../scripts/release.mjs';
import { ROOT } from './package.mjs';
import { ENVIRONMENT } from './project.mjs';

let folder;
let archives;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgeward-release-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  archives = pack(join(folder, 'archives'));
});

test('packing again, later, gives the same bytes', () => {
  const main = join(ROOT, 'pkg/cli/main.js');
  utimesSync(main, new Date(), new Date());
  assert.deepEqual(pack(join(folder, 'again')), archives);
});

test('npm installs both archives into an empty folder, without Rust, and the commands run', () => {
  const cwd = mkdtempSync(join(folder, 'project-'));
  const run = (line) => spawnSync('sh', ['-c', line], { cwd, encoding: 'utf8', env: { ...ENVIRONMENT, npm_config_cache: join(folder, 'cache') } });
  assert.notEqual(run('command -v cargo || command -v rustc').status, 0, 'no Rust is on the PATH');
  writeFileSync(join(cwd, 'package.json'), '{ "private": true, "type": "module" }\n');
  const installed = run(`npm install --no-audit --no-fund --omit=peer ${archives.map(([name]) => join(folder, 'archives', name)).join(' ')}`);
  assert.equal(installed.status, 0, installed.stderr);
  const made = run('npx create-edgeward --issuer auth0 --domain example.eu.auth0.com --audience https://api.example.com --origin https://api.internal.example.com --offline --yes gateway');
  assert.equal(made.status, 0, made.stderr);
  const checked = run('cd gateway && npx edgeward check --strict');
  assert.deepEqual([checked.status, checked.stdout], [0, 'wrangler.jsonc: no errors, no warnings\n']);
  assert.match(run('cd gateway && npx edgeward explain GET /api/hello').stdout, /^REFUSED with 401 credential_missing$/m);
  const lines = readFileSync(join(cwd, 'gateway/wrangler.jsonc'), 'utf8').split('\n').filter((line) => !/^\s*(\/\/.*)?$/.test(line));
  assert.ok(lines.length < 60, `${lines.length}`);
});

test('every version is the same, and a tag of another one is refused', () => {
  const [[, version]] = versions();
  const tagged = (tag) => spawnSync(process.execPath, [join(ROOT, 'scripts/release.mjs'), 'version', tag], { encoding: 'utf8' });
  assert.equal(tagged(`v${version}`).status, 0, tagged(`v${version}`).stderr);
  const other = tagged('v9.9.9');
  assert.equal(other.status, 1);
  assert.match(other.stderr, /^pkg-create\/package\.json: edgeward: expected the version of the tag v9\.9\.9, got /m);
});

test('the workflow publishes the archives that were tested, with provenance and without a token', () => {
  const workflow = readFileSync(join(ROOT, '.github/workflows/release.yml'), 'utf8');
  for (const part of ['.ci/run', 'sha256sum --check', '--provenance', 'id-token: write']) assert.ok(workflow.includes(part), part);
  assert.doesNotMatch(workflow, /secrets\./);
});
