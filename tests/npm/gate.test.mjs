// The gate in real workerd, in front of a Worker's own code.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { send, until } from '../harness/client.mjs';
import { assertProblem, assertTokenRefused, assertUnavailable } from '../harness/config.mjs';
import { startGateway } from '../harness/gateway.mjs';
import { startIssuer } from '../harness/issuer.mjs';
import { memoryKv } from '../harness/memory_kv.mjs';
import { startOrigin } from '../harness/origin.mjs';
import { tokenEntry } from '../harness/revocation_names.mjs';
import { spellings } from '../harness/spellings.mjs';
import { bundled } from './bundle.mjs';
import { ROOT, install } from './package.mjs';

const ROUTES = [
  { path: '/public/**', access: 'public' },
  { path: '/api/**', access: 'authenticated' },
  { path: '/admin/**', access: 'authenticated', require: { role: 'admin' } },
  { path: '/watched/**', access: 'authenticated', mode: 'shadow' },
];

let place;
let build;
let issuer;
before(async () => {
  place = install();
  build = await bundled(join(ROOT, 'tests/npm/workers/gate.js'), place);
  issuer = await startIssuer();
});
after(() => issuer?.stop());

async function stage(t, config = {}, rest = {}) {
  const kv = memoryKv();
  const gate = { realm: 'api', issuers: [issuer.config()], routes: ROUTES, ...config };
  const worker = await startGateway({ build, kv, ...rest, secrets: { GATE: JSON.stringify(gate) } });
  t.after(() => worker.stop());
  return {
    kv,
    worker,
    get: (path, token, more = {}) => send(worker.url + path, { token, ...more }),
    calls: async () => (await send(`${worker.url}/calls`)).json,
  };
}

/** What `next` was given: the values of a header by its name. */
const arrived = (answer, name) => answer.json.headers.filter(([own]) => own === name).map(([, value]) => value);

function assertNext(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['x-from'], 'next');
}

describe('what passes', () => {
  test('gets to next with identity headers, and the answer of next goes back as it is', async (t) => {
    const { get } = await stage(t);
    const answer = await get('/api/a/%7eb?q=%2f&q', await issuer.token({ sub: 'ada', roles: ['user'] }));
    assertNext(answer);
    assert.deepEqual(arrived(answer, 'x-auth-subject'), ['ada']);
    assert.deepEqual(arrived(answer, 'x-auth-roles'), ['"user"']);
    assert.equal(arrived(answer, 'x-request-id').length, 1);
    const { host, pathname, search } = new URL(answer.json.url);
    assert.match(host, /^127\.0\.0\.1:\d+$/, 'the host that the client asked for');
    assert.deepEqual([pathname, search], ['/api/a/~b', '?q=%2f&q']);
  });

  test('is told to the tenant at once, although a queue is bound: nobody would consume it', async (t) => {
    const tenant = await startOrigin();
    t.after(() => tenant.stop());
    const { get } = await stage(t, {
      tenants: [{ name: 'acme', hosts: ['acme.example.com'], origin: 'acme', claim: false }],
      origins: [{ name: 'acme', url: tenant.url }],
      routes: [{ path: '/me', access: 'authenticated', origin: 'next', sync: '/internal/sync' }],
    });
    assertNext(await get('/me', await issuer.token(), { method: 'PUT', headers: { host: 'acme.example.com' }, body: '{}' }));
    await until(() => tenant.requests.some(({ target }) => target === '/internal/sync'), 'the telling');
  });

  test('keeps its method and its body, of known length and in chunks', async (t) => {
    const { get, worker } = await stage(t);
    const token = await issuer.token();
    const body = 'a body of some length '.repeat(1000);
    const answer = await get('/api/x', token, { method: 'PUT', body });
    assert.deepEqual([answer.json.method, answer.json.body], ['PUT', body]);
    const parts = new ReadableStream({ start(stream) { for (const part of ['one ', 'two']) stream.enqueue(Buffer.from(part)); stream.close(); } });
    const init = { method: 'POST', body: parts, duplex: 'half', headers: { authorization: `Bearer ${token}` } };
    assert.equal((await (await fetch(`${worker.url}/api/x`, init)).json()).body, 'one two');
  });

  test('may be a WebSocket', async (t) => {
    const credentials = [{ subprotocol: 'bearer' }];
    const { worker } = await stage(t, { routes: [{ path: '/socket', access: 'authenticated', credentials }] });
    const said = [];
    const socket = new WebSocket(`${worker.url.replace('http', 'ws')}/socket`, ['chat', 'bearer', await issuer.token({ sub: 'ada' })]);
    t.after(() => socket.close());
    socket.addEventListener('message', ({ data }) => said.push(data));
    socket.addEventListener('open', () => socket.send('hello'));
    await until(() => said.length === 2, 'both messages');
    assert.equal(socket.protocol, 'chat', 'the token does not go on');
    assert.deepEqual(said.sort(), ['hello', 'subject ada']);
  });

  test('is anonymous on a public route, whatever token it has', async (t) => {
    const { get } = await stage(t);
    const answer = await get('/public/x', 'not a token');
    assertNext(answer);
    assert.deepEqual(answer.json.headers.filter(([name]) => name.startsWith('x-auth-')), []);
  });

  test('is marked where a route only watches', async (t) => {
    const { get } = await stage(t);
    const answer = await get('/watched/x');
    assertNext(answer);
    assert.deepEqual(arrived(answer, 'x-auth-shadow'), ['would-refuse code=credential_missing']);
  });

  test('carries nothing that a client sent under a name of ours, in any spelling', async (t) => {
    const { get } = await stage(t);
    for (const path of ['/public/x', '/api/x']) {
      const token = path === '/api/x' ? await issuer.token({ sub: 'ada' }) : undefined;
      for (const name of [...spellings('x-auth-subject').slice(0, 30), 'X-Auth-Roles', 'X_Auth_Assertion', 'x-edgeward-x', 'X-Auth-Zzz']) {
        const answer = await get(path, undefined, { headers: { [name]: 'forged', ...(token && { authorization: `Bearer ${token}` }) } });
        assertNext(answer);
        assert.ok(!answer.json.headers.some(([, value]) => value.includes('forged')), `${path} ${name}`);
        assert.deepEqual(arrived(answer, 'x-auth-subject'), token ? ['ada'] : []);
      }
    }
  });
});

describe('what is refused', () => {
  test('never reaches next', async (t) => {
    const { get, calls } = await stage(t);
    assertProblem(await get('/api/x'), 401, 'credential_missing');
    assertTokenRefused(await get('/api/x', await issuer.token({ exp: 1_000_000 })));
    assertProblem(await get('/admin/x', await issuer.token()), 403, 'insufficient_scope');
    assertProblem(await get('/nowhere'), 404, 'route_not_found');
    assertProblem(await get('/api/..%2fpublic/x', await issuer.token()), 400, 'path_ambiguous');
    assert.equal(await calls(), 0);
    assertNext(await get('/admin/x', await issuer.token({ roles: ['admin'] })));
    assert.equal(await calls(), 1);
  });

  test('is a revoked token, and any while the store does not answer', async (t) => {
    const { get, kv, calls } = await stage(t);
    const token = await issuer.token();
    kv.put(tokenEntry(token), '{}');
    assertTokenRefused(await get('/api/x', token));
    kv.failing = (names) => names.some((name) => name.startsWith('revoked:'));
    assertUnavailable(await get('/api/x', await issuer.token()), 'revocation_unavailable');
    assert.equal(await calls(), 0);
  });

  test('is everything while the configuration has errors; the log lists them', async (t) => {
    const { get, calls, worker } = await stage(t, { nonsense: 1 });
    assertProblem(await get('/public/x'), 503, 'configuration_invalid');
    const line = await until(() => worker.logs().find(({ event }) => event === 'configuration_invalid'), 'the line');
    assert.match(JSON.stringify(line), /nonsense/);
    assert.equal(await calls(), 0);
  });

  test('without a store every route must say that it asks none', async (t) => {
    const { get } = await stage(t, {}, { kv: 'none' });
    assertProblem(await get('/public/x'), 503, 'configuration_invalid');
    const routes = ROUTES.map((route) => ({ ...route, revocation: 'off' }));
    const other = await stage(t, { routes }, { kv: 'none' });
    assertNext(await other.get('/api/x', await issuer.token()));
  });
});

test('a token that was seen before is decided from memory', async (t) => {
  const { get, kv } = await stage(t);
  const { fetches } = issuer;
  const token = await issuer.token();
  for (let n = 0; n < 20; n += 1) assertNext(await get('/api/x', token));
  assert.equal(issuer.fetches - fetches, 1);
  assert.equal(kv.revocationReads(), 1);
});

test('the gateway\'s own paths are there, and never next', async (t) => {
  const { get, calls } = await stage(t, { admin: { require: { role: 'admin' } } });
  const token = await issuer.token({ sub: 'ada' });
  assert.equal((await get('/.edgeward/me', token)).json.subject, 'ada');
  const admin = await issuer.token({ roles: ['admin'] });
  assert.equal((await get('/.edgeward/admin/revocations', admin, { method: 'POST', body: { token } })).status, 201);
  assertTokenRefused(await get('/api/x', token));
  assertProblem(await get('/.edgeward/other'), 404, 'route_not_found');
  assert.equal(await calls(), 0);
});

test('a route may lead to another origin, and a tenant to next', async (t) => {
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const { get, calls } = await stage(t, {
    origins: [{ name: 'other', url: origin.url }],
    routes: [{ path: '/other/**', access: 'public', origin: 'other' }, { path: '/tenants/**', access: 'public' }, { path: '/own/**', access: 'public', origin: 'next' }],
    tenants: [{ name: 'acme', path_prefix: '/tenants/acme', origin: 'next' }],
  });
  assert.equal((await get('/other/x')).text, 'origin');
  assert.equal(await calls(), 0);
  assertNext(await get('/own/x'));
  assertNext(await get('/tenants/acme/x'));
  assertProblem(await get('/tenants/other/x'), 404, 'tenant_unknown');
});

test('what next throws is thrown, and is no outage of an origin', async (t) => {
  const { get, worker } = await stage(t);
  const answer = await get('/public/throws');
  assert.deepEqual([answer.status, answer.json], [418, { thrown: 'of the Worker itself' }]);
  assertNext(await get('/public/x'));
  assert.ok(!worker.output().includes('origin_unreachable'));
});

test('there is one gate in a Worker, and its configuration is handed over', async (t) => {
  const { get } = await stage(t);
  const refused = (path) => ({ code: 'options_invalid', path });
  assert.deepEqual((await get('/wrong-gates')).json, [refused(''), refused(''), refused('config_from'), refused('origins')]);
  assertNext(await get('/public/x'));
  assert.deepEqual((await get('/second-gate')).json, refused(''));
  assertNext(await get('/public/x'));
});

test('the README\'s Worker runs as it stands there', async (t) => {
  const [, text] = /^```js worker\n(.*?)^```$/ms.exec(readFileSync(join(ROOT, 'pkg/README.md'), 'utf8'));
  const worker = await startGateway({ build: await bundled({ text }, place, 'readme'), kv: 'none' });
  t.after(() => worker.stop());
  assert.equal((await send(`${worker.url}/health`)).text, 'hello null\n', worker.output());
  assertProblem(await send(`${worker.url}/api/x`), 401, 'credential_missing');
});
