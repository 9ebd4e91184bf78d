// A logout of OAuth 2 at the auth server's revocation endpoint (RFC 7009).
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { SignJWT } from 'jose';

import { assertPassed, assertTokenRefused } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { serve } from '../../servers/serve.mjs';

const SECRET = 'a secret of the auth server that is long enough for HS256';
const ISSUER = 'https://auth.example';
const FORM = 'application/x-www-form-urlencoded';
const now = () => Math.floor(Date.now() / 1000);
const sign = (token_type) => new SignJWT({ iss: ISSUER, aud: 'api', sub: 'ada', iat: now(), exp: now() + 300, jti: randomUUID(), token_type })
  .setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(SECRET));

let server;
let origin;
/** One before a server with JWTs, and one that gives handles for opaque tokens. */
let gateway;
let withHandles;
/** The bodies of revocations at the auth server. */
const revoked = [];

before(async () => {
  server = await serve(async ({ path, body, headers }) => {
    if (path === '/revoke') {
      revoked.push(Object.fromEntries(new URLSearchParams(String(body))));
      return { status: 200 };
    }
    const refresh = headers['x-opaque'] === undefined ? await sign('refresh') : randomUUID();
    return { json: { access_token: await sign('access'), refresh_token: refresh, token_type: 'Bearer' } };
  });
  origin = await startOrigin();
  const route = (path, handler) => ({ path, methods: ['POST'], access: 'public', handler, origin: 'auth' });
  const start = (refresh) => startGateway({
    config: {
      origins: [{ name: 'auth', url: server.url }, { name: 'main', url: origin.url }],
      issuers: [{
        name: 'auth', issuer: ISSUER, audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['JWT'] }, refresh: { preset: 'oauth2', ...refresh },
      }],
      routes: [
        route('/token', 'refresh'), route('/revoke', 'logout'),
        { path: '/api/**', methods: ['*'], access: 'authenticated', revocation: 'strict', origin: 'main' },
      ],
    },
    secrets: { JWT: SECRET, HANDLE_KEY: 'k'.repeat(32) }, kv: 'none', log: 'new',
  });
  [gateway, withHandles] = await Promise.all([start({}), start({ handles: 'on', handle_key: 'HANDLE_KEY' })]);
});
after(() => Promise.all([gateway, withHandles, server, origin].map((part) => part?.stop())));

const post = (on, path, fields, headers) =>
  send(on.url + path, { method: 'POST', headers: { 'content-type': FORM, ...headers }, body: new URLSearchParams(fields).toString() });
const login = async (on, headers) => (await post(on, '/token', { grant_type: 'password' }, headers)).json;
const refresh = (on, token) => post(on, '/token', { grant_type: 'refresh_token', refresh_token: token });
const api = (on, token) => send(`${on.url}/api/x`, { token });

test('the revocation of either token of a login ends its session', async () => {
  for (const name of ['refresh_token', 'access_token']) {
    const [one, other] = [await login(gateway), await login(gateway)];
    // Its registration goes on behind the answer.
    assertPassed(await api(gateway, one.access_token));
    const answer = await post(gateway, '/revoke', { token: one[name], token_type_hint: name });
    assert.deepEqual([answer.status, answer.text], [200, '']);
    assert.deepEqual(revoked.at(-1), { token: one[name], token_type_hint: name });
    assertTokenRefused(await api(gateway, one.access_token));
    assert.equal((await refresh(gateway, one.refresh_token)).status, 400);
    assertPassed(await api(gateway, other.access_token));
    assert.equal((await refresh(gateway, other.refresh_token)).status, 200);
  }
});

test('the auth server gets the token of a handle that is revoked', async () => {
  const one = await login(withHandles, { 'x-opaque': '1' });
  assert.match(one.refresh_token, /^ewh1\./);
  assert.equal((await post(withHandles, '/revoke', { token: one.refresh_token })).status, 200);
  assert.match(revoked.at(-1).token, /^[\da-f-]{36}$/);
  assertTokenRefused(await api(withHandles, one.access_token));
  assert.equal((await refresh(withHandles, one.refresh_token)).status, 400);
});

test('the refresh token counts before another parameter, and what is no token ends nothing', async () => {
  const [one, other] = [await login(gateway), await login(gateway)];
  await post(gateway, '/revoke', { refresh_token: one.refresh_token, token: 'csrf' });
  assertTokenRefused(await api(gateway, one.access_token));
  for (const token of ['csrf', '', one.refresh_token]) assert.equal((await post(gateway, '/revoke', { token })).status, 200);
  assertPassed(await api(gateway, other.access_token));
});
