// dj-rest-auth behind the gateway: tokens in cookies that it sets itself.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { send } from '../../harness/client.mjs';
import { assertPassed, assertTokenRefused } from '../../harness/config.mjs';
import { hasPackages, startDjango, STOCK } from '../../harness/django.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { PASSWORD } from '../../servers/people.mjs';

const NAME = 'dj-rest-auth';
const skip = hasPackages(NAME) ? false : `${NAME} is not installed: make tools-tests`;

describe('dj-rest-auth', { skip }, () => {
  let django;
  let gateway;
  before(async () => {
    django = await startDjango({ ...STOCK, beside: [NAME] });
    const route = (path, handler) => ({ path: `/api/dj/${path}`, methods: ['POST'], access: 'public', handler });
    const config = {
      origins: [{ name: 'django', url: django.url }],
      issuers: [{
        name: 'django', issuer: 'django', without_iss: true, any_audience: true, algorithms: ['HS256'], verify: { secrets: ['JWT'] },
        claims: { subject: 'user_id' },
        refresh: { preset: NAME, access_cookie: 'at', refresh_cookie: 'rt', grace_seconds: 2, unused_seconds: 2 },
      }],
      routes: [
        route('login/', 'login'), route('token/refresh/', 'refresh'), route('logout/', 'logout'),
        { path: '/api/**', methods: ['*'], access: 'authenticated', revocation: 'strict' },
      ],
    };
    gateway = await startGateway({ config, secrets: { JWT: django.secret }, kv: 'none', log: 'new' });
  });
  after(() => Promise.all([gateway?.stop(), django?.stop()]));

  const post = (url, path, body = {}, headers = {}) =>
    send(`${url}/api/dj/${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  /** The values of the cookies that an answer sets. */
  const jar = ({ headers }) => Object.fromEntries((headers['set-cookie'] ?? []).map((line) => {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
    return [name, value];
  }));
  const login = async (url = gateway.url) => {
    const answer = await post(url, 'login/', { username: 'ada', password: PASSWORD });
    assert.equal(answer.status, 200, answer.text);
    return jar(answer);
  };
  const cookie = ({ at, rt }) => ({ cookie: `at=${at}; rt=${rt}` });
  const refresh = (cookies, url = gateway.url) => post(url, 'token/refresh/', {}, cookie(cookies));
  const shape = ({ status, headers, text }) => [
    status, text.replace(/eyJ[\w.-]+/g, 'token').replace(/"access_expiration":"[^"]+"/, '"access_expiration":"time"'), headers['content-type'],
    (headers['set-cookie'] ?? []).map((line) => line.replace(/=eyJ[\w.-]+/, '=token').replace(/expires=[^;]+/i, 'expires=time')),
  ];

  test('login and refresh come back as they are, cookies included', async () => {
    const [through, direct] = [await login(), await login(django.url)];
    const [first, second] = [await refresh(through), await refresh(direct, django.url)];
    assert.deepEqual(shape(first), shape(second));
    assert.deepEqual(Object.keys(jar(first)).sort(), ['at', 'rt']);
  });

  test('two tabs with one cookie get the same cookies', async () => {
    const cookies = await login();
    const answers = await Promise.all([refresh(cookies), refresh(cookies), refresh(cookies)]);
    assert.equal(new Set(answers.map((answer) => JSON.stringify(jar(answer)))).size, 1);
    assert.ok(jar(answers[0]).rt);
    assert.deepEqual(jar(await refresh(cookies)), jar(answers[0]));
  });

  test('used, malformed, of another type, or none: refused with the same bytes', async () => {
    const [through, direct] = [await login(), await login(django.url)];
    await refresh(through);
    await refresh(direct, django.url);
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const same = (one, other, what) => assert.deepEqual([one.status, one.text], [other.status, other.text], what);
    same(await refresh(through), await refresh(direct, django.url), 'used');
    for (const [what, cookies] of Object.entries({ malformed: { at: '', rt: 'rubbish' }, 'another type': { at: '', rt: direct.at } })) {
      same(await refresh(cookies), await refresh(cookies, django.url), what);
    }
    same(await post(gateway.url, 'token/refresh/'), await post(django.url, 'token/refresh/'), 'none');
    same(await post(gateway.url, 'token/refresh/', { refresh: '' }), await post(django.url, 'token/refresh/', { refresh: '' }), 'blank');
  });

  test('logout ends the session and the access token, and answers as dj-rest-auth does', async () => {
    const cookies = await login();
    assertPassed(await send(`${gateway.url}/api/auth/me/`, { token: cookies.at }));
    const answer = await post(gateway.url, 'logout/', {}, { ...cookie(cookies), authorization: `Bearer ${cookies.at}` });
    const [status, text] = shape(await post(django.url, 'logout/', {}, cookie(await login(django.url))));
    assert.deepEqual([answer.status, answer.text], [status, text]);
    assertTokenRefused(await send(`${gateway.url}/api/auth/me/`, { token: cookies.at }));
    assert.equal((await refresh(cookies)).status, 401);
  });
});
