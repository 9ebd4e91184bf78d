// Fresh, stale, too old: seen through the copy in KV, whose `fetched_at` is put back so that nobody has to wait.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { send, sleep, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startIssuer } from '../../harness/issuer.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { startOrigin } from '../../harness/origin.mjs';

const HOUR = 3600;
const DAY = 24 * HOUR;

let origin;
before(async () => {
  origin = await startOrigin();
});
after(() => origin.stop());

const copyIn = (kv) => [...kv.entries].find(([name]) => name.startsWith('jwks:'));

async function freshIsolate(t, issuer, kv) {
  const config = protect({ origin, issuers: [issuer.config()], route: { revocation: 'off' } });
  const gateway = await startGateway({ config, kv });
  t.after(() => gateway.stop());
  return { gateway, get: (token) => send(`${gateway.url}/x`, { token }) };
}

/** An issuer, and a store whose copy of its keys is `age` seconds old; `headers` came with the keys. */
async function aged(t, age, headers = {}) {
  const issuer = await startIssuer();
  t.after(() => issuer.stop());
  issuer.headers = headers;
  const kv = memoryKv();
  const { get, gateway } = await freshIsolate(t, issuer, kv);
  assertPassed(await get(await issuer.token()));
  await until(() => copyIn(kv), 'a copy of the key set in KV');
  await gateway.stop();
  const [name, { value, expiration }] = copyIn(kv);
  const copy = JSON.parse(value);
  kv.put(name, JSON.stringify({ ...copy, fetched_at: copy.fetched_at - age }));
  return { issuer, kv, life: expiration - Math.floor(Date.now() / 1000) };
}

describe('how long a fetched set counts as fresh', { concurrency: 4 }, () => {
  const cases = [
    [{}, 600],
    [{ 'cache-control': 'max-age=300' }, 300],
    [{ 'cache-control': 'public, Max-Age=300, must-revalidate' }, 300],
    [{ 'cache-control': 'max-age=1' }, 60],
    [{ 'cache-control': 'max-age=0' }, 60],
    [{ 'cache-control': 'no-store' }, 60],
    [{ 'cache-control': 'no-cache, max-age=7200' }, 60],
    [{ 'cache-control': 'max-age=7200' }, 2 * HOUR],
    [{ 'cache-control': 'max-age=31536000' }, DAY],
    [{ 'cache-control': 'max-age=99999999999999999999999' }, DAY],
    [{ 'cache-control': 'max-age=soon' }, 600],
    [{ 'cache-control': 's-maxage=7200' }, 600],
    [{ 'cache-control': 'private, x-max-age=7200' }, 600],
  ];
  for (const [headers, fresh] of cases) {
    const said = headers['cache-control'] ?? 'nothing';
    test(`"${said}" means ${fresh} s: before that the issuer is not asked, after it it is, in the background`, async (t) => {
      const young = await aged(t, fresh - 20, headers);
      assert.ok(young.life >= DAY - 20, `the copy lasts a day without the issuer: ${young.life} s`);
      const first = await freshIsolate(t, young.issuer, young.kv);
      assertPassed(await first.get(await young.issuer.token()));
      await sleep(300);
      assert.equal(young.issuer.fetches, 1, 'still fresh');
      const old = await aged(t, fresh + 20, headers);
      const second = await freshIsolate(t, old.issuer, old.kv);
      assertPassed(await second.get(await old.issuer.token()));
      await until(() => old.issuer.fetches === 2, 'a fetch in the background');
    });
  }
});

describe('a stale set', () => {
  test('serves at once while it is fetched again, and the new set then takes its place', async (t) => {
    const { issuer, kv } = await aged(t, 2 * HOUR);
    const old = issuer.current;
    await issuer.rotate({ overlap: false });
    issuer.delay = 1_000;
    const { get } = await freshIsolate(t, issuer, kv);
    const answer = await get(await issuer.token({}, { key: old }));
    assertPassed(answer, 'by the stale set');
    assert.ok(answer.ms < 900, `it did not wait: ${Math.round(answer.ms)} ms`);
    await until(async () => (await get(await issuer.token())).status === 200, 'the new key in force');
    assertTokenRefused(await get(await issuer.token({}, { key: old })), 'the key withdrawn');
    assert.equal(issuer.fetches, 2);
  });

  test('serves for 24 h while the issuer is away, and the issuer is asked once in a cool-down', async (t) => {
    const { issuer, kv } = await aged(t, 600 + DAY - 60);
    issuer.fault('status 500');
    const { gateway, get } = await freshIsolate(t, issuer, kv);
    for (let n = 0; n < 10; n += 1) {
      assertPassed(await get(await issuer.token()));
      await sleep(100);
    }
    assert.equal(issuer.fetches, 2);
    assert.ok(gateway.logs().some((line) => line.event === 'keys_stale' && line.issuer === 'main'), 'the operator is told');
  });

  test('many requests at once fetch it again once', async (t) => {
    const { issuer, kv } = await aged(t, 2 * HOUR);
    issuer.delay = 300;
    const { get } = await freshIsolate(t, issuer, kv);
    const tokens = await Promise.all(Array.from({ length: 50 }, () => issuer.token()));
    for (const answer of await Promise.all(tokens.map(get))) assertPassed(answer);
    await sleep(500);
    assert.equal(issuer.fetches, 2);
  });

  test('older than that it does not serve: 503 while the issuer is away', async (t) => {
    const { issuer, kv } = await aged(t, 600 + DAY + 60);
    issuer.fault('status 500');
    const { get } = await freshIsolate(t, issuer, kv);
    assertUnavailable(await get(await issuer.token()), 'keys_unavailable');
  });

  test('older than that, the issuer is asked before anything passes', async (t) => {
    const { issuer, kv } = await aged(t, 600 + DAY + 60);
    const old = issuer.current;
    await issuer.rotate({ overlap: false });
    const { get } = await freshIsolate(t, issuer, kv);
    assertTokenRefused(await get(await issuer.token({}, { key: old })), 'a key that the issuer has withdrawn');
    assertPassed(await get(await issuer.token()));
  });
});

test('a copy from the future is not believed', async (t) => {
  const { issuer, kv } = await aged(t, -DAY);
  const { get } = await freshIsolate(t, issuer, kv);
  assertPassed(await get(await issuer.token()));
  assert.equal(issuer.fetches, 2);
});
