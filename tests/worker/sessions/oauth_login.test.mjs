// Refresh tokens that are presented to an OAuth 2 server where the gateway does not look for them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { SignJWT } from 'jose';

import { send } from '../../harness/client.mjs';
import { KEY, setCookies } from '../../harness/cookie_stage.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { serve } from '../../servers/serve.mjs';

const SECRET = 'a secret of the auth server that is long enough for HS256';
const now = () => Math.floor(Date.now() / 1000);
const sign = (token_type) => new SignJWT({ iss: 'https://auth.example', aud: 'api', sub: 'ada', iat: now(), exp: now() + 300, jti: randomUUID(), token_type })
  .setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(SECRET));
const FORM = 'application/x-www-form-urlencoded';

let server;
let gateway;

before(async () => {
  // It gives tokens for whatever is asked.
  server = await serve(async () => ({ json: { access_token: await sign('access'), refresh_token: await sign('refresh') } }));
  const route = (path, handler, more) => ({ path, methods: ['POST'], access: 'public', handler, strip_prefix: path, add_prefix: '/token', ...more });
  gateway = await startGateway({
    config: {
      origins: [{ name: 'auth', url: server.url }],
      issuers: [{
        name: 'auth', issuer: 'https://auth.example', audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['JWT'] },
        refresh: { preset: 'oauth2', session: { key: 'SESSION_KEY' } },
      }],
      routes: [
        route('/token', 'refresh'), route('/logout', 'logout', { forward: false }),
        route('/web/login', 'login', { session: true }), route('/web/refresh', 'refresh', { session: true }),
      ],
    },
    secrets: { JWT: SECRET, SESSION_KEY: KEY }, kv: 'none', log: 'new',
  });
});
after(() => Promise.all([gateway?.stop(), server?.stop()]));

const post = (path, body, type = FORM, headers = {}) =>
  send(gateway.url + path, { method: 'POST', headers: { 'content-type': type, 'sec-fetch-site': 'none', ...headers }, body });

const part = (name, value, more = '') => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n${more}\r\n${value}\r\n`;
const MULTIPART = 'multipart/form-data; boundary=b';

async function endedToken() {
  const { json } = await post('/token', 'grant_type=password');
  assert.equal((await post('/logout', `refresh_token=${json.refresh_token}`)).status, 204);
  assert.equal((await post('/token', `grant_type=refresh_token&refresh_token=${json.refresh_token}`)).status, 400);
  return json.refresh_token;
}

test('a login exchanges no refresh token, however it asks', async () => {
  const token = await endedToken();
  const { length } = server.calls;
  for (const [body, type, path = '/web/login'] of [
    [`grant_type=refresh_token&refresh_token=${token}`], [`grant_type=password&grant_type=refresh_token&refresh_token=${token}`],
    [`Grant-Type=%72efresh%5Ftoken&refresh_token=${token}`], [{ grant_type: 'refresh_token', refresh_token: token }, 'application/json'],
    [`${part('grant_type', 'refresh_token')}${part('refresh_token', token)}--b--`, MULTIPART],
    ['grant_type=password', FORM, `/web/login?grant_type=refresh_token&refresh_token=${token}`],
  ]) {
    const answer = await post(path, body, type);
    assert.deepEqual([answer.status, answer.json?.error, setCookies(answer)], [400, 'invalid_grant', []], JSON.stringify(body));
  }
  assert.equal((await post('/web/login', 'grant_type=password', FORM, { 'content-encoding': 'gzip' })).status, 400, 'what nobody here can read');
  assert.equal(server.calls.length, length);
  assert.equal((await post('/web/login', 'grant_type=password&scope=refresh_token')).status, 200);
});

test('another grant is not turned into a refresh by the URL', async () => {
  const token = await endedToken();
  const answer = await post(`/token?grant_type=refresh_token&refresh_token=${token}`, 'grant_type=password');
  assert.deepEqual([answer.status, answer.json], [400, { error: 'invalid_grant' }]);
});

test('nor by an encoding that Django undoes and the gateway does not', async () => {
  const token = await endedToken();
  const { length } = server.calls;
  const base64 = (name, value) => part(name, btoa(value), 'Content-Transfer-Encoding: base64\r\n');
  for (const [body, type] of [
    [`${base64('grant_type', 'refresh_token')}${base64('refresh_token', token)}--b--`, MULTIPART],
    // As letters of EBCDIC.
    [Buffer.from([0x87, 0x99, 0x81, 0x95, 0xa3]), `${FORM}; charset=cp037`], [Buffer.from([0x87, 0x99]), `${MULTIPART}; Charset="cp037"`],
  ]) {
    for (const path of ['/web/login', '/token']) assert.equal((await post(path, body, type)).status, 400, `${path} ${type}`);
  }
  assert.equal(server.calls.length, length);
  const plain = part('grant_type', 'password', 'Content-Transfer-Encoding: 8bit\r\n');
  for (const [body, type] of [[`${plain}--b--`, MULTIPART], ...['UTF-8', 'ISO-8859-1'].map((charset) => ['grant_type=password', `${FORM}; charset=${charset}`])]) {
    assert.equal((await post('/web/login', body, type)).status, 200, type);
  }
});

test('nor is one exchanged for other tokens, as RFC 8693 has it', async () => {
  const token = await endedToken();
  const { length } = server.calls;
  const urn = (name) => `urn:ietf:params:oauth:${name}`;
  const form = (fields) => new URLSearchParams({ grant_type: urn('grant-type:token-exchange'), subject_token: token, ...fields }).toString();
  for (const path of ['/token', '/web/login']) {
    assert.equal((await post(path, form({ subject_token_type: urn('token-type:refresh_token') }))).status, 400, path);
  }
  assert.equal(server.calls.length, length);
  const fields = { subject_token_type: urn('token-type:access_token'), requested_token_type: urn('token-type:refresh_token') };
  assert.equal((await post('/token', form(fields))).status, 200, 'another token is');
});
