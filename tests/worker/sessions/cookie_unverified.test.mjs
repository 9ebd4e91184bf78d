// Sessions in cookies before an auth server that signs its refresh tokens with a key that the gateway does not have.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { SignJWT } from 'jose';

import { until } from '../../harness/client.mjs';
import { Browser, KEY, NAMES, setCookies } from '../../harness/cookie_stage.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { serve } from '../../servers/serve.mjs';

const ACCESS_KEY = 'the key of access tokens, long enough for HS256';
const REFRESH_KEY = 'the key of refresh tokens, long enough for HS256';
const now = () => Math.floor(Date.now() / 1000);
const sign = (key, claims) => new SignJWT({ iss: 'https://auth.example', aud: 'api', sub: 'ada', iat: now(), exp: now() + 300, jti: randomUUID(), ...claims })
  .setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(key));

let server;
let origin;
let gateway;
/** What holds the auth server's answer to a refresh up. */
let held = async () => {};

before(async () => {
  const current = new Set();
  server = await serve(async ({ path, body }) => {
    const { refreshToken } = JSON.parse(body);
    if (path === '/refresh' && !current.delete(refreshToken)) return { status: 401, json: { error: 'invalid token' } };
    if (path === '/refresh') await held();
    const pair = { accessToken: await sign(ACCESS_KEY), refreshToken: await sign(REFRESH_KEY) };
    current.add(pair.refreshToken);
    return { json: pair };
  });
  origin = await startOrigin();
  const route = (path, handler) => ({ path, methods: ['POST'], access: 'public', origin: 'auth', handler, session: true });
  gateway = await startGateway({
    config: {
      origins: [{ name: 'main', url: origin.url }, { name: 'auth', url: server.url }],
      issuers: [{
        name: 'auth', issuer: 'https://auth.example', audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['JWT'] },
        refresh: { preset: 'node', session: { key: 'SESSION_KEY' } },
      }],
      routes: [route('/login', 'login'), route('/refresh', 'refresh'), { path: '/app/**', methods: ['*'], access: 'authenticated', session: true }],
    },
    secrets: { JWT: ACCESS_KEY, SESSION_KEY: KEY }, kv: 'none', log: 'new',
  });
});
after(() => Promise.all([gateway, server, origin].map((part) => part?.stop())));

async function expired() {
  const browser = new Browser(gateway.url);
  assert.equal((await browser.post('/login')).status, 200);
  browser.jar.delete(NAMES.access);
  return browser;
}
const refreshes = () => server.callsTo('/refresh').length;

test('two tabs at one moment share one refresh, and neither is logged out', async () => {
  const tabs = [await expired()];
  tabs.push(tabs[0].copy());
  const count = refreshes();
  const first = Promise.withResolvers();
  held = () => first.promise;
  const answers = tabs.map((tab) => tab.get('/app/a'));
  await until(() => refreshes() > count, 'the first refresh');
  held = async () => {};
  first.resolve();
  for (const answer of await Promise.all(answers)) assert.deepEqual([answer.status, setCookies(answer).length], [200, 2], answer.text);
  assert.equal(refreshes(), count + 1);
});

test('a used token that comes back ends the session', async () => {
  const browser = await expired();
  const thief = browser.copy();
  for (let n = 0; n < 2; n += 1) {
    assert.equal((await browser.get('/app/a')).status, 200);
    browser.jar.delete(NAMES.access);
  }
  assert.equal((await thief.get('/app/a')).status, 401, 'two refreshes behind');
  assert.equal((await browser.get('/app/a')).status, 401);
});
