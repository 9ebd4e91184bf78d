// `edgeward deploy` with the real wrangler, against a server that answers as Cloudflare's API does.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';

import { startCloudflareApi } from '../harness/cloudflare_api.mjs';
import { project } from './project.mjs';

const INIT = ['init', '--origin', 'https://api.internal.example.com', '--name', 'gateway', '--offline', '--yes'];
const OIDC = ['--issuer', 'oidc', '--url', 'https://auth.example.com', '--audience', 'api'];
const SECRET = ['--issuer', 'jsonwebtoken', '--url', 'https://auth.example.com', '--audience', 'api'];

/** A project, the API, and an address that answers as a gateway that is ready: { place, api, deploy(words, options) }. */
async function stage(t, issuer = OIDC) {
  const place = project();
  assert.equal(place.run('edgeward', [...INIT, ...issuer]).status, 0);
  const api = await startCloudflareApi();
  const ready = createServer((request, response) => response.writeHead(request.url === '/.edgeward/ready' ? 200 : 404).end());
  ready.listen(0, '127.0.0.1');
  await once(ready, 'listening');
  t.after(() => Promise.all([api.stop(), new Promise((resolve) => { ready.closeAllConnections(); ready.close(resolve); })]));
  const url = `http://127.0.0.1:${ready.address().port}`;
  const deploy = (words = ['--yes'], options = {}) => place.later('edgeward', ['deploy', '--url', url, ...words], { ...options, more: api.env });
  return { place, api, url, deploy };
}

const uploads = ({ calls }) => calls.filter((call) => call === 'PUT /workers/scripts/gateway' || /^POST .*\/versions$/.test(call)).length;

test('the first deployment says what it creates, creates it, and waits until the gateway is ready', async (t) => {
  const { api, url, deploy } = await stage(t);
  const { status, output } = await deploy();
  assert.equal(status, 0, output);
  for (const line of ['Creates the Worker `gateway`.', '  creates the KV namespace of EDGEWARD_KV', '  creates the Durable Object RevocationLog', `Ready: ${url}`]) {
    assert.ok(output.includes(`${line}\n`), `${line}\n${output}`);
  }
  assert.match(output, /^To go back: npx wrangler delete --config wrangler\.jsonc$/m);
  assert.deepEqual([uploads(api), api.namespaces.length], [1, 1]);
});

test('the next one creates nothing, and names the version to go back to', async (t) => {
  const { api, deploy } = await stage(t);
  await deploy();
  const { status, output } = await deploy();
  assert.equal(status, 0, output);
  assert.match(output, /^Deploys the Worker `gateway`\.$/m);
  assert.doesNotMatch(output, /^ {2}creates /m);
  assert.match(output, new RegExp(`^To go back: npx wrangler rollback ${api.versions[0]} --config wrangler\\.jsonc$`, 'm'));
});

test('what a later deployment creates is said, too', async (t) => {
  const { place, api, deploy } = await stage(t);
  await deploy();
  const whole = place.run('sh', ['-c', 'cat wrangler.jsonc']).stdout;
  place.put('wrangler.jsonc', whole.replace('[{ "binding": "EDGEWARD_KV" }]', '[{ "binding": "EDGEWARD_KV" }, { "binding": "OTHER" }]'));
  const { output } = await deploy([], { input: 'n\n' });
  assert.match(output, /^ {2}creates the KV namespace of OTHER$/m);
  assert.doesNotMatch(output, /creates the KV namespace of EDGEWARD_KV|creates the Durable/);
  assert.equal(uploads(api), 1);
});

describe('nothing is deployed', () => {
  test('while the configuration has errors', async (t) => {
    const { place, api, deploy } = await stage(t);
    place.put('wrangler.jsonc', { name: 'gateway', vars: { EDGEWARD: { nonsense: 1 } } });
    const { status, output } = await deploy();
    assert.equal(status, 1);
    assert.match(output, /nothing was deployed: the configuration has errors/);
    assert.deepEqual(api.calls, []);
  });

  test('without a yes to the question', async (t) => {
    const { api, deploy } = await stage(t);
    for (const input of ['n\n', '\n', '']) {
      const { status, output } = await deploy([], { input });
      assert.equal(status, 1, output);
      assert.equal(uploads(api), 0);
    }
    assert.equal((await deploy([], { input: 'y\n' })).status, 0);
    assert.equal(uploads(api), 1);
  });

  test('without a secret that the configuration names', async (t) => {
    const { api, deploy } = await stage(t, SECRET);
    const { status, output } = await deploy();
    assert.equal(status, 1, output);
    assert.match(output, /nothing was deployed: expected the secrets JWT_SECRET\. Run: npx wrangler secret put JWT_SECRET/);
    assert.equal(uploads(api), 0);
    api.secrets.add('JWT_SECRET');
    api.versions.push('00000000-0000-4000-8000-000000000000');
    assert.equal((await deploy()).status, 0);
  });

  test('where wrangler is not allowed to ask', async (t) => {
    const { api, deploy } = await stage(t);
    await api.stop();
    const { status, output } = await deploy();
    assert.equal(status, 1);
    assert.match(output, /wrangler could not list what is deployed\. Check that CLOUDFLARE_API_TOKEN may edit Workers\./);
  });
});

test('tables come after the first deployment, which creates the database, and before every later one', async (t) => {
  const { place, api, deploy } = await stage(t);
  const database = { binding: 'EDGEWARD_DB', database_name: 'registry', migrations_dir: 'node_modules/edgeward/migrations' };
  const whole = place.run('sh', ['-c', 'cat wrangler.jsonc']).stdout.replace('"kv_namespaces"', `"d1_databases": [${JSON.stringify(database)}],\n  "kv_namespaces"`);
  place.put('wrangler.jsonc', whole);
  const order = () => api.calls.filter((call) => /\/query$|^PUT \/workers\/scripts\/gateway$/.test(call)).map((call) => (call.endsWith('/query') ? 'tables' : 'upload'));
  const first = await deploy();
  assert.equal(first.status, 0, first.output);
  assert.match(first.output, /^ {2}creates the D1 database of EDGEWARD_DB$/m);
  assert.equal(order()[0], 'upload');
  assert.equal(order().at(-1), 'tables');
  assert.ok(api.statements.some((sql) => /CREATE TABLE/i.test(sql)));
  api.calls.length = 0;
  const second = await deploy();
  assert.equal(second.status, 0, second.output);
  assert.equal(order()[0], 'tables');
});
