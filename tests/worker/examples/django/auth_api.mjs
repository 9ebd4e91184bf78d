// System B: the auth API is asked about each token by the gateway, and the clinic's views are as they were.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { send } from '../../../harness/client.mjs';
import { assertPassed, assertProblem } from '../../../harness/config.mjs';

const ME = '/api/me/';
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

export function authApi(given) {
  const get = (path, token, options) => given().ask(undefined, path, { token, ...options });
  const asked = () => given().callsTo('auth-api', ME);

  test('B1 and B4: /api/me/ says whether a token is good, once for many requests, and hears the caller\'s Authorization', async () => {
    const token = await given().clinic('vera');
    const before = asked().length;
    for (let n = 0; n < 5; n += 1) assertPassed(await get('/clinic/exams/', token));
    assert.deepEqual(asked().slice(before).map(({ authorization }) => authorization), [sha256(`Bearer ${token}`)]);
    const forged = await get('/clinic/exams/', `${token.slice(0, -8)}AAAAAAAA`);
    assert.deepEqual([forged.status, forged.json.code], [401, 'token_not_valid']);
    assert.equal(asked().length, before + 2);
  });

  test('B2 and B7: its answer reaches views as they were written, under the names that they know', async () => {
    const token = await given().clinic('vera');
    const headers = { 'x-auth-subject': 'account-9', 'x-auth-roles': '"admin"' };
    assert.deepEqual((await get('/clinic/exams/', token, { headers })).json, { id: 'account-1', email: 'vera@clinic.example', role: 'rvt' });
    assert.deepEqual((await get('/clinic/token/', token)).json, { characters: token.length, id: 'account-1' });
  });

  test('B3: HasRole at the gateway, HasAnyRole in the view: each refuses with its own words', async () => {
    const [vera, dan, amy] = [await given().clinic('vera'), await given().clinic('dan'), await given().clinic('amy')];
    assertProblem(await get('/clinic/exams/', dan), 403, 'insufficient_scope');
    const refused = await get('/clinic/rounds/', vera);
    assert.deepEqual([refused.status, refused.json], [403, { detail: 'You do not have permission to perform this action.' }]);
    assert.deepEqual([(await get('/clinic/rounds/', dan)).json, (await get('/clinic/rounds/', amy)).json], [{ role: 'doctor' }, { role: 'admin' }]);
  });

  test('B3: a token of Main opens nothing of the clinic, and one of the auth API nothing of a tenant', async () => {
    assertProblem(await get('/clinic/token/', await given().token('ada')), 403, 'insufficient_scope');
    assert.equal((await given().ask('acme.localhost', '/api/caller/', { token: await given().clinic('amy') })).status, 401);
  });

  test('B4: a revoked token is refused although its yes is kept', async () => {
    const [token, other] = [await given().clinic('vera'), await given().clinic('vera')];
    for (const each of [token, other]) assertPassed(await get('/clinic/exams/', each));
    const done = await get('/.edgeward/admin/revocations', await given().token('ada'), { body: { token } });
    assert.equal(done.status, 201, done.text);
    assert.equal((await get('/clinic/exams/', token)).status, 401);
    assertPassed(await get('/clinic/exams/', other));
  });

  test('B5: a refusal leaves a line with a stable code, and nothing of the token', async () => {
    const forged = `${(await given().clinic('vera')).slice(0, -8)}AAAAAAAA`;
    await get('/clinic/exams/', forged, { headers: { 'x-request-id': 'b5' } });
    const line = await given().event('refused', ({ request_id: id }) => id === 'b5');
    assert.deepEqual([line.status, line.code, line.route], [401, 'refused_by_auth_server', '/clinic/exams']);
    assert.ok(!given().output().includes(forged.split('.')[1]));
  });

  test('B6: no service has a secret of the auth server, and no configuration holds one', () => {
    for (const name of ['acme', 'globex', 'clinic']) {
      const environment = readFileSync(`/proc/${given().applications[name].pid}/environ`, 'latin1');
      for (const secret of Object.values(given().secrets)) assert.ok(!environment.includes(secret), name);
    }
    for (const secret of Object.values(given().secrets)) assert.ok(!JSON.stringify(given().config).includes(secret));
  });

  test('the clinic believes nobody who comes past the gateway, whatever the headers say', async () => {
    const token = await given().clinic('vera');
    const headers = { 'x-auth-subject': 'account-1', 'x-auth-issuer': 'https://auth.example', 'x-auth-roles': '"rvt"' };
    for (const given_ of [{}, headers, { ...headers, 'x-auth-assertion': token }]) {
      const answer = await send(`${given().applications.clinic.url}/exams/`, { token, headers: given_ });
      assert.deepEqual([answer.status, answer.json], [401, { detail: 'the request did not come through the gateway' }]);
    }
  });
}
