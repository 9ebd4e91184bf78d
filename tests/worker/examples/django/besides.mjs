// System C: the auth server is asked first, its secret decides while it cannot answer, and there is a way back.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../../../harness/client.mjs';
import { assertPassed, assertProblem, assertUnavailable } from '../../../harness/config.mjs';

const ME = '/api/me/';
const EXAMS = '/clinic/exams/';

export function besides(given) {
  const get = (path, token, options) => given().ask(undefined, path, { token, ...options });
  const fail = (kind, more) => given().relays['auth-api'].fail({ kind, path: ME, ...more });
  const asked = () => given().callsTo('auth-api', ME).length;

  test('C2: tokens under the previous secret pass beside those under the present one', async () => {
    const claims = { iss: 'https://main.example', aud: 'api', sub: 'user-2', tenant: 'acme', role: 'member' };
    for (const name of ['MAIN_JWT_SECRET', 'MAIN_JWT_SECRET_PREVIOUS']) {
      assertPassed(await given().ask('acme.localhost', '/api/caller/', { token: await given().signed(name, claims) }), name);
    }
    const other = await given().signed('AUTH_JWT_SECRET', claims);
    assert.equal((await given().ask('acme.localhost', '/api/caller/', { token: other })).status, 401);
  });

  test('C1 and C3: the secret decides while the auth server cannot say, and never after its no', async () => {
    const token = await given().clinic('vera');
    fail('reset');
    assertPassed(await get(EXAMS, token), 'while it is unreachable');
    const nobody = await given().signed('AUTH_JWT_SECRET', { user_id: '999', id: 'account-1', email: 'vera@clinic.example', role: 'rvt' });
    assert.equal((await get(EXAMS, nobody)).status, 401, 'the auth server knows no such user');
  });

  test('C5: its 429 is respected: that token is not asked about again, others are', async () => {
    const [limited, other] = [await given().clinic('vera'), await given().clinic('vera')];
    const before = asked();
    fail('status 429', { retryAfterSeconds: 30 });
    for (let n = 0; n < 3; n += 1) assertPassed(await get(EXAMS, limited));
    assert.equal(asked(), before + 1);
    assertPassed(await get(EXAMS, other));
    assert.equal(asked(), before + 2);
  });

  test('C6: an auth server that cannot say, and a token that its secret cannot tell of, is 503, and never 401', async () => {
    fail('reset');
    assertUnavailable(await get(EXAMS, 'an-opaque-token'), 'auth_server_unavailable');
  });

  test('C7: two tokens that begin alike have the identities of their own callers', async () => {
    const [vera, dan] = [await given().clinic('vera'), await given().clinic('dan')];
    assert.equal(vera.slice(0, 20), dan.slice(0, 20));
    for (let n = 0; n < 2; n += 1) {
      assert.deepEqual([(await get('/clinic/token/', vera)).json.id, (await get('/clinic/token/', dan)).json.id], ['account-1', 'account-2']);
    }
  });

  test('C9: who pays, or may try, gets in; who is behind does not', async () => {
    assert.equal((await get('/clinic/paid/', await given().clinic('dan'))).status, 200);
    assertProblem(await get('/clinic/paid/', await given().clinic('amy')), 403, 'insufficient_scope');
  });

  test('C10: health answers, and a document in KV puts a route into shadow mode and out again', async () => {
    assert.deepEqual([(await get('/.edgeward/ready')).json, (await get('/.edgeward/health')).status], [{ status: 'ready' }, 200]);
    const document = structuredClone(given().config);
    document.routes.find(({ path }) => path === '/clinic/exams').mode = 'shadow';
    const kv = (...words) => given().command('kv', 'key', ...words, '--binding', 'EDGEWARD_KV');
    const nobody = async () => (await get(EXAMS, undefined, { headers: { 'x-request-id': 'c10' } })).json.detail;
    const refusedBy = { gateway: 'Authentication credentials were not provided.', clinic: 'the request did not come through the gateway' };
    assert.equal(await nobody(), refusedBy.gateway);
    await kv('put', 'config', JSON.stringify(document));
    await until(async () => (await nobody()) === refusedBy.clinic, 'shadow mode', 30_000);
    const line = await given().event('shadow', ({ request_id: id }) => id === 'c10');
    assert.deepEqual([line.code, line.status, line.route], ['credential_missing', 401, '/clinic/exams']);
    await kv('delete', 'config');
    await until(async () => (await nobody()) === refusedBy.gateway, 'the way back', 30_000);
  });

  test('C4: logins are throttled by address', async () => {
    const answers = new Set();
    // Without a password, which Django refuses before it computes a hash.
    for (let n = 0; n < 70 && !answers.has(429); n += 1) answers.add((await get('/auth-api/token/', undefined, { body: { username: 'vera' } })).status);
    assert.deepEqual([...answers], [400, 429]);
  });
}
