// An auth server beside an admin application: asked first, throttled, and unreachable at times. Each row of that section of
// docs/migration.md has its test here, against a real auth server on Node.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { newSecret } from '../../servers/auth-server.mjs';
import { PASSWORD } from '../../servers/people.mjs';
import { startAuthServer } from '../../harness/auth_server.mjs';
import { inParallel, send, sleep, until } from '../../harness/client.mjs';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { startOrigin } from '../../harness/origin.mjs';

const ISSUER = 'https://auth.example';
const ME = '/api/auth/me';
const CLAIMS = { subject: 'user.email', email: 'user.email', roles: 'user.organization.role', tenant: 'user.organization.id' };
/** The same in the tokens themselves. */
const OWN_CLAIMS = { subject: 'email', email: 'email', roles: 'organization.role', tenant: 'organization.id' };
const AUTHENTICATED = { path: '/api/**', access: 'authenticated' };

/** An origin that answers with the request's headers. */
async function startEcho() {
  const origin = await startOrigin();
  origin.reply((request) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(request.headers) }));
  return origin;
}

/** The auth server, the admin application, and a gateway that asks at /api/auth/me unless `issuer` says otherwise. `rest` is for `startGateway`. */
async function stage(t, { auth: options, verify = {}, issuer = {}, routes = [AUTHENTICATED], config = {}, ...rest } = {}) {
  const [auth, origin] = await Promise.all([startAuthServer({ limit: 10_000, ...options }), startEcho()]);
  t.after(() => Promise.all([auth.stop(), origin.stop()]));
  const whole = {
    origins: [{ name: 'admin', url: origin.url }, { name: 'auth', url: auth.url }],
    headers: { claims: [{ header: 'x-auth-first-name', claim: 'user.firstName' }] },
    issuers: [{ name: 'main', issuer: ISSUER, claims: CLAIMS, verify: { me: auth.meUrl, cache_seconds: 120, ...verify }, ...issuer }],
    routes,
    ...config,
  };
  const start = async (more) => {
    const gateway = await startGateway({ config: whole, ...rest, ...more });
    t.after(() => gateway.stop());
    return gateway;
  };
  const gateway = await start();
  const get = (token, path = '/api/x', rest = {}) => send(gateway.url + path, { token, ...rest });
  return { auth, origin, gateway, config: whole, start, get, asked: () => auth.callsTo(ME).length };
}

/** By secrets, with the claims as they stand in the tokens themselves. */
const bySecrets = (...names) => ({ audiences: ['api'], algorithms: ['HS256'], verify: { secrets: names }, claims: OWN_CLAIMS });

test('/api/auth/me says who the caller is, within 5 s or not at all', async (t) => {
  const { auth, get } = await stage(t);
  const { accessToken, refreshToken } = await auth.login('bob');
  const { json } = await get(accessToken);
  const seen = ['subject', 'email', 'roles', 'tenant', 'first-name'].map((name) => json[`x-auth-${name}`]);
  assert.deepEqual(seen, ['bob@example.com', 'bob@example.com', '"rvt"', 'acme', 'Bob']);
  assertTokenRefused(await get(refreshToken), 'a refresh token');
  auth.fail({ kind: 'timeout', path: ME });
  const late = await get(await auth.auth.token('ada'));
  assertUnavailable(late, 'auth_server_unavailable', 'no answer');
  assert.ok(late.ms > 4500 && late.ms < 6500, `${Math.round(late.ms)} ms`);
});

test('a shared secret is rotated without a gap', async (t) => {
  const [current, next] = [newSecret(), newSecret()];
  const { auth, get, start, asked } = await stage(t, {
    auth: { secret: current }, issuer: bySecrets('JWT_SECRET', 'JWT_SECRET_PREVIOUS'),
    secrets: { JWT_SECRET: next, JWT_SECRET_PREVIOUS: current },
  });
  const { accessToken: old } = await auth.login('bob');
  assertPassed(await get(old), 'before the rotation');
  auth.auth.rotateSecret({ secret: next });
  const { accessToken: fresh } = await auth.login('bob');
  for (const [what, token] of Object.entries({ old, fresh })) {
    const answer = await get(token);
    assertPassed(answer, what);
    assert.deepEqual([answer.json['x-auth-subject'], answer.json['x-auth-roles']], ['bob@example.com', '"rvt"']);
  }
  const ended = await start({ secrets: { JWT_SECRET: next, JWT_SECRET_PREVIOUS: newSecret() } });
  assertTokenRefused(await send(`${ended.url}/api/x`, { token: old }), 'the old secret is gone');
  assertPassed(await send(`${ended.url}/api/x`, { token: fresh }));
  assert.equal(asked(), 0, 'nobody was asked');
});

test('the auth server decides; while it is away the secret does, but for what it has refused', async (t) => {
  const secret = newSecret();
  const fallback = { secrets: ['JWT_SECRET'], claims: OWN_CLAIMS };
  const { auth, config, get, start, asked } = await stage(t, {
    auth: { secret }, secrets: { JWT_SECRET: secret }, issuer: { audiences: ['api'], algorithms: ['HS256'] },
    verify: { fallback, breaker: { failures: 1, open_seconds: 1 } },
  });
  // The role in the token differs from the one in the answer, so that it shows who has decided.
  const token = (name) => auth.auth.token(name, { organization: { id: 'by-secret', role: 'by-secret' } });
  const [ended, good, later] = await Promise.all(['ada', 'bob', 'bob'].map(token));
  const said = ({ json }) => ['subject', 'email', 'roles', 'tenant'].map((name) => json[`x-auth-${name}`]);
  auth.auth.refuse(ended);
  assertTokenRefused(await get(ended), 'a good signature against a no');
  const decided = said(await get(await token('ada')));
  assert.deepEqual(decided, ['ada@example.com', 'ada@example.com', '"admin"', 'acme'], 'the auth server decides');
  auth.fail({ kind: 'reset', path: ME, times: 1000 });
  assert.deepEqual(said(await get(good)), ['bob@example.com', 'bob@example.com', '"by-secret"', 'by-secret']);
  assertTokenRefused(await get(ended), 'a no outlasts the outage');
  assertTokenRefused(await get(`${later.slice(0, -6)}AAAAAA`), 'a bad signature');

  // Read as an answer is, the same token names nobody, and nobody passes.
  config.issuers[0].verify.fallback = { secrets: fallback.secrets };
  const unnamed = await start();
  assertTokenRefused(await send(`${unnamed.url}/api/x`, { token: good }), 'no subject');
  assert.equal(unnamed.logs().find(({ event }) => event === 'refused').code, 'claim_missing');

  auth.heal();
  await sleep(1200);
  const calls = asked();
  assert.equal((await get(later)).json['x-auth-roles'], '"rvt"', 'back again, it decides');
  assert.equal(asked(), calls + 1);
});

test('the auth server\'s own routes go through, login and reset throttled by address', async (t) => {
  const limit = { binding: 'AUTH_LIMIT', per: 'address', window_seconds: 60 };
  const open = (path, more) => ({ path, methods: ['POST'], access: 'public', origin: 'auth', ...more });
  const { auth, get } = await stage(t, {
    limits: { AUTH_LIMIT: { limit: 2, period: 60 } },
    routes: [
      AUTHENTICATED, open('/api/auth/*'), { path: ME, access: 'authenticated', origin: 'auth' },
      ...['login', 'forgot-password', 'reset-password'].map((name) => open(`/api/auth/${name}`, { limit })),
    ],
  });
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 3000) await sleep(left + 50);
  const post = (path, body, address = '192.0.2.1') =>
    get(undefined, `/api/auth/${path}`, { method: 'POST', headers: { 'content-type': 'application/json', 'cf-connecting-ip': address }, body });
  const bob = { email: 'bob@example.com', password: PASSWORD };
  const login = await post('login', bob);
  assertPassed(login, 'login');
  const { accessToken, refreshToken } = login.json;
  assert.equal((await post('login', { ...bob, password: 'wrong' })).json.error, 'wrong email or password', 'its own 401');
  const calls = auth.callsTo('/api/auth/login').length;
  const throttled = await post('login', bob);
  assertProblem(throttled, 429, 'rate_limited');
  assert.equal(throttled.headers['retry-after'], '60');
  assert.equal(auth.callsTo('/api/auth/login').length, calls, 'the auth server has not seen it');
  assertPassed(await post('login', bob, '192.0.2.2'), 'another address');
  for (const status of [200, 200, 429]) assert.equal((await post('forgot-password', { email: bob.email })).status, status);
  for (const status of [400, 400, 429]) assert.equal((await post('reset-password', { token: 'guessed', password: 'x' })).status, status);
  for (let n = 0; n < 3; n += 1) assert.equal((await post('verify-email', { token: 'wrong' })).status, 400);
  assert.equal((await get(accessToken, ME)).json.user.email, bob.email);
  const renewed = await post('refresh', { refreshToken });
  assertPassed(renewed, 'refresh');
  assert.equal((await post('logout', { refreshToken: renewed.json.refreshToken })).status, 204);
});

test('a 429 about three tokens within 10 s is respected for all: no call until Retry-After is over, and what is cached goes on', async (t) => {
  const { auth, gateway, get, asked } = await stage(t, { auth: { limit: 2, windowSeconds: 4 } });
  const [known, other, third, fourth, fifth] = await Promise.all(['ada', 'bob', 'bob', 'bob', 'bob'].map((name) => auth.auth.token(name)));
  for (const token of [known, other]) assertPassed(await get(token), 'within the limit');
  const refused = await get(third);
  assertUnavailable(refused, 'auth_server_unavailable', 'the third');
  assert.ok(Number(refused.headers['retry-after']) <= 4, refused.headers['retry-after']);
  assertUnavailable(await get(third), 'auth_server_unavailable', 'the third again');
  assert.equal(asked(), 3, 'about this token nobody is asked');
  assert.deepEqual(opens(gateway), [], 'one token holds up no other');
  for (const token of [fourth, fifth]) assertUnavailable(await get(token), 'auth_server_unavailable', 'two more');
  assert.deepEqual(opens(gateway), ['auth_server_open']);
  const opened = Date.now();
  for (let n = 0; n < 5; n += 1) {
    assertUnavailable(await get(await auth.auth.token('eve')), 'auth_server_unavailable', 'a token never seen');
    assertPassed(await get(known), 'from the cache');
  }
  assert.ok(Date.now() - opened < 3000, 'the window is not over');
  assert.equal(asked(), 5);
  await sleep(opened + 4200 - Date.now());
  assertPassed(await get(third), 'when Retry-After is over');
  assert.equal(asked(), 6);
  assert.deepEqual(opens(gateway), ['auth_server_open', 'auth_server_closed']);
});

const opens = (gateway) => gateway.logs().map(({ event }) => event).filter((event) => /^auth_server_(open|closed)$/.test(event));

test('an auth server that is away is 503, a bad token 401', async (t) => {
  const { auth, get } = await stage(t, { verify: { timeout_ms: 500, breaker: { failures: 100 } } });
  const bad = () => auth.auth.token('bob', { exp: 1_000_000_000 });
  const refused = await get(`${(await auth.auth.token('bob')).slice(0, -6)}AAAAAA`);
  assertTokenRefused(refused, 'a bad token');
  assert.match(refused.headers['www-authenticate'], /error="invalid_token"/);
  for (const kind of ['timeout', 'reset', 'status 500', 'status 404', 'not json', 'cut off']) {
    auth.fail({ kind, path: ME });
    const away = await get(await auth.auth.token('bob'));
    assertUnavailable(away, 'auth_server_unavailable', kind);
    assert.equal(away.headers['www-authenticate'], undefined, `${kind}: no reason to log in again`);
    assertTokenRefused(await get(await bad()), `a bad token after ${kind}`);
  }
});

test('a thousand tokens that begin alike are a thousand callers: asked, remembered, and from the copies in KV', async (t) => {
  const COUNT = 1000;
  const kv = memoryKv();
  const { auth, gateway, start, asked } = await stage(t, { kv });
  const names = Array.from({ length: COUNT }, (_, n) => `caller-${n}`);
  for (const name of names) auth.auth.signup({ email: `${name}@example.com`, password: name }).commit();
  const tokens = await Promise.all(names.map((name) => auth.auth.token(name)));
  assert.equal(new Set(tokens.map((token) => token.slice(0, 100))).size, 1, 'one prefix');
  const expected = names.map((name) => `${name}@example.com`);
  const subjects = ({ url }) => inParallel(COUNT, 32, async (n) => (await send(`${url}/api/x`, { token: tokens[n] })).json['x-auth-subject']);
  assert.deepEqual(await subjects(gateway), expected, 'asked');
  assert.deepEqual(await subjects(gateway), expected, 'remembered');
  await until(() => [...kv.entries.keys()].filter((name) => name.startsWith('remote:')).length === COUNT, 'a copy of each');
  assert.deepEqual(await subjects(await start()), expected, 'another isolate, from KV');
  assert.equal(asked(), COUNT, 'each was asked for once');
});

test('the organisation\'s subscription opens the route, and nobody without one passes', async (t) => {
  const subscribed = { claim: 'user.organization.subscription.status', one_of: ['active', 'trialing'] };
  const { auth, origin, get } = await stage(t, { routes: [AUTHENTICATED, { ...AUTHENTICATED, path: '/api/paid/**', require: subscribed }] });
  auth.auth.signup({ email: 'fay@example.com', password: 'no organisation' }).commit();
  for (const [name, status] of [['ada', 200], ['bob', 200], ['eve', 403], ['fay', 403]]) {
    // What the token itself says of the subscription is not what counts.
    const token = await auth.auth.token(name, { user: { organization: { subscription: { status: 'active' } } } });
    assertPassed(await get(token), `${name} elsewhere`);
    const reached = origin.requests.length;
    const answer = await get(token, '/api/paid/x');
    if (status === 200) assertPassed(answer, name);
    else assertProblem(answer, 403, 'insufficient_scope', name);
    assert.equal(origin.requests.length, reached + (status === 200 ? 1 : 0), name);
  }
});

test('ready says how it stands, and a document in KV is the way back, of one route or all, without a deploy', async (t) => {
  const { auth, gateway, config, get } = await stage(t, {
    verify: { breaker: { failures: 1, open_seconds: 2 } },
    routes: [AUTHENTICATED, { ...AUTHENTICATED, path: '/api/new/**' }],
    config: { config_from: 'kv', config_refresh_seconds: 1 },
  });
  const ready = () => get(undefined, '/.edgeward/ready');
  assert.deepEqual([(await ready()).status, (await ready()).json], [200, { status: 'ready' }]);
  const document = (text) => gateway.kv.put('config', JSON.stringify(text));
  const becomes = (path, status) => until(async () => (await get(undefined, path)).status === status, `${path} to be ${status}`);
  for (const path of ['/api/x', '/api/new/x']) assertProblem(await get(undefined, path), 401, 'credential_missing', path);

  await document({ ...config, routes: [AUTHENTICATED, { ...AUTHENTICATED, path: '/api/new/**', mode: 'shadow' }] });
  await becomes('/api/new/x', 200);
  assert.equal((await get(undefined, '/api/new/x')).json['x-auth-shadow'], 'would-refuse code=credential_missing');
  assertProblem(await get(undefined, '/api/x'), 401, 'credential_missing', 'the other route');

  await document({ ...config, mode: 'shadow' });
  await becomes('/api/x', 200);
  auth.fail({ kind: 'reset', path: ME });
  const away = await get(await auth.auth.token('bob'));
  assertPassed(away, 'with the auth server away');
  assert.deepEqual([away.json['x-auth-shadow'], away.json['x-auth-subject']], ['would-refuse code=auth_server_unavailable', undefined]);
  assert.deepEqual([(await ready()).status, (await ready()).json.status], [503, 'not ready']);

  await gateway.kv.delete('config');
  for (const path of ['/api/x', '/api/new/x']) await becomes(path, 401);
  const bob = await auth.auth.token('bob');
  const passed = await until(async () => { const answer = await get(bob); return answer.status === 200 && answer; }, 'the auth server to be asked again');
  assert.equal(passed.json['x-auth-subject'], 'bob@example.com');
  assert.equal((await ready()).status, 200);
});
