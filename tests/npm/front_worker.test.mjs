// The prebuilt Worker in a user's project: one line of source, bundled by wrangler from the archive of the package.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { send } from '../harness/client.mjs';
import { assertProblem } from '../harness/config.mjs';
import { startGateway } from '../harness/gateway.mjs';
import { bundled } from './bundle.mjs';
import { install } from './package.mjs';
import { project } from './project.mjs';

const EDGEWARD = {
  origins: [{ name: 'main', url: 'https://api.internal.example.com' }],
  routes: [{ path: '/api/**', access: 'authenticated' }, { path: '/public/**', access: 'public' }],
  issuers: [{
    name: 'main', issuer: 'https://auth.example.com', audiences: ['api'], algorithms: ['RS256'], verify: { jwks: 'https://auth.example.com/jwks' },
  }],
};
const WRANGLER = {
  name: 'gateway', main: 'src/index.js', compatibility_date: '2026-10-01', kv_namespaces: [{ binding: 'EDGEWARD_KV' }],
  assets: { directory: 'node_modules/edgeward/www', binding: 'EDGEWARD_WWW', run_worker_first: true, html_handling: 'none' },
  vars: { EDGEWARD },
};
const OBJECTS = [['EDGEWARD_REVOCATION_LOG', 'RevocationLog'], ['EDGEWARD_SESSIONS', 'SessionFamily'], ['EDGEWARD_METRICS', 'MetricsSink']];

const built = ({ folder }) => readdirSync(join(folder, 'out')).filter((name) => name.endsWith('.wasm')).map((name) => name.replace(/^[0-9a-f]+-/, '')).sort();

test('wrangler bundles the whole Worker from the archive, with both modules and the playground', () => {
  const { folder, run } = project({
    'src/index.js': 'export { default, RevocationLog, SessionFamily, MetricsSink } from "edgeward/worker";\n',
    'wrangler.jsonc': {
      ...WRANGLER,
      durable_objects: { bindings: OBJECTS.map(([name, class_name]) => ({ name, class_name })) },
      migrations: [{ tag: 'v1', new_sqlite_classes: OBJECTS.map(([, name]) => name) }],
    },
  });
  const { status, stdout, stderr } = run('wrangler', ['deploy', '--dry-run', '--outdir', 'out']);
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /warning/i);
  for (const [binding, name] of OBJECTS) assert.match(stdout, new RegExp(`${binding} \\(${name}\\)`));
  assert.match(stdout, /Read \d+ files from the assets directory/);
  assert.deepEqual(built({ folder }), ['authority_bg.wasm', 'index_bg.wasm']);
});

test('wrangler bundles the gate alone without the module of the objects, and once', () => {
  const { folder, run } = project({ 'src/index.js': 'export { default } from "edgeward/gate";\n', 'wrangler.jsonc': WRANGLER });
  const { status, stderr } = run('wrangler', ['deploy', '--dry-run', '--outdir', 'out']);
  assert.equal(status, 0, stderr);
  assert.deepEqual(built({ folder }), ['index_bg.wasm']);
  assert.ok(!readFileSync(join(folder, 'out/index.js'), 'utf8').includes('expected one gate in a Worker'), 'createGate is not in it');
});

test('the gate alone decides about requests, and forwards nothing that it refuses', async (t) => {
  const build = await bundled({ text: 'export { default } from "edgeward/gate";' }, install());
  const worker = await startGateway({ build, config: EDGEWARD });
  t.after(() => worker.stop());
  assert.equal((await send(`${worker.url}/.edgeward/health`)).status, 200, worker.output());
  assertProblem(await send(`${worker.url}/api/x`), 401, 'credential_missing');
  assertProblem(await send(`${worker.url}/other`), 404, 'route_not_found');
  assertProblem(await send(`${worker.url}/public/x`), 502, 'origin_unreachable');
});
