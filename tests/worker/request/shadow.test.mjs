// Shadow mode on the wire: nothing is refused for its caller, and origin and log hear what would have been.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertPassed, assertProblem } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

let origin;
let gateway;
let signer;

before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  const away = {
    name: 'away', issuer: 'https://away.example', audiences: ['api'], algorithms: ['ES256'],
    verify: { jwks: 'http://127.0.0.1:9/jwks.json' },
  };
  const routes = [{ path: '/api/**' }, { path: '/admin/**', require: { role: 'admin' } }, { path: '/enforced/**', mode: 'enforce' }];
  const config = configuration(origin, signer.issuer(), routes, { mode: 'shadow' });
  gateway = await startGateway({ config: { ...config, issuers: [...config.issuers, away] } });
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const last = () => origin.requests.at(-1);
const told = () => [valuesOf(last(), 'x-auth-shadow'), valuesOf(last(), 'x-auth-subject')];

test('a request without a token passes, marked, and without an identity', async () => {
  const forged = { 'X-Auth-Shadow': 'forged', X_Auth_Shadow: 'forged', 'X-Auth-Subject': 'admin' };
  assertPassed(await send(`${gateway.url}/api/a`, { headers: forged }));
  assert.deepEqual(told(), [['would-refuse code=credential_missing'], []]);
  assert.ok(!JSON.stringify(last().headers).includes('forged'));
});

test('a good token passes as it would, and nothing is marked', async () => {
  assertPassed(await send(`${gateway.url}/api/a`, { token: await signer.token(), headers: { 'x-auth-shadow': 'forged' } }));
  assert.deepEqual(told(), [[], ['user-1']]);
});

test('a bad token, a caller who may not, and keys that are away are told apart', async () => {
  const tokens = {
    token_expired: ['/api/a', await signer.token({ exp: 1 })],
    insufficient_scope: ['/admin/a', await signer.token()],
    keys_unavailable: ['/api/a', await signer.token({ iss: 'https://away.example' })],
  };
  for (const [code, [path, token]] of Object.entries(tokens)) {
    const { ms, ...answer } = await send(`${gateway.url}${path}`, { token });
    assertPassed(answer, code);
    assert.deepEqual(told(), [[`would-refuse code=${code}`], []]);
    assert.ok(ms < 5000, `${code}: ${ms} ms`);
  }
});

test('the log has a line for each, with its code and a count, and no line for what passes anyway', async () => {
  const lines = () => gateway.logs().filter((line) => line.event === 'shadow');
  const before = lines().length;
  assertPassed(await send(`${gateway.url}/api/a`));
  assertPassed(await send(`${gateway.url}/api/a`, { token: await signer.token() }));
  const { code, status, route, count } = lines().at(-1);
  assert.deepEqual({ code, status, route, count }, { code: 'credential_missing', status: 401, route: '/api/**', count: before + 1 });
  assert.equal(lines().length, before + 1);
});

test('what no route takes, what has two readings, and enforcing routes are refused', async () => {
  assertProblem(await send(`${gateway.url}/nowhere`), 404, 'route_not_found');
  assertProblem(await send(`${gateway.url}/api/a%2fb`), 400, 'path_ambiguous');
  assertProblem(await send(`${gateway.url}/enforced/a`), 401, 'credential_missing');
  assertProblem(await send(`${gateway.url}/.edgeward/me`), 401, 'credential_missing');
});
