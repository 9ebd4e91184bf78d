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
  [gateway, withHandles] = await Promise.all([start({}), start({ handles: 'on', handle_key: 'HANDLE_KEY' })]);
});
after(() => Promise.all([gateway?.stop(), withHandles?.stop(), server?.stop()]));

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
