// What REST framework brings besides SimpleJWT: throttles at the endpoint that is asked, and tokens behind the scheme `Token`.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { send, sleep } from '../../harness/client.mjs';
import { assertPassed, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { startDjango } from '../../harness/django.mjs';
import { startGateway } from '../../harness/gateway.mjs';

const ISSUER = 'https://auth.example';
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

let django;
before(async () => { django = await startDjango({ issuer: ISSUER }); });
after(() => django?.stop());

/** A gateway that asks Django at `path`, with these routes, in front of the same Django. */
async function start(t, path, { issuer = {}, verify = {}, routes }) {
  const config = {
    origins: [{ name: 'main', url: django.url }],
    admin: { require: { role: 'admin' } },
    issuers: [{
      name: 'main', issuer: ISSUER, claims: { subject: 'id', roles: 'role' }, ...issuer, verify: { me: django.url + path, ...verify },
    }],
    routes: routes.map((route) => ({ access: 'authenticated', ...route })),
  };
  const gateway = await startGateway({ config });
  t.after(() => gateway.stop());
  const get = (target, authorization) => send(gateway.url + target, { headers: authorization === undefined ? {} : { authorization } });
  return { gateway, get };
}

/** A function that says what Django has answered at `path` from now on, and to whom: [status, SHA-256 of the Authorization]. */
async function watch(path) {
  const all = async () => (await django.asked()).filter((entry) => entry.path === path);
  const earlier = (await all()).length;
  return async () => (await all()).slice(earlier).map(({ status, authorization }) => [status, authorization]);
}

describe('UserRateThrottle at the endpoint that is asked', () => {
  const ME = '/api/throttled/me/';
  const routes = [{ path: '/api/**' }];
  const bearer = async (name) => `Bearer ${(await django.login(name)).access}`;

  test('a caller who is throttled gets 503 with Retry-After, and the others pass, because Django is asked about them', async (t) => {
    const { gateway, get } = await start(t, ME, { routes });
    const [bob, ada, eve] = await Promise.all(['bob', 'ada', 'eve'].map(bearer));
    // Two a day: bob has had his before the gateway asks about him.
    const direct = () => send(django.url + ME, { headers: { authorization: bob } });
    assert.deepEqual([(await direct()).status, (await direct()).status], [200, 200]);
    const throttled = await direct();
    assert.equal(throttled.status, 429);
    assert.ok(Number(throttled.headers['retry-after']) > 80_000, throttled.headers['retry-after']);

    const asked = await watch(ME);
    for (let n = 0; n < 5; n += 1) {
      const answer = await get('/api/echo/', bob);
      assertUnavailable(answer, 'auth_server_unavailable', 'the throttled caller');
      // A day is taken for an hour at most.
      const seconds = Number(answer.headers['retry-after']);
      assert.ok(seconds > 3_500 && seconds <= 3_600, `${seconds}`);
    }
    for (const [name, token, id] of [['ada', ada, 'user-1'], ['eve', eve, 'user-3']]) {
      const answer = await get('/api/echo/', token);
      assertPassed(answer, name);
      assert.equal(answer.json.headers['x-auth-subject'], id);
    }
    assertUnavailable(await get('/api/echo/', bob), 'auth_server_unavailable', 'the throttled caller, later');
    assert.deepEqual(await asked(), [[429, sha256(bob)], [200, sha256(ada)], [200, sha256(eve)]], 'and about bob it was asked once');

    const ready = await get('/.edgeward/ready', ada);
    assert.deepEqual([ready.status, ready.json?.checks['auth_server:main']], [200, 'closed'], ready.text);
    assert.ok(!gateway.logs().some(({ event }) => event === 'auth_server_open'));
  });
});

const KINDS = [
  { what: 'TokenAuthentication', me: '/api/authtoken/me/', token: (name) => django.authtoken(name), form: /^[0-9a-f]{40}$/ },
  { what: 'knox', me: '/api/knox/me/', token: (name) => django.knox(name), form: /^[0-9a-f]{64}$/ },
];

for (const { what, me, token, form } of KINDS) {
  describe(what, () => {
    const routes = [
      { path: '/api/echo/token/**', credentials: [{ authorization: 'Token' }] },
      { path: '/api/echo/both/**', credentials: [{ authorization: 'Bearer' }, { authorization: 'Token' }] },
      { path: '/api/echo/bearer/**' },
    ];
    const stage = (t) => start(t, me, { issuer: { opaque: true }, routes });

    test('its tokens pass behind `Token`, and Django is asked, and the view called, with what the client sent', async (t) => {
      const { get } = await stage(t);
      const asked = await watch(me);
      for (const [name, id, role] of [['ada', 'user-1', 'admin'], ['bob', 'user-2', 'rvt']]) {
        const text = await token(name);
        assert.match(text, form);
        for (const route of ['token', 'both']) {
          const answer = await get(`/api/echo/${route}/`, `Token ${text}`);
          assertPassed(answer, `${name} at ${route}`);
          const { authorization, 'x-auth-subject': subject, 'x-auth-roles': roles } = answer.json.headers;
          assert.deepEqual([authorization, subject, roles], [`Token ${text}`, id, `"${role}"`]);
        }
      }
      assert.deepEqual((await asked()).map(([status]) => status), [200, 200], 'one call for both routes');
    });

    test('the same token is refused behind `Bearer`, before and after Django has said yes to it', async (t) => {
      const { get } = await stage(t);
      const asked = await watch(me);
      const text = await token('eve');
      assertTokenRefused(await get('/api/echo/both/', `Bearer ${text}`), 'before');
      assertPassed(await get('/api/echo/both/', `Token ${text}`));
      assertTokenRefused(await get('/api/echo/both/', `Bearer ${text}`), 'after');
      assertTokenRefused(await get('/api/echo/bearer/', `Bearer ${text}`), 'on a route for Bearer');
      for (const [route, scheme] of [['bearer', 'Token'], ['token', 'Bearer']]) {
        const answer = await get(`/api/echo/${route}/`, `${scheme} ${text}`);
        assert.deepEqual([answer.status, answer.json?.code], [401, 'credential_missing'], `${scheme} where it is not read`);
      }
      assertPassed(await get('/api/echo/both/', `Token ${text}`), 'still');
      assert.deepEqual(await asked(), [[401, sha256(`Bearer ${text}`)], [200, sha256(`Token ${text}`)]], 'Django was asked once under each');
    });

    test('a token that Django does not know is refused', async (t) => {
      const { get } = await stage(t);
      const text = await token('bob');
      assertTokenRefused(await get('/api/echo/token/', `Token ${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`), 'one digit is another');
      assertTokenRefused(await get('/api/echo/token/', 'Token rubbish'), 'rubbish');
      assertPassed(await get('/api/echo/token/', `Token ${text}`));
    });
  });
}

test('knox: after a logout a token is refused when its yes is over, and another of the same user passes', async (t) => {
  const routes = [{ path: '/api/**', credentials: [{ authorization: 'Token' }] }];
  const { get } = await start(t, '/api/knox/me/', { issuer: { opaque: true }, verify: { cache_seconds: 1, cache_in_kv: false }, routes });
  const [ended, kept] = [await django.knox('bob'), await django.knox('bob')];
  assertPassed(await get('/api/echo/', `Token ${ended}`), 'before');
  assert.equal((await django.knoxLogout(ended)).status, 204);
  await sleep(1_100);
  assertTokenRefused(await get('/api/echo/', `Token ${ended}`), 'the one that was logged out');
  assertPassed(await get('/api/echo/', `Token ${kept}`), 'the other one');
});
