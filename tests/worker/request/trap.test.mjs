// A trap of the wasm, which only the conformance build has on demand: it is answered, nothing passes by it, and what comes next is served.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { send, sleep, until } from '../../harness/client.mjs';
import { assertPassed, assertProblem, assertTokenRefused } from '../../harness/config.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

let origin, signer, gateway, kv;
before(async () => {
  [origin, signer, kv] = [await startOrigin(), await startSigner(), memoryKv()];
  const routes = [{ path: '/api/**' }, { path: '/bounded/**', revocation: 'bounded' }];
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes), kv, build: 'build-conformance' });
});
after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const get = (path, token) => send(gateway.url + path, { token });
const trap = () => get('/.edgeward/conformance/trap');
/** Has the key imported again: what awaits that in the wasm ends with it, answered by the platform alone. */
const warm = async () => assertPassed(await get('/api/warm', await signer.token()), 'warm');
const failures = () => gateway.logs().filter(({ event }) => event === 'failed').length;

test('a trap is answered with 500, and the next request is decided as ever', async () => {
  const token = await signer.token();
  assertPassed(await get('/api/a', token), 'before');
  for (let n = 1; n <= 3; n += 1) {
    const reached = origin.requests.length;
    const answer = await trap();
    assertProblem(answer, 500, 'internal_error');
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(origin.requests.length, reached, 'nothing passes');
    await until(() => failures() === n, 'the line of the log');
    assertPassed(await get('/api/a', token), 'after');
    assert.deepEqual(valuesOf(origin.requests.at(-1), 'x-auth-subject'), ['user-1']);
    assertTokenRefused(await get('/api/a', `${token.slice(0, -6)}AAAAAA`), 'a bad signature');
    assertProblem(await get('/api/a'), 401, 'credential_missing');
  }
});

test('a trap before the first request is logged, and that request reads the configuration', async (t) => {
  const config = configuration(origin, signer.issuer(), [{ path: '/api/**' }]);
  const own = await startGateway({ config, secrets: { TRAP_AT_START: 'yes' }, build: 'build-conformance' });
  t.after(() => own.stop());
  assertPassed(await send(`${own.url}/api/a`, { token: await signer.token() }), 'the first request');
  assertProblem(await send(`${own.url}/api/a`), 401, 'credential_missing');
  const events = own.logs().map(({ event }) => event);
  assert.deepEqual([events[0], events.filter((event) => event === 'failed').length], ['failed', 1]);
});

test('who waited when it trapped passes no more, and an answer to the question of one is none to another\'s', async () => {
  const [early, revoked] = await Promise.all([signer.token({ sub: 'early', jti: 'early' }), signer.token({ sub: 'late', jti: 'late' })]);
  const held = [];
  kv.instead = async (names) => {
    if (!names.some((name) => name.startsWith('revoked:'))) return undefined;
    const isFirst = held.length === 0;
    await new Promise((resolve) => held.push(resolve));
    if (isFirst) return undefined;
    // Every name that the later one asks for is revoked.
    return new Response(JSON.stringify(Object.fromEntries(names.map((name) => [name, '{}']))), { headers: { 'content-type': 'application/json' } });
  };
  // Both come second after a trap, so that both wait under the same numbers.
  await trap();
  await warm();
  const first = get('/bounded/a', early);
  await until(() => held.length === 1, 'the first question');
  assertProblem(await trap(), 500, 'internal_error');
  await warm();
  const reached = origin.requests.length;
  const second = get('/bounded/b', revoked);
  await until(() => held.length === 2, 'the second question');
  held[0]();
  assertProblem(await first, 500, 'internal_error');
  await sleep(200);
  assert.equal(origin.requests.length, reached, 'nobody has passed');
  held[1]();
  assertTokenRefused(await second, 'revoked');
  assert.equal(origin.requests.length, reached);
  kv.instead = () => undefined;
  assertPassed(await get('/bounded/a', early), 'asked again');
});

test('an origin that was asked before the trap answers after it, and one that fails is still answered for', async () => {
  const token = await signer.token();
  for (const fails of [false, true]) {
    await warm();
    let go;
    const gate = new Promise((resolve) => { go = resolve; });
    origin.reply(async (_, res) => {
      await gate;
      if (fails) res.destroy();
      return fails ? undefined : { status: 200, body: 'late' };
    });
    const reached = origin.requests.length;
    const slow = get('/api/a', token);
    await until(() => origin.requests.length > reached, 'the origin to be asked');
    await trap();
    go();
    if (fails) assertProblem(await slow, 500, 'internal_error');
    else assertPassed(await slow);
  }
});
