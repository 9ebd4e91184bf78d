// What was left of old sessions after a change of the password, and what was said of it; each by its outcome.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';

import { SignJWT } from 'jose';

import { assertPassed, assertProblem, assertTokenRefused } from '../../harness/config.mjs';
import { send, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { serve } from '../../servers/serve.mjs';

const SECRET = 'a secret of the auth server that is long enough for HS256';
const ISSUER = 'https://auth.example';
const now = () => Math.floor(Date.now() / 1000);
const sign = (claims) => new SignJWT({ iss: ISSUER, aud: 'api', iat: now(), exp: now() + 300, jti: randomUUID(), ...claims })
  .setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(SECRET));

let server;
let origin;
/** What the auth server answers to a change of the password. */
let changed;
/** The next tokens for a subject. */
let refreshTokenFor;
let accessTokenFor;
/** What a login answers instead of new tokens. */
let repeated;
const jwt = (sub) => sign({ token_type: 'refresh', sub });
const opaque = (sub) => `${sub}.${randomUUID()}`;
const subjectOf = (token) => (token.startsWith('eyJ') ? JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).sub : token.split('.')[0]);

/** A server that ends nothing itself: it refreshes whatever it has issued. */
async function authServer({ path, body, headers }) {
  if (path.startsWith('/password')) return changed({ headers });
  if (path === '/logout') return { status: 204 };
  const { name, refreshToken } = JSON.parse(body || '{}');
  const sub = path === '/login' ? name : subjectOf(refreshToken);
  if (path === '/login' && repeated !== undefined) return { json: repeated };
  return { json: { accessToken: await accessTokenFor(sub), refreshToken: await refreshTokenFor(sub) } };
}

before(async () => {
  server = await serve(authServer);
  origin = await startOrigin();
});
after(() => Promise.all([server?.stop(), origin?.stop()]));

async function start(t, { refresh = {}, session = false, revocation, ...options } = {}) {
  changed = () => ({ json: { ok: true } });
  refreshTokenFor = jwt;
  accessTokenFor = (sub) => sign({ token_type: 'access', sub });
  const route = (path, handler, more) => ({ path, methods: ['POST'], access: 'public', handler, origin: 'auth', session, ...more });
  const config = {
    ...revocation && { revocation }, admin: { require: { role: 'admin' } },
    origins: [{ name: 'auth', url: server.url }, { name: 'main', url: origin.url }],
    issuers: [{
      name: 'auth', issuer: ISSUER, audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['JWT'] },
      refresh: { preset: 'node', grace_seconds: 0, unused_seconds: 0, ...refresh },
    }],
    routes: [
      route('/login', 'login'), route('/refresh', 'refresh'), route('/logout', 'logout', { forward: false }),
      route('/password', 'password', { access: 'authenticated' }), route('/password/reset', 'password', { subject: 'user', session: false }),
      route('/password/of', 'password', { access: 'authenticated', subject: 'user', session: false }),
      { path: '/api/**', methods: ['*'], access: 'authenticated', revocation: 'strict', origin: 'main', session },
    ],
  };
  const secrets = { JWT: SECRET, HANDLE_KEY: 'k'.repeat(32), SESSION_KEY: 's'.repeat(32) };
  const gateway = await startGateway({ config, secrets, kv: 'none', log: 'new', ...options });
  t.after(() => gateway.stop());
  const post = (path, body = {}, { token, on = gateway.url, headers } = {}) =>
    send(on + path, { method: 'POST', token, headers: { 'content-type': 'application/json', ...headers }, body });
  return {
    gateway, post,
    login: async (name, on) => (await post('/login', { name }, { on })).json,
    refresh: (refreshToken) => post('/refresh', { refreshToken }),
    api: (token) => send(`${gateway.url}/api/x`, { token }),
    /** The entries of the log. */
    entries: async () => (await send(`${gateway.url}/.edgeward/admin/revocations`, { token: await sign({ sub: 'root', roles: ['admin'] }) })).json,
    events: (name) => gateway.logs().filter(({ event }) => event === name),
  };
}

async function assertOver(stage, { accessToken, refreshToken }) {
  assertTokenRefused(await stage.api(accessToken));
  assertProblem(await stage.refresh(refreshToken), 401, 'invalid_token');
}

async function assertGood(stage, { accessToken, refreshToken }) {
  assertPassed(await stage.api(accessToken));
  assert.equal((await stage.refresh(refreshToken)).status, 200);
}

test('a change ends the sessions that are held by handles, and none that begins afterwards', async (t) => {
  const stage = await start(t, { refresh: { handles: 'on', handle_key: 'HANDLE_KEY' } });
  refreshTokenFor = opaque;
  const [own, other, stranger] = [await stage.login('ada'), await stage.login('ada'), await stage.login('bob')];
  const renewed = (await stage.refresh((await stage.login('ada')).refreshToken)).json;
  assert.equal((await stage.post('/password', {}, { token: own.accessToken })).status, 200);
  for (const pair of [own, other, renewed]) await assertOver(stage, pair);
  for (const pair of [stranger, await stage.login('ada')]) await assertGood(stage, pair);
});

test('a change ends the sessions of other browsers whose opaque tokens are in cookies', async (t) => {
  const stage = await start(t, { refresh: { session: { key: 'SESSION_KEY' } }, session: true });
  refreshTokenFor = opaque;
  const page = { 'sec-fetch-site': 'same-origin' };
  const cookiesOf = ({ headers }) => headers['set-cookie'].map((line) => line.split(';')[0]);
  const login = async () => cookiesOf(await stage.post('/login', { name: 'ada' }, { headers: page }));
  const [own, other] = [await login(), await login()];
  const call = (path, cookies) => stage.post(path, {}, { headers: { ...page, cookie: cookies.join('; ') } });
  assert.equal((await call('/password', own)).status, 200);
  const refreshOf = (cookies) => cookies.filter((pair) => pair.startsWith('__Host-refresh'));
  assert.equal((await call('/api/x', refreshOf(other))).status, 401);
  assertPassed(await call('/api/x', refreshOf(await login())));
});

test('the tokens in the answer to a change are the session of the browser, renewed on the way or not', async (t) => {
  const stage = await start(t, { refresh: { session: { key: 'SESSION_KEY' } }, session: true });
  const page = { 'sec-fetch-site': 'same-origin' };
  const cookiesOf = ({ headers }) => headers['set-cookie'].map((line) => line.split(';')[0]);
  const call = (path, cookies) => stage.post(path, {}, { headers: { ...page, cookie: cookies.join('; ') } });
  const only = (name, cookies) => cookies.filter((pair) => pair.startsWith(`__Host-${name}`));
  for (const token of [jwt, opaque]) {
    refreshTokenFor = token;
    for (const isRenewed of [false, true]) {
      const login = async () => cookiesOf(await stage.post('/login', { name: 'ada' }, { headers: page }));
      const [own, other] = [await login(), await login()];
      // A cut-off counts whole seconds, and what is of the answer's own second is good.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      const pair = { accessToken: await sign({ token_type: 'access', sub: 'ada' }), refreshToken: await token('ada') };
      changed = () => ({ json: { ok: true, ...pair } });
      const answer = await call('/password', isRenewed ? only('refresh', own) : own);
      assert.deepEqual([answer.status, answer.json], [200, { ok: true }]);
      const next = cookiesOf(answer);
      assert.deepEqual(only('access', next), [`__Host-access=1~${pair.accessToken}`], `${token.name} ${isRenewed}`);
      assert.equal(next.length, 2, 'the cookies of the session before are not set beside them');
      assertPassed(await call('/api/x', next));
      assertPassed(await call('/api/x', only('refresh', next)));
      assert.equal((await call('/api/x', only('refresh', other))).status, 401);
    }
  }
});

test('a change by a caller whose login the gateway has not seen ends all tokens of before', async (t) => {
  const stage = await start(t);
  const [own, other] = [await stage.login('ada', server.url), await stage.login('ada', server.url)];
  assert.equal((await stage.post('/password', {}, { token: own.accessToken })).status, 200);
  for (const pair of [own, other]) await assertOver(stage, pair);
  await assertGood(stage, await stage.login('ada', server.url));
});

test('a change ends the sessions of the caller that the gateway has not seen, and none that begins afterwards', async (t) => {
  const stage = await start(t);
  const own = await stage.login('ada');
  const [unseen, noticedLate, stranger] = [await stage.login('ada', server.url), await stage.login('ada', server.url), await stage.login('bob', server.url)];
  refreshTokenFor = (sub) => sign({ token_type: 'refresh', sub, iat: undefined });
  const ageless = await stage.login('ada', server.url);
  refreshTokenFor = jwt;
  assert.equal((await stage.post('/password', {}, { token: own.accessToken })).status, 200);
  repeated = noticedLate;
  await stage.login('ada');
  repeated = undefined;
  for (const { refreshToken } of [unseen, noticedLate, ageless]) assertProblem(await stage.refresh(refreshToken), 401, 'invalid_token');
  for (const pair of [own, stranger, await stage.login('ada', server.url), await stage.login('ada')]) await assertGood(stage, pair);
  await until(() => stage.events('token_refresh').some(({ reason }) => reason === 'ended'), 'the reason in the log');
});

test('a login after a change begins a session although its tokens do not say when they were issued', async (t) => {
  const stage = await start(t);
  const own = await stage.login('ada');
  assert.equal((await stage.post('/password', {}, { token: own.accessToken })).status, 200);
  refreshTokenFor = (sub) => sign({ token_type: 'refresh', sub, iat: undefined });
  await assertGood(stage, await stage.login('ada'));
});

test('a change by a caller whose tokens do not say when they were issued ends the sessions that are known', async (t) => {
  const stage = await start(t);
  const ageless = (type) => (sub) => sign({ token_type: type, sub, iat: undefined });
  [refreshTokenFor, accessTokenFor] = [ageless('refresh'), ageless('access')];
  const [own, other] = [await stage.login('ada'), await stage.login('ada')];
  const unseen = await stage.login('ada', server.url);
  assert.equal((await stage.post('/password', {}, { token: own.accessToken })).status, 200);
  await assertOver(stage, other);
  for (const pair of [own, unseen]) assert.equal((await stage.refresh(pair.refreshToken)).status, 200);
});

test('the cut-off of a change outlives access tokens that have a limit, because refresh tokens do', async (t) => {
  const stage = await start(t, { revocation: { longest_token_seconds: 3600 } });
  const own = await stage.login('ada', server.url);
  assert.equal((await stage.post('/password', {}, { token: own.accessToken })).status, 200);
  const { entries } = await stage.entries();
  assert.deepEqual(entries.map(({ expires_at: expires }) => expires), [null]);
});

test('a cut-off by an administrator outlives access tokens that have a limit, because refresh tokens do', async (t) => {
  const stage = await start(t, { revocation: { longest_token_seconds: 3600 } });
  const { status, json } = await stage.post('/.edgeward/admin/revocations', { subject: 'ada', issuer: 'auth' }, { token: await sign({ sub: 'root', roles: ['admin'] }) });
  assert.deepEqual([status, json.expires_at], [201, null]);
});

test("a change ends the caller's other sessions in its tenant, and a revocation of the subject those in all", async (t) => {
  const stage = await start(t);
  const loginAt = (tenant) => {
    refreshTokenFor = (sub) => sign({ token_type: 'refresh', sub, tenant });
    accessTokenFor = (sub) => sign({ token_type: 'access', sub, tenant });
    return stage.login('ada');
  };
  const [own, other, elsewhere] = [await loginAt('acme'), await loginAt('acme'), await loginAt('beta')];
  assert.equal((await stage.post('/password', {}, { token: own.accessToken })).status, 200);
  await assertOver(stage, other);
  assertPassed(await stage.api(own.accessToken));
  changed = () => ({ json: { user: 'ada' } });
  assert.equal((await stage.post('/password/reset')).status, 200);
  for (const pair of [own, elsewhere]) await assertOver(stage, pair);
  for (const tenant of ['acme', 'beta']) await assertGood(stage, await loginAt(tenant));
});

test('a cut-off that the log hears of late ends the tokens that were made in between', async (t) => {
  const stage = await start(t, { faulty: true });
  const old = await stage.login('ada', server.url);
  const { faults } = stage.gateway;
  await faults.set({ plant: 'no_orders' });
  changed = () => ({ json: { user: 'ada' } });
  const change = stage.post('/password/reset');
  await until(async () => (await faults.calls()).order > 0, 'an order');
  const second = now();
  await until(() => now() > second, 'the next second');
  const { status, json: next, text } = await stage.refresh(old.refreshToken);
  assert.equal(status, 200, text);
  await faults.set();
  assert.equal((await change).status, 200);
  await until(() => stage.events('session_ended').find(({ reason }) => reason === 'password'), 'the end', 60_000);
  await assertOver(stage, next);
});

test('tokens in the answer to a change are good, although they are of the second before', async (t) => {
  const stage = await start(t);
  const own = await stage.login('ada', server.url);
  const iat = now() - 1;
  const accessToken = await sign({ token_type: 'access', sub: 'ada', iat });
  changed = () => ({ json: { accessToken, user: 'ada' } });
  assert.equal((await stage.post('/password/reset', {}, { token: own.accessToken })).status, 200);
  assertPassed(await stage.api(accessToken));
});

test('a reset ends the sessions of a subject whose number has more digits than JavaScript keeps', async (t) => {
  const stage = await start(t);
  const [number, next] = ['9007199254740993', '9007199254740992'];
  const [one, neighbour] = [await stage.login(number), await stage.login(next)];
  changed = () => ({ type: 'application/json', text: `{"user":${number}}` });
  assert.equal((await stage.post('/password/reset')).status, 200);
  await assertOver(stage, one);
  await assertGood(stage, neighbour);
  for (const other of ['1.5', '-7', '1e3', '[7]', '{"rawJSON":"7"}', 'null', '""']) {
    changed = () => ({ type: 'application/json', text: `{"user":${other}}` });
    assert.equal((await stage.post('/password/reset')).status, 200);
    assert.equal(stage.events('sessions_unended').at(-1)?.reason, 'subject_missing', other);
  }
  assert.equal(stage.events('sessions_unended').length, 7);
});

test('the subject of a reset is read although the client asks for an encoding that nobody here reads', async (t) => {
  const stage = await start(t);
  const old = await stage.login('ada');
  changed = ({ headers }) => {
    const json = { user: 'ada' };
    return headers['accept-encoding'] === 'identity' ? { json } : { headers: { 'content-encoding': 'deflate' }, text: deflateSync(JSON.stringify(json)) };
  };
  assert.equal((await stage.post('/password/reset', {}, { headers: { 'accept-encoding': 'deflate' } })).status, 200);
  await assertOver(stage, old);
});

test('a change by an administrator is logged without the session of the administrator', async (t) => {
  const stage = await start(t);
  const [admin, user] = [await stage.login('root'), await stage.login('ada')];
  changed = () => ({ json: { user: 'ada' } });
  assert.equal((await stage.post('/password/of', {}, { token: admin.accessToken })).status, 200);
  const ended = stage.events('session_ended');
  assert.deepEqual(ended.map(({ reason, session }) => [reason, session]), [['password', undefined]]);
  await assertOver(stage, user);
  await assertGood(stage, admin);
});

test('a caller without a subject ends nothing, and the log says so', async (t) => {
  const stage = await start(t);
  const token = await sign({ token_type: 'access' });
  assert.equal((await stage.post('/password', {}, { token })).status, 200);
  assert.deepEqual([stage.events('sessions_unended').at(-1)?.reason, stage.events('session_ended').length], ['subject_missing', 0]);
});

test('a change by a caller whose token does not say when it was issued ends nothing, and locks nobody out', async (t) => {
  const stage = await start(t);
  const login = () => sign({ token_type: 'access', sub: 'ada', sid: randomUUID(), iat: undefined });
  assert.equal((await stage.post('/password', {}, { token: await login() })).status, 200);
  assertPassed(await stage.api(await login()));
  assert.deepEqual([stage.events('sessions_unended').at(-1)?.reason, stage.events('session_ended').length], ['issued_at_missing', 0]);
});

test('a logout that the auth server does not hear of ends an opaque refresh token, if a good access token vouches for it', async (t) => {
  const stage = await start(t);
  refreshTokenFor = opaque;
  const { accessToken, refreshToken } = await stage.login('ada');
  const logout = (body, token) => stage.post('/logout', body, { token });
  assert.equal((await logout({ refreshToken })).status, 204);
  assert.equal(stage.events('logout').at(-1).outcome, 'unknown');
  assert.equal((await logout({ refreshToken }, accessToken)).status, 204);
  await assertOver(stage, { accessToken, refreshToken });
  assert.equal((await logout({ refreshToken: 'ada.other' }, accessToken)).status, 204);
  assert.equal((await stage.refresh('ada.other')).status, 200, 'an access token that has ended vouches for nothing');
});
