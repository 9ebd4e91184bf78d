// The last good copy of a key set in KV: what a fresh isolate does with it, and with a store in trouble.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertPassed, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { connections, send, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startIssuer } from '../../harness/issuer.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { startOrigin } from '../../harness/origin.mjs';

let origin;
before(async () => {
  origin = await startOrigin();
});
after(() => origin.stop());

/** A gateway for `issuer` on the store `kv`: a fresh isolate. */
async function gatewayOn(t, issuer, kv, overrides = {}) {
  const config = protect({ origin, issuers: [issuer.config(overrides)], route: { revocation: 'off' } });
  const gateway = await startGateway({ config, kv });
  t.after(() => gateway.stop());
  return { gateway, get: (token, options) => send(`${gateway.url}/x`, { token, ...options }) };
}

async function issuerFor(t, options) {
  const issuer = await startIssuer(options);
  t.after(() => issuer.stop());
  return issuer;
}

const copyIn = (kv) => [...kv.entries].find(([name]) => name.startsWith('jwks:'));

/** A store that holds a good copy, made by a gateway. */
async function storeWithCopy(t, issuer) {
  const kv = memoryKv();
  const { get } = await gatewayOn(t, issuer, kv);
  assertPassed(await get(await issuer.token()));
  await until(() => copyIn(kv), 'a copy of the key set in KV');
  return kv;
}

test('a fresh isolate whose issuer is away serves from the copy in KV', async (t) => {
  const issuer = await issuerFor(t);
  const kv = await storeWithCopy(t, issuer);
  await issuer.stop();
  const { get } = await gatewayOn(t, issuer, kv);
  for (let n = 0; n < 5; n += 1) assertPassed(await get(await issuer.token({ sub: `user-${n}` })));
});

test('a fresh isolate with a fresh copy in KV does not ask the issuer', async (t) => {
  const issuer = await issuerFor(t);
  const kv = await storeWithCopy(t, issuer);
  const { get } = await gatewayOn(t, issuer, kv);
  assertPassed(await get(await issuer.token()));
  assert.equal(issuer.fetches, 1);
});

test('a key newer than the copy is fetched', async (t) => {
  const issuer = await issuerFor(t);
  const kv = await storeWithCopy(t, issuer);
  await issuer.rotate({ overlap: false });
  const { get } = await gatewayOn(t, issuer, kv);
  assertPassed(await get(await issuer.token()));
  assert.equal(issuer.fetches, 2);
});

test('the real local KV carries the copy from one gateway to the next', async (t) => {
  const issuer = await issuerFor(t);
  const first = await gatewayOn(t, issuer, 'local');
  assertPassed(await first.get(await issuer.token()));
  const [key] = await until(async () => {
    const keys = (await first.gateway.kv.list()).filter(({ name }) => name.startsWith('jwks:'));
    return keys.length && keys;
  }, 'a copy of the key set in KV');
  const value = await first.gateway.kv.get(key.name);
  await issuer.stop();
  const second = await gatewayOn(t, issuer, 'local');
  await second.gateway.kv.put(key.name, value);
  assertPassed(await second.get(await issuer.token()));
});

test('the copy of one issuer is not taken for another', async (t) => {
  const issuer = await issuerFor(t);
  const kv = await storeWithCopy(t, issuer);
  const other = await issuerFor(t);
  await other.stop();
  const { get } = await gatewayOn(t, other, kv);
  assertUnavailable(await get(await issuer.token({ iss: other.issuer })), 'keys_unavailable');
});

test('a copy that cannot be read is as good as none', async (t) => {
  const issuer = await issuerFor(t);
  const kv = await storeWithCopy(t, issuer);
  const [name, { value }] = copyIn(kv);
  for (const damaged of ['', 'x', '{}', '[]', 'null', value.slice(0, -9), `${value}x`]) {
    const fetches = issuer.fetches;
    kv.put(name, damaged);
    const { get } = await gatewayOn(t, issuer, kv);
    assertPassed(await get(await issuer.token()), JSON.stringify(damaged.slice(0, 20)));
    assert.equal(issuer.fetches, fetches + 1);
  }
});

test('a store that fails or hangs does not keep keys from being fetched', async (t) => {
  const issuer = await issuerFor(t);
  for (const trouble of ['failing', 'hanging']) {
    const kv = memoryKv();
    kv[trouble] = () => true;
    kv.refusingWrites = true;
    const { get } = await gatewayOn(t, issuer, kv);
    const answer = await get(await issuer.token());
    assertPassed(answer, trouble);
    assert.ok(answer.ms < 5_000, `${trouble}: ${Math.round(answer.ms)} ms`);
    assertTokenRefused(await get(`${await issuer.token()}A`), trouble);
  }
});

test('a store that never answers a write does not keep keys from being used', async (t) => {
  const issuer = await issuerFor(t);
  const kv = memoryKv();
  kv.hangingWrites = true;
  const { get } = await gatewayOn(t, issuer, kv);
  const answers = await Promise.all([1, 2, 3].map(async () => get(await issuer.token(), { timeoutMs: 10_000 })));
  for (const answer of answers) {
    assertPassed(answer);
    assert.ok(answer.ms < 3_000, `${Math.round(answer.ms)} ms`);
  }
  assert.equal(issuer.fetches, 1);
});

test('a store that never answers a read and a slow issuer together still make one fetch', async (t) => {
  const issuer = await issuerFor(t);
  issuer.delay = 1_500;
  const kv = memoryKv();
  kv.hanging = () => true;
  const { get } = await gatewayOn(t, issuer, kv);
  const agent = connections(20);
  t.after(() => agent.destroy());
  const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token()));
  for (const answer of await Promise.all(tokens.map((token) => get(token, { agent })))) assertPassed(answer);
  assert.equal(issuer.fetches, 1);
});

test('the copy of one service binding is none of another, although their URL is one', async (t) => {
  const issuers = { ONE: await issuerFor(t), TWO: await issuerFor(t) };
  const kv = memoryKv();
  const passes = async (service) => {
    const config = protect({
      origin, issuers: [issuers.ONE.config({ verify: { jwks: 'https://auth.internal/jwks.json', service } })], route: { revocation: 'off' },
    });
    const gateway = await startGateway({ config, kv, services: { ONE: issuers.ONE.url, TWO: issuers.TWO.url } });
    t.after(() => gateway.stop());
    return send(`${gateway.url}/x`, { token: await issuers.ONE.token() });
  };
  for (const issuer of Object.values(issuers)) issuer.jwksUrl = 'https://auth.internal/jwks.json';
  assertPassed(await passes('ONE'));
  await until(() => copyIn(kv), 'a copy of the key set in KV');
  assertTokenRefused(await passes('TWO'));
  assert.deepEqual([issuers.ONE.fetches, issuers.TWO.fetches], [1, 1]);
});
