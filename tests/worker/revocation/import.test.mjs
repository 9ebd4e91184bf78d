// A blacklist in KV that existed before the log: refused before, during and after its import, and not read afterwards.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { entryName } from '../../harness/revocation_names.mjs';
import { ADMIN_PATH, now, startStage } from '../../harness/revocation_stage.mjs';

const routes = ['strict', 'bounded'].map((revocation) => ({ path: `/${revocation}`, methods: ['*'], access: 'authenticated', revocation }));
const OLD = 250;

let stage;
const kv = memoryKv();
before(async () => {
  stage = await startStage({ log: 'new', kv: { handler: kv.handler }, routes, revocation: { bound_seconds: 1 } });
});
after(() => stage.stop());

async function call(method, path, order) {
  const body = order && JSON.stringify(order);
  const headers = body ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  return send(stage.gateway.url + path, { method, token: await stage.issuer.token({ roles: ['admin'] }), headers, body });
}
const imported = async () => (await call('GET', `${ADMIN_PATH}/import`)).json;
async function until(condition) {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const state = await imported();
    if (condition(state)) return state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('not within 20 s');
}

test('entries of KV are refused before, during and after the import, and a lift in between holds', async () => {
  const name = (kind, value) => entryName(kind, stage.issuer.url, value);
  const [session, cutOff] = [randomUUID(), now() - 100];
  kv.entries.set(name('session', session), { value: '{}', expiration: now() + 3600 });
  kv.entries.set(name('subject', 'cut-off'), { value: `{"before":${cutOff}}` });
  kv.entries.set(name('subject', 'unreadable'), { value: 'rubbish' });
  kv.entries.set(name('session', 'lifted'), { value: '{}' });
  for (let n = 0; n < OLD; n += 1) kv.entries.set(name('token', `old-${n}`), { value: '{}' });
  kv.entries.set('config-of-somebody', { value: '{}' });

  const revoked = [
    await stage.issuer.token({ sid: session }), await stage.issuer.token({ sub: 'cut-off', iat: cutOff - 1 }),
    await stage.issuer.token({ sub: 'unreadable' }), await stage.issuer.token({ jti: `old-${OLD - 1}` }),
  ];
  const good = [await stage.issuer.token({ jti: randomUUID() }), await stage.issuer.token({ sub: 'cut-off', iat: cutOff + 1 })];
  const holds = async (what) => {
    for (const path of ['/strict', '/bounded']) {
      for (const token of revoked) assertTokenRefused(await stage.get(token, path), what);
      for (const token of good) assertPassed(await stage.get(token, path), what);
    }
  };
  await holds('before');
  assert.deepEqual(await imported(), { status: 'none' });
  assert.equal((await call('POST', `${ADMIN_PATH}/import`, { pause_seconds: 2 })).json.status, 'running');
  await holds('during the first pass');
  await until(({ pass, status }) => pass === 2 || status === 'complete');
  await holds('in the pause');
  // KV hid it from the first pass.
  const late = randomUUID();
  kv.entries.set(name('session', late), { value: '{}' });
  revoked.push(await stage.issuer.token({ sid: late }));
  // A lift takes the entry out of both.
  assert.equal((await call('DELETE', ADMIN_PATH, { issuer: 'main', session: 'lifted' })).json.was_revoked, true);
  await holds('in the pause, with an entry more');
  const state = await until(({ status }) => status === 'complete');
  assert.equal(state.entries, OLD + 4);
  await holds('after');

  // Isolates learn it with their next question; then KV is not read for revocations any more.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await stage.get(good[0], '/strict');
  const reads = kv.revocationReads();
  await holds('from the log alone');
  assert.equal(kv.revocationReads(), reads);
  assertPassed(await stage.get(await stage.issuer.token({ sid: 'lifted' }), '/strict'));
  // Somebody wrote into KV all the same: another import finds it.
  const forgotten = randomUUID();
  kv.entries.set(name('session', forgotten), { value: '{}' });
  const token = await stage.issuer.token({ sid: forgotten });
  assertPassed(await stage.get(token, '/strict'));
  assert.equal((await call('POST', `${ADMIN_PATH}/import`, { pause_seconds: 0 })).json.status, 'running');
  await until(({ status }) => status === 'complete');
  assertTokenRefused(await stage.get(token, '/strict'));
});

test('a log that begins beside an empty KV imports by itself', async (t) => {
  const other = await startStage({ log: 'new', routes });
  t.after(() => other.stop());
  assertPassed(await other.get(await other.issuer.token(), '/strict'));
  const ask = async () => send(`${other.gateway.url}${ADMIN_PATH}/import`, { token: await other.issuer.token({ roles: ['admin'] }) });
  const deadline = Date.now() + 10_000;
  let state;
  do state = (await ask()).json;
  while (state.pass !== 2 && Date.now() < deadline);
  assert.deepEqual([state.status, state.pass, state.pause_seconds], ['running', 2, 120]);
});

test('all pages of a long blacklist are imported, in both passes', async (t) => {
  const own = memoryKv();
  const LONG = 2100;
  const other = await startStage({ log: 'new', kv: { handler: own.handler }, routes });
  t.after(() => other.stop());
  for (let n = 0; n < LONG; n += 1) own.entries.set(entryName('session', other.issuer.url, `long-${n}`), { value: '{}' });
  const admin = await other.issuer.token({ roles: ['admin'] });
  const path = `${other.gateway.url}${ADMIN_PATH}/import`;
  await send(path, { method: 'POST', token: admin, body: '{"pause_seconds":0}' });
  let state;
  for (const deadline = Date.now() + 20_000; state?.status !== 'complete' && Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    state = (await send(path, { token: admin })).json;
  }
  assert.deepEqual([state.status, state.entries], ['complete', LONG]);
  // The log looks once whether there is anything in KV; then each pass begins at the first page, and reads each page once.
  const pages = own.lists.slice(-6);
  assert.equal(pages[0], '');
  assert.equal(new Set(pages).size, 3);
  assert.deepEqual(pages.slice(3), pages.slice(0, 3));
  for (let n = 0; n < LONG; n += 700) assertTokenRefused(await other.get(await other.issuer.token({ sid: `long-${n}` }), '/strict'), `long-${n}`);
});

test('while an import is made again, a lift holds in every isolate, one that has just started included', async (t) => {
  const own = memoryKv();
  // Beside an empty KV an import begins by itself, with a longer pause.
  own.entries.set(entryName('session', 'https://a.example', 'x'), { value: '{}' });
  const other = await startStage({ log: 'new', kv: { handler: own.handler }, isolates: 2, routes });
  t.after(() => other.stop());
  const [admin, token] = [await other.issuer.token({ roles: ['admin'] }), await other.issuer.token({ sid: 'late' })];
  const order = (method, path, body) => send(other.gateway.url + path, { method, token: admin, headers: { 'content-length': String(body.length) }, body });
  const reached = async (condition) => {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      if (condition((await send(`${other.gateway.url}${ADMIN_PATH}/import`, { token: admin })).json)) return;
    }
    throw new Error('not within 20 s');
  };
  await order('POST', `${ADMIN_PATH}/import`, '{"pause_seconds":0}');
  await reached(({ status }) => status === 'complete');
  own.entries.set(entryName('session', other.issuer.url, 'late'), { value: '{}' });
  await order('POST', `${ADMIN_PATH}/import`, '{"pause_seconds":3600}');
  await reached(({ pass }) => pass === 2);
  const { json } = await order('DELETE', ADMIN_PATH, '{"issuer":"main","session":"late"}');
  assert.equal(json.was_revoked, true);
  for (const url of other.gateway.urls) assertPassed(await send(`${url}/strict`, { token }), url);
});

test('an import that is asked for while the log looks into KV begins at once, though KV fails then', async (t) => {
  const own = memoryKv();
  own.entries.set(entryName('session', 'https://a.example', 'x'), { value: '{}' });
  let lists = 0;
  const [looking, asked] = [Promise.withResolvers(), Promise.withResolvers()];
  const handler = async (request) => {
    const isList = request.method === 'GET' && new URL(request.url).pathname === '/';
    if (!isList || (lists += 1) > 1) return own.handler(request);
    looking.resolve();
    await asked.promise;
    return new Response('KV LIST failed: 500 Internal Server Error', { status: 500 });
  };
  const other = await startStage({ log: 'new', kv: { handler }, routes });
  t.after(() => other.stop());
  const url = `${other.gateway.url}${ADMIN_PATH}/import`;
  const token = await other.issuer.token({ roles: ['admin'] });
  await send(url, { token });
  await looking.promise;
  const begun = await send(url, { method: 'POST', token, headers: { 'content-length': '19' }, body: '{"pause_seconds":0}' });
  assert.equal(begun.json.status, 'running');
  asked.resolve();
  const deadline = Date.now() + 20_000;
  let state;
  do state = (await send(url, { token })).json;
  while (state.status !== 'complete' && Date.now() < deadline);
  assert.deepEqual([state.status, state.entries], ['complete', 1]);
});

test('before the import, lifting for another reason says that KV still refuses', async (t) => {
  const own = memoryKv();
  const other = await startStage({ log: 'new', kv: { handler: own.handler }, routes });
  t.after(() => other.stop());
  own.entries.set(entryName('session', other.issuer.url, 's'), { value: '{}' });
  const token = await other.issuer.token({ sid: 's' });
  const order = JSON.stringify({ issuer: 'main', session: 's', reason: 'logout' });
  assert.equal((await other.revoke(order)).status, 201);
  const { json } = await other.revoke(order, { method: 'DELETE', headers: { 'content-length': String(order.length) } });
  assertTokenRefused(await other.get(token, '/strict'));
  assert.deepEqual([json.was_revoked, json.still_revoked_for], [true, ['admin']]);
});

describe('the request to import', () => {
  test('with a pause that is none is refused', async () => {
    for (const order of [{ pause_seconds: -1 }, { pause_seconds: 3601 }, { pause_seconds: '1' }, { other: 1 }]) {
      assertProblem(await call('POST', `${ADMIN_PATH}/import`, order), 400, 'invalid_request');
    }
  });

  test('does not exist without KV', async (t) => {
    const other = await startStage({ log: 'new', kv: 'none', routes });
    t.after(() => other.stop());
    const token = await other.issuer.token({ roles: ['admin'] });
    assertProblem(await send(`${other.gateway.url}${ADMIN_PATH}/import`, { method: 'POST', token }), 404, 'route_not_found');
  });
});
