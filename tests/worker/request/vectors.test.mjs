// Every vector through the gateway's own verifier inside workerd, by the build with the feature `conformance`.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { testVectors } from '../../harness/verdicts.mjs';

const RELEASE = fileURLToPath(new URL('../../../build/index.js', import.meta.url));
const CONFIG = {
  origins: [{ name: 'main', url: 'http://127.0.0.1:9' }],
  issuers: [{ name: 'main', issuer: 'https://issuer.example', audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['SECRET'] } }],
  routes: [{ path: '/x', methods: ['GET'], access: 'authenticated', revocation: 'off' }],
};
const start = (build) => startGateway({ config: CONFIG, secrets: { SECRET: 'a secret that is at least 32 octets long' }, kv: 'none', build });

let gateway;
before(async () => {
  gateway = await start('build-conformance');
});
after(() => gateway?.stop());

testVectors('workerd', async (vectors) => {
  const answer = await send(`${gateway.url}/.edgeward/conformance`, { method: 'POST', body: { cases: vectors }, timeoutMs: 30_000 });
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  assert.deepEqual(answer.json.verdicts.map(({ id }) => id), vectors.map(({ id }) => id), 'one verdict a case, in order');
  return answer.json.verdicts;
});

test('the release build has no such path', { skip: !existsSync(RELEASE) && 'no release build here' }, async (t) => {
  const release = await start('build');
  t.after(() => release.stop());
  const answer = await send(`${release.url}/.edgeward/conformance`, { method: 'POST', body: { cases: [] } });
  assert.equal(answer.status, 404, answer.text);
});
