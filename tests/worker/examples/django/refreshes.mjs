// System D: one family for each login, one successor for each refresh token, and the bytes that clients know.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { send } from '../../../harness/client.mjs';
import { assertPassed } from '../../../harness/config.mjs';
import { ACME, GLOBEX } from '../../../harness/django_example.mjs';

const REFRESH = '/api/auth/token/refresh/';

/** Each subject may refresh 30 times in a minute: no test but D9 may come near that. */
export function refreshes(given) {
  const direct = (path, body) => send(given().applications.main.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const calls = () => given().callsTo('main', REFRESH).length;
  const seen = ({ status, text, headers }) => [status, text.replace(/eyJ[\w.-]+/g, 'token'), headers['content-type'], headers['www-authenticate']];

  test('D1: a refresh has the form that Main itself gives it', async () => {
    const [one, other] = [await given().login('bob'), await given().login('bob')];
    const through = await given().refresh(one.refresh);
    assert.deepEqual(seen(through), seen(await direct(REFRESH, { refresh: other.refresh })));
    assert.deepEqual(Object.keys(through.json).sort(), ['access', 'refresh']);
    assertPassed(await given().ask(ACME, '/api/caller/', { token: through.json.access }));
  });

  test('D2: refusals are those that clients know, of refresh and of the API', async () => {
    for (const refresh of ['x', 'a.b.c']) {
      assert.deepEqual(seen(await given().refresh(refresh)), seen(await direct(REFRESH, { refresh })), refresh);
    }
    const me = '/api/auth/me/';
    const [through, past] = await Promise.all([given().ask(ACME, me, { token: 'a.b.c' }), send(given().applications.main.url + me, { token: 'a.b.c' })]);
    assert.deepEqual([through.status, through.json], [past.status, past.json]);
  });

  test('D3 and D4: parallel refreshes get one answer by one call, and the old token is dead at Main', async () => {
    const { refresh } = await given().login('bob');
    const before = calls();
    const answers = await Promise.all(Array.from({ length: 6 }, () => given().refresh(refresh)));
    assert.deepEqual(answers.map(({ status }) => status), Array(6).fill(200));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal(calls(), before + 1);
    assert.equal((await direct(REFRESH, { refresh })).status, 401);
  });

  test('D5: a token that is two refreshes behind ends its family, access tokens too, and no other login of the user', async () => {
    const [first, other] = [await given().login('bob'), await given().login('bob')];
    const second = (await given().refresh(first.refresh)).json;
    const third = (await given().refresh(second.refresh)).json;
    const thief = await given().refresh(first.refresh, { headers: { 'x-request-id': 'd5' } });
    assert.deepEqual([thief.status, thief.json.code], [401, 'token_not_valid']);
    assert.equal((await given().refresh(third.refresh)).status, 401);
    assert.equal((await given().ask(ACME, '/api/notes/', { token: third.access })).status, 401);
    assert.equal((await given().event('token_reuse', ({ request_id: id }) => id === 'd5')).cause, 'reuse');
    assert.equal((await given().refresh(other.refresh)).status, 200);
  });

  test('D6: Main fails half-way, nothing is used up, and the client tries again', async () => {
    const { refresh } = await given().login('eve');
    for (const [kind, status] of [['status 500', 500], ['reset', 503]]) {
      given().relays.main.fail({ kind, path: REFRESH });
      assert.equal((await given().refresh(refresh)).status, status, kind);
    }
    assert.equal((await given().refresh(refresh)).status, 200);
  });

  test('D7: what ends at one tenant ends nothing at the other', async () => {
    const [bob, eve] = [await given().login('bob'), await given().login('eve')];
    await given().ask(ACME, '/api/auth/logout/', { token: bob.access, body: { refresh: bob.refresh } });
    assertPassed(await given().ask(GLOBEX, '/api/caller/', { token: eve.access }));
    assert.equal((await given().refresh(eve.refresh)).status, 200);
  });

  test('D8: each refresh leaves a line with its outcome and its time, and the client sees the time, too', async () => {
    const { refresh } = await given().login('eve');
    const answer = await given().refresh(refresh, { headers: { 'x-request-id': 'd8' } });
    assert.match(answer.headers['server-timing'], /^edgeward;dur=\d+/);
    const line = await given().event('token_refresh', ({ request_id: id }) => id === 'd8');
    assert.equal(line.outcome, 'rotated');
    assert.ok(Number.isFinite(line.ms) && Number.isFinite(line.upstream_ms));
  });

  test('E11: verify/ and blacklist/ respect what was ended here', async () => {
    const { access, refresh } = await given().login('bob');
    const verify = (token) => given().ask(ACME, '/api/auth/token/verify/', { body: { token } });
    assert.deepEqual([(await verify(access)).status, (await verify(access)).json], [200, {}]);
    const answer = await given().ask(ACME, '/api/auth/token/blacklist/', { body: { refresh } });
    assert.deepEqual([answer.status, answer.json], [200, {}]);
    const past = await direct('/api/auth/token/verify/', { token: refresh });
    assert.equal(past.status, 400, 'SimpleJWT\'s own status for a blacklisted token');
    // Main does not know that the access token has ended, and the gateway does.
    for (const token of [refresh, access]) assert.deepEqual([(await verify(token)).status, (await verify(token)).json], [400, past.json]);
    assert.equal((await given().refresh(refresh)).status, 401);
  });

  test('D9: too many refreshes of one subject are 429 with Retry-After', async () => {
    let { refresh } = await given().login('olga');
    let answer;
    for (let n = 0; n < 40; n += 1) {
      answer = await given().refresh(refresh);
      if (answer.status !== 200) break;
      ({ refresh } = answer.json);
    }
    assert.equal(answer.status, 429, answer.text);
    assert.match(answer.json.detail, /^Request was throttled\. Expected available in \d+ seconds\.$/, 'REST framework\'s own words');
    assert.match(answer.headers['retry-after'], /^[1-9]\d*$/);
  });
}
