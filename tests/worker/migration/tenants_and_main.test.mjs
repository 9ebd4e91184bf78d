// Tenant and Main: one service owns the users, each tenant has a Django of its own, and one token opens both. Each row of
// that section of docs/migration.md has its test here, against real Djangos.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';

import { send, sleep, until } from '../../harness/client.mjs';
import { assertPassed, assertProblem } from '../../harness/config.mjs';
import { startDjango } from '../../harness/django.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { rawRequest } from '../../harness/raw.mjs';
import { startRelay } from '../../harness/relay.mjs';

const ISSUER = 'https://main.example';
const ME = '/api/auth/me/';
const SYNC = '/internal/sync/me';
const TIMEOUT_MS = 1000;
const SLOW_MS = 900;
const SMALL = JSON.stringify({ small: true });
const JSON_BODY = { 'content-type': 'application/json' };

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

let main, acme, other, slow, mainRelay, acmeRelay, gateway;
before(async () => {
  [main, acme, other, slow] = await Promise.all([
    startDjango({ issuer: ISSUER }), startDjango({ issuer: 'https://unused.example' }), startOrigin(), startOrigin(),
  ]);
  [mainRelay, acmeRelay] = await Promise.all([startRelay(main.url), startRelay(acme.url)]);
  other.reply((request, response, { target }) => ({ status: 200, headers: JSON_BODY, body: JSON.stringify({ other: target }) }));
  slow.reply(async (request, response, { target }) => {
    if (target === '/slow?nothing') return { status: 204 };
    if (target === '/slow?gzip') return { status: 201, headers: { ...JSON_BODY, 'content-encoding': 'gzip', etag: '"1"' }, body: gzipSync(SMALL) };
    await sleep(SLOW_MS);
    return { status: 200, headers: JSON_BODY, body: SMALL };
  });
  const config = {
    origins: [{ name: 'main', url: mainRelay.url, timeout_ms: TIMEOUT_MS }, { name: 'acme', url: acmeRelay.url, timeout_ms: TIMEOUT_MS }, { name: 'slow', url: slow.url }],
    tenants: [
      { name: 'acme', hosts: ['acme.example.com'], origin: 'acme', issuers: ['main'] },
      { name: 'other', hosts: ['*.example.com', 'other.example:8443'], origin: other.url },
      { name: 'open', hosts: ['open.example'], origin: 'service:OTHER', claim: false },
    ],
    issuers: [{
      name: 'main', issuer: ISSUER, audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['JWT_SECRET'] },
      claims: { roles: 'role', tenant: 'org.id' },
    }],
    routes: [
      { path: '/**', access: 'authenticated' },
      { path: '/api/me/', access: 'optional' },
      { path: '/api/echo/optional', access: 'optional' },
      { path: '/api/echo/public', access: 'public' },
      { path: '/api/echo/main', access: 'authenticated', origin: 'main' },
      { path: '/api/auth/token/**', access: 'public', authorization: 'strip', origin: 'main' },
      { path: '/api/auth/**', access: 'authenticated', origin: 'main' },
      { path: '/users-of-main/**', access: 'authenticated', origin: 'main', strip_prefix: '/users-of-main', add_prefix: '/api' },
      { path: ME, access: 'authenticated', origin: 'main', sync: SYNC },
      { path: '/slow', access: 'authenticated', origin: 'slow', sync: SYNC },
    ],
  };
  gateway = await startGateway({ config, secrets: { JWT_SECRET: main.secret }, services: { OTHER: other.url } });
});
after(() => Promise.all([gateway, mainRelay, acmeRelay, main, acme, other, slow].map((each) => each?.stop())));

const ask = (host, path, { headers = {}, ...options } = {}) => send(gateway.url + path, { headers: { host, ...headers }, ...options });
const asAcme = (path, options) => ask('acme.example.com', path, options);
const login = async (name) => (await main.login(name)).access;
const callsTo = (relay, path) => relay.callsTo(path).length;
const failures = (id) => gateway.logs().filter(({ event, request_id: own }) => event === 'sync_failed' && own === id);

test('the token is taken out of the request in one place: Authorization, on routes to Main and to the tenant alike', async () => {
  const token = await login('ada');
  for (const path of [ME, '/api/echo/', '/api/echo/main']) {
    assertPassed(await asAcme(path, { token }), path);
    for (const [what, asked] of [
      ['no token', {}],
      ['a cookie', { headers: { cookie: `access=${token}; Authorization=${token}` } }],
      ['another header', { headers: { 'x-authorization': `Bearer ${token}`, 'x-access-token': token } }],
      ['another scheme', { headers: { authorization: `Token ${token}` } }],
    ]) assertProblem(await asAcme(path, asked), 401, 'credential_missing', `${what} at ${path}`);
    assertProblem(await asAcme(`${path}?access_token=${token}`), 401, 'credential_missing', `a query at ${path}`);
  }
});

test('the host chooses the tenant, exactly or by one label under *.', async () => {
  const [ada, eve] = await Promise.all(['ada', 'eve'].map(login));
  const seen = await asAcme('/api/echo/a?x=1', { token: ada });
  assertPassed(seen);
  assert.equal(seen.json.meta.RAW_URI, '/api/echo/a?x=1');
  assert.equal(seen.json.headers['x-auth-tenant'], 'acme');
  for (const host of ['any.example.com', 'other.example:8443']) {
    assert.deepEqual((await ask(host, '/api/echo/a', { token: eve })).json, { other: '/api/echo/a' }, host);
  }
  for (const host of ['a.b.example.com', 'example.com', 'other.example', '127.0.0.1', 'acme.example.com.evil.example']) {
    assertProblem(await ask(host, '/api/echo/a', { token: ada }), 404, 'tenant_unknown', host);
    assertProblem(await ask(host, '/api/echo/public'), 404, 'tenant_unknown', host);
    assert.equal((await ask(host, '/.edgeward/health')).status, 200, host);
  }
  assert.equal((await ask('any.example.com', '/.edgeward/me', { token: ada })).json.tenant, 'acme');
});

test('the routes of Main go to Main, all others to the tenant, on one host', async () => {
  const token = await login('bob');
  const before = [mainRelay.calls.length, acmeRelay.calls.length];
  assert.equal((await asAcme(ME, { token })).json.email, 'bob@example.com');
  assert.equal((await asAcme('/api/exams/', { token })).json.subject, 'user-2');
  const since = [mainRelay, acmeRelay].map(({ calls }, index) => calls.slice(before[index]).map(({ path }) => path));
  assert.deepEqual(since, [[ME], ['/api/exams/']]);
});

test('the token arrives at Main byte for byte', async () => {
  const token = await login('ada');
  for (const value of [`Bearer ${token}`, `bearer ${token}`]) {
    const seen = await asAcme('/api/echo/main', { headers: { authorization: value } });
    assertPassed(seen);
    assert.equal(seen.json.headers.authorization, value);
  }
  await asAcme(ME, { token });
  assert.equal((await main.asked()).at(-1).authorization, sha256(`Bearer ${token}`));
});

test('without a token it is 401, or the origin\'s business, as the route says', async () => {
  assertProblem(await asAcme('/api/exams/'), 401, 'credential_missing');
  const calls = callsTo(acmeRelay, '/api/me/');
  const theirs = await asAcme('/api/me/');
  assert.equal(theirs.status, 401);
  assert.match(theirs.json.detail, /credentials were not provided/, 'Django\'s own words');
  assert.equal(callsTo(acmeRelay, '/api/me/'), calls + 1);
  const login = await asAcme('/api/auth/token/', { method: 'POST', headers: JSON_BODY, body: { username: 'ada', password: 'wrong' } });
  assert.equal(login.status, 401);
  assert.match(login.json.detail, /No active account/);
  // Front ends send the token that has expired, too.
  const stale = await asAcme('/api/auth/token/', {
    method: 'POST', token: 'expired.or.not', headers: JSON_BODY, body: { username: 'ada', password: 'wrong' },
  });
  assert.match(stale.json.detail, /No active account/);
});

test('Main down or slow is 502 or 504 within its timeout, and the tenant goes on', async () => {
  const token = await login('ada');
  const fails = async (kind, status, code) => {
    mainRelay.fail({ kind, path: ME });
    const answer = await asAcme(ME, { token });
    assertProblem(answer, status, code, kind);
    assert.ok(answer.ms < TIMEOUT_MS + 1500, `${kind}: ${answer.ms} ms`);
    assertPassed(await asAcme('/api/reports/', { token }), 'the tenant');
  };
  await fails('timeout', 504, 'origin_timeout');
  await fails('reset', 502, 'origin_unreachable');
  assertPassed(await asAcme(ME, { token }), 'Main again');
});

describe('the tenant\'s copy follows', () => {
  const change = (token, first, options = {}) =>
    asAcme(ME, { method: 'PUT', token, headers: { ...JSON_BODY, ...options.headers }, body: { first_name: first, ...options.body } });
  const told = async (id) => (await acme.told()).filter(({ headers }) => headers['x-request-id'] === id);

  test('after a write that Main has carried out, its answer is posted to the tenant with the identity headers', async () => {
    const token = await login('bob');
    const answer = await change(token, 'Robert', { headers: { 'x-request-id': 'a7-told', 'x-edgeward-sync': '9', 'x-auth-roles': '"admin"' } });
    assertPassed(answer);
    assert.equal(answer.json.first_name, 'Robert');
    const [telling] = await until(async () => ((await told('a7-told')).length ? told('a7-told') : undefined), 'the telling');
    assert.deepEqual(telling.body, answer.json);
    assert.equal(telling.authorization, null, 'the token stays with Main');
    const names = ['x-edgeward-sync', 'x-auth-subject', 'x-auth-issuer', 'x-auth-roles', 'x-auth-tenant', 'content-type'];
    assert.deepEqual(names.map((name) => telling.headers[name]), ['1', 'user-2', ISSUER, '"rvt"', 'acme', 'application/json']);
    await sleep(300);
    assert.equal((await told('a7-told')).length, 1, 'told once');
  });

  test('what changed nothing is not told: a read, a refusal of Main, a failure of Main', async () => {
    const token = await login('bob');
    const calls = callsTo(acmeRelay, SYNC);
    assertPassed(await asAcme(ME, { token }));
    assert.equal((await change(token, 'x', { body: { email: 'ada@example.com' } })).status, 400);
    mainRelay.fail({ kind: 'status 500', path: ME });
    assert.equal((await change(token, 'x')).status, 500);
    mainRelay.fail({ kind: 'reset', path: ME });
    assertProblem(await change(token, 'x'), 502, 'origin_unreachable');
    assertProblem(await change(await login('eve'), 'x'), 403, 'tenant_mismatch');
    await sleep(300);
    assert.equal(callsTo(acmeRelay, SYNC), calls);
  });

  test('a tenant that fails is told again, in the order of the caller\'s changes, and no client waits for it', async () => {
    const token = await login('bob');
    acmeRelay.fail({ kind: 'status 500', times: 1, path: SYNC });
    acmeRelay.fail({ kind: 'timeout', times: 1, path: SYNC });
    const answers = [];
    for (const first of ['One', 'Two', 'Three']) answers.push(await change(token, first, { headers: { 'x-request-id': `a7-${first}` } }));
    for (const answer of answers) {
      assertPassed(answer);
      assert.ok(answer.ms < 800, `${answer.ms} ms`);
    }
    const names = async () => (await acme.told()).map(({ body }) => body.first_name).filter((name) => ['One', 'Two', 'Three'].includes(name));
    await until(async () => (await names()).length === 3, 'three tellings', 10_000);
    assert.deepEqual(await names(), ['One', 'Two', 'Three']);
  });

  test('one that cannot be told is given up and logged, without what was to be told', async () => {
    const token = await login('bob');
    const fails = async (id, attempts, code, limit) => {
      assertPassed(await change(token, 'Secretive', { headers: { 'x-request-id': id } }));
      const [event] = await until(() => (failures(id).length ? failures(id) : undefined), `${id} given up`, limit);
      assert.deepEqual(event, { event: 'sync_failed', request_id: id, tenant: 'acme', code, attempts });
    };
    acmeRelay.fail({ kind: 'status 404', times: 1, path: SYNC });
    await fails('a7-refused', 1, 'sync_status', 3000);
    acmeRelay.fail({ kind: 'reset', times: 4, path: SYNC });
    await fails('a7-gone', 4, 'sync_unreachable', 15_000);
    mainRelay.fail({ kind: 'wrong content type', path: ME });
    await fails('a7-html', 0, 'sync_not_json', 3000);
    mainRelay.fail({ kind: 'large', path: ME });
    await fails('a7-large', 0, 'sync_too_large', 3000);
    assert.ok(!gateway.output().includes('Secretive'));
  });

  test('a client that hangs up does not keep the tenant from being told', async () => {
    const token = await login('bob');
    const headers = { ...JSON_BODY, 'x-request-id': 'a7-hung-up' };
    await assert.rejects(asAcme('/slow', { method: 'PUT', token, headers, body: {}, timeoutMs: SLOW_MS / 3, agent: false }));
    await until(async () => (await told('a7-hung-up')).length === 1, 'the telling');
  });

  test('the client gets Main\'s answer as it is: compressed, or with nothing in it', async () => {
    const token = await login('bob');
    const post = (query, id) => rawRequest(gateway.port, [
      `POST /slow${query} HTTP/1.1`, 'Host: acme.example.com', `Authorization: Bearer ${token}`, `x-request-id: ${id}`,
      'Accept-Encoding: gzip', 'Content-Length: 0', '', '',
    ].join('\r\n'));
    const packed = await post('?gzip', 'a7-gzip');
    assert.deepEqual([packed.status, packed.headers.get('etag'), packed.headers.get('content-encoding')], [201, ['"1"'], ['gzip']]);
    assert.equal(gunzipSync(packed.body).toString(), SMALL);
    const [telling] = await until(async () => ((await told('a7-gzip')).length ? told('a7-gzip') : undefined), 'the telling');
    assert.deepEqual([telling.body, telling.headers['content-encoding']], [{ small: true }, undefined]);
    assert.equal((await post('?nothing', 'a7-nothing')).status, 204);
    const [empty] = await until(async () => ((await told('a7-nothing')).length ? told('a7-nothing') : undefined), 'the telling');
    assert.equal(empty.headers['content-length'] ?? '0', '0');
  });

  test('no client tells the tenant anything itself', async () => {
    const token = await login('ada');
    const calls = callsTo(acmeRelay, SYNC);
    for (const path of [SYNC, `${SYNC}/`, '/internal/sync/%6de']) {
      const answer = await asAcme(path, { method: 'POST', token, headers: { ...JSON_BODY, 'x-edgeward-sync': '1' }, body: {} });
      assertProblem(answer, 404, 'route_not_found', path);
    }
    assert.equal(callsTo(acmeRelay, SYNC), calls);
  });
});

test('a token of one tenant does not open another, remembered or not', async () => {
  const [ada, eve] = await Promise.all(['ada', 'eve'].map(login));
  for (const path of ['/api/echo/', '/api/echo/optional', '/api/echo/main', ME]) {
    assertProblem(await asAcme(path, { token: eve }), 403, 'tenant_mismatch', path);
    assertProblem(await ask('any.example.com', path, { token: ada }), 403, 'tenant_mismatch', path);
    assertPassed(await ask('any.example.com', path, { token: eve }), path);
    assertPassed(await asAcme(path, { token: ada }), path);
  }
  // The opt-out is a tenant's own.
  for (const token of [ada, eve]) assertPassed(await ask('open.example', '/api/echo/', { token }));
  const refused = gateway.logs().filter(({ code }) => code === 'tenant_mismatch');
  assert.ok(refused.some(({ tenant }) => tenant === 'acme') && refused.some(({ tenant }) => tenant === 'other'));
});

test('the path at Main is that of the client with its prefix exchanged, judged by the client\'s', async () => {
  const token = await login('ada');
  const seen = await asAcme('/users-of-main/echo/a%20b?x=/users-of-main', { token });
  assertPassed(seen);
  assert.equal(seen.json.meta.RAW_URI, '/api/echo/a%20b?x=/users-of-main');
  assertProblem(await asAcme('/users-of-main/echo/a'), 401, 'credential_missing');
  for (const path of ['/users-of-main/..%2fadmin', '/users-of-main//echo', '/users-of-main/%2e%2e%2fx']) {
    assertProblem(await asAcme(path, { token }), 400, 'path_ambiguous', path);
  }
});

describe('games with the host', () => {
  const raw = (target, host, token) => rawRequest(
    gateway.port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${token ? `Authorization: Bearer ${token}\r\n` : ''}\r\n`,
  );
  const goes = async (target, host, token) => {
    const [before, others] = [acmeRelay.calls.length, other.requests.length];
    const { status } = await raw(target, host, token);
    return [status, acmeRelay.calls.length - before, other.requests.length - others];
  };

  test('case, port and one trailing dot make no other tenant', async () => {
    const token = await login('ada');
    for (const host of ['acme.example.com', 'ACME.example.COM', 'acme.example.com:8080', 'acme.example.com.', 'Acme.Example.com.:80']) {
      assert.deepEqual(await goes('/api/echo/x', host, token), [200, 1, 0], host);
    }
    assert.deepEqual(await goes('/api/echo/x', 'acme.example.com..', token), [400, 0, 0]);
    assert.deepEqual(await goes('/api/echo/x', '.example.com', token), [400, 0, 0]);
    assert.deepEqual(await goes('/api/echo/x', 'xacme.example.com', token), [403, 0, 0]);
  });

  test('an absolute target and a Host that differ never reach a tenant that the token does not name', async () => {
    const [ada, eve] = await Promise.all(['ada', 'eve'].map(login));
    for (const [target, host] of [
      ['http://any.example.com/api/echo/x', 'acme.example.com'],
      ['http://acme.example.com/api/echo/x', 'any.example.com'],
    ]) {
      const [forAda, forEve] = [await goes(target, host, ada), await goes(target, host, eve)];
      assert.equal(forAda[2], 0, `${target} with ${host} as ada: ${forAda}`);
      assert.equal(forEve[1], 0, `${target} with ${host} as eve: ${forEve}`);
    }
    const same = await goes('http://acme.example.com/api/echo/x', 'acme.example.com', ada);
    assert.ok([200, 400].includes(same[0]), `${same}`);
    assert.equal(same[2], 0);
  });
});
