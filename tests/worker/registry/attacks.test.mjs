// Attacks on the registry: by users on each other's and their own sessions, by administrators beyond their scope, and what a mistaken setting removes.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { send, until } from '../../harness/client.mjs';
import { assertProblem } from '../../harness/config.mjs';
import { Browser, NAMES } from '../../harness/cookie_stage.mjs';
import { startRegistry } from '../../harness/registry_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';
import { serve } from '../../servers/serve.mjs';

const hashOf = (token) => createHash('sha256').update(token.slice(0, token.lastIndexOf('.'))).digest('base64url');
const expiryOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).exp;
const now = () => Math.floor(Date.now() / 1000);
const EXPIRE = { path: '/expire/', methods: ['POST'], access: 'public', origin: 'auth', handler: 'expire' };

/** What the tests ask of a stage. */
function clientOf(stage) {
  const { auth } = stage.server;
  const admin = auth.token('ada', { exp: now() + 3600 });
  const ask = async (method, path, body) => stage.ask(method, `/.edgeward/admin/${path}`, await admin, body);
  const list = async (query) => (await ask('GET', `tokens?${query}`)).json.tokens;
  return {
    auth, ask, list,
    login: async (name, headers) => (await stage.post('/api/auth/login', { email: emailOf(name), password: PASSWORD }, { headers })).json,
    refresh: async ({ refreshToken }) => (await stage.post('/api/auth/refresh', { refreshToken })).json,
    registered: (token) => until(async () => (await list(`hash=${hashOf(token)}`))[0], 'the token in the registry', 60_000),
    api: async (token) => (await stage.ask('GET', '/api/x', token)).status,
    endOthers: (token) => stage.ask('DELETE', '/.edgeward/sessions?others=true', token),
  };
}

describe('before the registry has heard of a token', () => {
  let stage;
  let client;
  before(async () => {
    stage = await startRegistry({ queue: true, routes: [EXPIRE], refresh: { refresh_cookie: 'rt' } });
    client = clientOf(stage);
  });
  after(() => stage?.stop());

  test('its holder expires it all the same', async () => {
    for (const affect_tree of [false, true]) {
      const { accessToken, refreshToken } = await client.login('bob');
      assert.deepEqual((await stage.post('/expire/', { token: accessToken, affect_tree })).json, {});
      assert.equal(await client.api(accessToken), 401);
      assert.equal((await stage.post('/api/auth/refresh', { refreshToken })).status, affect_tree ? 401 : 200);
      assert.equal((await stage.post('/expire/', { token: accessToken, affect_tree })).status, 400, 'once');
    }
  });

  test('its session is not among the others that it ends, nor where the gateway has just renewed it', async () => {
    const first = await client.login('eve');
    await client.registered(first.accessToken);
    const second = await client.refresh(first);
    assert.deepEqual((await client.endOthers(second.accessToken)).json, { ended: 0 });
    assert.equal(await client.api(second.accessToken), 200);
    const browser = new Browser(stage.gateway.url);
    await browser.post('/web/login', { email: emailOf('ada'), password: PASSWORD });
    await client.registered(browser.access);
    browser.jar.delete(NAMES.access);
    assert.deepEqual((await browser.send('/.edgeward/sessions?others=true', { method: 'DELETE' })).json, { ended: 0 });
    const { json } = await browser.get('/.edgeward/sessions');
    assert.deepEqual(json.sessions.map(({ is_current: isCurrent, country }) => [isCurrent, country !== '']), [[true, true]], 'from where it came');
  });

  test('a cookie alone ends no tree', async () => {
    const { accessToken, refreshToken } = await client.login('bob');
    const fields = { 'content-type': 'application/x-www-form-urlencoded', cookie: `rt=${refreshToken}` };
    const order = (more) => send(`${stage.gateway.url}/expire/`, { method: 'POST', headers: { ...fields, ...more }, body: 'affect_tree=true' });
    assert.equal((await order({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).status, 400);
    assert.equal(await client.api(accessToken), 200);
    assert.deepEqual([(await order({})).status, await client.api(accessToken)], [400, 200], 'nor from the same site');
  });

  test('a name that a client gives itself is cut, and none is null', async () => {
    const names = async (agent) => (await client.registered((await client.login('bob', { 'user-agent': agent })).accessToken)).browser;
    assert.equal((await names(`${'A'.repeat(500)}/1 x`)).length, 64);
    assert.equal(await names('x'.repeat(600)), null);
  });

  test('what is no hash and no number of days is said', async () => {
    assertProblem(await client.ask('POST', 'tokens/expire', '{"hash":"\\ud800"}'), 400, 'invalid_request');
    for (const query of ['days=', 'days&30', 'days=-0', 'days=0x1e', 'days=1e1']) assertProblem(await client.ask('POST', `tokens/archive?${query}`), 400, 'invalid_request', query);
  });
});

describe('tokens that name a tenant and no session', () => {
  let stage;
  let client;
  let scoped;
  before(async () => {
    const tenants = Array.from({ length: 101 }, (_, n) => `tenant-${n}`);
    stage = await startRegistry({
      claims: { session: 'none', tenant: 'org' }, vars: { EDGEWARD_ARCHIVE_DAYS: '-1' },
      config: { admin: [{ require: { role: 'admin' } }, { require: { role: 'acme' }, tenants: ['acme'] }, { require: { role: 'many' }, tenants }, ...tenants.map((tenant) => ({ require: { role: 'each' }, tenants: [tenant] }))] },
    });
    client = clientOf(stage);
    scoped = await client.auth.token('ada', { organization: { role: 'acme' } });
  });
  after(() => stage?.stop());

  const expire = (hash, extent, token) => stage.ask('POST', '/.edgeward/admin/tokens/expire', token, { hash, extent });
  /** Logs in at an auth server that gives these tokens from now on. */
  const answering = (pair) => {
    client.auth.login = async () => ({ json: await pair() });
    client.auth.refresh = client.auth.login;
    return async () => (await stage.post('/api/auth/login', { email: 'x', password: 'y' })).json;
  };
  const pairOf = (org, name = 'eve') => async () => ({
    accessToken: await client.auth.token(name, { org }), refreshToken: await client.auth.token(name, { org, token_type: 'refresh', exp: now() + 86_400 }),
  });
  test('one that was expired stays refused until its leeway is over', async () => {
    client.auth.accessSeconds = 3;
    const { accessToken } = await client.login('eve');
    client.auth.accessSeconds = 900;
    const { hash } = await client.registered(accessToken);
    assert.deepEqual((await client.ask('POST', 'tokens/expire', { hash })).json, { expired: 1 });
    await until(() => now() > expiryOf(accessToken), 'its own expiry', 10_000);
    assert.equal(await client.api(accessToken), 401);
  });

  test('in its leeway it can be expired', async () => {
    client.auth.accessSeconds = 2;
    const { accessToken } = await client.login('eve');
    client.auth.accessSeconds = 900;
    const { hash } = await client.registered(accessToken);
    await until(() => now() > expiryOf(accessToken), 'its own expiry', 10_000);
    assert.deepEqual((await client.ask('POST', 'tokens/expire', { hash })).json, { expired: 1 });
    assert.equal(await client.api(accessToken), 401);
  });

  test('families of objects that were made anew have other numbers than those that have ended', async () => {
    const numbers = [];
    for (const name of ['ada', 'bob', 'eve']) numbers.push((await client.registered((await client.login(name)).accessToken)).family.split('.')[1]);
    assert.equal(new Set(numbers).size, 3);
  });

  test('a session that cannot be told from the others is not ended with them', async () => {
    const first = await client.login('bob');
    await client.registered(first.accessToken);
    const unregistered = await client.auth.token('bob');
    assertProblem(await client.endOthers(unregistered), 503, 'registry_unavailable');
    assert.equal(await client.api(first.accessToken), 200);
  });

  test('a family whose end the registry could not write is known there as ended when that is repeated', async () => {
    const { hash, family } = await client.registered((await client.login('ada')).accessToken);
    await stage.gateway.sql('ALTER TABLE ended_families RENAME TO moved');
    assertProblem(await client.ask('POST', 'tokens/expire', { hash, extent: 'family' }), 503, 'registry_unavailable');
    await stage.gateway.sql('ALTER TABLE moved RENAME TO ended_families');
    assert.deepEqual((await client.ask('POST', 'tokens/expire', { hash, extent: 'family' })).json, { expired: 2 });
    assert.equal((await stage.gateway.sql(`SELECT family FROM ended_families WHERE family = '${family}'`)).length, 1);
  });

  test('all others are ended, however many there are', async () => {
    const { accessToken } = await client.login('eve');
    const { reference, issuer } = await client.registered(accessToken);
    const row = (n) => `('h${n}','revoked:token:${createHash('sha256').update(`${n}`).digest('base64url')}','access','${issuer}','','','${reference}','f${n}',${now()},${now() + 900},${now() + 900},${now() + n})`;
    await stage.gateway.sql(`INSERT INTO tokens(hash,name,kind,issuer,tenant,object,subject,family,issued_at,expires_at,true_expires_at,last_seen) VALUES ${Array.from({ length: 230 }, (_, n) => row(n)).join(',')}`);
    assert.ok((await client.endOthers(accessToken)).json.ended >= 230);
    assert.equal(await client.api(accessToken), 200);
    assert.equal((await stage.ask('GET', '/.edgeward/sessions', accessToken)).json.sessions.length, 1);
  });

  test('an administrator of one tenant deletes a subject there, and revokes nothing of the same subject elsewhere', async () => {
    const login = answering(pairOf('acme', 'bob'));
    const { accessToken } = await login();
    const { reference } = await client.registered(accessToken);
    const beta = await client.auth.token('bob', { org: 'beta', iat: now() - 60 });
    assert.equal((await stage.ask('DELETE', `/.edgeward/admin/subjects/${reference}`, scoped)).status, 200);
    assert.deepEqual([await client.api(accessToken), await client.api(beta)], [401, 200]);
  });

  test('after a change of the tenant, a deletion by an administrator of the one before ends nothing of the other, nor names it as theirs', async () => {
    const acme = await answering(pairOf('acme', 'ada'))();
    answering(pairOf('beta', 'ada'));
    const beta = await client.refresh(acme);
    const { hash } = await client.registered(beta.accessToken);
    const { reference, tenant } = await client.registered(acme.accessToken);
    assert.equal(tenant, 'acme');
    assert.equal((await stage.ask('DELETE', `/.edgeward/admin/subjects/${reference}`, scoped)).status, 200);
    assert.deepEqual([await client.api(acme.accessToken), await client.api(beta.accessToken)], [401, 200]);
    assert.deepEqual((await client.ask('POST', 'tokens/expire', { hash, extent: 'family' })).json, { expired: 2 });
    const { entries } = (await client.ask('GET', 'revocations?limit=2')).json;
    assert.deepEqual(entries.map((entry) => entry.tenant), ['beta', 'beta']);
  });

  test('an administrator of one tenant expires nothing that a change of the tenant has made another\'s', async () => {
    const acme = await answering(pairOf('acme'))();
    answering(pairOf('beta'));
    const next = await client.refresh(acme);
    const last = await client.refresh(next);
    assert.equal((await client.registered(last.accessToken)).tenant, 'beta');
    const { hash } = await client.registered(acme.refreshToken);
    assertProblem(await expire(hash, 'descendants', scoped), 403, 'insufficient_scope');
    assert.equal(await client.api(last.accessToken), 200);
  });

  test('what comes after a change of the tenant is registered as the new tenant\'s', async () => {
    const acme = await answering(pairOf('acme'))();
    answering(pairOf('beta'));
    assert.equal((await client.registered((await client.refresh(acme)).accessToken)).tenant, 'beta');
  });

  test('an administrator of more than a hundred tenants lists them', async () => {
    for (const role of ['many', 'each']) {
      const token = await client.auth.token('ada', { organization: { role } });
      for (const path of ['tokens', 'revocations']) assert.equal((await stage.ask('GET', `/.edgeward/admin/${path}`, token)).status, 200, `${role}: ${path}`);
    }
  });

  test('an opaque refresh token does not stay in the registry for ever', async () => {
    const login = answering(async () => ({ ...await pairOf('acme')(), refreshToken: randomUUID() }));
    const { refreshToken } = await login();
    await client.refresh({ refreshToken });
    const [row] = await until(async () => {
      const rows = await stage.gateway.sql('SELECT true_expires_at FROM tokens WHERE kind = \'refresh\' ORDER BY id DESC LIMIT 1');
      return rows.length > 0 && rows;
    }, 'its row');
    assert.ok(row.true_expires_at < now() + 10 * 365 * 86_400);
  });

  test('a negative number of days removes no token, and is said', async () => {
    const count = async () => (await stage.gateway.sql('SELECT count(*) AS n FROM tokens'))[0].n;
    const all = await count();
    assert.ok(all > 0);
    await stage.ask('GET', '/cdn-cgi/handler/scheduled');
    await until(() => stage.gateway.logs().some(({ event }) => event === 'registry_not_archived'), 'its line');
    assert.equal(await count(), all);
  });
});

for (const session of ['sid', 'none']) describe(`where the tenant is in access tokens alone, with the session ${session}`, () => {
  let stage;
  let client;
  before(async () => {
    stage = await startRegistry({ queue: true, claims: { tenant: 'organization.id', session } });
    client = clientOf(stage);
  });
  after(() => stage?.stop());

  test('a user lists their session', async () => {
    const { accessToken } = await client.login('bob');
    await client.registered(accessToken);
    assert.equal((await stage.ask('GET', '/.edgeward/sessions', accessToken)).json.sessions.length, 1);
  });

  test('it is not among the others that its user ends before the registry has heard of a refresh', async () => {
    const { auth } = stage.server;
    const pair = async () => ({ json: {
      accessToken: await auth.token('eve', { sid: 'one' }),
      refreshToken: await auth.token('eve', { sid: 'one', organization: {}, token_type: 'refresh', exp: now() + 86_400 }),
    } });
    Object.assign(auth, { login: pair, refresh: pair });
    const first = await client.login('eve');
    await client.registered(first.accessToken);
    const { accessToken } = await client.refresh(first);
    const { sessions } = (await stage.ask('GET', '/.edgeward/sessions', accessToken)).json;
    assert.deepEqual(sessions.map((own) => own.is_current), [session === 'sid']);
    const { status, json } = await client.endOthers(accessToken);
    assert.deepEqual(session === 'sid' ? json : status, session === 'sid' ? { ended: 0 } : 503);
    assert.equal(await client.api(accessToken), 200);
    await client.registered(accessToken);
    assert.deepEqual((await client.endOthers(accessToken)).json, { ended: 0 });
  });
});

describe('an issuer that is a template', () => {
  let stage;
  before(async () => {
    stage = await startRegistry({
      claims: { session: 'none' }, change: (issuer) => ({ ...issuer, issuer: 'https://login.example/{tid}/v2.0', allowed: ['one', 'two'] }),
    });
  });
  after(() => stage?.stop());

  test('shows nobody the sessions of the same subject at another of its tenants', async () => {
    const { auth } = stage.server;
    const login = async (tid) => {
      const own = { iss: `https://login.example/${tid}/v2.0`, tid };
      auth.login = async () => ({ json: {
        accessToken: await auth.token('eve', own), refreshToken: await auth.token('eve', { ...own, token_type: 'refresh', exp: now() + 86_400 }),
      } });
      return (await stage.post('/api/auth/login', { email: 'x', password: 'y' })).json;
    };
    const [one, two] = [await login('one'), await login('two')];
    const admin = await auth.token('ada', { iss: 'https://login.example/one/v2.0', tid: 'one' });
    const rows = async () => (await stage.ask('GET', '/.edgeward/admin/tokens', admin)).json.tokens;
    await until(async () => (await rows()).length === 4, 'both logins');
    assert.equal(new Set((await rows()).map(({ reference }) => reference)).size, 2);
    for (const { accessToken } of [one, two]) {
      const { sessions } = (await stage.ask('GET', '/.edgeward/sessions', accessToken)).json;
      assert.deepEqual(sessions.map((session) => session.is_current), [true]);
      assert.deepEqual((await stage.ask('DELETE', '/.edgeward/sessions?others=true', accessToken)).json, { ended: 0 });
    }
  });

  test('takes the same subject of two of its tenants for two people where refresh tokens are opaque, too', async () => {
    const { auth } = stage.server;
    const headers = { origin: stage.gateway.url, 'sec-fetch-site': 'same-origin' };
    const login = async (tid) => {
      const json = { accessToken: await auth.token('bob', { iss: `https://login.example/${tid}/v2.0`, tid }), refreshToken: randomUUID() };
      auth.login = async () => ({ json });
      assert.equal((await stage.post('/web/login', { email: 'x', password: 'y' }, { headers })).status, 200);
      return json.accessToken;
    };
    const tokens = [await login('one'), await login('two')];
    const admin = await auth.token('ada', { iss: 'https://login.example/one/v2.0', tid: 'one' });
    const rowOf = (token) => async () => (await stage.ask('GET', `/.edgeward/admin/tokens?hash=${hashOf(token)}`, admin)).json.tokens[0];
    const rows = [];
    for (const token of tokens) rows.push(await until(rowOf(token), 'the row of an access token'));
    assert.notEqual(rows[0].reference, rows[1].reference);
    for (const token of tokens) {
      const { sessions } = (await stage.ask('GET', '/.edgeward/sessions', token)).json;
      assert.deepEqual(sessions.map((session) => session.is_current), [true]);
    }
    const { json } = await stage.ask('DELETE', `/.edgeward/admin/subjects/${rows[0].reference}`, admin);
    assert.deepEqual(json, { deleted: true, sessions: 1 });
    assert.deepEqual(await Promise.all(tokens.map(async (token) => (await stage.ask('GET', '/api/x', token)).status)), [401, 200]);
  });
});

describe('where the auth server is asked about tokens', () => {
  let stage;
  before(async () => {
    stage = await startRegistry({ routes: [EXPIRE], change: ({ audiences, algorithms, ...issuer }, { meUrl }) => ({ ...issuer, verify: { me: meUrl }, claims: { roles: 'user.organization.role', subject: 'user.email' } }) });
  });
  after(() => stage?.stop());

  test('a refresh token that was expired is refused', async () => {
    const login = async (name) => (await stage.post('/api/auth/login', { email: emailOf(name), password: PASSWORD })).json;
    const admin = (await login('ada')).accessToken;
    const { refreshToken } = (await stage.post('/api/auth/refresh', { refreshToken: (await login('bob')).refreshToken })).json;
    const row = await until(async () => (await stage.ask('GET', '/.edgeward/admin/tokens?kind=refresh', admin)).json.tokens[0], 'its row');
    assert.deepEqual((await stage.ask('POST', '/.edgeward/admin/tokens/expire', admin, { hash: row.hash })).json, { expired: 1 });
    assert.equal((await stage.post('/api/auth/refresh', { refreshToken })).status, 401);
  });

  test('the holder of an access token expires it, or its family', async () => {
    const login = async (name) => (await stage.post('/api/auth/login', { email: emailOf(name), password: PASSWORD })).json;
    const admin = (await login('ada')).accessToken;
    for (const affect_tree of [false, true]) {
      const { accessToken, refreshToken } = await login('bob');
      await until(async () => (await stage.ask('GET', `/.edgeward/admin/tokens?hash=${hashOf(accessToken)}`, admin)).json.tokens[0], 'its row');
      const expire = () => stage.post('/expire/', { token: accessToken, affect_tree });
      assert.deepEqual((await expire()).json, {});
      assert.equal((await stage.ask('GET', '/api/x', accessToken)).status, 401);
      assert.equal((await stage.post('/api/auth/refresh', { refreshToken })).status, affect_tree ? 401 : 200);
      assert.deepEqual((await expire()).json, { token: ['Token is not longer valid.'] });
    }
    assert.deepEqual((await stage.post('/expire/', { token: 'nobody' })).json, { token: ['Token is not longer valid.'] });
  });
});

test('the holder of a token of a client, which names no subject, expires it', async (t) => {
  const server = await serve(({ body }) => ({ json: { active: /token=machine/.test(String(body)), client_id: 'machine', aud: 'api', exp: now() + 600 } }));
  t.after(() => server.stop());
  const verify = { introspection: `${server.url}/introspect`, client_id: 'gateway', client_secret: 'SECRET' };
  const stage = await startRegistry({
    routes: [EXPIRE], vars: { SECRET: 's'.repeat(32) }, change: ({ algorithms, ...issuer }) => ({ ...issuer, audiences: ['api'], opaque: true, verify }),
  });
  t.after(() => stage.stop());
  for (const affect_tree of [false, true]) {
    const token = `machine-${affect_tree}`;
    assert.equal((await stage.ask('GET', '/api/x', token)).status, 200);
    assert.deepEqual((await stage.post('/expire/', { token, affect_tree })).json, {});
    assert.equal((await stage.ask('GET', '/api/x', token)).status, 401);
    assert.deepEqual((await stage.post('/expire/', { token, affect_tree })).json, { token: ['Token is not longer valid.'] });
  }
});
