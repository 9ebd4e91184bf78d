// A central auth API that is asked about every token. Each row of that section of docs/migration.md has its test here, against a real
// Django that answers GET /api/me/.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { SignJWT } from 'jose';

import { send, sleep } from '../../harness/client.mjs';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { startDjango } from '../../harness/django.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startRelay } from '../../harness/relay.mjs';

const ISSUER = 'https://auth.example';
const ME = '/api/me/';
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

let auth, relay, config, gateway;
before(async () => {
  auth = await startDjango({ issuer: ISSUER });
  relay = await startRelay(auth.url);
  config = {
    leeway_seconds: 0,
    origins: [{ name: 'service', url: auth.url }],
    headers: { claims: [{ header: 'x-auth-subscription', claim: 'org.subscription.status' }] },
    admin: { require: { role: 'admin' } },
    issuers: [{
      name: 'main', issuer: ISSUER, claims: { subject: 'id', email: 'email', roles: 'role', tenant: 'org.id' },
      verify: { me: relay.url + ME, cache_seconds: 60, breaker: { failures: 1, open_seconds: 1 } },
    }],
    routes: [
      { path: '/api/**', access: 'authenticated' },
      { path: '/api/echo/rvt', access: 'authenticated', require: { role: 'rvt' } },
      { path: '/api/echo/clinic', access: 'authenticated', require: { any: [{ role: 'admin' }, { role: 'doctor' }] } },
      { path: '/api/echo/acme-rvt', access: 'authenticated', require: { all: [{ role: 'rvt' }, { tenant: 'acme' }] } },
    ],
  };
  gateway = await startGateway({ config });
});
after(() => Promise.all([gateway, relay, auth].map((each) => each?.stop())));

const get = (path, token, options) => send(gateway.url + path, { token, ...options });
const login = async (name) => (await auth.login(name)).access;
const asked = () => relay.callsTo(ME).length;

/** A token as SimpleJWT writes them, signed with `secret`. */
function signed(secret, seconds, claims = {}) {
  const now = Math.floor(Date.now() / 1000);
  const all = { token_type: 'access', iss: ISSUER, aud: 'api', sub: 'user-2', jti: randomUUID(), iat: now, exp: now + seconds, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(secret));
}

test('/api/me/ says whether a token is good, and is sent the caller\'s Authorization as it is', async () => {
  const token = await login('bob');
  assertPassed(await get('/api/exams/', token));
  assert.equal(relay.callsTo(ME).at(-1).authorization, sha256(`Bearer ${token}`));
  const forged = await signed('another secret that is long enough for HS256', 300);
  const [calls, exams] = [asked(), (await auth.asked()).filter(({ path }) => path === '/api/exams/').length];
  assertTokenRefused(await get('/api/exams/', forged), 'a token that /api/me/ answers with 401');
  assert.equal(asked(), calls + 1);
  assert.equal((await auth.asked()).filter(({ path }) => path === '/api/exams/').length, exams, 'the service has not seen it');
});

test('its answer becomes the identity headers, nested members too, whatever the client sends under these names', async () => {
  const headers = { 'x-auth-subject': 'user-1', 'x-auth-roles': '"admin"', 'x-auth-subscription': 'active' };
  const { json } = await get('/api/echo/', await login('eve'), { headers });
  const names = ['subject', 'issuer', 'email', 'roles', 'tenant', 'subscription'];
  const seen = names.map((name) => json.headers[`x-auth-${name}`]);
  assert.deepEqual(seen, ['user-3', ISSUER, 'eve@example.com', '"user"', 'other', 'past_due']);
});

test('HasRole, HasAnyRole and both together are decided from what /api/me/ says', async () => {
  const expected = {
    ada: { rvt: 403, clinic: 200, 'acme-rvt': 403 },
    bob: { rvt: 200, clinic: 403, 'acme-rvt': 200 },
    eve: { rvt: 403, clinic: 403, 'acme-rvt': 403 },
  };
  for (const [name, routes] of Object.entries(expected)) {
    // The token says "doctor" and "rvt"; nobody asks the token.
    const id = { ada: 'user-1', bob: 'user-2', eve: 'user-3' }[name];
    for (const token of [await login(name), await signed(auth.secret, 300, { sub: id, role: ['doctor', 'rvt'], id: 'user-2' })]) {
      for (const [route, status] of Object.entries(routes)) {
        const answer = await get(`/api/echo/${route}`, token);
        if (status === 200) assertPassed(answer, `${name} at ${route}`);
        else assertProblem(answer, 403, 'insufficient_scope', `${name} at ${route}`);
      }
    }
  }
});

test('one call serves many requests, never past exp, and a revoked token is refused although its yes is cached', async () => {
  const [kept, revoked, short] = [await login('bob'), await login('bob'), await signed(auth.secret, 3)];
  const calls = asked();
  for (let n = 0; n < 5; n += 1) for (const token of [kept, revoked, short]) assertPassed(await get('/api/exams/', token));
  assert.equal(asked(), calls + 3);
  const body = { token: revoked };
  const done = await get('/.edgeward/admin/revocations', await login('ada'), { method: 'POST', body });
  assert.equal(done.status, 201, done.text);
  assertTokenRefused(await get('/api/exams/', revoked), 'the revoked one');
  await sleep(3100);
  assertTokenRefused(await get('/api/exams/', short), 'the expired one');
  assertPassed(await get('/api/exams/', kept), 'the other one');
  assert.equal(relay.callsTo(ME).filter(({ authorization }) => authorization === sha256(`Bearer ${kept}`)).length, 1);
});

test('a failure leaves a line with a stable code, and nothing of the token', async () => {
  const [refused, unlucky] = [await signed('another secret that is long enough for HS256', 300, { sub: 'in-no-log' }), await login('bob')];
  const failed = { headers: { 'x-request-id': 'b5-refused' } };
  assertTokenRefused(await get('/api/exams/', refused, failed));
  relay.fail({ kind: 'status 500', path: ME });
  assertUnavailable(await get('/api/exams/', unlucky, { headers: { 'x-request-id': 'b5-away' } }), 'auth_server_unavailable');
  const line = (id) => gateway.logs().find(({ event, request_id: own }) => event === 'refused' && own === id);
  assert.deepEqual(['b5-refused', 'b5-away'].map((id) => [line(id)?.status, line(id)?.code, line(id)?.route]), [
    [401, 'refused_by_auth_server', '/api/**'],
    [503, 'auth_server_unavailable', '/api/**'],
  ]);
  const call = gateway.logs().find(({ event }) => event === 'auth_server_failed');
  assert.deepEqual([call.issuer, call.code], ['main', 'auth_server_status']);
  const parts = [refused, unlucky].flatMap((token) => token.split('.').slice(1));
  for (const text of [...parts, 'in-no-log', 'bob@example.com']) assert.ok(!gateway.output().includes(text), text);
  await sleep(1100);
  assertPassed(await get('/api/exams/', unlucky), 'and it goes on');
});

test('the gateway and its configuration hold no secret of the auth server, and a missing one is an error', async () => {
  // The gateway of this file was started without any secret.
  assert.ok(!JSON.stringify(config).includes(auth.secret));
  const verify = { introspection: `${relay.url}/introspect`, client_id: 'gateway', client_secret: 'INTROSPECTION_SECRET', any_audience: true };
  const named = { ...config, issuers: [{ ...config.issuers[0], verify }] };
  const without = await startGateway({ config: named });
  try {
    assertProblem(await send(`${without.url}/api/exams/`), 503, 'configuration_invalid');
    const { errors } = without.logs().find(({ event }) => event === 'configuration_invalid');
    assert.deepEqual(errors, [
      'issuers[0].verify.client_secret: INTROSPECTION_SECRET is not set: put it in .dev.vars and restart, or run `npx wrangler secret put INTROSPECTION_SECRET`',
    ]);
  } finally {
    await without.stop();
  }
});
