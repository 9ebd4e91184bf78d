// System A: what tenants left to Main goes there by the gateway, with the caller's own token.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { send, until } from '../../../harness/client.mjs';
import { assertPassed, assertProblem } from '../../../harness/config.mjs';
import { ACME, GLOBEX } from '../../../harness/django_example.mjs';
import { PASSWORD } from '../../../servers/people.mjs';

const ME = '/api/auth/me/';
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const iat = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).iat;
const MISSING = { detail: 'Authentication credentials were not provided.' };

export function tenants(given) {
  const acme = (path, options) => given().ask(ACME, path, options);
  const members = async () => (await acme('/api/members/', { token: await given().token('olga') })).json;
  const member = async (id) => (await members()).find((one) => one.id === id);

  test('A1: the token is taken from Authorization, on the routes of Main and of the tenant, and from no other place', async () => {
    const token = await given().token('bob');
    for (const path of [ME, '/api/caller/']) {
      assertPassed(await acme(path, { token }), path);
      for (const options of [{}, { headers: { 'x-access-token': token } }, { headers: { authorization: `Token ${token}` } }]) {
        const answer = await acme(path, options);
        assert.deepEqual([answer.status, answer.json], [401, MISSING], path);
      }
    }
  });

  test('A2: the host chooses the tenant, and a host of no tenant reaches none', async () => {
    const seen = async (host, name) => (await given().ask(host, '/api/caller/', { token: await given().token(name) })).json;
    assert.deepEqual([await seen(ACME, 'bob'), await seen(GLOBEX, 'eve')].map(({ application, claims }) => [application, claims.sub, claims.tenant]), [
      ['acme', 'user-2', 'acme'], ['globex', 'user-3', 'globex'],
    ]);
    assertProblem(await given().ask('other.localhost', '/api/caller/', { token: await given().token('bob') }), 404, 'tenant_unknown');
  });

  test('A3 and A4: what belongs to Main goes to Main, with the token byte for byte', async () => {
    const token = await given().token('bob');
    const before = given().relays.acme.calls.length;
    const answer = await acme(ME, { token });
    assert.deepEqual([answer.json.id, answer.json.tenant], ['user-2', 'acme']);
    assert.equal(given().callsTo('main', ME).at(-1).authorization, sha256(`Bearer ${token}`));
    assert.equal(given().relays.acme.calls.length, before);
  });

  test('A5: without a token it is 401, and a login with an old token along reaches Main', async () => {
    const answer = await acme('/api/auth/token/', { token: 'old.and.expired', body: { username: 'bob', password: 'wrong' } });
    assert.equal(answer.status, 401);
    assert.match(answer.json.detail, /No active account/, 'Main\'s own words');
  });

  test('A6: Main down is 502, Main silent is 504 after its timeout, and the tenant goes on', async () => {
    const token = await given().token('bob');
    for (const [kind, status, code] of [['reset', 502, 'origin_unreachable'], ['timeout', 504, 'origin_timeout']]) {
      given().relays.main.fail({ kind, path: ME });
      assertProblem(await acme(ME, { token }), status, code, kind);
      assertPassed(await acme('/api/caller/', { token }), 'the tenant');
    }
  });

  test('A7: the tenant\'s copy of a user follows what Main has changed, also after the tenant failed once', async () => {
    const token = await given().token('bob');
    for (const first of ['Robert', 'Bobby']) {
      given().relays.acme.fail({ kind: 'status 500', times: 1, path: '/internal/sync/me' });
      assertPassed(await acme(ME, { method: 'PATCH', token, body: { first_name: first } }));
      await until(async () => (await member('user-2'))?.first_name === first, `the copy says ${first}`, 10_000);
    }
  });

  test('A7: an invitation and a removal arrive at the tenant, and only an owner makes them', async () => {
    const [owner, other] = [await given().token('olga'), await given().token('bob')];
    const body = { email: 'new@example.com', first_name: 'New' };
    assertProblem(await acme('/api/users/invite/', { token: other, body }), 403, 'insufficient_scope');
    const invited = await acme('/api/users/invite/', { token: owner, body });
    assert.equal(invited.status, 201, invited.text);
    const { id } = invited.json;
    await until(async () => (await member(id))?.is_active === true, 'the new member', 10_000);
    assert.equal((await acme(`/api/users/${id}/`, { method: 'DELETE', token: other })).status, 403, 'Main\'s own rule');
    assertPassed(await acme(`/api/users/${id}/`, { method: 'DELETE', token: owner }));
    await until(async () => (await member(id))?.is_active === false, 'its end', 10_000);
  });

  test('A7: no client tells the tenant anything, by the gateway or past it', async () => {
    const token = await given().token('bob');
    const body = { id: 'user-2', first_name: 'Forged' };
    assertProblem(await acme('/internal/sync/me', { token, body, headers: { 'x-edgeward-sync': '1' } }), 404, 'route_not_found');
    const past = await send(`${given().applications.acme.url}/internal/sync/me`, {
      method: 'POST', token, body, headers: { 'content-type': 'application/json', 'x-edgeward-sync': '1', 'x-auth-subject': 'user-2', 'x-auth-issuer': 'https://main.example' },
    });
    assert.equal(past.status, 401);
    assert.notEqual((await member('user-2'))?.first_name, 'Forged');
  });

  test('A8: a token of one tenant does not open another, at Main neither', async () => {
    for (const path of ['/api/caller/', ME]) {
      assertProblem(await acme(path, { token: await given().token('eve') }), 403, 'tenant_mismatch', path);
      assertProblem(await given().ask(GLOBEX, path, { token: await given().token('bob') }), 403, 'tenant_mismatch', path);
    }
  });

  test('A9: a password is changed by its user or by a superuser, and the sessions of that user end', async () => {
    const change = (host, id, token, password) => given().ask(host, `/api/users/${id}/change-password/`, { token, body: { new_password: password } });
    assertProblem(await change(ACME, 'user-4', await given().token('bob'), 'another one'), 403, 'insufficient_scope');
    const own = await given().login('eve');
    const bob = await given().login('bob');
    // A cut-off refuses what was issued before its second.
    await until(() => Date.now() / 1000 > iat(bob.access) + 1, 'the next second');
    assertPassed(await change(GLOBEX, 'user-3', own.access, PASSWORD), 'eve herself');
    assert.equal((await given().refresh(own.refresh)).status, 401, 'her session has ended');
    assertPassed(await change(ACME, 'user-2', await given().token('ada'), PASSWORD), 'a superuser');
    assert.equal((await given().refresh(bob.refresh)).status, 401, 'his session has ended');
  });

  test('A10: the path at Main differs, and a tenant\'s view can still ask Main as the caller', async () => {
    const token = (await given().login('bob')).access;
    const plans = { asked_by: 'user-2', plans: ['basic', 'pro'] };
    assert.deepEqual((await acme('/main/plans/', { token })).json, plans);
    const around = await acme('/main/users/user-4/change-password/', { token, body: { new_password: 'another one' } });
    assertProblem(around, 404, 'route_not_found', 'what has rules of its own');
    assert.deepEqual((await acme('/api/plans/', { token })).json, plans);
  });

  test('C12: the first request makes the local user, and what it writes is its own', async () => {
    const [bob, ada] = [(await given().login('bob')).access, await given().token('ada')];
    assert.equal((await acme('/api/notes/', { token: bob, body: { text: 'mine' } })).status, 201);
    const texts = async (token) => (await acme('/api/notes/', { token })).json.map(({ text }) => text);
    assert.deepEqual([await texts(bob), await texts(ada)], [['mine'], []]);
    assert.equal((await member('user-2')).email, 'bob@example.com');
  });

  test('C12: first requests at the same moment make one user', async () => {
    const claims = { iss: 'https://main.example', aud: 'api', sub: 'user-new', email: 'new-too@example.com', tenant: 'acme', role: 'member' };
    const tokens = await Promise.all(Array.from({ length: 12 }, () => given().signed('MAIN_JWT_SECRET', claims)));
    const answers = await Promise.all(tokens.map((token) => acme('/api/notes/', { token })));
    assert.deepEqual(answers.map(({ status }) => status), Array(12).fill(200));
    assert.equal((await members()).filter(({ id }) => id === 'user-new').length, 1);
  });
}
