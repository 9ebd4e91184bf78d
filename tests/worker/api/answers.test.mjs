// docs/openapi.yaml against running gateways: it has their paths and methods and no others, and each of their answers is one that it describes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { apiClient, filled } from '../../harness/api_client.mjs';
import { CLIENT, startEverything, startSmall, startWithoutLog } from '../../harness/api_stages.mjs';
import { send, until } from '../../harness/client.mjs';
import { Browser, NAMES } from '../../harness/cookie_stage.mjs';
import { OpenApi } from '../../harness/openapi.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';
import { askTheAuditTrail, askTheRegistry, UNREADABLE } from './registry_answers.mjs';

/** Described answers that no request here gets. */
const UNSEEN = [
  [/ 500( internal_error)?$/, 'a fault of the gateway, which no request causes; request/trap.test.mjs has one'],
];

const api = new OpenApi();
let everything, withoutLog, small;
const { ask, askRaw } = apiClient(api, () => everything.gateway);
before(async () => {
  everything = await startEverything();
  withoutLog = await startWithoutLog();
  small = await startSmall();
});
after(() => Promise.all([everything, withoutLog, small].map((stage) => stage?.stop())));

/** Those that look at a bearer token. */
const bearing = api.operations.filter(({ security }) => security.some((scheme) => 'bearer' in scheme));
/** Those that need one. */
const secured = bearing.filter(({ security }) => security.every((scheme) => Object.keys(scheme).length > 0));
/** Those for callers with a role, and those for all who have a session. */
const guarded = secured.filter(({ security }) => security.some(({ bearer = [] }) => bearer.length > 0));
const inSession = secured.filter(({ security }) => security.some((scheme) => 'session' in scheme));

const call = (id, options) => ask(api.get(id), options);
/** One after the other: some requests count on the answer to the one before. */
async function each(operations, work) {
  assert.ok(operations.length > 0);
  for (const operation of operations) await work(operation);
}

describe('paths and methods', () => {
  /** The paths of the gateway's own routes, as the source has them; `*` is a segment. Neither what has no resource nor the files of pages. */
  const source = readFileSync(new URL('../../../src/config/builtin.rs', import.meta.url), 'utf8');
  const paths = [...source.matchAll(/"(\/[a-z*][^"]*)"/g)].map(([, path]) => `/.edgeward${path}`).filter((path) => !path.endsWith('/**'));
  const described = (operations) => [...new Set(operations.map(({ path }) => path))];
  const pattern = (path) => path.replace(/\{\w+\}/, '*');

  test('the paths are those of the source', () => {
    const [resources] = /pub enum OwnResource \{[^]*?\n\}/.exec(readFileSync(new URL('../../../src/route/target.rs', import.meta.url), 'utf8'));
    const variants = [...resources.matchAll(/^ {4}([A-Z]\w+),$/gm)].map(([, name]) => name);
    assert.ok(variants.length > 10);
    assert.deepEqual(variants.filter((name) => !source.includes(`OwnResource::${name}`)), [], 'every resource has its path here');
    assert.deepEqual(described(api.operations).map(pattern).sort(), paths.sort());
  });

  test('the methods are those that the running gateway allows', async () => {
    for (const path of described(api.operations)) {
      const { status, headers, text } = await send(everything.gateway.url + filled({ path }), { method: 'OPTIONS', token: everything.tokens.admin });
      assert.equal(status, 405, `${path}: ${text}`);
      const own = api.operations.filter((operation) => operation.path === path).map(({ method }) => method);
      assert.deepEqual(own.sort(), headers.allow.toLowerCase().split(', ').sort(), path);
    }
  });
});

describe('every operation', () => {
  test('is refused for a head that is too large or can be read in two ways', async () => {
    const many = Array.from({ length: 600 }, (_, n) => `x-field-${n}: 1`);
    await each(api.operations, async (operation) => {
      await askRaw(operation, ['Host: gateway.example', ...many], { status: 431, code: 'header_fields_too_large' });
      await askRaw(operation, ['Host: a/b'], { on: small.bare, status: 400, code: 'request_ambiguous' });
      await askRaw(operation, ['Host: gateway.example', `Cookie: ${NAMES.access}=1~a.b.c; other=\xff`], { status: 400, code: 'header_not_utf8' });
    });
  });

  test('is unavailable while the configuration is invalid or unread', async () => {
    await each(api.operations, async (operation) => {
      await ask(operation, { on: small.invalid, status: 503, code: 'configuration_invalid' });
      await ask(operation, { on: small.unread, status: 503, code: 'configuration_unavailable' });
    });
  });

  test('is not there without its configuration or binding', async () => {
    const always = ['/.edgeward/health', '/.edgeward/ready', '/.edgeward/me'];
    await each(api.operations.filter(({ path }) => !always.includes(path)), (operation) =>
      ask(operation, { on: small.bare, token: small.admin, status: 404, code: 'route_not_found' }));
  });

  test('with a parameter in its path is refused for a path that can be read in two ways', async () => {
    await each(api.operations.filter(({ path }) => path.includes('{')), (operation) =>
      ask(operation, { path: filled(operation, 'a%2Fb'), token: everything.tokens.admin, status: 400, code: 'path_ambiguous' }));
  });
});

describe('an operation with a bearer token', () => {
  test('is refused without one, with two, and with a bad one', async () => {
    await each(secured, (operation) => ask(operation, { status: 401, code: 'credential_missing' }));
    await each(bearing, async (operation) => {
      await ask(operation, { headers: { authorization: 'Bearer a b' }, status: 400, code: 'invalid_request' });
      await ask(operation, { token: everything.tokens.forged, status: 401, code: 'invalid_token' });
    });
  });

  test('is unavailable while nobody can tell whether it is good', async () => {
    await each(bearing, async (operation) => {
      await ask(operation, { token: everything.tokens.unreachable, status: 503, code: 'keys_unavailable' });
      await ask(operation, { token: everything.tokens.asked, status: 503, code: 'auth_server_unavailable' });
      await ask(operation, { on: withoutLog.gateway, token: withoutLog.tokens.admin, status: 503, code: 'revocation_unavailable' });
    });
  });

  test('for a role is refused to anyone else', async () => {
    await each(guarded, async (operation) => {
      await ask(operation, { token: everything.tokens.nobody, status: 403, code: 'insufficient_scope' });
      await ask(operation, { token: everything.tokens.step_up, status: 401, code: 'insufficient_user_authentication' });
    });
  });

  test('in a cookie is refused to a page of another site', async () => {
    const cookie = `${NAMES.access}=1~${everything.tokens.limited}`;
    const upgrade = ['Host: gateway.example', `Cookie: ${cookie}`, 'Sec-Fetch-Site: cross-site', 'Connection: Upgrade', 'Upgrade: websocket'];
    await each(inSession, (operation) =>
      (operation.method === 'delete'
        ? ask(operation, { headers: { cookie, 'sec-fetch-site': 'cross-site' }, status: 403, code: 'cross_site_request' })
        : askRaw(operation, upgrade, { status: 403, code: 'cross_site_request' })));
  });
});

describe('the gateway itself', () => {
  test('is alive and has keys', async () => {
    for (const id of ['getHealth', 'headHealth', 'getKeySet', 'headKeySet']) await call(id, { status: 200 });
  });

  test('is ready or not, and tells an administrator why', async () => {
    for (const id of ['getReadiness', 'headReadiness']) {
      await call(id, { status: 503 });
      await call(id, { on: small.importing, status: 200 });
    }
    const { checks } = await call('getReadiness', { token: everything.tokens.admin, status: 503 });
    assert.deepEqual(Object.keys(checks).sort(), ['assertion', 'auth_server:asked', 'keys:auth', 'keys:unreachable', 'registry', 'revocation_log', 'store']);
  });
});

describe('a reader of metrics', () => {
  test('sees the counters, unless their object does not answer', async () => {
    for (const id of ['getMetrics', 'headMetrics']) {
      for (const name of ['admin', 'limited']) await call(id, { token: everything.tokens[name], status: 200 });
      await call(id, { on: small.unmeasured, token: small.admin, status: 503, code: 'metrics_unavailable' });
    }
  });
});

describe('a caller', () => {
  const open = async (name) => {
    const browser = new Browser(everything.gateway.url);
    assert.equal((await browser.post('/web/login', { email: emailOf(name), password: PASSWORD })).status, 200);
    return browser;
  };
  const listed = (options, count) => until(async () => {
    const { sessions } = await call('listSessions', { ...options, status: 200 });
    return sessions.length === count && sessions;
  }, `${count} sessions`, 15_000);

  test('sees themselves, by token or by cookie, and a session that is renewed on the way', async () => {
    for (const id of ['getCaller', 'headCaller']) await call(id, { token: everything.tokens.limited, status: 200 });
    const browser = await open('ada');
    browser.jar.delete(NAMES.access);
    const answer = await browser.get('/.edgeward/me');
    assert.ok(answer.headers['set-cookie'].length > 0);
    api.check(api.get('getCaller'), answer);
  });

  test('sees their sessions, and ends one or the others', async () => {
    const [browser] = [await open('eve'), await open('eve')];
    const headers = { cookie: browser.cookie, 'sec-fetch-site': 'same-origin' };
    const sessions = await listed({ headers }, 2);
    const id = sessions.find(({ is_current: isCurrent }) => !isCurrent).id;
    const end = api.get('endSession');
    assert.deepEqual(await ask(end, { headers, path: filled(end, id), status: 200 }), { ended: 1 });
    await ask(end, { headers, path: filled(end, id), status: 404, code: 'session_not_found' });
    await call('endOtherSessions', { headers, query: { others: 'false' }, status: 400, code: 'invalid_request' });
    await open('eve');
    await listed({ headers }, 2);
    assert.deepEqual(await call('endOtherSessions', { headers, query: { others: 'true' }, status: 200 }), { ended: 1 });
    await listed({ headers }, 1);
  });

  test('ends a token that they hold', async () => {
    const token = await everything.server.auth.token('eve');
    assert.deepEqual(await call('revokeToken', { body: { token }, status: 200 }), {});
    await call('getCaller', { token, status: 401, code: 'invalid_token' });
    for (const body of [{}, 'token=a&token=b', `token=${'a'.repeat(20_480)}`]) await call('revokeToken', { body, status: 400 });
    await call('revokeToken', { body: { token: everything.tokens.unreachable }, status: 503, code: 'keys_unavailable' });
    await call('revokeToken', { body: { token: everything.tokens.asked }, status: 503, code: 'auth_server_unavailable' });
    await call('revokeToken', { on: withoutLog.gateway, body: { token: withoutLog.tokens.admin }, status: 503, code: 'revocation_unavailable' });
    await call('revokeToken', { on: small.importing, body: { token }, status: 401 });
    await call('revokeToken', { on: small.importing, body: { token, ...CLIENT }, status: 200 });
  });
});

describe('an administrator', () => {
  const as = (name, more) => ({ token: everything.tokens[name], ...more });

  test('revokes each kind of thing, and lifts it', async () => {
    const [iss, before] = [everything.server.auth.issuer, Math.floor(Date.now() / 1000) - 3600];
    const token = await everything.server.auth.token('eve');
    for (const body of [
      { token }, { token, reason: 'client' }, { issuer: 'auth', jti: 'j' }, { issuer: iss, session: 's', expires_at: before + 7200 },
      { issuer: 'auth', subject: 'nobody@example.com' }, { issuer: 'auth', tenant: 'none', before }, { issuer: 'unreachable', before },
    ]) {
      const { entry } = await call('revoke', as('admin', { body, status: 201 }));
      assert.equal((await call('liftRevocation', as('admin', { body, status: 200 }))).was_revoked, true, JSON.stringify(body));
      assert.equal((await call('liftRevocation', as('admin', { body: { entry }, status: 200 }))).was_revoked, false);
    }
    for (const body of [{}, { issuer: 'auth' }, { issuer: 'auth', jti: 'j', session: 's' }, { issuer: 'auth', session: 's', more: 1 }, ...UNREADABLE]) {
      for (const id of ['revoke', 'liftRevocation']) await call(id, as('admin', { body, status: 400, code: 'invalid_request' }));
    }
    for (const id of ['revoke', 'liftRevocation']) await call(id, as('limited', { body: { issuer: 'auth', session: 's' }, status: 403, code: 'insufficient_scope' }));
  });

  test('lists what is revoked, page by page', async () => {
    for (const session of ['one', 'two']) await call('revoke', as('admin', { body: { issuer: 'auth', session, reason: 'logout' }, status: 201 }));
    const query = { kind: 'session', reason: 'logout', issuer: 'auth', since: '1', limit: '1' };
    const { cursor } = await call('listRevocations', as('admin', { query, status: 200 }));
    assert.equal((await call('listRevocations', as('admin', { query: { ...query, cursor }, status: 200 }))).cursor, null);
    assert.deepEqual((await call('listRevocations', as('admin', { query: { tenant: 'none' }, status: 200 }))).entries, []);
    assert.deepEqual((await call('listRevocations', as('limited', { status: 200 }))).entries, []);
    for (const wrong of [{ limit: 'x' }, { limit: '0' }, { limit: '1001' }, { cursor: 'x' }, { kind: 'x' }, { reason: 'x' }, { issuer: 'x' }, { since: 'x' }, { x: '1' }]) {
      await call('listRevocations', as('admin', { query: wrong, status: 400, code: 'invalid_request' }));
    }
  });

  test('does the same in KV, which cannot be listed', async () => {
    const on = { on: small.kv, token: small.admin };
    const { entry } = await call('revoke', { ...on, body: { issuer: 'main', session: 's' }, status: 201 });
    await call('liftRevocation', { ...on, body: { entry }, status: 200 });
    await call('listRevocations', { ...on, status: 405, code: 'method_not_allowed' });
  });

  test('imports KV\'s blacklist', async () => {
    const on = { on: small.importing, token: small.admin };
    assert.deepEqual(await call('getImport', { ...on, status: 200 }), { status: 'none' });
    assert.equal((await call('beginImport', { ...on, body: { pause_seconds: 0 }, status: 200 })).status, 'running');
    await until(async () => (await call('getImport', { ...on, status: 200 })).status === 'complete', 'its end', 60_000);
    for (const body of [{ pause_seconds: 3601 }, '{"pause_seconds":1,"pause_seconds":1}', '[]']) await call('beginImport', { ...on, body, status: 400, code: 'invalid_request' });
    for (const id of ['getImport', 'beginImport']) await call(id, as('limited', { status: 403, code: 'insufficient_scope' }));
  });
});

describe('the audit trail', () => askTheAuditTrail({ call, everything: () => everything }));

describe('the registry', () => askTheRegistry(api, { ask, call, secured, everything: () => everything }));

test('every answer that is described has been seen, but for those that are listed with a reason', () => {
  const unseen = api.unseen();
  assert.deepEqual(unseen.filter((answer) => !UNSEEN.some(([pattern]) => pattern.test(answer))), []);
  for (const [pattern, reason] of UNSEEN) assert.ok(unseen.some((answer) => pattern.test(answer)), `seen after all: ${reason}`);
});
