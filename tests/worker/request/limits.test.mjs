// Limits by rate limiting bindings, counted by what `wrangler dev` counts with.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { assertPassed, assertProblem } from '../../harness/config.mjs';
import { LASTING, send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

let origin;
let gateway;
let signer;
let counter;
let seen = [];

/** Windows begin with the clock's minutes: a test that needs one whole waits for the next when this one is nearly over. */
async function wholeWindow() {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 4000) await new Promise((resolve) => setTimeout(resolve, left + 50));
}

before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  // Counts nothing, and answers what no binding answers.
  counter = createServer(LASTING, async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    seen.push(JSON.parse(Buffer.concat(chunks).toString()));
    res.writeHead(200, { 'content-type': 'application/json' }).end('{"success":"yes"}');
  });
  await new Promise((resolve) => counter.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${counter.address().port}`;
  const limit = (binding, per) => ({ binding, per, window_seconds: 60 });
  const routes = [
    { path: '/free/**' },
    { path: '/subject/**', limit: limit('TWO', 'subject') },
    { path: '/address/**', access: 'public', limit: limit('TWO', 'address') },
    { path: '/odd/**', access: 'public', limit: limit('ODD', 'address') },
    { path: '/gone/**', access: 'public', limit: limit('GONE', 'address') },
  ];
  const limits = { TWO: { limit: 2, period: 60 }, ODD: { url }, GONE: { url: 'http://127.0.0.1:9' } };
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes), limits });
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
  counter?.closeAllConnections();
  counter?.close();
});

test('one request too many of a subject is 429 with Retry-After and does not reach the origin', async () => {
  await wholeWindow();
  const ask = async (sub) => send(`${gateway.url}/subject/a`, { token: await signer.token({ sub }) });
  assertPassed(await ask('a'));
  assertPassed(await ask('a'));
  const reached = origin.requests.length;
  const refused = await ask('a');
  assertProblem(refused, 429, 'rate_limited');
  assert.equal(refused.headers['retry-after'], '60');
  assert.equal(origin.requests.length, reached);
  assertPassed(await ask('b'), 'another subject');
  assertPassed(await send(`${gateway.url}/free/a`, { token: await signer.token({ sub: 'a' }) }), 'another route');
});

test('an address is the one that the platform says', async () => {
  await wholeWindow();
  const ask = (address) => send(`${gateway.url}/address/a`, { headers: { 'cf-connecting-ip': address } });
  for (const expected of [200, 200, 429]) assert.equal((await ask('192.0.2.1')).status, expected);
  assertPassed(await ask('192.0.2.2'));
});

for (const path of ['/odd/a', '/gone/a']) {
  test(`a binding without a clear answer lets pass and is logged (${path})`, async () => {
    for (let n = 0; n < 3; n += 1) {
      const answer = await send(`${gateway.url}${path}`);
      assertPassed(answer);
      assert.ok(answer.ms < 2000, `${answer.ms} ms`);
    }
    const lines = gateway.logs().filter((line) => line.event === 'limit_unavailable' && line.route === path.replace('/a', '/**'));
    assert.equal(lines.length, 3);
    assert.equal(lines[0].binding, path === '/odd/a' ? 'ODD' : 'GONE');
  });
}

test('the binding is given a hash', () => {
  assert.ok(seen.length > 0);
  for (const { key } of seen) assert.match(key, /^[A-Za-z0-9_-]{43}$/);
});

test('a limit without its binding is an error of the configuration', async () => {
  const limit = { binding: 'NOWHERE', per: 'address' };
  const config = configuration(origin, signer.issuer(), [{ path: '/**', access: 'public', limit }]);
  const faulty = await startGateway({ config });
  try {
    assertProblem(await send(`${faulty.url}/a`), 503, 'configuration_invalid');
    const { errors } = faulty.logs().find((line) => line.event === 'configuration_invalid');
    assert.deepEqual(errors, ['routes[0].limit.binding: no rate limiting binding `NOWHERE`']);
  } finally {
    await faulty.stop();
  }
});
