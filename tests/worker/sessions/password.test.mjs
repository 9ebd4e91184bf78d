// After a change of the password the other sessions end; after a reset, all of the subject.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { withCookies } from '../../harness/cookie_stage.mjs';
import { startDjango, STOCK } from '../../harness/django.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { startSessions } from '../../harness/session_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

/** An answer of the origin. */
const says = (status, json) => () => ({ status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) });

test('a change ends the other sessions of the caller, and the caller goes on', async (t) => {
  const django = await startDjango(STOCK);
  t.after(() => django.stop());
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const route = (path, handler) => ({ path, methods: ['POST'], access: 'public', handler });
  const config = {
    origins: [{ name: 'django', url: django.url }, { name: 'other', url: origin.url }],
    issuers: [{
      name: 'django', issuer: 'django', without_iss: true, any_audience: true, algorithms: ['HS256'], verify: { secrets: ['JWT'] },
      claims: { subject: 'user_id' }, refresh: { preset: 'simplejwt' },
    }],
    routes: [
      route('/api/auth/token/', 'login'), route('/api/auth/token/refresh/', 'refresh'),
      { path: '/password/', methods: ['PUT'], access: 'authenticated', handler: 'password', origin: 'other' },
      { path: '/api/**', methods: ['*'], access: 'authenticated', revocation: 'strict' },
    ],
  };
  const gateway = await startGateway({ config, secrets: { JWT: django.secret }, kv: 'none', log: 'new' });
  t.after(() => gateway.stop());
  const call = (path, options) => send(gateway.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, ...options });
  const login = async (name) => (await call('/api/auth/token/', { body: { username: name, password: PASSWORD } })).json;
  const [own, other, stranger] = [await login('ada'), await login('ada'), await login('bob')];
  const me = (token) => send(`${gateway.url}/api/auth/me/`, { token });
  origin.reply(says(400, {}));
  assert.equal((await call('/password/', { method: 'PUT', token: own.access, body: {} })).status, 400);
  assertPassed(await me(other.access));
  origin.reply((request) => says(200, { subject: request.headers['x-auth-subject'] ?? null })());
  const changed = await call('/password/', { method: 'PUT', token: own.access, body: {} });
  assert.equal(changed.status, 200, changed.text);
  assert.ok(changed.json.subject, 'the origin learns who changes it');
  assertTokenRefused(await me(other.access));
  assert.equal((await call('/api/auth/token/refresh/', { body: { refresh: other.refresh } })).status, 401);
  for (const pair of [own, stranger]) {
    assertPassed(await me(pair.access));
    assert.equal((await call('/api/auth/token/refresh/', { body: { refresh: pair.refresh } })).status, 200);
  }
});

test('a reset ends all sessions of the subject that the answer names, those of the same second too, and none that begins afterwards', async (t) => {
  const stage = await startSessions({
    routes: [{ path: '/reset', methods: ['POST'], access: 'public', handler: 'password', subject: 'user.email', origin: 'main' }],
  });
  t.after(() => stage.stop());
  const [one, other, stranger] = [await stage.server.login('ada'), await stage.server.login('ada'), await stage.server.login('bob')];
  assertPassed(await stage.get('/bounded/x', one.accessToken));
  stage.origin.reply(says(200, { user: { email: emailOf('ada') } }));
  assert.equal((await stage.post('/reset', {})).status, 200);
  assertTokenRefused(await stage.get('/bounded/x', one.accessToken), 'the isolate that served it does not wait for the bound');
  const later = await stage.server.login('ada');
  for (const { accessToken, refreshToken } of [one, other]) {
    assertTokenRefused(await stage.get('/strict/x', accessToken));
    assertProblem(await stage.refresh(refreshToken), 401, 'invalid_token');
  }
  assertPassed(await stage.get('/strict/x', stranger.accessToken));
  assertPassed(await stage.get('/strict/x', later.accessToken));
  stage.origin.reply(says(200, { message: 'changed' }));
  assert.equal((await stage.post('/reset', {})).status, 200);
  assert.equal(stage.events('sessions_unended').at(-1).reason, 'subject_missing');
});

test('a password route with cookies takes a bearer token too, which no page of another site can send', async () => {
  const route = { path: '/web/password', methods: ['POST'], access: 'authenticated', origin: 'main', handler: 'password', session: true };
  await withCookies({ routes: [route] }, async (stage) => {
    const { accessToken } = await stage.server.login('ada');
    const change = (headers) => stage.post('/web/password', {}, { headers });
    assertPassed(await change({ authorization: `Bearer ${accessToken}` }));
    const browser = await stage.login();
    for (const headers of [{ cookie: browser.cookie }, { cookie: browser.cookie, authorization: `Bearer ${accessToken}` }, {}]) {
      assert.equal((await change(headers)).json.code, 'cross_site_request');
    }
  });
});
