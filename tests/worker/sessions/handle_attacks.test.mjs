// What attackers tried with handles, and what went wrong beside them; each by its outcome.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';

import { SignJWT } from 'jose';

import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { serve } from '../../servers/serve.mjs';

const SECRET = 'a secret of the auth server that is long enough for HS256';
const ISSUER = 'https://auth.example';
const SECRETS = { JWT: SECRET, HANDLE_KEY: 'k'.repeat(32), OTHER_KEY: 'o'.repeat(32) };
const now = () => Math.floor(Date.now() / 1000);
const sign = (claims) => new SignJWT({ iss: ISSUER, aud: 'api', sub: 'ada', iat: now(), exp: now() + 300, jti: randomUUID(), ...claims })
  .setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(SECRET));
const isHandle = (text) => /^ewh1\.[\w-]+$/.test(text);

let server;
let origin;
/** How the auth server answers: (request) → answer. */
let answer;
let gateway;

/** The tokens of an answer of the auth server. */
const pair = async (refreshToken = randomUUID(), claims = {}) => ({ accessToken: await sign({ token_type: 'access', ...claims }), refreshToken });
/** The auth server with refresh tokens that `next` makes, each good once. */
function rotating(next = randomUUID) {
  const rows = new Set();
  return async ({ path, body }) => {
    const { refreshToken } = JSON.parse(body || '{}');
    if (path === '/logout') return { status: 204 };
    if (path !== '/login' && !rows.has(refreshToken)) return { status: 401, json: { message: 'unknown' } };
    const json = await pair(await next());
    return { json, commit: () => { rows.delete(refreshToken); rows.add(json.refreshToken); } };
  };
}

function configOf({ refresh = {}, mode = 'enforce' } = {}) {
  const route = (handler) => ({ path: `/${handler}`, methods: ['POST'], access: 'public', handler, origin: 'auth', ...handler === 'refresh' && { mode } });
  return {
    origins: [{ name: 'auth', url: server.url }, { name: 'main', url: origin.url }],
    issuers: [{
      name: 'auth', issuer: ISSUER, audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['JWT'] },
      refresh: { preset: 'node', grace_seconds: 0, unused_seconds: 0, handles: 'on', handle_key: 'HANDLE_KEY', ...refresh },
    }],
    admin: { require: { role: 'admin' } },
    routes: [...['refresh', 'login', 'logout'].map(route), { path: '/api/**', methods: ['*'], access: 'authenticated', revocation: 'strict', origin: 'main' }],
  };
}
/** Another gateway before the same server. */
async function other(t, options, more) {
  const started = await startGateway({ config: configOf(options), secrets: SECRETS, kv: 'none', log: 'new', ...more });
  t.after(() => started.stop());
  return started;
}

before(async () => {
  server = await serve((request) => answer(request));
  origin = await startOrigin();
  gateway = await startGateway({ config: configOf(), secrets: SECRETS, kv: 'none', log: 'new' });
});
after(() => Promise.all([gateway?.stop(), server?.stop(), origin?.stop()]));

const post = (path, body, { on = gateway, token, headers } = {}) =>
  send(on.url + path, { method: 'POST', token, headers: { 'content-type': 'application/json', ...headers }, body });
const refresh = (refreshToken, more) => post('/refresh', { refreshToken }, more);
const login = async (on) => {
  const { status, json, text } = await post('/login', {}, { on });
  assert.equal(status, 200, text);
  return json;
};
const api = (token, on = gateway) => send(`${on.url}/api/x`, { token });

test('what looks like a JWT and is none is hidden by the login, too, and known when it comes back', async (t) => {
  const strict = await other(t, { refresh: { unknown: 'refuse' } });
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const encrypted = () => [part({ alg: 'RSA-OAEP', enc: 'A256GCM' }), randomUUID(), 'iv', 'text', 'tag'].join('.');
  const laravel = () => `${part({ iv: randomUUID(), value: 'x', mac: 'y' })}=`;
  const ofOtherKeys = () => [part({ alg: 'HS256' }), part({ iss: ISSUER, sub: randomUUID() }), 'AA'].join('.');
  for (const next of [encrypted, laravel, ofOtherKeys]) {
    answer = rotating(next);
    const first = await login(strict);
    assert.ok(isHandle(first.refreshToken), first.refreshToken);
    assert.equal((await refresh(first.refreshToken, { on: strict })).status, 200);
  }
  assert.deepEqual(strict.logs().filter(({ event }) => event === 'session_unregistered'), []);
});

test('a used handle ends the session where the auth server begins to issue JWTs', async () => {
  let issued = 0;
  answer = rotating(() => (issued++ === 0 ? randomUUID() : sign({ token_type: 'refresh' })));
  const { refreshToken } = await login();
  const second = (await refresh(refreshToken)).json;
  const third = (await refresh(second.refreshToken)).json;
  assertProblem(await refresh(second.refreshToken), 401, 'invalid_token');
  assertProblem(await refresh(third.refreshToken), 401, 'invalid_token');
  assertTokenRefused(await api(third.accessToken));
});

test('a session that a used handle ends takes the access token of its login with it', async () => {
  answer = rotating();
  const first = await login();
  assertPassed(await api(first.accessToken));
  const second = (await refresh(first.refreshToken)).json;
  assertProblem(await refresh(first.refreshToken), 401, 'invalid_token');
  for (const { accessToken } of [first, second]) assertTokenRefused(await api(accessToken));
});

test('a logout with a handle ends the access token of its login, and leaves no entry that stays for good', async (t) => {
  const own = await other(t);
  answer = rotating();
  const { accessToken, refreshToken } = await login(own);
  assert.equal((await post('/logout', { refreshToken }, { on: own })).status, 204);
  assertTokenRefused(await api(accessToken, own));
  assertProblem(await refresh(refreshToken, { on: own }), 401, 'invalid_token');
  const list = await send(`${own.url}/.edgeward/admin/revocations`, { token: await sign({ token_type: 'access', roles: ['admin'] }) });
  assert.equal(list.status, 200, list.text);
  assert.equal(list.json.entries.length, 2, list.text);
  for (const { expires_at: until } of list.json.entries) assert.ok(until > now(), list.text);
});

test('a logout with a handle that no key opens still ends the access token', async () => {
  answer = rotating();
  const { accessToken } = await login();
  assert.equal((await post('/logout', { refreshToken: 'ewh1.AAAA' }, { token: accessToken })).status, 204);
  assertTokenRefused(await api(accessToken));
});

test('a Worker of the objects without the key uses up no token', async (t) => {
  const own = await other(t, {}, { objects: true });
  answer = rotating();
  const { refreshToken } = await login(own);
  const calls = server.callsTo('/refresh').length;
  assertUnavailable(await refresh(refreshToken, { on: own }), 'session_unavailable');
  assert.equal(server.callsTo('/refresh').length, calls);
  assert.equal(own.logs().filter(({ event }) => event === 'token_refresh').at(-1).reason, 'handle_key');
});

test('a login hands out no token that nobody here has read', async () => {
  const asked = [];
  answer = async ({ headers }) => {
    asked.push(headers['accept-encoding']);
    const json = await pair();
    return headers['accept-encoding'] === 'identity' ? { json } : { headers: { 'content-encoding': 'deflate' }, text: deflateSync(JSON.stringify(json)) };
  };
  const good = await post('/login', {}, { headers: { 'accept-encoding': 'deflate' } });
  assert.ok(isHandle(good.json.refreshToken), good.text);
  assert.deepEqual(asked, ['identity']);
  answer = async () => ({ headers: { 'content-encoding': 'deflate' }, text: deflateSync(JSON.stringify(await pair())) });
  assertUnavailable(await post('/login', {}), 'session_unavailable');
  const { accessToken } = await pair();
  answer = () => ({ type: 'application/json', text: `{"accessToken":"${accessToken}","refreshToken":"one","refreshToken":"two"}` });
  assertUnavailable(await post('/login', {}), 'session_unavailable');
  for (const refreshToken of ['', null, undefined]) {
    answer = () => ({ json: { accessToken, refreshToken } });
    assert.equal((await post('/login', {})).status, 200, 'there is none');
  }
});

test('clients of a server that keeps its tokens get handles, and lose them when these are drained', async (t) => {
  const [token, drained] = [randomUUID(), await other(t, { refresh: { handles: 'drain' } })];
  answer = async ({ body }) => {
    const { accessToken } = await pair();
    return JSON.parse(body).refreshToken === token ? { json: { accessToken } } : { status: 401, json: {} };
  };
  const { json } = await refresh(token);
  assert.ok(isHandle(json.refreshToken), JSON.stringify(json));
  assert.equal((await refresh(json.refreshToken)).status, 200);
  assert.equal((await refresh(json.refreshToken, { on: drained })).json.refreshToken, token);
});

test('a trial refuses no handle that it cannot open', async (t) => {
  const trial = await other(t, { mode: 'shadow' });
  answer = () => ({ status: 401, json: { message: 'unknown' } });
  const got = await refresh('ewh1.AAAA', { on: trial });
  assert.deepEqual([got.status, got.json], [401, { message: 'unknown' }]);
});

test('a cut-off of the subject ends the sessions of handles', async (t) => {
  const own = await other(t);
  answer = rotating();
  const { refreshToken } = await login(own);
  const admin = await sign({ token_type: 'access', roles: ['admin'], sub: 'root' });
  const cut = await send(`${own.url}/.edgeward/admin/revocations`, {
    method: 'POST', token: admin, headers: { 'content-type': 'application/json' }, body: { issuer: 'auth', subject: 'ada', before: now() + 1 },
  });
  assert.equal(cut.status, 201, cut.text);
  assertProblem(await refresh(refreshToken, { on: own }), 401, 'invalid_token');
});

test('a cut-off of the subject ends the sessions of handles where one issuer of the configuration has many', async (t) => {
  const config = configOf();
  const [issuer] = config.issuers;
  Object.assign(issuer, { issuer: `${ISSUER}/{tid}`, allowed: ['one', 'two'] });
  const own = await startGateway({ config, secrets: SECRETS, kv: 'none', log: 'new' });
  t.after(() => own.stop());
  const of = (tid) => ({ iss: `${ISSUER}/${tid}`, tid });
  const sessions = {};
  const rows = new Map();
  answer = ({ path, body }) => {
    const { refreshToken, tid = rows.get(refreshToken) } = JSON.parse(body);
    if (tid === undefined) return { status: 401, json: { message: 'unknown' } };
    return pair(undefined, of(tid)).then((json) => {
      rows.set(json.refreshToken, tid);
      return { json };
    });
  };
  for (const tid of ['one', 'two']) sessions[tid] = (await post('/login', { tid }, { on: own })).json.refreshToken;
  const admin = await sign({ ...of('two'), token_type: 'access', roles: ['admin'], sub: 'root' });
  const cut = await post('/.edgeward/admin/revocations', { issuer: `${ISSUER}/one`, subject: 'ada', before: now() + 1 }, { on: own, token: admin });
  assert.equal(cut.status, 201, cut.text);
  const other = await refresh(sessions.two, { on: own });
  assert.equal(other.status, 200, 'the same subject of another issuer is somebody else');
  assertProblem(await refresh(sessions.one, { on: own }), 401, 'invalid_token');
});

for (const [kind, what] of Object.entries({ tenant: { tenant: 'acme' }, issuer: {} })) {
  test(`a cut-off of the ${kind} ends the sessions of handles`, async (t) => {
    const own = await other(t);
    answer = async () => ({ json: await pair(undefined, { tenant: 'acme' }) });
    const { refreshToken, accessToken } = await login(own);
    assertPassed(await api(accessToken, own));
    const admin = await sign({ token_type: 'access', roles: ['admin'], sub: 'root' });
    const cut = await post('/.edgeward/admin/revocations', { issuer: 'auth', ...what, before: now() + 1 }, { on: own, token: admin });
    assert.equal(cut.status, 201, cut.text);
    assertTokenRefused(await api(accessToken, own));
    assertProblem(await refresh(refreshToken, { on: own }), 401, 'invalid_token');
  });
}

test('the end of a session that access tokens name ends its handle', async (t) => {
  const own = await other(t);
  const sid = randomUUID();
  let claims = { sid };
  answer = async ({ path }) => (path === '/logout' ? { status: 204 } : { json: await pair(undefined, claims) });
  const first = await login(own);
  // What no later answer says again is as the first said it.
  claims = {};
  const { status, json: next } = await refresh(first.refreshToken, { on: own });
  assert.equal(status, 200);
  assert.equal((await post('/logout', {}, { on: own, token: first.accessToken })).status, 204);
  assertProblem(await refresh(next.refreshToken, { on: own }), 401, 'invalid_token');
  claims = { sid: randomUUID() };
  assert.equal((await refresh((await login(own)).refreshToken, { on: own })).status, 200, 'of another session');
});
