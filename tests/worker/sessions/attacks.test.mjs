// What attackers tried to get round reuse detection, to lock others out, or to make the gateway work for ever; each by its outcome.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SignJWT } from 'jose';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { send, sleep } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { serve } from '../../servers/serve.mjs';

const SECRET = 'a secret of the auth server that is long enough for HS256';
const ISSUER = 'https://auth.example';
const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const now = () => Math.floor(Date.now() / 1000);
const sign = (claims, typ = 'JWT') => new SignJWT({ iss: ISSUER, aud: 'api', sub: 'ada', iat: now(), exp: now() + 300, jti: randomUUID(), ...claims })
  .setProtectedHeader({ alg: 'HS256', typ }).sign(Buffer.from(SECRET));

let server;
let origin;
let gateway;
let folder;
/** How the auth server answers the next refreshes: (text of the request) → answer. */
let answer;
const pair = async (claims = {}) => ({ accessToken: await sign({ token_type: 'access', ...claims }), refreshToken: await sign({ token_type: 'refresh', ...claims }) });

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edgeward-sessions-'));
  server = await serve((request) => answer(request));
  origin = await startOrigin();
  const route = (path, handler, more = {}) => ({ path, methods: ['POST'], access: 'public', handler, origin: 'auth', ...more });
  const config = {
    origins: [{ name: 'auth', url: server.url, timeout_ms: 1500 }, { name: 'main', url: origin.url }],
    issuers: [{
      name: 'auth', issuer: ISSUER, audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['JWT'] },
      refresh: { preset: 'node', refresh_cookie: 'rt', access_cookie: 'at', grace_seconds: 0, unused_seconds: 0, limit: { requests: 12, seconds: 60 } },
    }],
    admin: { require: { role: 'admin' } },
    routes: [
      route('/refresh', 'refresh', { cors_preflight: true }), route('/login', 'login'), route('/logout', 'logout', { cors_preflight: true }),
      route('/verify', 'verify'), route('/shadow', 'refresh', { mode: 'shadow' }),
      { path: '/api/**', methods: ['*'], access: 'authenticated', revocation: 'strict', origin: 'main' },
    ],
  };
  gateway = await startGateway({ config, secrets: { JWT: SECRET }, kv: 'none', log: folder });
});
after(async () => {
  await Promise.all([gateway?.stop(), server?.stop(), origin?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

const post = (path, body, headers = {}) => send(gateway.url + path, { method: 'POST', headers: { 'content-type': JSON_TYPE, ...headers }, body });
const refresh = (refreshToken, headers) => post('/refresh', { refreshToken }, headers);
const rotating = (claims) => async () => ({ json: await pair(claims) });
/** A token that was used, with its successor. */
async function usedToken(claims = { sid: randomUUID() }) {
  answer = rotating(claims);
  const token = await sign({ token_type: 'refresh', ...claims });
  const first = await refresh(token);
  assert.equal(first.status, 200, first.text);
  return { token, next: first.json };
}
const events = (name) => gateway.logs().filter(({ event }) => event === name);

test('a success that nobody here can read is not handed out', async () => {
  const token = await sign({ token_type: 'refresh', sid: randomUUID() });
  const tokens = await pair();
  for (const hidden of [
    { type: 'text/html', text: `<pre>${JSON.stringify(tokens)}</pre>` },
    { json: { data: tokens } },
    { json: tokens, headers: { 'content-encoding': 'deflate' } },
  ]) {
    answer = () => hidden;
    const got = await refresh(token, { accept: 'text/html', 'accept-encoding': 'deflate' });
    assertUnavailable(got, 'session_unavailable', JSON.stringify(hidden));
    assert.doesNotMatch(got.text, /eyJ/);
  }
});

test('a used token is seen wherever servers look for it', async () => {
  const { token } = await usedToken();
  answer = rotating({});
  const spellings = [
    ['/refresh', { refreshToken: '' }, { cookie: `rt=${token}` }],
    ['/refresh', '', { cookie: `rt=${token}` }],
    ['/refresh', {}, { cookie: `rt="\\145${token.slice(1)}"` }],
    ['/refresh', {}, { cookie: `rt=%65${token.slice(1)}` }],
    ['/refresh', { refreshtoken: token }, {}],
    ['/refresh', { refreshToken: [token] }, {}],
    ['/refresh', { refreshToken: { value: token } }, {}],
    ['/refresh', `[refreshToken]=${token}`, { 'content-type': FORM }],
    ['/refresh', `refreshToken[]=${token}`, { 'content-type': FORM }],
    ['/refresh', `{"refreshToken":"+AGU-${token.slice(1)}"}`, { 'content-type': 'application/json; charset=utf-8; charset=utf-7' }],
    ['/refresh', `{"refreshToken":"+AGU-${token.slice(1)}"}`, { 'content-type': `application/json; a="; charset=utf-8; b="; charset=utf-7` }],
    [`/refresh?refreshToken=${token}`, {}, {}],
    ['/refresh', `{"__proto__":{"refreshToken":"${token}"}}`, {}],
    ['/refresh', { refreshToken: `${token}\u001c` }, {}],
  ];
  for (const [path, body, headers] of spellings) {
    const got = await post(path, body, headers);
    assert.ok(got.status >= 400 && got.status < 500, `${JSON.stringify([path, body, headers])}: ${got.status} ${got.text}`);
    assert.doesNotMatch(got.text, /eyJ/);
  }
});

test('a redirect of the auth server is handed on, and followed by nobody', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    const token = await sign({ token_type: 'refresh', sid: randomUUID() });
    answer = () => ({ status, headers: { location: `${server.url}/refresh` }, json: {} });
    const before = server.calls.length;
    const got = await refresh(token);
    assert.deepEqual([got.status, got.headers.location, server.calls.length - before], [status, `${server.url}/refresh`, 1]);
    answer = rotating({});
    assert.equal((await refresh(token)).status, 200, 'the token is good again');
  }
});

test('used tokens of one session do not use up the limit of the others', async () => {
  const { token } = await usedToken({ sub: 'bob' });
  for (let n = 0; n < 14; n += 1) assertProblem(await refresh(token), 401, 'invalid_token');
  answer = rotating({ sub: 'bob' });
  assert.equal((await refresh(await sign({ token_type: 'refresh', sub: 'bob' }))).status, 200);
});

test('an access or ID token that is presented to refresh does not get in the way of the refresh token', async () => {
  const sid = randomUUID();
  const honest = await sign({ token_type: 'refresh', sid, iat: now() - 100 });
  answer = () => ({ status: 401, json: {} });
  for (const token of [await sign({ sid }, 'at+jwt'), await sign({ sid }), await sign({ sid, typ: 'ID' })]) assert.equal((await refresh(token)).status, 401);
  answer = rotating({ sid });
  assert.equal((await refresh(honest)).status, 200);
});

test('many refreshes within one life of an access token: all of them end', async () => {
  const sid = randomUUID();
  answer = rotating({ sid });
  const first = await sign({ token_type: 'refresh', sid });
  const given = [];
  let token = first;
  for (let n = 0; n < 11; n += 1) {
    const { json } = await refresh(token);
    given.push(json.accessToken);
    token = json.refreshToken;
  }
  assertProblem(await refresh(first), 401, 'invalid_token');
  for (const access of given) assertTokenRefused(await send(`${gateway.url}/api/x`, { token: access }));
});

test('junk leaves no entry in the log, and no line says that a session has ended', async () => {
  const ended = events('session_ended').length;
  answer = () => ({ status: 401, json: { error: 'no' } });
  for (let n = 0; n < 20; n += 1) {
    await post('/logout', { refreshToken: `junk-${n}` });
    assert.equal((await refresh(`junk-${n}`)).status, 401);
  }
  assert.equal(events('session_ended').length, ended);
  assert.ok(events('logout').slice(-20).every(({ outcome }) => outcome === 'unknown'));
  const list = () => send(`${gateway.url}/.edgeward/admin/revocations?limit=500`, { token: admin });
  const admin = await sign({ token_type: 'access', roles: ['admin'] });
  const { next } = await usedToken();
  await post('/logout', { refreshToken: next.refreshToken });
  const { status, text } = await list();
  assert.equal(status, 200, text);
  assert.match(text, /revoked:token:/, 'a good token has left one');
  assert.doesNotMatch(text, /revoked:input:/);
});

test('a preflight runs no handler', async () => {
  const { next } = await usedToken();
  answer = () => ({ status: 204 });
  // Without a length Node sends the body of an OPTIONS as the next request.
  const body = JSON.stringify({ refreshToken: next.refreshToken });
  const preflight = await send(`${gateway.url}/logout`, {
    method: 'OPTIONS', token: next.accessToken, body,
    headers: { origin: 'https://app.example', 'access-control-request-method': 'POST', 'content-type': JSON_TYPE, 'content-length': Buffer.byteLength(body) },
  });
  assert.equal(preflight.status, 204, preflight.text);
  assertPassed(await send(`${gateway.url}/api/x`, { token: next.accessToken }));
});

test('a page of another site ends no session by the cookies that the browser sends', async () => {
  const { next } = await usedToken();
  answer = () => ({ status: 403, json: {} });
  const cookie = `rt=${next.refreshToken}; at=${next.accessToken}`;
  await post('/logout', {}, { cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' });
  assertPassed(await send(`${gateway.url}/api/x`, { token: next.accessToken }));
  await post('/logout', {}, { cookie, origin: gateway.url });
  assertTokenRefused(await send(`${gateway.url}/api/x`, { token: next.accessToken }));
});

test('a logout ends the session of cookies whatever its body is, and that of a token in a body that is not exchanged', async () => {
  const multipart = (name, value) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n--b--\r\n`;
  const bodies = [
    [() => multipart('csrf', 'x'), 'multipart/form-data; boundary=b'], [() => 'bye', 'text/plain;charset=UTF-8'], [() => '{', JSON_TYPE],
    [() => '{}', `${JSON_TYPE}; charset=utf8`], [() => 'a=1&a=2', FORM], [() => '{"refreshToken":"a\u0001b"}', JSON_TYPE], [() => 'x', 'multipart/form-data'],
  ];
  const tokens = [
    [(token) => multipart('refreshToken', token), 'multipart/form-data; boundary=b'], [(token) => `{"refreshToken":"${token}"}`, `${JSON_TYPE}; charset=utf8`],
  ];
  for (const [body, type, isCookie] of [...bodies.map((one) => [...one, true]), ...tokens.map((one) => [...one, false])]) {
    const { next } = await usedToken();
    answer = () => ({ json: {} });
    const cookie = isCookie ? { cookie: `rt=${next.refreshToken}; at=${next.accessToken}`, origin: gateway.url } : {};
    assert.equal((await post('/logout', body(next.refreshToken), { 'content-type': type, ...cookie })).status, 200);
    const told = `${type} ${body('token')}`;
    assert.equal(events('logout').at(-1).outcome, 'ended', told);
    assertTokenRefused(await send(`${gateway.url}/api/x`, { token: next.accessToken }), told);
    assertProblem(await refresh(next.refreshToken), 401, 'invalid_token');
  }
  const { next } = await usedToken();
  answer = () => ({ json: {} });
  const foreign = { cookie: `rt=${next.refreshToken}; at=${next.accessToken}`, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
  await post('/logout', 'bye', { 'content-type': 'text/plain', ...foreign });
  assertPassed(await send(`${gateway.url}/api/x`, { token: next.accessToken }));
});

test('pages may read refusals where the route lets them read answers', async () => {
  const { token } = await usedToken();
  const refused = await refresh(token, { origin: 'https://app.example' });
  assert.equal(refused.status, 401);
  assert.equal(refused.headers['access-control-allow-origin'], 'https://app.example');
  assert.match(refused.headers['www-authenticate'], /^Bearer realm="edgeward", error="invalid_token"$/);
});

test('verify reads the member that its clients send', async () => {
  const { token, next } = await usedToken();
  answer = () => ({ json: {} });
  assert.equal((await post('/verify', { token: next.accessToken })).status, 200);
  assert.equal((await post('/verify', { token: next.refreshToken })).status, 200);
  assert.equal((await post('/verify', { token })).status, 401);
  assertProblem(await refresh(token), 401, 'invalid_token');
  for (const dead of [token, next.refreshToken, next.accessToken]) assert.equal((await post('/verify', { token: dead })).status, 401);
});

test('an auth server that is away, late or broken is 503 on every handler, and names its line', async () => {
  // Lines are limited to so many a second.
  await sleep(1100);
  await server.fail({ kind: 'reset', times: 4 });
  answer = rotating({});
  const token = await sign({ token_type: 'refresh', sid: randomUUID() });
  for (const [path, body] of [['/login', {}], ['/logout', {}], ['/shadow', { refreshToken: token }], ['/refresh', { refreshToken: token }]]) {
    assertUnavailable(await post(path, body), 'session_unavailable', path);
  }
  assert.equal(events('login').at(-1).outcome, 'unavailable');
  assert.equal(events('session_shadow').at(-1).reason, 'auth_server');
});

test('numbers that no calendar has lose no answer', async () => {
  for (const exp of [1e15, 9e15, 253_402_300_800]) {
    const sid = randomUUID();
    answer = rotating({ sid, exp });
    const token = await sign({ token_type: 'refresh', sid });
    const first = await refresh(token);
    assert.equal(first.status, 200, `${exp}: ${first.text}`);
    assert.equal((await refresh(first.json.refreshToken)).status, 200, String(exp));
  }
});

test('an object whose tokens are over is quiet', async () => {
  const sid = randomUUID();
  const token = await sign({ token_type: 'refresh', sid });
  answer = rotating({ sid, exp: now() - 200 });
  assert.equal((await refresh(token)).status, 200);
  assertProblem(await refresh(token), 401, 'invalid_token');
  answer = async () => ({ json: { accessToken: 'opaque', refreshToken: randomUUID() } });
  const opaque = randomUUID();
  assert.equal((await refresh(opaque)).status, 200);
  await post('/logout', { refreshToken: opaque });
  await sleep(1500);
  const { cpuClock } = await import('../../../bench/proc.mjs');
  const spent = cpuClock(gateway.pid);
  await sleep(2000);
  assert.ok(spent() < 200_000, `${Math.round(spent() / 1000)} ms of CPU in 2 s`);
});
