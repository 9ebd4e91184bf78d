// Requests to an OAuth 2 token endpoint in forms that are legal and unusual.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { SignJWT } from 'jose';

import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { serve } from '../../servers/serve.mjs';

const SECRET = 'a secret of the auth server that is long enough for HS256';
const ISSUER = 'https://auth.example';
const FORM = 'application/x-www-form-urlencoded';
const now = () => Math.floor(Date.now() / 1000);
const sign = (token_type) => new SignJWT({ iss: ISSUER, aud: 'api', sub: 'ada', iat: now(), exp: now() + 300, jti: randomUUID(), token_type })
  .setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(SECRET));

let server;
let gateway;
before(async () => {
  server = await serve(async () => ({ json: { access_token: await sign('access'), refresh_token: await sign('refresh'), token_type: 'Bearer' } }));
  gateway = await startGateway({
    config: {
      origins: [{ name: 'auth', url: server.url }],
      issuers: [{ name: 'auth', issuer: ISSUER, audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['JWT'] }, refresh: { preset: 'oauth2' } }],
      routes: [{ path: '/token', methods: ['POST'], access: 'public', handler: 'refresh' }],
    },
    secrets: { JWT: SECRET }, kv: 'none', log: 'new',
  });
});
after(() => Promise.all([gateway?.stop(), server?.stop()]));

const post = (body, type = FORM) => send(`${gateway.url}/token`, { method: 'POST', headers: { 'content-type': type }, body });

test('a request may name several resources and audiences (RFC 8707 §2, RFC 8693 §2.1)', async () => {
  for (const more of ['resource=https://a.example&resource=https://b.example', 'audience=a&audience=b']) {
    for (const grant of ['grant_type=client_credentials', `grant_type=refresh_token&refresh_token=${await sign('refresh')}`]) {
      const got = await post(`${grant}&${more}`);
      assert.equal(got.status, 200, `${grant.slice(0, 24)} ${more}: ${got.text}`);
    }
  }
  const token = await sign('refresh');
  const with_ = (resources) => post(`grant_type=refresh_token&refresh_token=${token}&${resources}`);
  assert.equal((await with_('resource=a&resource=b')).status, 200);
  assert.equal((await with_('resource=a&resource=b')).status, 200, 'the same answer');
  for (const other of ['resource=b&resource=c', 'resource=a', 'resource=ab']) assert.equal((await with_(other)).status, 400, other);
});

test('a form of ASCII is read in whichever charset it says that has ASCII', async () => {
  for (const charset of ['ISO-8859-1', 'us-ascii', 'utf8', 'windows-1252']) {
    for (const grant of ['grant_type=client_credentials', `grant_type=refresh_token&refresh_token=${await sign('refresh')}`]) {
      const got = await post(grant, `${FORM}; charset=${charset}`);
      assert.equal(got.status, 200, `${charset}: ${got.text}`);
    }
  }
  for (const charset of ['utf-16', 'utf-7', 'cp037']) assert.equal((await post('grant_type=client_credentials', `${FORM}; charset=${charset}`)).status, 400, charset);
});
