// Every vector through the gateway's own verifier inside workerd, by the build with the feature `conformance`.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { send } from './harness/client.mjs';
import { startGateway } from './harness/gateway.mjs';
import { examiner, vectorFiles } from './harness/vectors.mjs';

const BATCH = 50;
const RELEASE = fileURLToPath(new URL('../../build/index.js', import.meta.url));
const CONFIG = {
  origins: [{ name: 'main', url: 'http://127.0.0.1:9' }],
  issuers: [{ name: 'main', issuer: 'https://issuer.example', audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['SECRET'] } }],
  routes: [{ path: '/x', methods: ['GET'], access: 'authenticated', revocation: 'off' }],
};
const start = (build) => startGateway({ config: CONFIG, secrets: { SECRET: 'a secret that is at least 32 octets long' }, kv: 'none', build });

const { examine, idle, total } = examiner('workerd');
let gateway;
before(async () => {
  gateway = await start('build-conformance');
});
after(() => gateway?.stop());

/** Verdicts of `cases` by id, asked for in batches. */
async function verdicts(cases) {
  const byId = new Map();
  for (let from = 0; from < cases.length; from += BATCH) {
    const batch = cases.slice(from, from + BATCH).map(({ vector }) => vector);
    const answer = await send(`${gateway.url}/.edgeward/conformance`, { method: 'POST', body: { cases: batch }, timeoutMs: 30_000 });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    assert.deepEqual(answer.json.verdicts.map(({ id }) => id), batch.map(({ id }) => id), 'one verdict a case, in order');
    for (const verdict of answer.json.verdicts) byId.set(verdict.id, verdict);
  }
  return byId;
}

for (const { file, cases } of vectorFiles()) {
  test(`${file}: the verdict expected on each of ${cases.length} cases`, async (t) => {
    const byId = await verdicts(cases);
    const { summary, faults } = examine(file, cases, byId);
    t.diagnostic(summary);
    assert.deepEqual(faults, []);
  });
}

test('every exception belongs to a case that exists in a file that was run', () => {
  assert.deepEqual(idle(), []);
});

test('the whole run', (t) => {
  t.diagnostic(JSON.stringify(total));
  assert.ok(total.run >= 600, 'the project\'s own vectors were run');
  assert.ok(total.accepted > 0 && total.refused > 0);
});

test('the release build has no such path', { skip: !existsSync(RELEASE) && 'no release build here' }, async (t) => {
  const release = await start('build');
  t.after(() => release.stop());
  const answer = await send(`${release.url}/.edgeward/conformance`, { method: 'POST', body: { cases: [] } });
  assert.equal(answer.status, 404, answer.text);
});
