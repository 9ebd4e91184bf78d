// The revocation log: what is revoked in one isolate is refused in all of them, as soon as the route's level says.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { ADMIN_PATH, now, startStage } from '../../harness/revocation_stage.mjs';

const BOUND_MS = 1000;
const levels = ['strict', 'bounded', 'eventual', 'off'];
const routes = levels.map((revocation) => ({ path: `/${revocation}/**`, methods: ['*'], access: 'authenticated', revocation }));

let stage;
before(async () => {
  stage = await startStage({ log: 'new', isolates: 3, kv: 'none', routes, revocation: { bound_seconds: BOUND_MS / 1000 } });
});
after(() => stage.stop());

const admin = () => stage.issuer.token({ roles: ['admin'], sub: 'the-admin' });
const at = (isolate, level, token) => send(`${stage.gateway.urls[isolate]}/${level}/x`, { token });
/** The length is said, because node sends no body with a DELETE otherwise. */
async function call(method, order, query = '') {
  const body = order && JSON.stringify(order);
  const headers = body ? { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) } : {};
  return send(stage.gateway.url + ADMIN_PATH + query, { method, token: await admin(), headers, body });
}
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe('levels', () => {
  test('a revoked token is refused at once on a strict route of every isolate', async () => {
    const token = await stage.issuer.token({ jti: randomUUID() });
    for (const isolate of [0, 1, 2]) assertPassed(await at(isolate, 'strict', token));
    assert.equal((await call('POST', { token })).status, 201);
    for (const isolate of [0, 1, 2]) assertTokenRefused(await at(isolate, 'strict', token));
  });

  test('a revoked token is refused within the bound on a bounded route of every isolate', async () => {
    const token = await stage.issuer.token({ jti: randomUUID() });
    for (const isolate of [0, 1, 2]) assertPassed(await at(isolate, 'bounded', token));
    assert.equal((await call('POST', { token })).status, 201);
    await sleep(BOUND_MS);
    for (const isolate of [0, 1, 2]) assertTokenRefused(await at(isolate, 'bounded', token));
  });

  test('the isolate that revoked refuses at once on a bounded route', async () => {
    const token = await stage.issuer.token({ jti: randomUUID() });
    assertPassed(await at(0, 'bounded', token));
    await call('POST', { token });
    assertTokenRefused(await at(0, 'bounded', token));
  });

  test('a route that asks nobody lets a revoked token pass', async () => {
    const token = await stage.issuer.token({ jti: randomUUID() });
    await call('POST', { token });
    assertPassed(await at(1, 'off', token));
  });

  test('each kind of entry refuses what it names and nothing else', async () => {
    const [sid, sub, tenant] = [randomUUID(), randomUUID(), randomUUID()];
    const claims = { sid, sub, org: { id: tenant }, iat: now() - 60 };
    const other = await stage.issuer.token({ iat: now() - 60 });
    for (const body of [{ session: sid }, { subject: sub }, { tenant }]) {
      const token = await stage.issuer.token({ ...claims, jti: randomUUID() });
      assertPassed(await at(1, 'strict', token));
      const { json } = await call('POST', { issuer: 'main', ...body });
      assertTokenRefused(await at(1, 'strict', token));
      assertPassed(await at(1, 'strict', other));
      assert.equal((await call('DELETE', { entry: json.entry })).json.was_revoked, true);
      assertPassed(await at(1, 'strict', token));
    }
  });

  test('a token that was issued after a cut-off passes', async () => {
    const [sub, cutOff] = [randomUUID(), now() - 10];
    await call('POST', { issuer: 'main', subject: sub, before: cutOff });
    assertTokenRefused(await at(2, 'strict', await stage.issuer.token({ sub, iat: cutOff - 1 })));
    assertPassed(await at(2, 'strict', await stage.issuer.token({ sub, iat: cutOff })));
  });
});

describe('lifting', () => {
  test('a lifted token passes at once on a strict route, and within the bound on a bounded one', async () => {
    const token = await stage.issuer.token({ jti: randomUUID() });
    const { json } = await call('POST', { token });
    await sleep(BOUND_MS);
    for (const isolate of [0, 1, 2]) assertTokenRefused(await at(isolate, 'bounded', token));
    await call('DELETE', { entry: json.entry });
    assertPassed(await at(1, 'strict', token));
    await sleep(BOUND_MS);
    for (const isolate of [0, 1, 2]) assertPassed(await at(isolate, 'bounded', token));
  });

  test('lifting for one reason leaves the others', async () => {
    const session = randomUUID();
    const token = await stage.issuer.token({ sid: session });
    await call('POST', { issuer: 'main', session });
    const { json } = await call('POST', { issuer: 'main', session, reason: 'logout' });
    const lifted = await call('DELETE', { entry: json.entry });
    assert.deepEqual(lifted.json, { entry: json.entry, reason: 'admin', was_revoked: true, still_revoked_for: ['logout'] });
    assertTokenRefused(await at(1, 'strict', token));
    assert.deepEqual((await call('DELETE', { entry: json.entry, reason: 'logout' })).json.still_revoked_for, []);
    assertPassed(await at(1, 'strict', token));
  });

  test('what is to be lifted may be named as it was revoked', async () => {
    const session = randomUUID();
    await call('POST', { issuer: 'main', session });
    const { json } = await call('DELETE', { issuer: 'main', session });
    assert.equal(json.was_revoked, true);
    assertPassed(await at(1, 'strict', await stage.issuer.token({ sid: session })));
  });

  test('it may be named so after its expires_at, too: the entry stays six minutes longer', async () => {
    const jti = randomUUID();
    const order = { issuer: 'main', jti, expires_at: now() + 2 };
    assert.equal((await call('POST', order)).status, 201);
    await sleep(2100);
    assertTokenRefused(await at(1, 'strict', await stage.issuer.token({ jti })));
    assert.equal((await call('DELETE', order)).json.was_revoked, true);
    assertPassed(await at(1, 'strict', await stage.issuer.token({ jti })));
  });
});

describe('the list', () => {
  test('shows what is in force, newest first, page by page', async () => {
    const sessions = Array.from({ length: 5 }, () => randomUUID());
    const entries = [];
    for (const session of sessions) entries.push((await call('POST', { issuer: 'main', session, reason: 'event' })).json.entry);
    await call('DELETE', { entry: entries[2], reason: 'event' });
    const expected = entries.filter((entry) => entry !== entries[2]).reverse();
    const seen = [];
    for (let cursor = ''; cursor !== null;) {
      const { json } = await call('GET', undefined, `?reason=event&limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...json.entries.map(({ entry }) => entry));
      cursor = json.cursor;
    }
    assert.deepEqual(seen, expected);
  });

  test('filters by kind, issuer, tenant and time', async () => {
    const tenant = randomUUID();
    const { json: { entry } } = await call('POST', { issuer: 'main', tenant });
    const entries = async (query) => (await call('GET', undefined, query)).json.entries;
    const [own] = await entries(`?kind=tenant&tenant=${tenant}&issuer=main&since=${now() - 60}`);
    assert.equal(own.entry, entry);
    assert.deepEqual([own.kind, own.reason, own.issuer, own.tenant], ['tenant', 'admin', 'main', tenant]);
    assert.ok(own.revoked_at >= now() - 60 && own.actor.length === 43);
    assert.deepEqual(await entries(`?kind=session&tenant=${tenant}`), []);
    assert.deepEqual(await entries(`?tenant=${tenant}&since=${now() + 60}`), []);
  });

  test('a filter that is not understood is refused', async () => {
    for (const query of ['?kind=all', '?reason=', '?issuer=other', '?limit=-1', '?cursor=x', '?since=x', '?x=1', '?limit=1&limit=2', '?kind=%']) {
      assertProblem(await call('GET', undefined, query), 400, 'invalid_request', query);
    }
  });
});

test('the same order again changes nothing and is answered alike', async () => {
  const body = { issuer: 'main', jti: randomUUID(), expires_at: now() + 600 };
  const [first, second] = [await call('POST', body), await call('POST', body)];
  assert.deepEqual([second.status, second.json], [201, first.json]);
});

test('the log line names the level and the age of the copy', async () => {
  const token = await stage.issuer.token({ jti: randomUUID() });
  await call('POST', { token });
  await at(0, 'bounded', token);
  assertTokenRefused(await at(0, 'bounded', token));
  assertTokenRefused(await at(0, 'strict', token));
  const lines = stage.gateway.logs().filter(({ event, code }) => event === 'refused' && code === 'token_revoked');
  const strict = lines.filter(({ revocation }) => revocation === 'strict');
  assert.ok(strict.length > 0 && strict.every((line) => !('copy_age_ms' in line)));
  assert.ok(lines.some(({ revocation, copy_age_ms: age }) => revocation === 'bounded' && age >= 0 && age < BOUND_MS));
});

test('a revoked session stays revoked for good, however short its tokens live', async (t) => {
  const short = await startStage({ log: 'new', kv: 'none', revocation: { longest_token_seconds: 600 } });
  t.after(() => short.stop());
  const token = await short.issuer.token({ roles: ['admin'], iat: now(), exp: now() + 600 });
  const revoke = async (order) => (await short.revoke({ issuer: 'main', ...order }, { token })).json.expires_at;
  assert.ok(await revoke({ subject: 'x' }) < now() + 1200);
  // Its next tokens are issued when those of today have long expired.
  assert.equal(await revoke({ session: 'x' }), null);
});

test('an entry without an expiry outlives a token whose issuer\'s clock is ahead', async (t) => {
  const [life, leeway] = [60, 300];
  const short = await startStage({ log: 'new', kv: 'none', leeway_seconds: leeway, revocation: { longest_token_seconds: life } });
  t.after(() => short.stop());
  const admin = await short.issuer.token({ roles: ['admin'], iat: now(), exp: now() + life });
  const iat = now() + leeway - 5;
  for (const named of ['token', 'jti']) {
    const jti = randomUUID();
    const token = await short.issuer.token({ iat, exp: iat + life, jti });
    assertPassed(await short.get(token));
    const { json } = await short.revoke(named === 'jti' ? { issuer: 'main', jti } : { token }, { token: admin });
    // Until then the token passes.
    const over = iat + life + leeway;
    assert.ok(json.expires_at >= over, `by ${named}: the entry ends ${over - json.expires_at} s before the token`);
  }
});
