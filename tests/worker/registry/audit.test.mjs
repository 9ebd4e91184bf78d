// The audit trail in real D1: who did what, sealed, and without a token or a subject in it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { until } from '../../harness/client.mjs';
import { startRegistry } from '../../harness/registry_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

for (const queue of [false, true]) describe(queue ? 'behind a queue' : 'written directly', () => {
  let stage;
  let admin;
  before(async () => {
    stage = await startRegistry({
      queue,
      routes: [{ path: '/chief/**', methods: ['*'], access: 'authenticated', require: { role: 'chief' } }],
      config: { audit: 'database', admin: [{ require: { role: 'admin' } }, { require: { role: 'auditor' }, issuers: ['auth'] }] },
    });
    admin = (await stage.server.login('ada')).accessToken;
  });
  after(() => stage?.stop());

  const login = async (name) => (await stage.post('/api/auth/login', { email: emailOf(name), password: PASSWORD })).json;
  const list = async (query) => {
    const { status, json, text } = await stage.ask('GET', `/.edgeward/admin/audit?${query}`, admin);
    assert.equal(status, 200, text);
    return json;
  };
  const listed = (query, count = 1) => until(async () => {
    const { events } = await list(query);
    return events.length >= count && events;
  }, `${count} events of ${query}`, 15_000);
  const referenceOf = async (name) => {
    const { json } = await stage.ask('GET', `/.edgeward/admin/tokens?subject=${emailOf(name)}&limit=1`, admin);
    return json.tokens[0]?.reference;
  };

  test('a login, a refresh and a logout are rows about their subject, with the request and the device', async () => {
    const pair = await login('bob');
    const next = (await stage.post('/api/auth/refresh', { refreshToken: pair.refreshToken })).json;
    await stage.post('/api/auth/logout', { refreshToken: next.refreshToken }, { headers: { authorization: `Bearer ${next.accessToken}` } });
    const reference = await until(() => referenceOf('bob'), 'the subject', 60_000);
    const events = await listed(`subject=${reference}`, 3);
    const byName = Object.fromEntries(events.map((event) => [event.event, event]));
    assert.deepEqual([byName.token_refresh.outcome, byName.session_ended.outcome, byName.logout.outcome], ['rotated', 'logout', 'ended']);
    assert.match(byName.logout.request_id, /^[0-9a-f]+-[0-9a-f]+$/);
    assert.ok(byName.token_refresh.duration_ms >= 0 && byName.token_refresh.device !== null && byName.token_refresh.issuer === 'auth');
    assert.ok(events.every(({ actor, count }) => actor === null && count === 1));
    assert.equal((await listed(`event=login&subject=${reference}`))[0].outcome, 'accepted');
  });

  test('a refusal says its code, its route, and who was refused where the token was good', async () => {
    const { accessToken } = await login('bob');
    const { status, headers } = await stage.ask('GET', '/chief/x', accessToken);
    assert.equal(status, 403);
    assert.equal((await stage.ask('GET', '/api/x', `${accessToken.slice(0, -4)}AAAA`)).status, 401);
    const [denied] = await listed('event=refused&outcome=insufficient_scope');
    assert.deepEqual([denied.route, denied.actor, denied.request_id], ['/chief/**', await referenceOf('bob'), headers['x-request-id']]);
    const [forged] = await listed('event=refused&outcome=signature_invalid');
    assert.equal(forged.actor, null);
  });

  test('a flood of refusals is a few rows, which say how many they stand for', async () => {
    const { length } = (await list('event=refused&outcome=credential_missing&limit=1000')).events;
    for (let n = 0; n < 60; n += 1) assert.equal((await stage.ask('GET', '/api/x')).status, 401);
    const events = await until(async () => {
      assert.equal((await stage.ask('GET', '/api/x')).status, 401);
      const found = (await list('event=refused&outcome=credential_missing&limit=1000')).events;
      return found.reduce((sum, { count }) => sum + count, 0) >= 60 && found;
    }, 'all refusals', 15_000);
    assert.ok(events.length - length < 60, `${events.length} rows`);
  });

  test('what administrators do and read is a row with the administrator, and without what they looked for', async () => {
    const { accessToken } = await login('eve');
    const hash = await until(async () => (await stage.ask('GET', `/.edgeward/admin/tokens?subject=${emailOf('eve')}&kind=access`, admin)).json.tokens[0]?.hash, 'the token', 60_000);
    assert.equal((await stage.ask('POST', '/.edgeward/admin/tokens/expire', admin, { hash })).json.expired, 1);
    assert.equal((await stage.ask('POST', '/.edgeward/admin/revocations', admin, { token: accessToken })).status, 201);
    const [expired] = await listed('event=tokens_expired');
    const [revoked] = await listed('event=revoked');
    const [read] = await listed('event=tokens_listed');
    assert.deepEqual([expired.outcome, expired.detail, revoked.outcome], ['done', `1 token ${hash}`, 'admin']);
    assert.equal(expired.subject, await referenceOf('eve'));
    assert.ok(expired.actor !== null && expired.actor === revoked.actor && expired.actor === read.actor);
    assert.equal((await stage.ask('GET', '/.edgeward/admin/tokens?limit=0', admin)).status, 400);
    await listed('event=tokens_listed&outcome=invalid_request');
    await listed('event=audit_listed');
  });

  test('the configuration in force is one row, however many isolates read it', async () => {
    const events = await listed('event=configuration_read');
    assert.equal(events.length, 1);
    assert.match(events[0].detail, /^[\w-]{43}$/);
  });

  test('what is asked wrongly is said, and nobody but administrators may ask', async () => {
    for (const query of ['limit=0', 'since=x', 'x=1', 'event=a&event=b', 'cursor=x']) {
      const { status, json } = await stage.ask('GET', `/.edgeward/admin/audit?${query}`, admin);
      assert.deepEqual([status, json.code], [400, 'invalid_request'], query);
    }
    const bob = (await login('bob')).accessToken;
    for (const path of ['audit', 'audit/seals']) {
      assert.equal((await stage.ask('GET', `/.edgeward/admin/${path}`, bob)).status, 403);
      assert.equal((await stage.ask('GET', `/.edgeward/admin/${path}`)).status, 401);
      assert.equal((await stage.ask('POST', `/.edgeward/admin/${path}`, admin, {})).status, 405);
    }
  });

  test('pages follow a cursor, newest first, and show each event once', async () => {
    const ids = [];
    let cursor = '';
    const { events: [{ id: newest }] } = await list('limit=1');
    do {
      const page = await list(`limit=7${cursor}`);
      ids.push(...page.events.map(({ id }) => id));
      cursor = page.cursor === null ? null : `&cursor=${page.cursor}`;
    } while (cursor !== null);
    assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => b - a));
    assert.ok(ids.includes(newest));
  });

  test('a run of the clock seals the trail, the log output has the hash, and `edgeward audit verify` finds every change', async () => {
    await fetch(`${stage.gateway.url}/cdn-cgi/handler/scheduled`);
    const logged = await until(() => stage.gateway.logs().find(({ event }) => event === 'audit_sealed'), 'the seal in the log', 60_000);
    const { json: { seals, cursor } } = await stage.ask('GET', '/.edgeward/admin/audit/seals', admin);
    assert.equal(cursor, null);
    assert.deepEqual(seals.at(-1), { first: 1, last: logged.last, previous: '', hash: logged.hash, sealed_at: seals.at(-1).sealed_at });
    const { events } = await list('limit=1000');
    const folder = mkdtempSync(join(tmpdir(), 'edgeward-audit-'));
    try {
      const verify = async (document, ...more) => {
        writeFileSync(join(folder, 'trail.json'), JSON.stringify(document));
        return (await promisify(execFile)(join(ROOT, 'scripts/edgeward'), ['audit', 'verify', join(folder, 'trail.json'), ...more])).stdout;
      };
      assert.match(await verify({ events, seals }, '--hash', logged.hash), new RegExp(`${logged.last} events`));
      const changed = events.map((event) => (event.id === 2 ? { ...event, outcome: 'x' } : event));
      await assert.rejects(verify({ events: changed, seals }), /rows 1 to \d+ are not as they were sealed/);
      await assert.rejects(verify({ events: events.filter(({ id }) => id !== 1), seals }), /are not as they were sealed/);
      await assert.rejects(verify({ events, seals }, '--hash', 'A'.repeat(43)), /no seal has this hash/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('deleting a subject leaves the rows with their bare reference, and the seals verify', async () => {
    const reference = await until(() => referenceOf('bob'), 'the subject', 60_000);
    assert.equal((await stage.ask('DELETE', `/.edgeward/admin/subjects/${reference}`, admin)).status, 200);
    assert.ok((await list(`subject=${reference}`)).events.length >= 3);
    assert.equal((await listed('event=subject_deleted'))[0].subject, reference);
    assert.deepEqual(await stage.gateway.sql(`SELECT count(*) AS n FROM subjects WHERE reference = '${reference}'`), [{ n: 0 }]);
  });

  test('no token, and no subject, is in the trail', async () => {
    const rows = await stage.gateway.sql('SELECT * FROM audit');
    const text = JSON.stringify(rows);
    assert.ok(rows.length > 10);
    assert.doesNotMatch(text, /eyJ[\w-]+\.|@example|Bearer/);
    assert.ok(!text.includes(PASSWORD));
  });
});
