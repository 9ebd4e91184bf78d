// The registry in real D1: what logins and refreshes leave there, who may list it, and what expiring a token ends.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { sleep, until } from '../../harness/client.mjs';
import { Browser } from '../../harness/cookie_stage.mjs';
import { startRegistry } from '../../harness/registry_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const SAFARI = 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1';

for (const queue of [false, true]) describe(queue ? 'behind a queue' : 'written directly', () => {
  let stage;
  let admin;
  before(async () => {
    stage = await startRegistry({ queue });
    admin = (await stage.server.login('ada')).accessToken;
  });
  after(() => stage?.stop());

  const login = async (name, agent = CHROME) => {
    const { status, json, text } = await stage.post('/api/auth/login', { email: emailOf(name), password: PASSWORD }, { headers: { 'user-agent': agent } });
    assert.equal(status, 200, text);
    return json;
  };
  const refresh = async ({ refreshToken }, agent = CHROME) => (await stage.post('/api/auth/refresh', { refreshToken }, { headers: { 'user-agent': agent } })).json;
  const list = async (query) => {
    const { status, json, text } = await stage.ask('GET', `/.edgeward/admin/tokens?${query}`, admin);
    assert.equal(status, 200, text);
    return json;
  };
  const listed = (query, count) => until(async () => {
    const { tokens } = await list(query);
    return tokens.length >= count && tokens;
  }, `${count} tokens of ${query}`, 15_000);
  const api = async (token) => (await stage.ask('GET', '/api/x', token)).status;
  const bounded = async (token) => (await stage.ask('GET', '/bounded/x', token)).status;

  test('a login and its refreshes are one tree, with user, device and network', async () => {
    const first = await login('bob');
    const second = await refresh(first);
    await refresh(second);
    const tokens = await listed(`subject=${emailOf('bob')}`, 6);
    assert.equal(tokens.length, 6);
    const [root] = tokens.filter(({ parent, kind }) => kind === 'refresh' && parent === null);
    assert.equal(new Set(tokens.map(({ family }) => family)).size, 1);
    assert.deepEqual(tokens.filter(({ parent }) => parent === root.hash).map(({ kind }) => kind).sort(), ['access', 'refresh']);
    assert.deepEqual([root.browser, root.system, root.platform, root.state, root.issuer], ['Chrome 142', 'Linux', 'desktop', 'active', 'auth']);
    assert.ok(tokens.every(({ expires_at: at, true_expires_at: own }) => at === own));
    assert.equal((await list(`parent=${root.hash}`)).tokens.length, 2);
    assert.equal((await list(`device=${root.device}&kind=access`)).tokens.length, 3);
    assert.equal((await list(`family=${encodeURIComponent(root.family)}&state=expired`)).tokens.length, 0);
  });

  test('pages follow a cursor, and show each token once', async () => {
    const seen = [];
    let cursor = '';
    do {
      const page = await list(`subject=${emailOf('bob')}&limit=2${cursor}`);
      assert.ok(page.tokens.length <= 2);
      seen.push(...page.tokens.map(({ hash }) => hash));
      cursor = page.cursor === null ? null : `&cursor=${page.cursor}`;
    } while (cursor !== null);
    assert.equal(seen.length, 6);
    assert.equal(new Set(seen).size, 6);
  });

  test('what is asked wrongly is said, and nobody else may ask', async () => {
    for (const [query, expected] of [
      ['limit=0', /`limit`/], ['limit=1001', /`limit`/], ['kind=id', /`kind`/], ['state=x', /`state`/], ['cursor=x', /`cursor`/], ['x=1', /expected hash/], ['kind=access&kind=access', /each parameter once/],
      ["subject=x'%20OR%201=1--", undefined],
    ]) {
      const { status, json } = await stage.ask('GET', `/.edgeward/admin/tokens?${query}`, admin);
      assert.equal(status, expected === undefined ? 200 : 400, query);
      if (expected === undefined) assert.deepEqual(json.tokens, []);
      else assert.match(json.detail, expected);
    }
    const bob = (await stage.server.login('bob')).accessToken;
    for (const [method, path, body] of [['GET', '/tokens'], ['POST', '/tokens/expire', {}], ['GET', '/tokens/archive?days=1'], ['POST', '/tokens/archive?days=1', {}]]) {
      assert.equal((await stage.ask(method, `/.edgeward/admin${path}`, bob, body)).status, 403, path);
      assert.equal((await stage.ask(method, `/.edgeward/admin${path}`, undefined, body)).status, 401, path);
    }
  });

  test('a token alone, its descendants, or its whole family: each is refused everywhere', async () => {
    const first = await login('eve');
    const second = await refresh(first);
    const third = await refresh(second);
    const tokens = await listed(`subject=${emailOf('eve')}&state=active`, 6);
    const [root] = tokens.filter(({ parent, kind }) => kind === 'refresh' && parent === null);
    const middle = tokens.find(({ parent, kind }) => kind === 'refresh' && parent === root.hash);
    const accessOf = (parent) => tokens.find(({ kind, parent: own }) => kind === 'access' && own === parent).hash;
    const expire = async (hash, extent) => {
      const answer = await stage.ask('POST', '/.edgeward/admin/tokens/expire', admin, { hash, extent });
      assert.equal(answer.status, 200, answer.text);
      return answer.json.expired;
    };
    assert.deepEqual([await api(second.accessToken), await bounded(second.accessToken)], [200, 200]);
    assert.equal(await expire(accessOf(middle.hash), 'token'), 1);
    assert.equal(await bounded(second.accessToken), 401, 'the isolate that ended it does not wait for the bound');
    assert.deepEqual([await api(second.accessToken), await api(third.accessToken)], [401, 200]);
    assert.equal(await expire(accessOf(middle.hash), 'token'), 0, 'once');
    assert.equal(await expire(middle.hash, 'descendants'), 3);
    assert.deepEqual([await api(first.accessToken), await api(third.accessToken)], [200, 401]);
    assert.equal(await expire(root.hash, 'family'), 2);
    assert.equal(await api(first.accessToken), 401);
    assert.equal((await stage.post('/api/auth/refresh', { refreshToken: third.refreshToken })).status, 401);
    assert.equal((await list(`subject=${emailOf('eve')}&state=active`)).tokens.length, 0);
    assert.equal((await stage.ask('POST', '/.edgeward/admin/tokens/expire', admin, { hash: 'none' })).status, 404);
    for (const body of [{}, { hash: root.hash, extent: 'all' }, { hash: 1 }, { hash: root.hash, more: 1 }]) {
      assert.equal((await stage.ask('POST', '/.edgeward/admin/tokens/expire', admin, body)).status, 400, JSON.stringify(body));
    }
  });

  test('my own sessions: the current one marked, one ended, the others ended, and nobody else touched', async () => {
    const [desk, phone, third] = [await login('eve'), await login('eve', SAFARI), await login('eve')];
    const other = await login('bob', SAFARI);
    const mine = (token) => stage.ask('GET', '/.edgeward/sessions', token);
    const sessions = await until(async () => {
      const { json } = await mine(desk.accessToken);
      return json.sessions?.length === 3 && json.sessions;
    }, 'three sessions', 15_000);
    assert.equal(sessions.filter(({ is_current: isCurrent }) => isCurrent).length, 1);
    assert.deepEqual(sessions.map(({ browser, system, platform }) => [browser, system, platform]).filter(([, , platform]) => platform === 'mobile'), [['Safari 19', 'iOS 19.1', 'mobile']]);
    const foreign = await until(async () => (await mine(other.accessToken)).json.sessions?.find(({ is_current: isCurrent }) => isCurrent), 'the session of bob', 60_000);
    for (const id of [foreign.id, 'none', `${foreign.id}'`]) {
      assert.equal((await stage.ask('DELETE', `/.edgeward/sessions/${encodeURIComponent(id)}`, desk.accessToken)).status, 404, id);
    }
    assert.equal(await api(other.accessToken), 200);
    assert.equal(await bounded(phone.accessToken), 200);
    const mobile = sessions.find(({ platform }) => platform === 'mobile');
    const ended = await stage.ask('DELETE', `/.edgeward/sessions/${mobile.id}`, desk.accessToken);
    assert.deepEqual([ended.status, ended.json], [200, { ended: 1 }]);
    // The isolate that ended it does not wait for the bound.
    assert.deepEqual([await bounded(phone.accessToken), await api(phone.accessToken), await api(third.accessToken)], [401, 401, 200]);
    assert.equal((await stage.ask('DELETE', '/.edgeward/sessions', desk.accessToken)).status, 400);
    assert.deepEqual((await stage.ask('DELETE', '/.edgeward/sessions?others=true', desk.accessToken)).json, { ended: 1 });
    assert.deepEqual([await api(desk.accessToken), await api(third.accessToken)], [200, 401]);
    assert.equal((await stage.ask('GET', '/.edgeward/sessions')).status, 401);
  });

  test('a page with cookies lists and ends its sessions, and another site does not', async () => {
    const browser = new Browser(stage.gateway.url);
    assert.equal((await browser.post('/web/login', { email: emailOf('ada'), password: PASSWORD })).status, 200);
    const sessions = await until(async () => (await browser.get('/.edgeward/sessions')).json.sessions?.length > 0 && (await browser.get('/.edgeward/sessions')).json.sessions, 'its session', 60_000);
    const current = sessions.find(({ is_current: isCurrent }) => isCurrent);
    assert.equal((await browser.send(`/.edgeward/sessions/${current.id}`, { method: 'DELETE', headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
    assert.equal((await browser.send(`/.edgeward/sessions/${current.id}`, { method: 'DELETE' })).status, 200);
    assert.equal((await browser.get('/.edgeward/sessions')).status, 401);
  });

  test('a logout ends its tokens in the registry, too', async () => {
    const tokens = await login('bob');
    const hash = createHash('sha256').update(tokens.refreshToken.slice(0, tokens.refreshToken.lastIndexOf('.'))).digest('base64url');
    const [{ family: before }] = await listed(`hash=${hash}`, 1);
    await stage.post('/api/auth/logout', { refreshToken: tokens.refreshToken }, { headers: { authorization: `Bearer ${tokens.accessToken}` } });
    await until(async () => (await list(`family=${encodeURIComponent(before)}&state=active`)).tokens.length === 0, 'its end in the registry', 60_000);
  });

  test('a subject is deleted: its sessions end first, and late events do not restore it', async () => {
    const tokens = await login('eve');
    const rows = await listed(`subject=${emailOf('eve')}&state=active`, 2);
    const { reference } = rows[0];
    assert.deepEqual([await api(tokens.accessToken), await bounded(tokens.accessToken)], [200, 200]);
    const bob = (await stage.server.login('bob')).accessToken;
    assert.equal((await stage.ask('DELETE', `/.edgeward/admin/subjects/${reference}`, bob)).status, 403);
    assert.equal((await stage.ask('DELETE', '/.edgeward/admin/subjects/none', admin)).status, 404);
    const answer = await stage.ask('DELETE', `/.edgeward/admin/subjects/${reference}`, admin);
    assert.deepEqual([answer.status, answer.json.deleted], [200, true], answer.text);
    assert.ok(answer.json.sessions >= 1);
    assert.deepEqual([await bounded(tokens.accessToken), await api(tokens.accessToken)], [401, 401]);
    assert.equal((await list(`subject=${emailOf('eve')}`)).tokens.length, 0);
    assert.equal((await list(`reference=${reference}`)).tokens.length, 0);
    await sleep(2100);
    assert.equal(await api((await login('eve')).accessToken), 200);
    const [again] = await listed(`subject=${emailOf('eve')}`, 2);
    assert.notEqual(again.reference, reference, 'a later login begins anew');
  });

  test('no row holds a token or a part of one', async () => {
    const tokens = await login('bob');
    await refresh(tokens);
    await sleep(1500);
    const rows = [];
    for (const table of ['tokens', 'subjects', 'devices', 'connections', 'ended_families', 'deleted_subjects']) rows.push(JSON.stringify(await stage.gateway.sql(`SELECT * FROM ${table}`)));
    const text = rows.join('\n');
    assert.ok(text.includes(emailOf('bob')));
    for (const part of Object.values({ ...tokens, user: undefined }).filter(Boolean).flatMap((token) => token.split('.').slice(1))) {
      for (let n = 0; n + 9 <= part.length; n += 1) assert.ok(!text.includes(part.slice(n, n + 9)));
    }
  });
});

describe("the endpoint of wc-django-jwt", () => {
  let stage;
  before(async () => {
    stage = await startRegistry({ routes: [{ path: '/expire/', methods: ['POST'], access: 'public', origin: 'auth', handler: 'expire' }] });
  });
  after(() => stage?.stop());

  const login = async () => {
    const { json } = await stage.post('/api/auth/login', { email: emailOf('bob'), password: PASSWORD });
    const sessions = () => stage.ask('GET', '/.edgeward/sessions', json.accessToken);
    await until(async () => (await sessions()).json.sessions?.some(({ is_current: isCurrent }) => isCurrent), 'its registration', 60_000);
    return json;
  };
  const expire = async (body, headers) => {
    const { status, json } = await stage.post('/expire/', body, { headers });
    return [status, json];
  };
  const api = async (token) => (await stage.ask('GET', '/api/x', token)).status;

  test('a token alone, then its tree', async () => {
    const { accessToken, refreshToken } = await login();
    const next = (await stage.post('/api/auth/refresh', { refreshToken })).json;
    await sleep(500);
    assert.deepEqual(await expire({ token: accessToken, affect_tree: false }), [200, {}]);
    assert.deepEqual([await api(accessToken), await api(next.accessToken)], [401, 200]);
    assert.deepEqual(await expire({ token: accessToken }), [400, { token: ['Token is not longer valid.'] }]);
    assert.deepEqual(await expire(`token=${next.accessToken}&affect_tree=yes`, { 'content-type': 'application/x-www-form-urlencoded' }), [200, {}]);
    assert.equal(await api(next.accessToken), 401);
    assert.equal((await stage.post('/api/auth/refresh', { refreshToken: next.refreshToken })).status, 401);
  });

  test('its errors', async () => {
    const { accessToken } = await login();
    assert.deepEqual(await expire({}), [400, { token: ['This field is required.'] }]);
    assert.deepEqual(await expire({ token: accessToken, affect_tree: 'maybe' }), [400, { affect_tree: ['Must be a valid boolean.'] }]);
    for (const token of ['rubbish', 'two words', `${accessToken.slice(0, -3)}abc`]) assert.deepEqual(await expire({ token }), [400, { token: ['Token is not longer valid.'] }]);
    assert.equal(await api(accessToken), 200);
  });
});
