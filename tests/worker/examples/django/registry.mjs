// System E: every token of Main is registered, with its parent, its user and its device; any can be ended by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../../../harness/client.mjs';
import { assertPassed } from '../../../harness/config.mjs';
import { ACME } from '../../../harness/django_example.mjs';

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1';
const agent = (name) => ({ 'user-agent': name });

export function registry(given) {
  const admin = async (path, options) => given().ask(undefined, `/.edgeward/admin/${path}`, { token: await given().token('ada'), ...options });
  const list = async (query) => (await admin(`tokens?${query}`)).json.tokens;
  const listed = (query, holds) => until(async () => {
    const tokens = await list(query);
    return holds(tokens) && tokens;
  }, `tokens of ${query}`, 15_000);
  // A strict route.
  const notes = (token) => given().ask(ACME, '/api/notes/', { token });
  /** A login of ada, and its rows. Bob has used up his refreshes in the tests of system D. */
  const loginAndRows = async (name, known) => {
    const tokens = await given().login('ada', agent(name));
    const rows = await listed('subject=user-1&limit=1000&state=active', (all) => all.filter(({ hash }) => !known.has(hash)).length === 2);
    return { tokens, rows: rows.filter(({ hash }) => !known.has(hash)) };
  };
  const knownNow = async () => {
    const all = await list('subject=user-1&limit=1000');
    return new Set(all.map(({ hash }) => hash));
  };

  test('E1, E3, E6 and E9: a login and its refresh are one tree, with user and device', async () => {
    const { tokens, rows } = await loginAndRows(CHROME, await knownNow());
    const root = rows.find(({ kind }) => kind === 'refresh');
    assert.deepEqual([root.parent, root.browser, root.system, root.platform, root.subject, root.tenant], [null, 'Chrome 142', 'Linux', 'desktop', 'user-1', 'acme']);
    assertPassed(await given().refresh(tokens.refresh, { headers: agent(CHROME) }));
    const children = await listed(`parent=${root.hash}`, (all) => all.length === 2);
    assert.deepEqual(children.map(({ kind, family }) => [kind, family]).sort(), [['access', root.family], ['refresh', root.family]]);
  });

  test('E4 and E8: the family is ended by hand and refused everywhere; a refresh token opens no API', async () => {
    const { tokens, rows } = await loginAndRows(CHROME, await knownNow());
    assertPassed(await notes(tokens.access));
    assert.equal((await notes(tokens.refresh)).status, 401);
    const { hash } = rows.find(({ kind }) => kind === 'access');
    const answer = await admin('tokens/expire', { body: { hash, extent: 'family' } });
    assert.deepEqual([answer.status, answer.json], [200, { expired: 2 }]);
    assert.deepEqual([(await notes(tokens.access)).status, (await given().refresh(tokens.refresh)).status], [401, 401]);
  });

  test('E10: anyone who holds a token can end it, as wc-django-jwt and as RFC 7009 have it', async () => {
    const [one, other] = [await given().login('bob'), await given().login('bob')];
    const answer = await given().ask(ACME, '/api/auth/token/expire/', { body: { token: one.access } });
    assert.deepEqual([answer.status, answer.json], [200, {}]);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    assertPassed(await given().ask(undefined, '/.edgeward/token/revoke', { body: `token=${other.access}`, headers: form }));
    assert.deepEqual([(await notes(one.access)).status, (await notes(other.access)).status], [401, 401]);
  });

  test('E3: one\'s own sessions are listed, one is ended, the others are ended, and nobody else\'s', async () => {
    const [desk, phone, third] = [await given().login('ada', agent(CHROME)), await given().login('ada', agent(SAFARI)), await given().login('ada', agent(CHROME))];
    const eve = await given().login('eve');
    const own = (path, token, method) => given().ask(undefined, `/.edgeward/sessions${path}`, { token, method });
    const sessions = await until(async () => {
      const { json } = await own('', desk.access);
      return json.sessions?.some(({ platform }) => platform === 'mobile') && json.sessions.length >= 4 && json.sessions;
    }, 'the sessions of ada', 15_000);
    assert.equal(sessions.filter(({ is_current: isCurrent }) => isCurrent).length, 1);
    const mobile = sessions.find(({ platform }) => platform === 'mobile');
    assert.deepEqual((await own(`/${mobile.id}`, desk.access, 'DELETE')).json, { ended: 1 });
    assert.deepEqual([(await notes(phone.access)).status, (await notes(third.access)).status], [401, 200]);
    assert.equal((await own('?others=true', desk.access, 'DELETE')).status, 200);
    assert.deepEqual([(await notes(desk.access)).status, (await notes(third.access)).status], [200, 401]);
    assertPassed(await given().ask('globex.localhost', '/api/caller/', { token: eve.access }), 'eve');
  });

  test('E7: the archiver says what it would remove, and runs by hand and by its trigger', async () => {
    const token = (await given().login('ada')).access;
    const asked = (method) => given().ask(undefined, '/.edgeward/admin/tokens/archive?days=30', { token, method });
    assert.deepEqual([(await asked('GET')).json, (await asked('POST')).json], [{ removable: 0 }, { removed: 0, has_more: false }]);
    const runs = () => given().logs().filter(({ event }) => event === 'registry_archived').length;
    const before = runs();
    assertPassed(await given().ask(undefined, '/cdn-cgi/local/scheduled'), 'the trigger, as wrangler simulates it');
    await until(() => runs() === before + 1, 'the line of its run', 10_000);
  });

  test('nobody but a superuser of Main sees the registry', async () => {
    const [bob, amy] = [(await given().login('bob')).access, await signedByNobody()];
    for (const [token, status] of [[bob, 403], [undefined, 401], [amy, 401]]) {
      assert.equal((await given().ask(undefined, '/.edgeward/admin/tokens', { token })).status, status);
    }
  });
}

const signedByNobody = async () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"role":"superuser"}').toString('base64url')}.`;
