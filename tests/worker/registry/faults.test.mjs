// The registry while its database fails: nothing waits for it, nothing is decided by it, and behind a queue nothing is lost.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { send, sleep, until } from '../../harness/client.mjs';
import { assertProblem } from '../../harness/config.mjs';
import { FAULTY, startRegistry } from '../../harness/registry_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

const MIGRATION = readFileSync(new URL('../../../migrations/0001_registry.sql', import.meta.url), 'utf8');
/** The statements that make the table of tokens. */
const TOKENS = MIGRATION.replace(/--.*$/gm, '').split(';').map((text) => text.trim()).filter((text) => /tokens\b/.test(text)).join('; ');

for (const queue of [true, false]) describe(queue ? 'behind a queue' : 'without a queue', () => {
  let stage;
  let admin;
  before(async () => {
    stage = await startRegistry({ queue });
    admin = (await stage.server.login('ada')).accessToken;
  });
  after(() => stage?.stop());

  const login = async () => (await stage.post('/api/auth/login', { email: emailOf('bob'), password: PASSWORD })).json;
  const list = () => stage.ask('GET', `/.edgeward/admin/tokens?subject=${emailOf('bob')}`, admin);
  const readiness = async () => {
    const { status, json } = await stage.ask('GET', '/.edgeward/ready', admin);
    return [status, json.checks?.registry];
  };

  test('logins, refreshes and verdicts go on; what asks the registry is 503; and afterwards it catches up, if there is a queue', async () => {
    const first = await login();
    await until(async () => (await list()).json.tokens?.length === 2, 'the first login', 60_000);
    assert.deepEqual(await readiness(), [200, 'ok']);
    await stage.gateway.sql('DROP TABLE tokens');
    const began = Date.now();
    const second = await login();
    const refreshed = await stage.post('/api/auth/refresh', { refreshToken: first.refreshToken });
    assert.ok(second.accessToken && refreshed.status === 200);
    assert.equal((await stage.ask('GET', '/api/x', second.accessToken)).status, 200);
    assert.ok(Date.now() - began < 3000, 'nothing has waited');
    assert.deepEqual(await readiness(), [200, 'unavailable'], 'the gateway decides without it');
    assertProblem(await list(), 503, 'registry_unavailable');
    assertProblem(await stage.ask('GET', '/.edgeward/sessions', second.accessToken), 503, 'registry_unavailable');
    assertProblem(await stage.ask('POST', '/.edgeward/admin/tokens/expire', admin, { hash: 'x' }), 503, 'registry_unavailable');
    if (queue) await sleep(1500);
    else await until(() => stage.gateway.logs().some(({ event }) => event === 'registry_event_lost'), 'the line for what is lost');
    await stage.gateway.sql(TOKENS);
    if (queue) {
      const { tokens } = await until(async () => {
        const { json } = await list();
        return json.tokens?.length === 4 && json;
      }, 'both logins', 40_000);
      assert.equal(new Set(tokens.map(({ family }) => family)).size, 2);
    } else {
      assert.deepEqual((await list()).json.tokens, []);
    }
  });
});

test('a session that ends while the log takes no orders is listed no more once it does, and has ended once', async (t) => {
  const stage = await startRegistry({ more: FAULTY });
  t.after(() => stage.stop());
  const login = async () => (await stage.post('/api/auth/login', { email: emailOf('bob'), password: PASSWORD })).json;
  const [own, ...others] = [await login(), await login(), await login()];
  const listed = async () => (await stage.ask('GET', '/.edgeward/sessions', own.accessToken)).json.sessions.length;
  await until(async () => await listed() === 3, 'the logins', 15_000);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const end = () => Promise.all([
    send(`${stage.gateway.url}/.edgeward/token/revoke`, { method: 'POST', headers, body: String(new URLSearchParams({ token: others[0].refreshToken })) }),
    stage.post('/api/auth/logout', { refreshToken: others[1].refreshToken }),
  ]);
  const set = (faults) => stage.ask('PUT', '/faults', undefined, faults);
  await set({ hasNoLog: true });
  assert.deepEqual((await end()).map(({ status }) => status), [503, 503]);
  await set({});
  assert.deepEqual((await end()).map(({ status }) => status), [200, 204]);
  await until(async () => await listed() === 1, 'the end of both', 15_000);
  const reasons = stage.gateway.logs().filter(({ event }) => event === 'session_ended').map(({ reason }) => reason);
  assert.deepEqual(reasons.sort(), ['logout', 'revoked']);
});

describe('the archiver', () => {
  let stage;
  let admin;
  before(async () => {
    stage = await startRegistry({ auth: { accessSeconds: 1 } });
    stage.server.auth.accessSeconds = 900;
    admin = (await stage.server.login('ada')).accessToken;
    stage.server.auth.accessSeconds = 1;
  });
  after(() => stage?.stop());

  test('says what it would remove, removes it, and leaves the rest', async () => {
    for (let n = 0; n < 3; n += 1) await stage.post('/api/auth/login', { email: emailOf('bob'), password: PASSWORD });
    const list = (state) => stage.ask('GET', `/.edgeward/admin/tokens?subject=${emailOf('bob')}&state=${state}`, admin);
    await until(async () => (await list('expired')).json.tokens?.length === 3, 'three that have expired', 60_000);
    const archive = (method, query) => stage.ask(method, `/.edgeward/admin/tokens/archive?${query}`, admin);
    // In the second after.
    await until(async () => (await archive('GET', 'days=0')).json.removable === 3, 'what it would remove');
    assert.deepEqual((await archive('GET', 'days=1')).json, { removable: 0 });
    for (const query of ['', 'days=-1', 'days=x', 'days=3651', 'days=1&days=2', 'day=1']) assert.equal((await archive('POST', query)).status, 400, query);
    assert.deepEqual((await archive('POST', 'days=0')).json, { removed: 3, has_more: false });
    assert.deepEqual([(await list('expired')).json.tokens.length, (await list('active')).json.tokens.length], [0, 3]);
  });

  test('keeps for as long as events may be late that a family has ended, and no address of a device that is gone', async () => {
    const at = (days) => Math.floor(Date.now() / 1000) - days * 86_400;
    await stage.gateway.sql(`INSERT INTO ended_families(family, ended_at) VALUES ('soon', ${at(14)}), ('late', ${at(16)})`);
    await stage.gateway.sql("INSERT INTO connections VALUES ('f', 'gone', 'DE', 1, '203.0.113.7', 1, 1); INSERT INTO devices VALUES ('gone', 's', NULL, NULL, NULL, 1, 1);"
      + " INSERT INTO tokens(hash, name, kind, issuer, tenant, object, subject, family, device, issued_at, expires_at, true_expires_at, last_seen)"
      + ` SELECT 'h' || device, 'n', 'access', 'i', '', '', 's', 'f', device, 1, until, until, 1 FROM (SELECT 'gone' AS device, 1 AS until UNION SELECT 'here', ${at(-1)})`);
    assert.equal((await stage.ask('POST', '/.edgeward/admin/tokens/archive?days=0', admin)).status, 200);
    assert.deepEqual(await stage.gateway.sql("SELECT family FROM ended_families WHERE family IN ('soon', 'late')"), [{ family: 'soon' }]);
    assert.deepEqual(await stage.gateway.sql("SELECT address FROM connections WHERE device = 'gone'"), []);
  });

  test('removes a device that no token was registered with', async () => {
    const { auth } = stage.server;
    const token = await auth.token('eve', { iat: 1, exp: 2 });
    for (const agent of ['curl/8.5.0', 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0']) {
      const body = { pairs: [{ token }], request: { headers: { 'user-agent': agent } } };
      assert.equal((await stage.ask('POST', '/.edgeward/admin/tokens', admin, body)).status, 201);
    }
    const devices = () => stage.gateway.sql(`SELECT id FROM devices WHERE subject = (SELECT reference FROM subjects WHERE subject = '${emailOf('eve')}')`);
    assert.equal((await devices()).length, 2);
    assert.equal((await stage.ask('POST', '/.edgeward/admin/tokens/archive?days=0', admin)).status, 200);
    assert.deepEqual(await devices(), []);
  });

  test('runs by the clock, too', async () => {
    const { status } = await stage.ask('GET', '/cdn-cgi/handler/scheduled');
    assert.equal(status, 200);
    await until(() => stage.gateway.logs().some(({ event, removed }) => event === 'registry_archived' && removed === 0), 'its line');
  });
});
