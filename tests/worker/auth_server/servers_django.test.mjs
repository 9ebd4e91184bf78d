// Django, REST framework and SimpleJWT as the tests run them: what each view promises, and the gateway in front of them.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';

import { inParallel, send } from '../../harness/client.mjs';
import { assertPassed, assertTokenRefused } from '../../harness/config.mjs';
import { startDjango } from '../../harness/django.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { startRelay } from '../../harness/relay.mjs';
import { foldings } from '../../harness/spellings.mjs';

const SHARED = 'https://shared.example';
const SIGNED = 'https://signed.example';
const JSON_BODY = { 'content-type': 'application/json' };
const ADA = { id: 'user-1', email: 'ada@example.com', role: 'admin', org: { id: 'acme', subscription: { status: 'active' } } };
const BOB = { id: 'user-2', email: 'bob@example.com', role: 'rvt', org: { id: 'acme', subscription: { status: 'active' } } };
const EVE = { id: 'user-3', email: 'eve@example.com', role: 'user', org: { id: 'other', subscription: { status: 'past_due' } } };

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

let shared, signed;
before(async () => {
  [shared, signed] = await Promise.all([
    startDjango({ issuer: SHARED }),
    startDjango({ issuer: SIGNED, algorithm: 'RS256', headerMap: 'dangerous' }),
  ]);
});
after(() => Promise.all([shared, signed].map((each) => each?.stop())));

describe('Django by itself', () => {
  const me = (token, django = shared) => send(`${django.url}/api/me/`, { token });

  test('me tells who each user is, and 401 to a caller without a token, with a bad one, or with a refresh token', async () => {
    for (const [name, person] of [['ada', ADA], ['bob', BOB], ['eve', EVE]]) {
      const answer = await me((await shared.login(name)).access);
      assert.deepEqual([answer.status, answer.json], [200, person]);
    }
    const { access, refresh } = await shared.login('bob');
    for (const token of [undefined, `${access}x`, refresh, (await signed.login('bob')).access]) {
      assert.equal((await me(token)).status, 401, token);
    }
  });

  test('a wrong password gets no token', async () => {
    const answer = await shared.post('/api/auth/token/', { username: 'bob', password: 'wrong' });
    assert.equal(answer.status, 401);
    assert.equal(answer.json.access, undefined);
  });

  test('an access token is over when its time is', async (t) => {
    const brief = await startDjango({ accessSeconds: 0 });
    t.after(() => brief.stop());
    const answer = await me((await brief.login('bob')).access, brief);
    assert.deepEqual([answer.status, answer.json.code], [401, 'token_not_valid']);
  });

  test('a refresh gives a new pair, and the old refresh token is on the blacklist at once', async () => {
    const first = await shared.login('bob');
    const answer = await shared.refresh(first.refresh);
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(answer.json).sort(), ['access', 'refresh']);
    assert.deepEqual((await me(answer.json.access)).json, BOB);
    const again = await shared.refresh(first.refresh);
    assert.deepEqual([again.status, again.json], [401, { detail: 'Token is blacklisted', code: 'token_not_valid' }]);
    assert.equal((await shared.refresh(answer.json.refresh)).status, 200);
  });

  test('what is no refresh token is refused in SimpleJWT\'s words', async () => {
    const answer = await shared.refresh('rubbish');
    assert.deepEqual([answer.status, answer.json], [401, { detail: 'Token is invalid', code: 'token_not_valid' }]);
    assert.equal((await shared.refresh((await shared.login('bob')).access)).status, 401);
    assert.deepEqual((await shared.post('/api/auth/token/refresh/', {})).json, { refresh: ['This field is required.'] });
  });

  test('eight refreshes of different tokens at once all succeed', async () => {
    const pairs = await inParallel(8, 8, () => shared.login('eve'));
    const answers = await Promise.all(pairs.map(({ refresh }) => shared.refresh(refresh)));
    assert.deepEqual(answers.map(({ status }) => status), Array(8).fill(200));
  });

  test('a user changes the own profile, and nothing else', async () => {
    const { access } = await signed.login('eve');
    const put = (body) => send(`${signed.url}/api/auth/me/`, { method: 'PUT', token: access, headers: JSON_BODY, body });
    const answer = await put({ first_name: 'Eva', role: 'admin', id: 'user-1' });
    assert.deepEqual([answer.status, answer.json], [200, { ...EVE, first_name: 'Eva', last_name: '' }]);
    assert.deepEqual((await send(`${signed.url}/api/auth/me/`, { token: access })).json, answer.json);
    assert.equal((await put({ email: 'ada@example.com' })).status, 400, 'an address that is taken');
    assert.equal((await send(`${signed.url}/api/auth/me/`, { method: 'PUT', headers: JSON_BODY, body: {} })).status, 401);
  });

  test('sync records what it is told, and is told by a named caller only', async () => {
    const url = `${shared.url}/internal/sync/me`;
    const headers = { ...JSON_BODY, 'x-auth-subject': 'user-2', authorization: 'Bearer secret' };
    assert.equal((await send(url, { method: 'POST', headers, body: BOB })).status, 204);
    assert.equal((await send(url, { method: 'POST', headers: JSON_BODY, body: BOB })).status, 401);
    const told = await shared.told();
    assert.equal(told.length, 1);
    assert.deepEqual([told[0].body, told[0].headers['x-auth-subject']], [BOB, 'user-2']);
    assert.equal(told[0].authorization, sha256('Bearer secret'));
  });

  test('it says what it was asked, without credentials', async () => {
    const { access } = await shared.login('ada');
    await me(access);
    const asked = await shared.asked();
    const entry = { method: 'GET', path: '/api/me/', authorization: sha256(`Bearer ${access}`), subject: null, status: 200 };
    assert.deepEqual(asked.at(-1), entry);
    assert.ok(!JSON.stringify(asked).includes(access));
  });

  test('RS256: the published key verifies its tokens, which name no key', async () => {
    const { access } = await signed.login('bob');
    assert.deepEqual(decodeProtectedHeader(access), { alg: 'RS256', typ: 'JWT' });
    const policy = { issuer: SIGNED, audience: 'api', algorithms: ['RS256'] };
    const { payload } = await jwtVerify(access, createRemoteJWKSet(new URL(signed.jwksUrl)), policy);
    assert.deepEqual([payload.sub, payload.token_type], ['user-2', 'access']);
    assert.deepEqual((await me(access, signed)).json, BOB);
    assert.deepEqual((await send(shared.jwksUrl)).json, { keys: [] }, 'a secret is not published');
  });

  test('as SimpleJWT is by default, its tokens have neither issuer nor audience', async (t) => {
    const stock = await startDjango({ issuer: '', audience: '', userIdClaim: 'user_id' });
    t.after(() => stock.stop());
    const { access } = await stock.login('bob');
    const { iss, aud, sub, user_id: id } = claimsOf(access);
    assert.deepEqual({ iss, aud, sub, id }, { iss: undefined, aud: undefined, sub: undefined, id: 'user-2' });
    assert.deepEqual((await me(access, stock)).json, BOB);
  });

  test('behind a relay it fails on request: before the work is done, or after', async (t) => {
    const relay = await startRelay(shared.url);
    t.after(() => relay.stop());
    const refresh = (token) => send(`${relay.url}/api/auth/token/refresh/`, { method: 'POST', headers: JSON_BODY, body: { refresh: token } });
    const pair = await shared.login('eve');
    relay.fail({ kind: 'status 500' });
    assert.equal((await refresh(pair.refresh)).status, 500);
    const renewed = await refresh(pair.refresh);
    assert.equal(renewed.status, 200, 'the token was not used up');
    relay.fail({ kind: 'reset', commits: true });
    await assert.rejects(refresh(renewed.json.refresh));
    assert.equal((await refresh(renewed.json.refresh)).json.detail, 'Token is blacklisted');
    assert.deepEqual(relay.calls.map(({ status, fault }) => [status, fault]), [
      [200, 'status 500'], [200, undefined], [200, 'reset'], [401, undefined],
    ]);
  });
});

describe('Django behind the gateway', () => {
  let gateway, earlier;
  before(async () => {
    earlier = (await signed.asked()).length;
    const claims = { roles: 'role', email: 'email', tenant: 'org.id' };
    const common = { audiences: ['api'], claims };
    const config = {
      origins: [{ name: 'main', url: signed.url }],
      issuers: [
        { ...common, name: 'shared', issuer: SHARED, algorithms: ['HS256'], verify: { secrets: ['JWT_SECRET'] } },
        { ...common, name: 'signed', issuer: SIGNED, algorithms: ['RS256'], verify: { jwks: signed.jwksUrl } },
      ],
      routes: [{ path: '/**', access: 'authenticated' }, { path: '/api/echo/public', access: 'public' }],
    };
    gateway = await startGateway({ config, secrets: { JWT_SECRET: shared.secret } });
  });
  after(() => gateway?.stop());

  const get = (path, token) => send(gateway.url + path, { token });

  /** Ours as Django's views see them, and nothing else that reads as ours. */
  const reserved = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => /^x-(auth|edgeward)-/.test(name)));

  function identityOf(issuer, { id, email, role, org }, token) {
    return {
      'x-auth-subject': id,
      'x-auth-issuer': issuer,
      'x-auth-email': email,
      'x-auth-roles': `"${role}"`,
      'x-auth-tenant': org.id,
      'x-auth-token-id': claimsOf(token).jti,
    };
  }

  for (const [what, issuer, django] of [['HS256', SHARED, () => shared], ['RS256', SIGNED, () => signed]]) {
    test(`${what}: a token of SimpleJWT passes, and the view sees whose it is`, async () => {
      for (const [name, person] of [['ada', ADA], ['bob', BOB], ['eve', EVE]]) {
        const { access } = await django().login(name);
        const answer = await get('/api/echo/a%20b?x=1', access);
        assertPassed(answer);
        assert.deepEqual(reserved(answer.json.headers), identityOf(issuer, person, access));
        assert.equal(answer.json.headers.authorization, `Bearer ${access}`);
        assert.equal(answer.json.meta.RAW_URI, '/api/echo/a%20b?x=1');
      }
    });

    test(`${what}: its refresh token, and an altered access token, are refused`, async () => {
      const { access, refresh } = await django().login('bob');
      assertTokenRefused(await get('/api/echo/', refresh), 'a refresh token');
      const [header, claims, signature] = access.split('.');
      const raised = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(claims, 'base64url')), role: 'admin' })).toString('base64url');
      assertTokenRefused(await get('/api/echo/', [header, raised, signature].join('.')), 'another role');
    });
  }

  test('views that ask for a role answer by the roles that the gateway names', async () => {
    const expected = { ada: [200, 200], bob: [403, 200], eve: [403, 403] };
    for (const [name, statuses] of Object.entries(expected)) {
      const { access } = await shared.login(name);
      const answers = await Promise.all(['/api/reports/', '/api/exams/'].map((path) => get(path, access)));
      assert.deepEqual(answers.map(({ status }) => status), statuses, name);
    }
  });

  test('headers that a client forges reach no view, not even of a server that takes X_Auth_Subject for X-Auth-Subject', async () => {
    const forged = ['x-auth-subject', 'x-auth-roles', 'x-auth-tenant', 'x-auth-session'].flatMap(foldings)
      .map((name) => [name, '"admin"']);
    const direct = await rawRequest(Number(new URL(signed.url).port), requestText('GET', '/api/reports/', [
      ['Host', '127.0.0.1'], ['X_Auth_Subject', 'user-1'], ['X_Auth_Roles', '"admin"'],
    ]).replace('Host: gateway.example\r\n', ''));
    assert.equal(direct.status, 200, 'without the gateway such a server is fooled');

    const { access } = await shared.login('eve');
    const through = (path, headers) => rawRequest(gateway.port, requestText('GET', path, [...headers, ...forged]));
    const seen = await through('/api/echo/', [['Authorization', `Bearer ${access}`]]);
    assert.equal(seen.status, 200, seen.text);
    assert.deepEqual(reserved(JSON.parse(seen.text).headers), identityOf(SHARED, EVE, access));
    assert.equal((await through('/api/reports/', [['Authorization', `Bearer ${access}`]])).status, 403);
    const anonymous = await through('/api/echo/public', []);
    assert.deepEqual(reserved(JSON.parse(anonymous.text).headers), {});
  });

  test('Django was asked for its keys once, and never who a caller is', async () => {
    const paths = (await signed.asked()).slice(earlier).map(({ path }) => path);
    assert.equal(paths.filter((path) => path === '/.well-known/jwks.json').length, 1);
    assert.ok(!paths.includes('/api/me/'));
  });
});
