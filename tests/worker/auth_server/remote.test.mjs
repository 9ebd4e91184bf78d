// An auth server that is asked: what it is sent, what reaches the origin, and how long its word is reused.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startAskedServer, unsigned } from '../../harness/asked_server.mjs';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { inParallel, send, sleep, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startIssuer } from '../../harness/issuer.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { entryName } from '../../harness/revocation_names.mjs';
import { startSigner } from '../../harness/signer.mjs';
import { createHash } from 'node:crypto';

const ISSUER = 'https://auth.example';
const ADMIN_PATH = '/.edgeward/admin/revocations';
const SECRETS = { CLIENT_SECRET: 'client:secret+', JWT_SECRET: '0123456789abcdef0123456789abcdef' };

/** An auth server, an origin, and a gateway whose one issuer takes tokens that name nobody; `verify` says how. */
async function stage(t, verify, { issuer = {}, kv = memoryKv(), auth, ...rest } = {}) {
  const server = auth ?? await startAskedServer();
  const origin = await startOrigin();
  t.after(() => Promise.all([server.stop(), origin.stop()]));
  const entry = {
    name: 'main', issuer: ISSUER, opaque: true, claims: { subject: 'id', roles: 'role', email: 'user.email' },
    ...issuer, verify: typeof verify === 'function' ? verify(server) : { me: server.me, ...verify },
  };
  const start = async () => {
    const config = protect({ origin, issuers: [entry], admin: { require: { role: 'admin' } }, ...rest.config });
    const gateway = await startGateway({ config, secrets: SECRETS, kv, ...rest.gateway?.(server) });
    t.after(() => gateway.stop());
    return gateway;
  };
  const gateway = await start();
  return { auth: server, origin, kv, gateway, start, get: (token, path = '/x') => send(gateway.url + path, { token }) };
}

const introspection = (more = {}) => (server) =>
  ({ introspection: server.introspection, client_id: 'gate way', client_secret: 'CLIENT_SECRET', any_audience: true, ...more });

test('the answer of /api/me/ becomes the identity at the origin, and the token arrives as it was sent', async (t) => {
  const { auth, origin, get } = await stage(t, {});
  auth.users = () => ({ id: 7, role: 'rvt', user: { email: 'a@b.example', phone: 'not for the origin' } });
  assertPassed(await get('op~aque+/='));
  const [asked] = auth.requests;
  assert.deepEqual([asked.method, asked.target, asked.token], ['GET', '/api/me/', 'op~aque+/=']);
  assert.equal(asked.headers.accept, 'application/json');
  assert.match(asked.headers['user-agent'], /^edgeward\/\d/);
  const [seen] = origin.requests;
  const header = (name) => valuesOf(seen, name);
  assert.deepEqual(header('x-auth-subject'), ['7']);
  assert.deepEqual(header('x-auth-roles'), ['"rvt"']);
  assert.deepEqual(header('x-auth-email'), ['a@b.example']);
  assert.deepEqual(header('x-auth-issuer'), [ISSUER]);
  assert.deepEqual(header('authorization'), ['Bearer op~aque+/=']);
});

for (const auth of ['basic', 'post']) {
  test(`an introspection by ${auth} is what RFC 7662 says`, async (t) => {
    const stageOf = await stage(t, introspection({ client_auth: auth }), { issuer: { claims: { subject: 'username' } } });
    stageOf.auth.users = (token) => (token === 'a&b=c' || token === 'good' ? { username: 'ada', scope: 'a b' } : undefined);
    assertPassed(await stageOf.get('good'));
    const [{ method, target, headers, body }] = stageOf.auth.requests;
    assert.deepEqual([method, target], ['POST', '/introspect']);
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
    const form = Object.fromEntries(new URLSearchParams(body));
    const credentials = auth === 'post' ? { client_id: 'gate way', client_secret: SECRETS.CLIENT_SECRET } : {};
    assert.deepEqual(form, { token: 'good', token_type_hint: 'access_token', ...credentials });
    const basic = `Basic ${Buffer.from('gate+way:client%3Asecret%2B').toString('base64')}`;
    assert.equal(headers.authorization, auth === 'basic' ? basic : undefined);
    assert.deepEqual(valuesOf(stageOf.origin.requests[0], 'x-auth-subject'), ['ada']);
    assertTokenRefused(await stageOf.get('bad'));
  });
}

test('a no is the answer of any bad token, and is asked for once', async (t) => {
  const { auth, origin, gateway, get } = await stage(t, {});
  auth.users = () => undefined;
  for (let n = 0; n < 5; n += 1) assertTokenRefused(await get('bad'));
  assert.equal(auth.calls, 1);
  assert.equal(origin.requests.length, 0);
  const codes = gateway.logs().filter(({ event }) => event === 'refused').map(({ code }) => code);
  assert.deepEqual([...new Set(codes)], ['refused_by_auth_server']);
});

test('a null is a no: session endpoints answer it with 200 when nobody is logged in', async (t) => {
  const { auth, origin, gateway, get } = await stage(t, { breaker: { failures: 1 }, cache_in_kv: false });
  auth.fault({ status: 200, headers: { 'content-type': 'application/json' }, body: 'null' });
  for (const token of ['one', 'two']) assertTokenRefused(await get(token));
  assert.deepEqual([auth.calls, origin.requests.length], [2, 0]);
  assert.ok(!gateway.logs().some(({ event }) => event === 'auth_server_open'));
  auth.fault(null);
  assertPassed(await get('good'));
});

test('a yes is reused for as long as the issuer says, then asked for again', async (t) => {
  const { auth, get } = await stage(t, { cache_seconds: 2, cache_in_kv: false });
  for (let n = 0; n < 5; n += 1) assertPassed(await get('token'));
  assert.equal(auth.calls, 1);
  await sleep(2_100);
  auth.users = () => undefined;
  assertTokenRefused(await get('token'));
  assert.equal(auth.calls, 2);
});

test('a thousand tokens that begin alike, at once, are a thousand callers', async (t) => {
  const { origin, get } = await stage(t, { cache_in_kv: false });
  origin.reply((req) => ({ status: 200, body: req.headers['x-auth-subject'] }));
  const alike = 'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9-'.repeat(3);
  for (let round = 0; round < 2; round += 1) {
    const subjects = await inParallel(1000, 64, async (n) => (await get(`${alike}${n}`)).text);
    assert.deepEqual(subjects, subjects.map((_, n) => `user-${alike}${n}`));
  }
});

test('a copy in KV serves another isolate, and holds neither the token nor what nobody reads', async (t) => {
  const { auth, kv, get, start } = await stage(t, {});
  auth.users = () => ({ id: 7, user: { email: 'e', phone: 'not-in-kv' }, address: 'not-in-kv' });
  assertPassed(await get('token-not-in-kv'));
  const [name, { value, expiration }] = await until(() => [...kv.entries].find(([key]) => key.startsWith('remote:')), 'a copy');
  assert.match(name, /^remote:[A-Za-z0-9_-]{43}$/);
  assert.ok(!value.includes('not-in-kv'), value);
  const copy = JSON.parse(value);
  assert.deepEqual(copy.claims, { id: 7, iss: ISSUER, user: { email: 'e' } });
  const now = Date.now() / 1000;
  assert.ok(Math.abs(copy.asked_at - now) < 3 && copy.fresh_until - copy.asked_at === 60);
  assert.ok(expiration >= now + 57 && expiration <= now + 61, 'KV forgets it');
  const other = await start();
  assertPassed(await send(`${other.url}/x`, { token: 'token-not-in-kv' }));
  assert.equal(auth.calls, 1);
  kv.put(name, value.replace(String(copy.asked_at), String(copy.asked_at - 61)));
  const third = await start();
  assertPassed(await send(`${third.url}/x`, { token: 'token-not-in-kv' }));
  assert.equal(auth.calls, 2, 'past its deadline it is worth nothing');
});

test('a copy of what one service binding said is no answer of another, although their URL is one', async (t) => {
  const [one, two, origin] = await Promise.all([startAskedServer(), startAskedServer(), startOrigin()]);
  t.after(() => Promise.all([one, two, origin].map((each) => each.stop())));
  two.users = () => undefined;
  const kv = memoryKv();
  const ask = async (service) => {
    const issuer = { name: 'main', issuer: ISSUER, opaque: true, claims: { subject: 'id' }, verify: { me: 'https://auth.internal/api/me/', service } };
    const gateway = await startGateway({ config: protect({ origin, issuers: [issuer] }), kv, services: { ONE: one.url, TWO: two.url } });
    t.after(() => gateway.stop());
    return send(`${gateway.url}/x`, { token: 'opaque' });
  };
  assertPassed(await ask('ONE'));
  await until(() => [...kv.entries.keys()].some((key) => key.startsWith('remote:')), 'a copy');
  assertTokenRefused(await ask('TWO'));
  assert.deepEqual([one.calls, two.calls], [1, 1]);
});

test('a store that fails or hangs keeps nobody from being asked', async (t) => {
  for (const trouble of ['failing', 'hanging']) {
    const kv = memoryKv();
    kv[trouble] = () => true;
    kv.refusingWrites = true;
    const { auth, get } = await stage(t, {}, { kv, config: { routes: [{ path: '/**', access: 'authenticated', revocation: 'off' }] } });
    const answer = await get('token');
    assertPassed(answer, trouble);
    assert.ok(answer.ms < 4_000, `${trouble}: ${Math.round(answer.ms)} ms`);
    assert.equal(auth.calls, 1);
  }
});

test('an opaque token is revoked by itself, by its subject and by its session', async (t) => {
  const { auth, kv, gateway, get } = await stage(t, {});
  auth.users = (token) => ({ id: token.split('.')[0], sid: `session-${token}`, role: token === 'admin' ? 'admin' : 'user', iat: 1_700_000_000 });
  const revoke = (body) => send(gateway.url + ADMIN_PATH, { method: 'POST', token: 'admin', body });
  for (const [token, body] of [
    ['one', { token: 'one' }],
    ['two', { issuer: 'main', subject: 'two' }],
    ['three', { issuer: 'main', session: 'session-three' }],
  ]) {
    assertPassed(await get(token), token);
    const answer = await revoke(body);
    assert.equal(answer.status, 201, answer.text);
    assert.ok(kv.entries.has(answer.json.entry));
    assertTokenRefused(await get(token), token);
  }
  const digest = (text) => createHash('sha256').update(text).digest('base64url');
  assert.ok(kv.entries.has(entryName('input', ISSUER, digest('one'))), 'under the documented name');
  assertPassed(await get('four'));
});

test('tokens that name a stranger are shown to nobody', async (t) => {
  const { auth, get } = await stage(t, {});
  assertTokenRefused(await get(unsigned({ iss: 'https://stranger.example', sub: 'a' })));
  assertTokenRefused(await get('a.b.c'));
  assert.equal(auth.calls, 0);
  assertPassed(await get(unsigned({ token_type: 'access', user_id: 7 })), 'a JWT that names nobody');
  assertTokenRefused(await get(unsigned({ token_type: 'refresh', user_id: 7 })), 'a refresh token');
});

test('a signed introspection answer is not believed', async (t) => {
  const { auth, gateway, get } = await stage(t, introspection());
  auth.type = 'application/token-introspection+jwt; charset=utf-8';
  assertUnavailable(await get('token'), 'auth_server_unavailable');
  assert.ok(gateway.logs().some(({ code }) => code === 'auth_server_answer_unverified'));
});

test('a signed answer is believed when it is by the issuer, for this client, of now, and an answer', async (t) => {
  const keys = await startIssuer({ algorithms: ['RS256'] });
  t.after(() => keys.stop());
  const { auth, gateway, get } = await stage(t, introspection({ signed_by: { jwks: keys.jwksUrl }, breaker: { failures: 100 } }),
    { issuer: { algorithms: ['RS256'] } });
  auth.type = 'application/token-introspection+jwt';
  let changes = {};
  let header = {};
  auth.write = (text) => keys.token(
    { iss: ISSUER, aud: 'gate way', sub: undefined, exp: undefined, token_introspection: JSON.parse(text), ...changes },
    { header: { typ: 'token-introspection+jwt', ...header } },
  );
  assertPassed(await get('good'));
  assert.equal(auth.requests[0].headers.accept, 'application/token-introspection+jwt');
  auth.users = () => undefined;
  assertTokenRefused(await get('bad'));
  auth.users = () => ({ id: 'user-1' });
  const now = Math.floor(Date.now() / 1000);
  for (const [n, wrong] of [{ iss: 'https://other.example' }, { aud: 'other' }, { iat: now - 120 }, { token_introspection: undefined }].entries()) {
    changes = wrong;
    assertUnavailable(await get(`wrong-${n}`), 'auth_server_unavailable', JSON.stringify(wrong));
  }
  changes = {};
  header = { typ: 'JWT' };
  assertUnavailable(await get('another-typ'), 'auth_server_unavailable');
  header = {};
  const write = auth.write;
  auth.write = async (text) => `${(await write(text)).slice(0, -8)}AAAAAAAA`;
  assertUnavailable(await get('forged'), 'auth_server_unavailable');
  auth.write = write;
  auth.type = 'application/json';
  assertUnavailable(await get('unsigned'), 'auth_server_unavailable');
  auth.type = 'application/token-introspection+jwt';
  await keys.rotate({ overlap: false });
  assertPassed(await get('after a rotation'.replaceAll(' ', '-')), 'a new key is looked for');
  assert.equal(keys.fetches, 2);
  assert.ok(gateway.logs().some(({ code }) => code === 'auth_server_answer_unverified'));
});

test('through a service binding, whatever the host of the URL is', async (t) => {
  const { auth, get } = await stage(t, { me: 'https://auth.internal/api/me/', service: 'AUTH' },
    { gateway: (server) => ({ services: { AUTH: server.url } }) });
  assertPassed(await get('token'));
  assert.deepEqual([auth.calls, auth.requests[0].token], [1, 'token']);
});

test('a fallback serves while the auth server is away, and its no is final', async (t) => {
  const signer = await startSigner();
  const fallback = { keys: { keys: [signer.key.publicJwk] } };
  const { auth, origin, get } = await stage(t, { fallback, breaker: { failures: 1, open_seconds: 2 }, cache_in_kv: false },
    { issuer: { opaque: false, issuer: 'https://issuer.example', audiences: ['api'], algorithms: ['ES256'], claims: { subject: 'sub' } } });
  auth.users = () => ({ sub: 'by-the-auth-server' });
  const subject = () => valuesOf(origin.requests.at(-1), 'x-auth-subject');
  assertPassed(await get(await signer.token({ sub: 'by-key' })));
  assert.deepEqual(subject(), ['by-the-auth-server']);
  auth.users = () => undefined;
  const refused = await signer.token();
  assertTokenRefused(await get(refused), 'a good signature against a no');
  auth.fault('status 500');
  assertPassed(await get(await signer.token({ sub: 'by-key' })));
  assert.deepEqual(subject(), ['by-key']);
  assertTokenRefused(await get(refused), 'a no outlasts the outage');
  assertTokenRefused(await get(`${(await signer.token()).slice(0, -6)}AAAAAA`), 'a bad signature');
  const kept = await signer.token({ sub: 'by-key' });
  assertPassed(await get(kept));
  auth.fault(null);
  await sleep(2_200);
  assertTokenRefused(await get(kept), 'back again, the auth server decides');
});

test('an old yes serves while the auth server is away, where the issuer says so', async (t) => {
  const { auth, get } = await stage(t, { cache_seconds: 1, stale_if_error_seconds: 3, breaker: { failures: 1, open_seconds: 60 } });
  assertPassed(await get('token'));
  auth.fault('reset');
  await sleep(1_200);
  assertPassed(await get('token'), 'stale');
  assertUnavailable(await get('another'), 'auth_server_unavailable');
  await sleep(3_000);
  assertUnavailable(await get('token'), 'auth_server_unavailable');
});

test('ready says how the auth server stands, and logs say nothing of token, answer or secret', async (t) => {
  const { auth, gateway, get } = await stage(t, introspection({ breaker: { failures: 1 } }));
  auth.users = (token) => ({ id: 'subject-in-no-log', role: 'admin', token_type: 'Bearer', username: `name-of-${token}` });
  const ready = () => send(`${gateway.url}/.edgeward/ready`, { token: 'admin-in-no-log' });
  const up = await ready();
  assert.deepEqual([up.status, up.json.checks], [200, { 'auth_server:main': 'closed', store: 'ok' }]);
  auth.fault('rubbish');
  assertUnavailable(await get('token-in-no-log'), 'auth_server_unavailable');
  const down = await ready();
  assert.deepEqual([down.status, down.json.checks['auth_server:main']], [503, 'open']);
  const me = await send(`${gateway.url}/.edgeward/me`, { token: 'admin-in-no-log' });
  assert.equal(me.status, 200, me.text);
  assert.deepEqual([me.json.subject, me.json.issuer], ['subject-in-no-log', 'main']);
  assert.equal(me.json.claims.username, undefined, 'what the configuration does not read is not kept');
  for (const secret of ['in-no-log', SECRETS.CLIENT_SECRET, 'Sign in']) assert.ok(!gateway.output().includes(secret), secret);
});

test('a route with a requirement judges what the auth server said', async (t) => {
  const routes = [{ path: '/**', access: 'authenticated', require: { claim: 'org.plan', one_of: ['pro'] } }];
  const { auth, get } = await stage(t, {}, { config: { routes } });
  auth.users = (token) => ({ id: 1, org: { plan: token, seats: 5 } });
  assertPassed(await get('pro'));
  assertProblem(await get('free'), 403, 'insufficient_scope');
});
