// What the registry and the audit trail answer, for the tests of docs/openapi.yaml.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { filled } from '../../harness/api_client.mjs';
import { until } from '../../harness/client.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

/** Bodies that no order has: with a member twice, without members, and too long. */
export const UNREADABLE = ['{"hash":"a","hash":"a"}', '{"issuer":"auth","session":"s","session":"s"}', '[]', '{', JSON.stringify({ hash: 'a'.repeat(20_480) })];

/** Tests of the registry. `everything()` is the stage with all resources; the last test takes its database away. */
export function askTheRegistry(api, { ask, call, secured, everything }) {
  const as = asIn(everything);

  test('lists registered tokens, page by page', async () => {
    await everything().post('/api/auth/login', { email: emailOf('bob'), password: PASSWORD });
    const query = { subject: emailOf('bob'), state: 'active', issuer: 'auth', limit: '1' };
    const found = (more) => call('listTokens', as('admin', { query: { ...query, ...more }, status: 200 }));
    const { tokens: [first], cursor } = await until(async () => {
      const page = await found();
      return page.cursor !== null && page;
    }, 'two tokens', 15_000);
    assert.equal((await found({ cursor })).cursor, null);
    for (const name of ['reference', 'hash', 'family', 'session', 'device', 'kind']) assert.ok((await found({ [name]: first[name] })).tokens.length > 0, name);
    for (const more of [{ parent: 'none' }, { tenant: 'none' }, { state: 'expired' }]) assert.deepEqual((await found(more)).tokens, [], JSON.stringify(more));
    await call('headTokens', as('admin', { query, status: 200 }));
    assert.deepEqual((await call('listTokens', as('limited', { status: 200 }))).tokens, []);
    for (const wrong of [{ limit: '0' }, { limit: '1001' }, { cursor: 'x' }, { kind: 'x' }, { state: 'x' }, { x: '1' }]) {
      await call('listTokens', as('admin', { query: wrong, status: 400, code: 'invalid_request' }));
    }
  });

  test('registers tokens that came from elsewhere', async () => {
    const { accessToken, refreshToken } = await everything().server.login('ada');
    const pairs = [{ token: refreshToken }, { token: accessToken, parent: refreshToken }];
    const request = { headers: { 'user-agent': 'curl/8.5.0' }, country: 'DE', asn: 3320, address: '192.0.2.1' };
    const { registered, family } = await call('registerTokens', as('admin', { body: { pairs, request }, status: 201 }));
    assert.equal(registered, 2);
    assert.equal((await call('listTokens', as('admin', { query: { family }, status: 200 }))).tokens.length, 2);
    const others = { token: await everything().server.auth.token('eve') };
    for (const body of [{}, { pairs: [] }, { pairs: [{ token: everything().tokens.forged }] }, { pairs: [pairs[0], others] }, { pairs, request: { asn: -1 } }, ...UNREADABLE]) {
      await call('registerTokens', as('admin', { body, status: 400, code: 'invalid_request' }));
    }
    await call('registerTokens', as('limited', { body: { pairs }, status: 403, code: 'insufficient_scope' }));
    for (const [name, code] of [['unreachable', 'keys_unavailable'], ['asked', 'auth_server_unavailable']]) {
      await call('registerTokens', as('admin', { body: { pairs: [{ token: everything().tokens[name] }] }, status: 503, code }));
    }
  });

  test('expires and archives tokens, and deletes a subject', async () => {
    const { tokens: [{ hash, reference }] } = await call('listTokens', as('admin', { query: { subject: emailOf('bob') }, status: 200 }));
    for (const extent of ['token', 'descendants', 'family']) await call('expireTokens', as('admin', { body: { hash, extent }, status: 200 }));
    for (const body of [{ hash, extent: 'all' }, ...UNREADABLE]) await call('expireTokens', as('admin', { body, status: 400, code: 'invalid_request' }));
    await call('expireTokens', as('limited', { body: { hash }, status: 404, code: 'token_not_found' }));
    for (const id of ['countArchivableTokens', 'archiveTokens']) {
      await call(id, as('admin', { query: { days: '3650' }, status: 200 }));
      await call(id, as('admin', { query: { days: '3651' }, status: 400, code: 'invalid_request' }));
      await call(id, as('limited', { query: { days: '1' }, status: 403, code: 'insufficient_scope' }));
    }
    const remove = api.get('deleteSubject');
    await ask(remove, as('limited', { path: filled(remove, reference), status: 404, code: 'subject_not_found' }));
    assert.equal((await ask(remove, as('admin', { path: filled(remove, reference), status: 200 }))).deleted, true);
  });

  test('says that its database does not answer', async () => {
    await everything().gateway.sql('DROP TABLE tokens; DROP TABLE subjects; DROP TABLE audit; DROP TABLE audit_seals');
    const archive = { query: { days: '1' } };
    const requests = {
      endOtherSessions: { query: { others: 'true' } }, expireTokens: { body: { hash: 'none' } },
      registerTokens: { body: { pairs: [{ token: everything().tokens.admin }] } }, countArchivableTokens: archive, archiveTokens: archive,
    };
    const asking = secured.filter(({ path }) => /sessions|tokens|subjects|audit/.test(path));
    assert.ok(asking.length > 10);
    for (const operation of asking) await ask(operation, as('admin', { ...requests[operation.id], status: 503, code: 'registry_unavailable' }));
  });
}

/** Tests of the audit trail. */
export function askTheAuditTrail({ call, everything }) {
  const as = asIn(everything);

  test('reads the audit trail, page by page, and leaves a row in it', async () => {
    for (const id of ['headTokens', 'headAuditEvents', 'headAuditSeals']) await call(id, as('admin', { headers: { 'x-request-id': id }, status: 200 }));
    const found = async (query, name = 'admin') => (await call('listAuditEvents', as(name, { query, status: 200 }))).events;
    const row = (id) => until(async () => (await found({ request_id: id }))[0], `the row of ${id}`, 60_000);
    for (const id of ['headTokens', 'headAuditEvents', 'headAuditSeals']) assert.equal((await row(id)).event, id === 'headTokens' ? 'tokens_listed' : 'audit_listed', id);
    const { event, outcome, issuer, actor, at } = await row('headTokens');
    const query = { event, outcome, issuer, actor, since: at, until: at + 1 };
    assert.ok((await found(query)).some(({ request_id: id }) => id === 'headTokens'));
    for (const more of [{ subject: 'none' }, { tenant: 'none' }, { until: at }]) assert.deepEqual(await found({ ...query, ...more }), [], JSON.stringify(more));
    const { events: [{ id: last }], cursor } = await call('listAuditEvents', as('admin', { query: { limit: '1' }, status: 200 }));
    assert.ok((await found({ limit: '1', cursor }))[0].id < last);
    assert.ok((await found({}, 'limited')).every((one) => one.issuer === 'unreachable'));
    for (const wrong of [{ limit: '0' }, { limit: '1001' }, { cursor: 'x' }, { since: 'x' }, { until: '-1' }, { x: '1' }]) {
      for (const id of ['listAuditEvents', 'headAuditEvents']) await call(id, as('admin', { query: wrong, status: 400, code: 'invalid_request' }));
    }
  });

  test('lists the seals of the audit trail', async () => {
    await fetch(`${everything().gateway.url}/cdn-cgi/handler/scheduled`);
    const { seals: [seal] } = await until(async () => {
      const page = await call('listAuditSeals', as('admin', { status: 200 }));
      return page.seals.length > 0 && page;
    }, 'a seal', 15_000);
    assert.equal((await call('listAuditSeals', as('admin', { query: { cursor: String(seal.first - 1) }, status: 200 }))).seals[0].hash, seal.hash);
    assert.ok((await call('listAuditSeals', as('admin', { query: { cursor: String(seal.last) }, status: 200 }))).seals.every(({ hash }) => hash !== seal.hash));
    for (const id of ['listAuditSeals', 'headAuditSeals']) {
      for (const wrong of [{ cursor: 'x' }, { limit: '1' }]) await call(id, as('admin', { query: wrong, status: 400, code: 'invalid_request' }));
      await call(id, as('limited', { status: 403, code: 'insufficient_scope' }));
    }
  });
}

/** What makes the options of a request of somebody whose token `everything()` has. */
const asIn = (everything) => (name, more) => ({ token: everything().tokens[name], ...more });
