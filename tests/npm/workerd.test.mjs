// The package inside a Worker: the wasm comes as a module there.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { send } from '../harness/client.mjs';
import { startGateway } from '../harness/gateway.mjs';
import { bundled } from './bundle.mjs';
import { ISSUER, NOW, PUBLIC_KEY, SECRET_KEY, issuerOf } from './issuer.mjs';
import { ROOT, install } from './package.mjs';

let worker;
before(async () => {
  const build = await bundled(join(ROOT, 'tests/npm/workers/verify.js'), install());
  worker = await startGateway({ build, kv: 'none' });
});
after(() => worker?.stop());

const ask = (body) => send(worker.url, { method: 'POST', body });

for (const alg of [...PUBLIC_KEY, ...SECRET_KEY]) {
  test(`${alg} in a Worker`, async () => {
    const issuer = await issuerOf(alg);
    const answer = await ask({ token: await issuer.token(), options: issuer.options() });
    assert.equal(answer.json.claims?.sub, 'ada', answer.text);
    const late = await ask({ token: await issuer.token(), options: issuer.options({ now_seconds: NOW + 630 }) });
    assert.deepEqual(late.json, { code: 'token_expired', isOurs: true });
  });
}

test('explain and check in a Worker', async () => {
  const issuer = await issuerOf('ES256');
  const config = {
    origins: [{ name: 'main', url: 'https://api.example.com' }],
    issuers: [{ name: 'main', issuer: ISSUER, audiences: ['api'], algorithms: ['ES256'], verify: { jwks: 'https://a.example/jwks' } }],
    routes: [{ path: '/**', access: 'authenticated' }],
  };
  const request = { method: 'GET', url: '/x', headers: [['authorization', `Bearer ${await issuer.token()}`]] };
  const order = { config, request, now_seconds: NOW, keys: { main: { keys: [issuer.key.publicJwk] } } };
  const { json } = await ask({ order });
  assert.deepEqual([json.checked.errors, json.explanation?.outcome.does], [[], 'forward']);
});
