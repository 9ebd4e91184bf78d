// System C: browsers keep no token, and a logout holds everywhere.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../../../harness/client.mjs';
import { assertPassed, assertProblem } from '../../../harness/config.mjs';
import { NAMES, setCookies } from '../../../harness/cookie_stage.mjs';
import { ACME, GLOBEX } from '../../../harness/django_example.mjs';
import { PASSWORD } from '../../../servers/people.mjs';

const REFRESH = '/api/auth/token/refresh/';

export function sessions(given) {
  // A strict route.
  const notes = (token) => given().ask(ACME, '/api/notes/', { token });

  test('C8: a login with cookies shows no token, and a request with them reaches the tenant with the caller\'s token', async () => {
    const browser = await given().browse(ACME, 'bob');
    assert.deepEqual([browser.answer.status, browser.answer.json], [200, {}]);
    const cookies = setCookies(browser.answer);
    assert.equal(cookies.length, 2);
    for (const cookie of cookies) assert.match(cookie, /^__Host-.*; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
    const { json } = await browser.get('/api/caller/');
    assert.deepEqual([json.application, json.claims.sub, json.has_token], ['acme', 'user-2', true]);
    const seen = [...given().relays.acme.calls, ...given().relays.main.calls].flatMap(({ cookies: names }) => names);
    assert.deepEqual(seen.filter((name) => name.startsWith('__Host-')), [], 'no application gets a cookie of the session');
  });

  test('C8: an access token that is gone is renewed on the way, once for requests at the same moment', async () => {
    const browser = await given().browse(ACME, 'bob');
    const before = given().callsTo('main', REFRESH).length;
    browser.jar.delete(NAMES.access);
    const answers = await Promise.all(Array.from({ length: 4 }, () => browser.get('/api/caller/')));
    for (const answer of answers) assertPassed(answer);
    assert.equal(given().callsTo('main', REFRESH).length, before + 1);
    assert.ok(browser.jar.has(NAMES.access));
    assertPassed(await browser.get('/api/auth/me/'));
  });

  test('C8: a page of another site can change nothing', async () => {
    const browser = await given().browse(ACME, 'bob');
    const foreign = await browser.post('/api/notes/', { text: 'forged' }, { headers: { 'sec-fetch-site': 'cross-site' } });
    assertProblem(foreign, 403, 'cross_site_request');
    assert.equal((await browser.post('/api/notes/', { text: 'own' })).status, 201);
  });

  test('C8 and C11: a logout with cookies deletes them, and ends the access token at once', async () => {
    const browser = await given().browse(ACME, 'bob');
    const access = browser.jar.get(NAMES.access).replace(/^1~/, '');
    assertPassed(await notes(access));
    const answer = await browser.post('/web/api/auth/logout/');
    assert.equal(answer.status, 200, answer.text);
    assert.equal(browser.jar.size, 0);
    assert.equal((await notes(access)).status, 401);
    assert.equal((await browser.get('/api/notes/')).status, 401);
  });

  test('C11 and D10: a logout with tokens ends both at once, Main blacklists the refresh token, and it is in the log', async () => {
    const { access, refresh } = await given().login('bob');
    assertPassed(await notes(access));
    const headers = { 'x-request-id': 'c11' };
    assertPassed(await given().ask(ACME, '/api/auth/logout/', { token: access, body: { refresh }, headers }), 'the logout');
    assert.deepEqual([(await notes(access)).status, (await given().refresh(refresh)).status], [401, 401], 'at once where a route is strict');
    const bounded = () => given().ask(ACME, '/api/caller/', { token: access });
    await until(async () => (await bounded()).status === 401, 'its end on other routes, within 5 s', 10_000);
    const main = `${given().applications.main.url}${REFRESH}`;
    const past = await fetch(main, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ refresh }) });
    assert.deepEqual([past.status, (await past.json()).code], [401, 'token_not_valid'], 'at Main itself');
    const line = await given().event('logout', ({ request_id: id }) => id === 'c11');
    assert.equal(line.outcome, 'ended');
    const login = await given().event('login', ({ outcome }) => outcome === 'accepted');
    assert.equal(login.issuer, 'main');
  });

  test('C8: the cookies of one tenant open nothing of another, and are good afterwards', async () => {
    const browser = await given().browse(ACME, 'olga');
    const elsewhere = () => browser.get('/api/notes/', { headers: { host: GLOBEX }, keep: false });
    assertProblem(await elsewhere(), 403, 'tenant_mismatch');
    browser.jar.delete(NAMES.access);
    assert.equal((await elsewhere()).status, 401, 'the refresh token opens at its own host alone');
    assertPassed(await browser.get('/api/notes/'));
  });

  test('C8: a page learns who is logged in, sees its own session, and ends it', async () => {
    const browser = await given().browse(ACME, 'olga');
    const me = (await browser.get('/.edgeward/me')).json;
    assert.deepEqual([me.subject, me.roles, me.tenant], ['user-4', ['owner'], 'acme']);
    const current = await until(async () => (await browser.get('/.edgeward/sessions')).json.sessions?.find(({ is_current: isCurrent }) => isCurrent), 'the own session', 10_000);
    const end = (site) => browser.get(`/.edgeward/sessions/${current.id}`, { method: 'DELETE', headers: { 'sec-fetch-site': site } });
    assert.deepEqual([(await end('cross-site')).status, (await end('same-origin')).status], [403, 200]);
    assert.equal((await browser.get('/api/notes/')).status, 401);
  });

  test('a change of the own password ends the other sessions of its user, and not this one', async () => {
    const [own, other] = [await given().login('olga'), await given().login('olga')];
    const change = (old) => given().ask(ACME, '/api/auth/change-password/', { token: own.access, body: { old_password: old, new_password: PASSWORD } });
    assert.equal((await change('wrong')).status, 400);
    assert.equal((await notes(other.access)).status, 200, 'nothing has ended');
    assertPassed(await change(PASSWORD));
    assert.deepEqual([(await notes(own.access)).status, (await notes(other.access)).status], [200, 401]);
    assert.deepEqual([(await given().refresh(own.refresh)).status, (await given().refresh(other.refresh)).status], [200, 401]);
    const browser = await given().browse(ACME, 'olga');
    assertPassed(await browser.post('/web/api/auth/change-password/', { old_password: PASSWORD, new_password: PASSWORD }), 'by a page, with its cookies');
    assert.deepEqual([(await browser.get('/api/notes/')).status, (await notes(own.access)).status], [200, 401]);
  });
}
