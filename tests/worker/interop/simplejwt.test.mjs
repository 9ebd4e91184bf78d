// SimpleJWT exactly as installed: HS256, no `iss`, no `aud`, the user in `user_id`. By its secret, and by asking Django first.
import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';

import { send } from '../../harness/client.mjs';
import { assertPassed, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { startDjango, STOCK } from '../../harness/django.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';

const ISSUER = 'https://auth.example';
const ME = '/api/me/';

/** A SECRET_KEY as `startproject` writes it: SimpleJWT signs with it unless it is told otherwise. */
function secretKey() {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)';
  return `django-insecure-${Array.from({ length: 50 }, () => letters[randomInt(letters.length)]).join('')}`;
}

/** The claims that SimpleJWT would write for bob, signed here. */
function sign(secret, { seconds = 300, ...claims } = {}) {
  const iat = Math.floor(Date.now() / 1000);
  const all = { token_type: 'access', exp: iat + seconds, iat, jti: randomUUID().replaceAll('-', ''), user_id: 'user-2', ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(secret));
}

/** The token with another user in it, and its own signature. */
function forged(token, user) {
  const [header, claims, signature] = token.split('.');
  const others = { ...JSON.parse(Buffer.from(claims, 'base64url')), user_id: user };
  return [header, Buffer.from(JSON.stringify(others)).toString('base64url'), signature].join('.');
}

let django, origin;
before(async () => {
  [django, origin] = await Promise.all([startDjango({ ...STOCK, secret: secretKey() }), startOrigin()]);
});
after(() => Promise.all([django, origin].map((each) => each?.stop())));

const seen = (name) => valuesOf(origin.requests.at(-1), `x-auth-${name}`);

/** A gateway with this one issuer. */
async function start(t, issuer) {
  const config = protect({ origin, issuers: [{ name: 'main', issuer: ISSUER, any_audience: true, algorithms: ['HS256'], ...issuer }] });
  const gateway = await startGateway({ config, secrets: { JWT_SECRET: django.secret } });
  t.after(() => gateway.stop());
  return { gateway, get: (token) => send(`${gateway.url}/x`, { token }) };
}

async function assertOriginNotAsked(work) {
  const earlier = origin.requests.length;
  await work();
  assert.equal(origin.requests.length, earlier, 'the origin has seen a refused request');
}

test('SimpleJWT as installed writes the tokens that these tests are about', async () => {
  const { access, refresh } = await django.login('bob');
  for (const [token, type] of [[access, 'access'], [refresh, 'refresh']]) {
    assert.deepEqual(decodeProtectedHeader(token), { alg: 'HS256', typ: 'JWT' });
    const { token_type: said, user_id: user, ...rest } = decodeJwt(token);
    assert.deepEqual([said, user, Object.keys(rest).sort()], [type, 'user-2', ['exp', 'iat', 'jti']]);
  }
});

describe('by its secret', () => {
  const BY_SECRET = { without_iss: true, verify: { secrets: ['JWT_SECRET'] }, claims: { subject: 'user_id' } };

  test('an access token passes as the user of `user_id`, under the name that the configuration gives its issuer', async (t) => {
    const { get } = await start(t, BY_SECRET);
    for (const [name, id] of [['ada', 'user-1'], ['bob', 'user-2'], ['eve', 'user-3']]) {
      assertPassed(await get((await django.login(name)).access), name);
      assert.deepEqual([seen('subject'), seen('issuer'), seen('roles')], [[id], [ISSUER], []]);
    }
    assertPassed(await get(await sign(django.secret)), 'what the refusals below start from');
  });

  test('a refresh token, a forged one, an expired one, and one for a named audience or of a named issuer are refused', async (t) => {
    const { gateway, get } = await start(t, BY_SECRET);
    const { access, refresh } = await django.login('bob');
    await assertOriginNotAsked(async () => {
      assertTokenRefused(await get(refresh), 'a refresh token');
      assertTokenRefused(await get(forged(access, 'user-1')), 'another user');
      assertTokenRefused(await get(await sign(secretKey())), 'another secret');
      assertTokenRefused(await get(await sign(django.secret, { seconds: -60 })), 'an expired token');
      assertTokenRefused(await get(await sign(django.secret, { aud: 'another API' })), 'a token for an audience');
      assertTokenRefused(await get(await sign(django.secret, { iss: 'https://another.example' })), 'a token of an issuer');
    });
    const codes = gateway.logs().filter(({ event }) => event === 'refused').map(({ code }) => code);
    assert.equal(codes[0], 'token_type_refused');
  });

  test('without `without_iss`, nobody is responsible for its tokens', async (t) => {
    const { get } = await start(t, { ...BY_SECRET, without_iss: false });
    assertTokenRefused(await get((await django.login('bob')).access));
  });
});

// Last, because Django does not come back.
test('by asking Django, then by the secret while Django is away: a token passes in both, a forged one in neither', async (t) => {
  const { gateway, get } = await start(t, {
    opaque: true,
    claims: { subject: 'id', roles: 'role', email: 'email' },
    verify: {
      me: django.url + ME, cache_seconds: 60, breaker: { failures: 100 },
      fallback: { secrets: ['JWT_SECRET'], claims: { subject: 'user_id' } },
    },
  });
  const alone = { opaque: true, any_audience: undefined, algorithms: undefined, claims: { subject: 'id' }, verify: { me: django.url + ME } };
  const without = await start(t, alone);
  const [first, second, third] = await Promise.all(['bob', 'bob', 'eve'].map((name) => django.login(name)));
  const asked = async () => (await django.asked()).filter(({ path }) => path === ME).map(({ status }) => status);

  assertPassed(await get(first.access));
  assert.deepEqual([seen('subject'), seen('roles'), seen('email')], [['user-2'], ['"rvt"'], ['bob@example.com']], 'what Django said');
  assertTokenRefused(await get(forged(second.access, 'user-1')), 'Django says no');
  assertTokenRefused(await get(await sign(secretKey())), 'Django says no');
  assert.deepEqual(await asked(), [200, 401, 401]);
  // Its type is told from the token itself, so Django need not be asked.
  assertTokenRefused(await get(first.refresh), 'a refresh token');

  await django.stop();
  assertPassed(await get(third.access));
  assert.deepEqual([seen('subject'), seen('issuer'), seen('roles')], [['user-3'], [ISSUER], []], 'what the token says');
  assertPassed(await get(second.access), 'a token of the user of whom a forged one was refused');
  assertPassed(await get(first.access), 'a token that Django had said yes to');
  assert.deepEqual([seen('subject'), seen('roles')], [['user-2'], ['"rvt"']], 'its yes is not over');
  await assertOriginNotAsked(async () => {
    assertTokenRefused(await get(forged(third.access, 'user-1')), 'another user');
    assertTokenRefused(await get(await sign(secretKey())), 'another secret');
    assertTokenRefused(await get(third.refresh), 'a refresh token');
    assertTokenRefused(await get(await sign(django.secret, { seconds: -60 })), 'an expired token');
    assertUnavailable(await without.get(third.access), 'auth_server_unavailable', 'a gateway without a fallback');
  });
  const failed = gateway.logs().filter(({ event }) => event === 'auth_server_failed').map(({ code }) => code);
  assert.deepEqual([...new Set(failed)], ['auth_server_unreachable']);
});
