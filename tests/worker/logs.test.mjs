// Passes are logged only when asked for, refusals always until they are a flood, and no line says who the caller is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { sleep, until } from './harness/client.mjs';
import { startGateway } from './harness/gateway.mjs';
import { startOrigin } from './harness/origin.mjs';
import { rawRequest, requestText } from './harness/raw.mjs';
import { bearer, configuration, startSigner } from './harness/signer.mjs';

const CLAIMS = { sub: 'subject-in-no-log', email: 'email-in-no-log@example.com', sid: 'session-in-no-log', jti: 'token-id-in-no-log' };
const COUNT = 1000;
const FLOOD = 400;

let origin;
let signer;
let token;

before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  token = await signer.token(CLAIMS);
});

after(() => origin?.stop());

/** Runs `work` against a gateway that logs passes so; returns its lines for passes. */
async function passes(log, work, expected = () => true) {
  const gateway = await startGateway({ config: configuration(origin, signer.issuer(), [{ path: '/api/**' }], log) });
  try {
    await work(gateway);
    const lines = () => gateway.logs().filter(({ event }) => event === 'passed');
    await until(() => expected(lines()), 'the lines of the log').catch(() => {});
    for (const secret of [token, ...Object.values(CLAIMS), 'query-in-no-log']) assert.ok(!gateway.output().includes(secret), secret);
    return lines();
  } finally {
    await gateway.stop();
  }
}

const get = (gateway, id) =>
  rawRequest(gateway.port, requestText('GET', '/api/a?q=query-in-no-log', [bearer(token), ['X-Request-Id', id]]));

for (const log of [{}, { log: { passes: 'off' } }]) {
  test(`no pass is logged with ${JSON.stringify(log)}`, async () => {
    const lines = await passes(log, async (gateway) => {
      await get(gateway, 'one');
      await sleep(200);
    });
    assert.deepEqual(lines, []);
  });
}

test('every pass is one line when all are asked for', async () => {
  const all = await passes({ log: { passes: 'all' } }, async (gateway) => {
    for (const id of ['one', 'two', 'three']) await get(gateway, id);
  }, (lines) => lines.length === 3);
  assert.deepEqual(all.map((line) => line.request_id), ['one', 'two', 'three']);
  for (const line of all) {
    assert.deepEqual([line.route, line.issuer, line.kid, typeof line.ms], ['/api/**', 'main', signer.key.kid, 'number']);
  }
});

test('some passes are lines when a sample is asked for', async () => {
  const sample = await passes({ log: { passes: 'sampled' } }, async (gateway) => {
    for (let n = 0; n < COUNT; n += 1) await get(gateway, `request-${n}`);
  }, (lines) => lines.length > 0);
  assert.ok(sample.length > 0 && sample.length < COUNT / 4, `${sample.length} of ${COUNT}`);
});

test('a flood of refusals is logged in part and counted in full', async () => {
  const gateway = await startGateway({ config: configuration(origin, signer.issuer(), [{ path: '/api/**' }], { log: { refusals_per_second: 20 } }) });
  const refused = () => gateway.logs().filter(({ event }) => event === 'refused');
  const ask = () => rawRequest(gateway.port, requestText('GET', '/api/a', []));
  try {
    for (let n = 0; n < FLOOD; n += 10) await Promise.all(Array.from({ length: 10 }, ask));
    await sleep(1100);
    await ask();
    await until(() => refused().at(-1)?.unlogged > 0, 'the count of what was not logged');
    const lines = refused();
    const unlogged = lines.reduce((sum, line) => sum + (line.unlogged ?? 0), 0);
    assert.ok(lines.length >= 20 && lines.length < FLOOD / 2, `${lines.length} lines`);
    assert.equal(lines.length + unlogged, FLOOD + 1);
  } finally {
    await gateway.stop();
  }
});
