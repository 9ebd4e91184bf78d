// Passes are logged only when asked for, refusals always until they are a flood, and no line says who the caller is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { sleep, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { deadPort, startOrigin } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

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

test('a line on an origin that did not answer names the route, the tenant and the issuer, as the pass did', async () => {
  const slow = await startOrigin();
  slow.reply(async () => { await sleep(3000); return { status: 200, body: 'late' }; });
  const origins = [{ name: 'down', url: `http://127.0.0.1:${await deadPort()}` }, { name: 'slow', url: slow.url, timeout_ms: 100 }];
  const tenants = [
    { name: 'first', hosts: ['first.example'], origin: 'slow', claim: false },
    { name: 'second', hosts: ['second.example'], origin: 'down', claim: false },
  ];
  const routes = [{ path: '/api/**' }, { path: '/open/**', access: 'public', origin: 'down' }];
  const other = (await startSigner()).issuer({ name: 'other', issuer: 'https://other.example' });
  const config = configuration(origin, other, routes, { origins, tenants, log: { passes: 'all' } });
  config.issuers.push(signer.issuer());
  const gateway = await startGateway({ config });
  try {
    const ask = (id, host, path, fields) =>
      rawRequest(gateway.port, requestText('GET', path, [['X-Request-Id', id], ...fields]).replace('gateway.example', host));
    const statuses = [
      await ask('late', 'first.example', '/api/a', [bearer(token)]),
      await ask('down', 'second.example', '/api/a', [bearer(token)]),
      await ask('nobody', 'second.example', '/open/a', []),
    ].map(({ status }) => status);
    assert.deepEqual(statuses, [504, 502, 502]);
    const told = (id, event) => {
      const line = gateway.logs().find((one) => one.event === event && one.request_id === id);
      return [line.route, line.tenant, line.issuer];
    };
    await until(() => gateway.logs().filter(({ event }) => event === 'refused').length === 3, 'the lines of the log');
    const expected = { late: ['/api/**', 'first', 'main'], down: ['/api/**', 'second', 'main'], nobody: ['/open/**', 'second', undefined] };
    for (const [id, names] of Object.entries(expected)) {
      assert.deepEqual([told(id, 'refused'), told(id, 'passed')], [names, names], id);
    }
  } finally {
    await gateway.stop();
    await slow.stop();
  }
});
