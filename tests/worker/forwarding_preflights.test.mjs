// CORS preflights carry no credentials: real ones pass where the route says so, and nothing else does.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startGateway } from './harness/gateway.mjs';
import { startOrigin, valuesOf } from './harness/origin.mjs';
import { rawRequest, requestText } from './harness/raw.mjs';
import { bearer, configuration, startSigner } from './harness/signer.mjs';

let origin;
let gateway;
let signer;

before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  const routes = [
    { path: '/open/**', cors_preflight: true },
    { path: '/some/**', cors_preflight: true, methods: ['GET', 'POST'] },
    { path: '/admin/**', cors_preflight: true, require: { role: 'admin' } },
    { path: '/closed/**' },
    { path: '/optional/**', access: 'optional' },
  ];
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes) });
  const answer = { 'access-control-allow-origin': 'https://app.example', 'access-control-allow-methods': 'GET, POST' };
  origin.reply(() => ({ status: 204, headers: answer }));
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const REAL = [['Origin', 'https://app.example'], ['Access-Control-Request-Method', 'POST'], ['Access-Control-Request-Headers', 'authorization']];

async function ask(method, target, headers) {
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, requestText(method, target, headers));
  return { answer, seen: origin.requests.slice(first) };
}

for (const path of ['/open/a', '/some/a', '/admin/a']) {
  test(`a real preflight passes without a token where the route allows it (${path})`, async () => {
    const { answer, seen } = await ask('OPTIONS', path, REAL);
    assert.equal(answer.status, 204, answer.text);
    assert.deepEqual(answer.headers.get('access-control-allow-origin'), ['https://app.example']);
    assert.equal(seen.length, 1);
    assert.deepEqual([seen[0].method, seen[0].target], ['OPTIONS', path]);
    for (const [name, value] of REAL) assert.deepEqual(valuesOf(seen[0], name.toLowerCase()), [value]);
    assert.deepEqual(seen[0].headers.filter(([name]) => /^x-auth-/i.test(name)), []);
  });
}

test('a preflight brings no forged identity in', async () => {
  const { seen } = await ask('OPTIONS', '/open/a', [...REAL, ['X-Auth-Subject', 'forged'], ['X_Auth_Roles', 'forged']]);
  assert.equal(seen.length, 1);
  assert.ok(!JSON.stringify(seen[0].headers).includes('forged'));
});

test('a preflight needs a token where the route does not allow it', async () => {
  const { answer, seen } = await ask('OPTIONS', '/closed/a', REAL);
  assert.deepEqual([answer.status, JSON.parse(answer.text).code, seen.length], [401, 'credential_missing', 0]);
});

for (const [what, method, headers] of [
  ['OPTIONS without either header', 'OPTIONS', []],
  ['OPTIONS without Origin', 'OPTIONS', REAL.slice(1)],
  ['OPTIONS without Access-Control-Request-Method', 'OPTIONS', [REAL[0], REAL[2]]],
  ['POST with both headers', 'POST', REAL],
  ['GET with both headers', 'GET', REAL],
]) {
  test(`${what} is no preflight and needs a token`, async () => {
    const { answer, seen } = await ask(method, '/open/a', headers);
    assert.deepEqual([answer.status, seen.length], [401, 0]);
  });
}

test('a preflight for a path without a route is 404', async () => {
  const { answer, seen } = await ask('OPTIONS', '/nowhere', REAL);
  assert.deepEqual([answer.status, seen.length], [404, 0]);
});

test('a preflight on an optional route passes anyway', async () => {
  const { answer, seen } = await ask('OPTIONS', '/optional/a', REAL);
  assert.deepEqual([answer.status, seen.length], [204, 1]);
});

test('a preflight with an ambiguous path is refused like any request', async () => {
  const { answer, seen } = await ask('OPTIONS', '/open/%2e%2e/admin/a', REAL);
  assert.deepEqual([answer.status, JSON.parse(answer.text).code, seen.length], [400, 'path_ambiguous', 0]);
});

test('a browser that has its answer sends the request itself with its token', async () => {
  const { answer, seen } = await ask('POST', '/some/a', [REAL[0], bearer(await signer.token()), ['Content-Length', '0']]);
  assert.deepEqual([answer.status, seen.length], [204, 1]);
});

test('a page may read a refusal where preflights pass, and nowhere else', async () => {
  const open = await ask('GET', '/open/a', [REAL[0]]);
  assert.equal(open.answer.status, 401);
  assert.deepEqual(open.answer.headers.get('access-control-allow-origin'), [REAL[0][1]]);
  assert.deepEqual(open.answer.headers.get('vary'), ['origin']);
  const closed = await ask('GET', '/closed/a', [REAL[0]]);
  assert.equal(closed.answer.headers.get('access-control-allow-origin'), undefined);
  const elsewhere = await ask('GET', '/open/a', []);
  assert.equal(elsewhere.answer.headers.get('access-control-allow-origin'), undefined);
});
