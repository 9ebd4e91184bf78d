// The life of an issuer's key set: when it is fetched, how often, and what survives the issuer's absence.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertPassed, assertTokenRefused, protect } from '../../harness/config.mjs';
import { connections, inParallel, send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startIssuer } from '../../harness/issuer.mjs';
import { startOrigin } from '../../harness/origin.mjs';

/** Issuer, origin and gateway, stopped after the test. */
async function stage(t, { algorithms, route, kv } = {}) {
  const issuer = await startIssuer({ algorithms });
  t.after(() => issuer.stop());
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const config = protect({ origin, issuers: [issuer.config()], route });
  const gateway = await startGateway({ config, kv });
  t.after(() => gateway.stop());
  return { issuer, origin, gateway, config, get: (token, options) => send(`${gateway.url}/x`, { token, ...options }) };
}

/** A token that names `kid` and carries a signature nobody made. */
function forged(issuer, kid) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer.issuer, sub: 'x', aud: 'api', iat: now, exp: now + 600, jti: kid };
  return `${encode({ alg: 'ES256', kid, typ: 'JWT' })}.${encode(claims)}.${Buffer.alloc(64, 7).toString('base64url')}`;
}

test('the first request fetches the key set and later ones do not', async (t) => {
  const { issuer, get, gateway } = await stage(t);
  assertPassed(await get(await issuer.token()));
  assert.equal(issuer.fetches, 1);
  assert.match(issuer.agents[0], /^edgeward\/\d/);
  for (let n = 0; n < 20; n += 1) assertPassed(await get(await issuer.token({ sub: `user-${n}` })));
  assert.equal(issuer.fetches, 1);
  assert.equal(gateway.logs().filter((line) => line.event === 'keys_fetched').length, 1);
});

test('a request without a usable token fetches nothing', async (t) => {
  const { issuer, get } = await stage(t);
  const foreign = await issuer.token({ iss: 'https://someone-else.example' });
  assertTokenRefused(await get(foreign));
  assertTokenRefused(await get('not.a.token'));
  assert.equal(issuer.fetches, 0);
});

test('500 first requests at once make one fetch and all pass', async (t) => {
  const { issuer, get } = await stage(t);
  issuer.delay = 400;
  const tokens = await Promise.all(Array.from({ length: 500 }, (_, n) => issuer.token({ sub: `user-${n}` })));
  const agent = connections(500);
  t.after(() => agent.destroy());
  const answers = await Promise.all(tokens.map((token) => get(token, { agent })));
  for (const answer of answers) assertPassed(answer);
  assert.equal(issuer.fetches, 1);
});

test('10,000 distinct unknown kids cost one fetch and good tokens pass meanwhile', async (t) => {
  const { issuer, get } = await stage(t);
  assertPassed(await get(await issuer.token()));
  assertTokenRefused(await get(forged(issuer, 'unknown')), 'an unknown kid');
  assert.equal(issuer.fetches, 2, 'one look at the issuer for the unknown kid');
  const agent = connections(64);
  t.after(() => agent.destroy());
  let good = 0;
  const refused = await inParallel(10_000, 64, async (n) => {
    if (n % 200 === 0) {
      assertPassed(await get(await issuer.token(), { agent }), 'a good token in the flood');
      good += 1;
    }
    return (await get(forged(issuer, `flood-${n}`), { agent })).status;
  });
  assert.deepEqual([...new Set(refused)], [401]);
  assert.equal(good, 50);
  assert.ok(issuer.fetches <= 3, `${issuer.fetches} fetches`);
});

test('a key published before it is used is found without a refusal', async (t) => {
  const { issuer, get } = await stage(t);
  const before = await issuer.token();
  assertPassed(await get(before));
  await issuer.rotate({ overlap: true });
  assertPassed(await get(await issuer.token()), 'the new key');
  assert.equal(issuer.fetches, 2);
  assertPassed(await get(before), 'a token of the old key, still published');
  assert.equal(issuer.fetches, 2);
});

test('a rotation without overlap costs one fetch, and the old key is out of force at once', async (t) => {
  const { issuer, get } = await stage(t);
  const old = issuer.current;
  const seen = await issuer.token();
  assertPassed(await get(seen));
  await issuer.rotate({ overlap: false });
  assertPassed(await get(await issuer.token()), 'the first token of the new key');
  assert.equal(issuer.fetches, 2);
  assertTokenRefused(await get(seen), 'a token seen before, of a key withdrawn');
  assertTokenRefused(await get(await issuer.token({}, { key: old })), 'a new token of the key withdrawn');
  assert.equal(issuer.fetches, 2);
});

test('200 first tokens of a new key at once make one fetch and all pass', async (t) => {
  const { issuer, get } = await stage(t);
  assertPassed(await get(await issuer.token()));
  await issuer.rotate({ overlap: false });
  issuer.delay = 300;
  const agent = connections(200);
  t.after(() => agent.destroy());
  const tokens = await Promise.all(Array.from({ length: 200 }, () => issuer.token()));
  for (const answer of await Promise.all(tokens.map((token) => get(token, { agent })))) assertPassed(answer);
  assert.equal(issuer.fetches, 2);
});

test('an issuer that goes away after a good fetch is not missed while the set is fresh', async (t) => {
  const { issuer, get } = await stage(t);
  assertPassed(await get(await issuer.token()));
  await issuer.stop();
  for (let n = 0; n < 5; n += 1) assertPassed(await get(await issuer.token({ sub: `later-${n}` })));
});
