// The auth server beside an admin application: what each of its routes promises.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { jwtVerify } from 'jose';

import { startAuthServer } from '../../harness/auth_server.mjs';
import { send } from '../../harness/client.mjs';

const BOB = {
  email: 'bob@example.com', firstName: 'Bob', lastName: '', organization: { id: 'acme', subscription: { status: 'active' }, role: 'rvt' },
};
const PASSWORD = 'correct horse battery staple';
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

/** A clock that moves only when told to. */
function clock() {
  const now = () => now.ms;
  now.ms = Date.UTC(2030, 0, 1);
  now.forward = (seconds) => { now.ms += seconds * 1000; };
  return now;
}

/** A server of the test's own. */
async function start(t, options) {
  const server = await startAuthServer(options);
  t.after(() => server.stop());
  return server;
}

describe('its routes', () => {
  let server;
  before(async () => { server = await startAuthServer({ limit: 1000 }); });
  after(() => server?.stop());

  test('login gives a pair and the user; me gives the user', async () => {
    const { accessToken, refreshToken, user, ...rest } = await server.login('bob');
    assert.deepEqual([user, rest], [BOB, {}]);
    assert.notEqual(accessToken, refreshToken);
    const answer = await server.me(accessToken);
    assert.deepEqual([answer.status, answer.json], [200, { user: BOB }]);
  });

  test('me says 401 without a token, to a refresh token, and to an altered one', async () => {
    const { accessToken, refreshToken } = await server.login('bob');
    for (const token of [undefined, 'rubbish', refreshToken, `${accessToken.slice(0, -4)}AAAA`]) {
      assert.equal((await server.me(token)).status, 401, token);
    }
  });

  test('a wrong password, or an address that nobody has, is 401 alike', async () => {
    const wrong = await server.post('login', { email: BOB.email, password: 'wrong' });
    const nobody = await server.post('login', { email: 'nobody@example.com', password: PASSWORD });
    assert.deepEqual([wrong.status, wrong.text], [401, nobody.text]);
  });

  test('access tokens are HS256 with issuer, audience and type', async () => {
    const { accessToken } = await server.login('bob');
    const policy = { issuer: 'https://auth.example', audience: 'api', algorithms: ['HS256'] };
    const { payload } = await jwtVerify(accessToken, Buffer.from(server.auth.secrets[0]), policy);
    assert.deepEqual([payload.sub, payload.token_type, payload.organization], [BOB.email, 'access', BOB.organization]);
  });

  test('a refresh token is used up by its use, and its successor works', async () => {
    const { refreshToken } = await server.login('bob');
    const answer = await server.post('refresh', { refreshToken });
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(answer.json).sort(), ['accessToken', 'refreshToken']);
    assert.equal((await server.me(answer.json.accessToken)).status, 200);
    assert.equal((await server.post('refresh', { refreshToken })).status, 401);
    assert.equal((await server.post('refresh', { refreshToken: answer.json.refreshToken })).status, 200);
  });

  test('logout ends the refresh token and the access token that came with it', async () => {
    const { accessToken, refreshToken } = await server.login('bob');
    const answer = await server.post('logout', { refreshToken }, {
      token: accessToken, headers: { 'content-type': 'application/json' },
    });
    assert.equal(answer.status, 204);
    assert.equal((await server.me(accessToken)).status, 401);
    assert.equal((await server.post('refresh', { refreshToken })).status, 401);
  });

  test('signup, the mail, verify-email, and only then login', async () => {
    const who = { email: 'fay@example.com', password: 'a password of fay', firstName: 'Fay', lastName: 'Ray' };
    assert.equal((await server.post('signup', who)).status, 201);
    assert.equal((await server.post('signup', who)).status, 409);
    assert.equal((await server.post('login', who)).status, 403);
    const { to, kind, token } = server.auth.mail.at(-1);
    assert.deepEqual([to, kind], [who.email, 'verify-email']);
    assert.equal((await server.post('reset-password', { token, password: 'x' })).status, 400, 'a token of another kind');
    assert.equal((await server.post('verify-email', { token })).status, 200);
    assert.equal((await server.post('verify-email', { token })).status, 400, 'once only');
    assert.equal((await server.post('login', who)).json.user.lastName, 'Ray');
  });

  test('a reset password replaces the old one and ends the sessions', async () => {
    const { refreshToken } = await server.login('eve');
    const known = await server.post('forgot-password', { email: 'eve@example.com' });
    const unknown = await server.post('forgot-password', { email: 'nobody@example.com' });
    assert.deepEqual([known.status, known.text], [200, unknown.text]);
    const { token } = server.auth.mail.findLast(({ kind }) => kind === 'reset-password');
    assert.equal((await server.post('reset-password', { token, password: 'another one' })).status, 200);
    assert.equal((await server.post('login', { email: 'eve@example.com', password: PASSWORD })).status, 401);
    assert.equal((await server.post('login', { email: 'eve@example.com', password: 'another one' })).status, 200);
    assert.equal((await server.post('refresh', { refreshToken })).status, 401);
  });

  test('a body that is no object of texts is 400, a route that is not there 404', async () => {
    for (const body of ['{', '[]', '"text"', 'null', '{"email":1}']) assert.equal((await server.post('login', body)).status, 400, body);
    assert.equal((await server.post('me', {})).status, 404);
    assert.equal((await send(`${server.url}/api/auth/login`)).status, 404);
  });

  test('a token that it was told to refuse is 401 although it is in force', async () => {
    const { accessToken } = await server.login('ada');
    server.auth.refuse(accessToken);
    assert.equal((await server.me(accessToken)).status, 401);
    assert.equal((await server.me(await server.auth.token('ada'))).status, 200);
  });

  test('calls are kept in order, credentials as SHA-256', async () => {
    const { accessToken, refreshToken } = await server.login('bob');
    await server.me(accessToken);
    await server.post('refresh', { refreshToken });
    const [login, me, refresh] = server.calls.slice(-3);
    assert.deepEqual([login.path, me.path, refresh.path], ['/api/auth/login', '/api/auth/me', '/api/auth/refresh']);
    assert.equal(me.authorization, sha256(`Bearer ${accessToken}`));
    assert.equal(refresh.refreshToken, sha256(refreshToken));
    assert.deepEqual(server.callsTo('/api/auth/me').at(-1), me);
    assert.ok(![accessToken, refreshToken, PASSWORD].some((text) => JSON.stringify(server.calls).includes(text)));
  });
});

test('the 151st call in 900 s is 429 and says when to come back; after that it is answered', async (t) => {
  const now = clock();
  const server = await start(t, { now });
  for (let n = 0; n < 150; n += 1) assert.equal((await server.me()).status, 401, `call ${n + 1}`);
  now.forward(100);
  const answer = await server.me(await server.auth.token('bob'));
  assert.deepEqual([answer.status, answer.headers['retry-after']], [429, '800']);
  assert.equal((await server.post('login', { email: BOB.email, password: PASSWORD })).status, 429, 'every route');
  now.forward(799);
  assert.equal((await server.me()).status, 429);
  now.forward(1);
  assert.equal((await server.me(await server.auth.token('bob'))).status, 200);
  assert.equal(server.calls.length, 154);
});

test('limit and window are options', async (t) => {
  const server = await start(t, { limit: 1, windowSeconds: 5, now: clock() });
  assert.equal((await server.me()).status, 401);
  const answer = await server.me();
  assert.deepEqual([answer.status, answer.headers['retry-after']], [429, '5']);
});

test('tokens are over at their time: access after 900 s, refresh after a day', async (t) => {
  const now = clock();
  const server = await start(t, { now });
  const { accessToken, refreshToken } = await server.login('bob');
  now.forward(899);
  assert.equal((await server.me(accessToken)).status, 200);
  now.forward(1);
  assert.equal((await server.me(accessToken)).status, 401);
  now.forward(86_400 - 900);
  assert.equal((await server.post('refresh', { refreshToken })).status, 401);
});

test('a rotated secret signs at once; the one before verifies for as long as it overlaps', async (t) => {
  const server = await start(t);
  const first = (await server.login('bob')).accessToken;
  const secret = server.auth.rotateSecret();
  const second = (await server.login('bob')).accessToken;
  await jwtVerify(second, Buffer.from(secret));
  assert.deepEqual([(await server.me(first)).status, (await server.me(second)).status], [200, 200]);
  server.auth.rotateSecret({ overlap: false });
  assert.deepEqual([(await server.me(first)).status, (await server.me(second)).status], [401, 401]);
});

test('without rotation a refresh gives an access token alone, and the refresh token stays', async (t) => {
  const server = await start(t, { rotate: false });
  const { refreshToken } = await server.login('bob');
  for (const n of [1, 2]) {
    assert.deepEqual(Object.keys((await server.post('refresh', { refreshToken })).json), ['accessToken'], `time ${n}`);
  }
});

test('tokens may be without issuer and audience', async (t) => {
  const server = await start(t, { issuer: null, audience: null });
  const { accessToken } = await server.login('bob');
  const { iss, aud } = JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url'));
  assert.deepEqual([iss, aud], [undefined, undefined]);
  assert.equal((await server.me(accessToken)).status, 200);
});
