// Answers of auth servers in forms that are legal and unusual.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { SignJWT } from 'jose';

import { send } from '../../harness/client.mjs';
import { assertUnavailable } from '../../harness/config.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { serve } from '../../servers/serve.mjs';

const SECRET = 'a secret of the auth server that is long enough for HS256';
const ISSUER = 'https://auth.example';
const now = () => Math.floor(Date.now() / 1000);
const sign = (claims) => new SignJWT({ iss: ISSUER, aud: 'api', sub: 'ada', iat: now(), exp: now() + 300, jti: randomUUID(), ...claims })
  .setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(SECRET));

let server;
/** A gateway, and one whose clients get handles. */
let gateway;
let withHandles;
/** One before a server that sets its tokens as cookies. */
let withCookies;
/** How the auth server answers: (request) → answer. */
let answer;

before(async () => {
  server = await serve((request) => answer(request));
  const route = (handler) => ({ path: `/${handler}`, methods: ['POST'], access: 'public', handler });
  const start = (refresh) => startGateway({
    config: {
      origins: [{ name: 'auth', url: server.url }],
      issuers: [{
        name: 'auth', issuer: ISSUER, audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['JWT'] }, refresh: { preset: 'node', ...refresh },
      }],
      routes: ['refresh', 'login'].map(route),
    },
    secrets: { JWT: SECRET, HANDLE_KEY: 'k'.repeat(32) }, kv: 'none', log: 'new',
  });
  [gateway, withHandles, withCookies] = await Promise.all([
    start({}), start({ handles: 'on', handle_key: 'HANDLE_KEY' }), start({ preset: 'dj-rest-auth', access_cookie: 'at', refresh_cookie: 'rt' }),
  ]);
});
after(() => Promise.all([gateway, withHandles, withCookies, server].map((part) => part?.stop())));

const post = (path, body, { on = gateway, headers } = {}) => send(on.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
const refresh = (refreshToken, more) => post('/refresh', { refreshToken }, more);
const logged = (event, on = gateway) => on.logs().filter((line) => line.event === event).at(-1);

for (const [what, before, user] of [
  ['a byte-order mark', '\ufeff', { name: 'Ada' }],
  ['half an emoji', '', { name: '😀'.slice(0, 1), city: '\\ud83d', flag: '🏳' }],
]) {
  test(`an answer with ${what} is read, and handed on as it is`, async () => {
    const sub = randomUUID();
    const pair = { accessToken: await sign({ sub, token_type: 'access' }), refreshToken: await sign({ sub, token_type: 'refresh' }) };
    const text = before + JSON.stringify({ user, ...pair });
    answer = () => ({ type: 'application/json', text });
    const token = await sign({ sub, token_type: 'refresh' });
    for (const outcome of ['rotated', 'replayed']) {
      const got = await refresh(token);
      assert.deepEqual([got.status, got.text, logged('token_refresh').outcome], [200, text, outcome]);
    }
    const login = await post('/login', {});
    assert.deepEqual([login.status, login.text, logged('login').outcome], [200, text, 'accepted']);
    const opaque = randomUUID();
    answer = () => ({ type: 'application/json', text: before + JSON.stringify({ user, ...pair, refreshToken: opaque }) });
    const hidden = await post('/login', {}, { on: withHandles });
    assert.equal(hidden.status, 200, hidden.text);
    assert.match(hidden.json.refreshToken, /^ewh1\./);
    assert.deepEqual(hidden.json.user, user);
  });
}

test('where clients get handles, no token goes out beside what is no JSON, or in a form', async () => {
  const [accessToken, refreshToken] = [await sign({ token_type: 'access' }), randomUUID()];
  for (const [type, text] of [
    ['application/json', `{"score":NaN,"accessToken":"${accessToken}","refreshToken":"${refreshToken}"}`],
    ['application/x-www-form-urlencoded', `accessToken=${accessToken}&refreshToken=${refreshToken}`],
    ['application/json', `)]}'\n{"accessToken":"${accessToken}","refreshToken":"${refreshToken}"}`],
  ]) {
    answer = () => ({ type, text });
    assertUnavailable(await post('/login', {}, { on: withHandles }), 'session_unavailable', text);
  }
  for (const text of ['', 'a code was sent', '<p>a code was sent</p>', '{"mfa":true}']) {
    answer = () => ({ type: 'text/plain', text });
    const got = await post('/login', {}, { on: withHandles });
    assert.deepEqual([got.status, got.text], [200, text]);
  }
});

test('a refresh asks for JSON, of the version or vendor that the client names', async () => {
  const asked = [];
  answer = async ({ headers }) => {
    asked.push(headers.accept);
    return { json: { accessToken: await sign({ token_type: 'access' }), refreshToken: await sign({ token_type: 'refresh' }) } };
  };
  const kept = ['application/json', 'application/json; version=2.0', 'application/vnd.example.v2+json', 'Application/JSON;q=0.9, application/vnd.api+json'];
  const others = ['*/*', 'text/html', 'application/json, text/html', 'application/json, */*;q=0.1', 'application/xml', 'application/jsonp', 'text/html;a="b,application/json"'];
  for (const accept of [...kept, ...others]) {
    const token = await sign({ sub: randomUUID(), token_type: 'refresh' });
    assert.equal((await refresh(token, { headers: { accept } })).status, 200);
  }
  assert.deepEqual(asked, [...kept, ...others.map(() => 'application/json')]);
});

test('a cookie that is deleted at another path, or with a value, is no refresh token', async () => {
  const past = 'Thu, 01 Jan 1970 00:00:00 GMT';
  const deleted = ['rt=; Path=/old', 'rt=""; Max-Age=0; Path=/', 'rt=deleted; max-age=-1; Path=/old', `rt=deleted; Expires=${past}; Path=/old`];
  const set = async (sub, more) => `rt=${await sign({ sub, token_type: 'refresh' })}; HttpOnly${more}`;
  const later = `; Expires=${new Date(Date.now() + 86_400_000).toUTCString()}`;
  const news = ['; Path=/auth', '; Path=/auth; Max-Age=300', `; Path=/auth${later}`, `; Path=/auth; Max-Age=300; Expires=${past}`, '; Domain=auth.example; Path=/'];
  const cases = [
    ...news.flatMap((more) => deleted.map((line) => [async (sub) => [await set(sub, more), line], 'rotated'])),
    ...deleted.map((line) => [async (sub) => [line, await set(sub, news[0])], 'rotated']),
    ...deleted.map((line) => [() => [line], 'kept']),
    [async (sub) => [await set(sub, '; Path=/'), 'rt=""; Max-Age=0; Path=/'], 'kept'],
    [async (sub) => ['rt=""; Max-Age=0; Path=/', await set(sub, '; Path=/')], 'rotated'],
  ];
  for (const [cookies, outcome] of cases) {
    const sub = randomUUID();
    const lines = await cookies(sub);
    answer = async () => ({ json: { access: await sign({ sub, token_type: 'access' }) }, headers: { 'set-cookie': lines } });
    const got = await post('/refresh', {}, { on: withCookies, headers: { cookie: `rt=${await sign({ sub, token_type: 'refresh' })}` } });
    assert.equal(got.status, 200, got.text);
    const told = logged('token_refresh', withCookies).outcome;
    assert.deepEqual([got.headers['set-cookie'], told], [lines, outcome], lines.join().replace(/eyJ[^;]+/, 'token'));
  }
});
