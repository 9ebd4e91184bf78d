// Lists of header names, which the wasm learns once: whatever comes first, again, or under another configuration is read as it is.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { connections, send, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

/** More than the gateway keeps. */
const MANY = 600;
const FORGED = { 'X-Auth-Subject': 'forged', X_Auth_Roles: 'forged' };

let origin;
let signer;
let token;
const agent = connections(1);
before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  token = await signer.token({ sub: 'user-1' });
});
after(async () => {
  agent.destroy();
  await origin?.stop();
});

/** What the origin saw of a request with `headers`. */
async function seen(gateway, headers, path = '/api/a') {
  const answer = await send(`${gateway.url}${path}`, { token, headers: { ...headers, ...FORGED }, agent });
  assert.equal(answer.status, 200, answer.text);
  return origin.requests.at(-1);
}

function assertOurs(record, what) {
  assert.deepEqual(valuesOf(record, 'x-auth-subject'), ['user-1'], what);
  assert.ok(!JSON.stringify(record.headers).includes('forged'), what);
}

describe('one isolate', () => {
  let gateway;
  before(async () => {
    gateway = await startGateway({ config: configuration(origin, signer.issuer(), [{ path: '/api/**' }, { path: '/kept/**', credentials: [{ header: 'x-key' }] }]) });
  });
  after(() => gateway?.stop());

  test('reads more lists than it keeps, and each of them again', async () => {
    for (let n = 0; n < MANY; n += 1) {
      const name = `x-own-${n % (MANY / 2)}`;
      const record = await seen(gateway, { [name]: `value-${n}` });
      assertOurs(record, name);
      assert.deepEqual(valuesOf(record, name), [`value-${n}`]);
    }
  });

  test('reads of lists as long as each other each its own, by turns', async () => {
    const lists = [['x-key', 'x-own-a'], ['x-own-b', 'x-own-c'], ['x-own-c', 'x-zzz']];
    for (let n = 0; n < 12; n += 1) {
      const names = lists[n % lists.length];
      const key = names.includes('x-key') ? token : `value-${n}`;
      const record = await seen(gateway, { [names[0]]: key, [names[1]]: `other-${n}` });
      assertOurs(record, names.join());
      assert.deepEqual(names.map((name) => valuesOf(record, name)), [[key], [`other-${n}`]]);
    }
    const kept = await send(`${gateway.url}/kept/a`, { headers: { 'x-key': token, 'x-own-a': 'a' }, agent });
    assert.equal(kept.status, 200, kept.text);
  });

  test('reads a list that is too long to be learned, twice', async () => {
    const headers = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`x-own-${'long'.repeat(10)}-${n}`, `${n}`]));
    for (const what of ['first', 'again']) {
      const record = await seen(gateway, headers);
      assertOurs(record, what);
      assert.deepEqual(valuesOf(record, `x-own-${'long'.repeat(10)}-59`), ['59']);
    }
  });

  test('reads values that are longer than its room, under a list that it knows', async () => {
    for (const length of [10, 9_000, 12_000, 10]) {
      const record = await seen(gateway, { cookie: 'c'.repeat(length) });
      assertOurs(record, `${length}`);
      assert.deepEqual(valuesOf(record, 'cookie'), ['c'.repeat(length)]);
    }
  });

  test('reads values that are not ASCII, under a list that it knows', async () => {
    for (const value of ['plain', 'caf\u00e9', '\u00e9'.repeat(5_000), 'plain']) {
      const record = await seen(gateway, { cookie: value });
      assertOurs(record, value.slice(0, 5));
      assert.deepEqual(valuesOf(record, 'cookie').map(({ length }) => length > 0), [true]);
    }
    const answer = await send(`${gateway.url}/api/a`, { headers: { authorization: `Bearer ${token}\u00e9`, cookie: 'plain' }, agent });
    assert.equal(answer.status, 400, answer.text);
  });

  test('reads of two requests with one list each its own', async () => {
    const other = await signer.token({ sub: 'user-2' });
    const subject = async (own) => {
      const answer = await send(`${gateway.url}/api/a`, { token: own, agent });
      assert.equal(answer.status, 200);
      return valuesOf(origin.requests.at(-1), 'x-auth-subject');
    };
    for (const [own, expected] of [[token, 'user-1'], [other, 'user-2'], [token, 'user-1']]) assert.deepEqual(await subject(own), [expected]);
    assert.equal((await send(`${gateway.url}/api/a`, { token: 'a.b.c', agent })).status, 401);
  });

  test('reads the token from a header that only one route names', async () => {
    const ask = (key) => send(`${gateway.url}/kept/a`, { headers: { 'x-key': key }, agent });
    for (const [key, status] of [[token, 200], ['a.b.c', 401], [token, 200]]) assert.equal((await ask(key)).status, status);
    assert.deepEqual(valuesOf(origin.requests.at(-1), 'x-auth-subject'), ['user-1']);
  });
});

test('the client\'s own id goes on where the configured prefix takes its name, too', async (t) => {
  const headers = { prefix: 'x-request-' };
  const gateway = await startGateway({ config: configuration(origin, signer.issuer(), [{ path: '/api/**' }], { headers }) });
  t.after(() => gateway.stop());
  const sent = { 'X-Request-Id': 'of-the-client', 'X-Request-Subject': 'forged' };
  for (const what of ['first', 'again']) {
    assert.equal((await send(`${gateway.url}/api/a`, { token, headers: sent, agent })).status, 200);
    const record = origin.requests.at(-1);
    assert.deepEqual(valuesOf(record, 'x-request-id'), ['of-the-client'], what);
    assert.deepEqual(valuesOf(record, 'x-request-subject'), ['user-1'], what);
  }
});

test('under another configuration a list that was learned is read anew', async (t) => {
  const kv = memoryKv();
  const put = (prefix) => kv.put('config', JSON.stringify(configuration(origin, signer.issuer(), [{ path: '/api/**' }], { headers: { prefix } })));
  put('x-auth-');
  const gateway = await startGateway({ config: { config_from: 'kv', config_refresh_seconds: 1 }, kv });
  t.after(() => gateway.stop());
  const headers = { 'X-Id-Subject': 'forged', 'X-Id-Other': 'forged' };
  const ask = async () => {
    assert.equal((await send(`${gateway.url}/api/a`, { token, headers, agent })).status, 200);
    return origin.requests.at(-1);
  };
  assert.deepEqual(valuesOf(await ask(), 'x-id-other'), ['forged']);
  put('x-id-');
  await until(async () => valuesOf(await ask(), 'x-auth-subject').length === 0, 'the other prefix');
  for (let n = 0; n < 3; n += 1) {
    const record = await ask();
    assert.deepEqual(valuesOf(record, 'x-id-subject'), ['user-1']);
    assert.deepEqual(valuesOf(record, 'x-id-other'), []);
  }
});
