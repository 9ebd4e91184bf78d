// RFC 7009: anyone who holds a token can end it.
// Rows E4 (one token) and E10 of the systems that Edgeward serves.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { now, startStage } from '../../harness/revocation_stage.mjs';

const FORM = 'application/x-www-form-urlencoded';
const PATH = '/.edgeward/token/revoke';
const strict = [{ path: '/**', methods: ['*'], access: 'authenticated', revocation: 'strict' }];

let stage;
before(async () => {
  stage = await startStage({ log: 'new', kv: 'none', routes: strict });
});
after(() => stage.stop());

const revoke = (body, { headers = {}, on = stage.gateway } = {}) =>
  send(on.url + PATH, { method: 'POST', headers: { 'content-type': FORM, ...headers }, body: String(new URLSearchParams(body)) });

describe('whoever holds a token', () => {
  test('ends it, with and without a jti', async () => {
    for (const jti of [randomUUID(), undefined]) {
      const token = await stage.issuer.token({ jti });
      assertPassed(await stage.get(token));
      const answer = await revoke({ token });
      assert.deepEqual([answer.status, answer.json, answer.headers['cache-control']], [200, {}, 'no-store']);
      assertTokenRefused(await stage.get(token));
    }
  });

  test('ends it though it is a refresh token, or for another audience', async () => {
    const jti = randomUUID();
    const refresh = await stage.issuer.token({ jti, token_type: 'refresh' });
    assert.equal((await revoke({ token: refresh, token_type_hint: 'refresh_token' })).status, 200);
    assertTokenRefused(await stage.get(await stage.issuer.token({ jti })));
    const elsewhere = randomUUID();
    await revoke({ token: await stage.issuer.token({ jti: elsewhere, aud: 'other' }) });
    assertTokenRefused(await stage.get(await stage.issuer.token({ jti: elsewhere })));
  });

  test('ends it with space around it, and again', async () => {
    const token = await stage.issuer.token({ jti: randomUUID() });
    for (const text of [` ${token}\n`, token]) assert.equal((await revoke({ token: text })).status, 200);
    assertTokenRefused(await stage.get(token));
  });

  test('ends no other token of the same user', async () => {
    const sub = randomUUID();
    const [one, other] = [await stage.issuer.token({ jti: randomUUID(), sub }), await stage.issuer.token({ jti: randomUUID(), sub })];
    await revoke({ token: one });
    assertTokenRefused(await stage.get(one));
    assertPassed(await stage.get(other));
  });
});

describe('the isolate that ended it refuses it at once on a bounded route', () => {
  /** Two isolates with copies so old that nothing but the call itself brings them further. */
  async function isolates(t) {
    const bounded = [{ path: '/**', methods: ['*'], access: 'authenticated', revocation: 'bounded' }];
    const two = await startStage({ log: 'new', isolates: 2, kv: 'none', routes: bounded, revocation: { bound_seconds: 60 } });
    t.after(() => two.stop());
    const token = await two.issuer.token({ jti: randomUUID() });
    const [one, other] = two.gateway.urls.map((url) => ({ url, get: () => send(`${url}/x`, { token }) }));
    for (const each of [one, other]) assertPassed(await each.get());
    return { two, token, one, other };
  }

  test('if another isolate has ended it before', async (t) => {
    const { token, one, other } = await isolates(t);
    for (const on of [one, other]) {
      assert.equal((await revoke({ token }, { on })).status, 200);
      assertTokenRefused(await on.get());
    }
  });

  test('if its copy has not heard of many changes', async (t) => {
    const { two, token, other } = await isolates(t);
    for (let n = 0; n < 150; n += 1) assert.equal((await two.revoke({ issuer: 'main', session: randomUUID() })).status, 201);
    assert.equal((await revoke({ token }, { on: other })).status, 200);
    assertTokenRefused(await other.get());
  });
});

describe('what is no good token', () => {
  test('is answered with 200 and ends nothing', async () => {
    const jti = randomUUID();
    const good = await stage.issuer.token({ jti });
    const forged = `${good.slice(0, good.lastIndexOf('.'))}.${'A'.repeat(86)}`;
    const expired = await stage.issuer.token({ jti, iat: now() - 600, exp: now() - 300 });
    for (const token of [forged, expired, 'opaque', 'a.b.c', 'x'.repeat(9000)]) {
      assert.equal((await revoke({ token })).status, 200, token.slice(0, 20));
    }
    assertPassed(await stage.get(good));
  });

  test('a form without one token is refused with invalid_request', async () => {
    const token = await stage.issuer.token();
    for (const body of ['', 'token=', 'token=%20', `token=${token}&token=${token}`, 'token=%ff', 'x=1', `{"token":"${token}"}`, 'a&'.repeat(70)]) {
      const answer = await send(stage.gateway.url + PATH, { method: 'POST', headers: { 'content-type': FORM }, body });
      assert.deepEqual([answer.status, answer.json?.error], [400, 'invalid_request'], body.slice(0, 30));
    }
    assertPassed(await stage.get(token));
  });

  test('another method is refused with 405', async () => {
    assert.equal((await send(stage.gateway.url + PATH)).headers.allow, 'POST');
  });
});

describe('where clients are configured', () => {
  let gateway;
  before(async () => {
    const config = protect({
      origin: stage.origin, issuers: [stage.issuer.config()], route: { revocation: 'strict' },
      revocation: { clients: [{ client_id: 'the:app', client_secret: 'APP_SECRET' }] },
    });
    gateway = await startGateway({ config, kv: 'none', log: 'new', secrets: { APP_SECRET: 's:e+c%ret' } });
  });
  after(() => gateway.stop());
  const encoded = (text) => new URLSearchParams({ x: text }).toString().slice(2);
  const basic = (id, secret) => `Basic ${Buffer.from(`${encoded(id)}:${encoded(secret)}`).toString('base64')}`;
  const passes = async (token) => (await send(`${gateway.url}/x`, { token })).status === 200;

  test('a client authenticates by Basic or in the form', async () => {
    const ways = [
      [{ headers: { authorization: basic('the:app', 's:e+c%ret') } }, {}],
      [{}, { client_id: 'the:app', client_secret: 's:e+c%ret' }],
    ];
    for (const [options, more] of ways) {
      const token = await stage.issuer.token({ jti: randomUUID() });
      assert.ok(await passes(token));
      assert.equal((await revoke({ token, ...more }, { on: gateway, ...options })).status, 200);
      assert.ok(!await passes(token));
    }
  });

  test('without, wrongly or in two ways it is refused with invalid_client', async () => {
    const token = await stage.issuer.token({ jti: randomUUID() });
    const good = { client_id: 'the:app', client_secret: 's:e+c%ret' };
    const ways = [
      [{}, {}], [{}, { client_id: 'the:app' }], [{}, { ...good, client_secret: 'wrong' }], [{}, { ...good, client_id: 'other' }],
      [{ headers: { authorization: basic('the:app', '') } }, {}], [{ headers: { authorization: 'Basic !' } }, {}],
      [{ headers: { authorization: basic('the:app', 's:e+c%ret') } }, good],
    ];
    for (const [options, more] of ways) {
      const answer = await revoke({ token, ...more }, { on: gateway, ...options });
      assert.deepEqual([answer.status, answer.json?.error], [401, 'invalid_client']);
      assert.match(answer.headers['www-authenticate'], /^Basic realm=/);
    }
    assert.ok(await passes(token));
  });
});

test('while no key is to be had nobody knows the token, and the client may try again', async (t) => {
  const issuer = stage.issuer.config();
  const config = protect({ origin: stage.origin, issuers: [{ ...issuer, verify: { jwks: 'http://127.0.0.1:9/jwks' } }] });
  const gateway = await startGateway({ config, kv: 'none', log: 'new' });
  t.after(() => gateway.stop());
  assertUnavailable(await revoke({ token: await stage.issuer.token() }, { on: gateway }), 'keys_unavailable');
});
