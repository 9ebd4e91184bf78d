// Attacks on the audit trail: by clients who want to be missing in it or to fill it, and by administrators of one tenant.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { send, until } from '../../harness/client.mjs';
import { rawRequest } from '../../harness/raw.mjs';
import { hashOf, startRegistry } from '../../harness/registry_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

const now = () => Math.floor(Date.now() / 1000);
const EXPIRE = { path: '/expire/', methods: ['POST'], access: 'public', origin: 'auth', handler: 'expire' };
const BLACKLIST = { path: '/blacklist/', methods: ['POST'], access: 'public', origin: 'main', handler: 'blacklist' };
/** What one run of the clock sealed before: 50 seals over 1,000 rows each. */
const ONCE_SEALED = 50_000;

describe('the audit trail under attack', () => {
  let stage;
  let admin;
  before(async () => {
    stage = await startRegistry({
      routes: [EXPIRE, BLACKLIST], claims: { tenant: 'org' },
      config: { audit: 'database', admin: [{ require: { role: 'admin' } }, { require: { role: 'acme' }, tenants: ['acme'] }] },
    });
    admin = await stage.server.auth.token('ada', { org: 'acme', exp: now() + 3600 });
  });
  after(() => stage?.stop());

  const sql = (text) => stage.gateway.sql(text);
  const login = () => stage.post('/api/auth/login', { email: emailOf('bob'), password: PASSWORD });
  const list = async (query, token = admin) => (await stage.ask('GET', `/.edgeward/admin/audit?${query}`, token)).json.events;

  test('no name of a browser keeps a login out of the registry and the trail', async () => {
    const { host, port } = new URL(stage.gateway.url);
    const body = JSON.stringify({ email: emailOf('bob'), password: PASSWORD });
    // One half of the last character is within the 64 that are kept.
    const agent = `${'A'.repeat(63)}\u{1f600}/1 x`;
    const head = ['POST /api/auth/login HTTP/1.1', `host: ${host}`, `user-agent: ${agent}`, 'content-type: application/json', `content-length: ${body.length}`];
    const { accessToken } = JSON.parse((await rawRequest(port, `${head.join('\r\n')}\r\n\r\n${body}`)).text);
    await until(async () => (await sql(`SELECT hash FROM tokens WHERE hash = '${hashOf(accessToken)}'`)).length === 1, 'the token in the registry');
    await until(async () => (await list('event=login&outcome=accepted')).length === 1, 'the login in the trail');
    assert.ok(!stage.gateway.logs().some(({ event }) => event === 'registry_event_lost'));
  });

  test('a flood of requests that change nothing is a few rows of each kind, which say how many they stand for', async () => {
    const bob = await stage.server.auth.token('bob', { exp: now() + 3600 });
    const [over, ended] = [await stage.server.auth.token('eve', { iat: now() - 7200, exp: now() - 3600 }), await stage.server.auth.token('eve', { exp: now() + 3600 })];
    const logout = (token) => stage.post('/api/auth/logout', {}, { headers: { authorization: `Bearer ${token}` } });
    for (const [event, request] of [
      ['logout', () => stage.post('/api/auth/logout', {})], ['logout', () => logout(over)], ['logout', () => logout(ended)], ['expire', () => stage.post('/expire/', {})],
      ['login', () => stage.post('/api/auth/login', { email: emailOf('bob'), password: 'wrong' })],
      ['token_refresh', (n) => stage.post('/api/auth/refresh', { refreshToken: `x${n}` })],
      ['own_sessions_ended', (n) => stage.ask('DELETE', `/.edgeward/sessions/x${n}`, bob)],
    ]) {
      const [{ id: before } = { id: 0 }] = await list('limit=1');
      await Promise.all(Array.from({ length: 60 }, (_, n) => request(n)));
      const rows = await until(async () => {
        await request('last');
        const found = (await list(`event=${event}&limit=1000`)).filter(({ id }) => id > before);
        return found.reduce((sum, { count }) => sum + count, 0) >= 60 && found;
      }, `all of ${event}`, 15_000);
      assert.ok(rows.length < 60, `${event}: ${rows.length} rows`);
    }
  });

  test('a flood by one hides nobody else', async () => {
    const [bob, eve] = await Promise.all(['bob', 'eve'].map((name) => stage.server.auth.token(name, { exp: now() + 3600 })));
    for (let n = 0; n < 30; n += 1) await stage.ask('DELETE', '/.edgeward/sessions/none', bob);
    const { headers } = await stage.ask('DELETE', '/.edgeward/sessions/none', eve);
    await until(async () => (await list(`event=own_sessions_ended&request_id=${headers['x-request-id']}`)).length === 1, 'the row of the other');
  });

  test('a token that only the auth server knew and blacklists is a row about its subject', async () => {
    const refreshToken = await stage.server.auth.token('eve', { org: 'acme', token_type: 'refresh', exp: now() + 3600 });
    assert.equal((await stage.post('/blacklist/', { refreshToken })).status, 200);
    const [row] = await until(async () => {
      const rows = await list('event=blacklist');
      return rows.length > 0 && rows;
    }, 'the row');
    assert.deepEqual([row.outcome, row.tenant, typeof row.subject], ['ended', 'acme', 'string']);
  });

  test('no statement replaces a row or a seal', async () => {
    const [{ id, key }] = await list('limit=1');
    assert.equal((await send(`${stage.gateway.url}/cdn-cgi/handler/scheduled`)).status, 200);
    assert.equal((await sql('SELECT last FROM audit_seals')).length, 1);
    const trail = 'SELECT (SELECT group_concat(id || key || event) FROM audit WHERE id <= ?) AS rows, (SELECT group_concat(last || hash) FROM audit_seals) AS seals'.replace('?', id);
    const before = await sql(trail);
    await assert.rejects(sql(`REPLACE INTO audit(id, key, at, event, count) VALUES (${id}, 'other', 1, 'replaced', 1)`), /append only/);
    await sql(`REPLACE INTO audit(key, at, event, count) VALUES ('${key}', 1, 'replaced', 1)`);
    await assert.rejects(sql("REPLACE INTO audit_seals SELECT last, first, previous, 'replaced', 1 FROM audit_seals"), /append only/);
    assert.deepEqual(await sql(trail), before);
  });

  test('every login that succeeds has a row of its own', async () => {
    const before = (await sql('SELECT max(id) AS id FROM audit'))[0].id;
    await Promise.all(Array.from({ length: 12 }, () => login()));
    await until(async () => (await sql(`SELECT id FROM audit WHERE id > ${before} AND event = 'login' AND outcome = 'accepted' AND count = 1`)).length === 12, 'a row for each');
  });

  test('an administrator of one tenant sees what was done in it, and not what one of its people did in another', async () => {
    const scoped = await stage.server.auth.token('ada', { org: 'acme', organization: { role: 'acme' }, exp: now() + 3600 });
    const expired = {};
    for (const org of ['acme', 'beta']) {
      const token = await stage.server.auth.token('eve', { org, exp: now() + 3600 });
      assert.equal((await stage.ask('POST', '/.edgeward/admin/tokens', admin, { pairs: [{ token }] })).status, 201);
      const { status, headers } = await stage.ask('POST', '/.edgeward/admin/tokens/expire', admin, { hash: hashOf(token) });
      assert.equal(status, 200);
      expired[org] = headers['x-request-id'];
    }
    await until(async () => (await list(`request_id=${expired.beta}`)).length === 1, 'the row');
    assert.equal((await list(`request_id=${expired.acme}`, scoped)).length, 1);
    assert.deepEqual(await list(`request_id=${expired.beta}`, scoped), []);
    assert.deepEqual((await list('event=tokens_registered&tenant=beta')).length, 1);
  });

  test('an administrator of one tenant sees whom of theirs the gateway refused, and that others revoked their tokens', async () => {
    const scoped = await stage.server.auth.token('ada', { org: 'acme', organization: { role: 'acme' }, exp: now() + 3600 });
    const others = await stage.server.auth.token('ada', { org: 'zeta', exp: now() + 3600 });
    const token = await stage.server.auth.token('eve', { org: 'acme', exp: now() + 3600 });
    const answers = [
      await stage.ask('GET', '/.edgeward/admin/tokens', token),
      await stage.ask('POST', '/.edgeward/admin/revocations', others, { issuer: stage.config.issuers[0].issuer, tenant: 'acme', before: 1000 }),
    ];
    assert.deepEqual(answers.map(({ status }) => status), [403, 201]);
    for (const { headers } of answers) {
      const query = `request_id=${headers['x-request-id']}`;
      await until(async () => (await list(query, others)).length === 1, 'the row');
      assert.deepEqual((await list(query, scoped)).map(({ tenant }) => tenant), ['acme'], query);
    }
  });

  test('tokens of two sessions are not registered as one', async () => {
    const [one, two] = [await stage.server.login('eve'), await stage.server.login('eve')];
    const { status, json } = await stage.ask('POST', '/.edgeward/admin/tokens', admin, { pairs: [{ token: one.refreshToken }, { token: two.accessToken, parent: one.refreshToken }] });
    assert.deepEqual([status, json.detail], [400, 'expected the tokens of one session in one request']);
  });

  test('a run of the clock seals more rows than a client can add in a day at the rate of refusals', { timeout: 120_000 }, async () => {
    const { n } = (await sql('SELECT count(*) AS n FROM audit'))[0];
    await sql(`WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n <= ${ONCE_SEALED}) INSERT INTO audit(key, at, event, count) SELECT 'flood' || n, 1, 'refused', 1 FROM more`);
    const { status } = await send(`${stage.gateway.url}/cdn-cgi/handler/scheduled`);
    assert.equal(status, 200);
    const [{ last }] = await sql('SELECT max(last) AS last FROM audit_seals');
    assert.ok(last > ONCE_SEALED + n, `${last} rows are sealed`);
    const seals = await sql('SELECT first, last, previous, hash FROM audit_seals ORDER BY last');
    for (const [at, seal] of seals.entries()) assert.deepEqual([seal.first, seal.previous], at === 0 ? [1, ''] : [seals[at - 1].last + 1, seals[at - 1].hash]);
  });
});
