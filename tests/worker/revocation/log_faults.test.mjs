// The log in trouble: how long a request waits for it, how often it is asked, and what passes meanwhile.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { describe, test } from 'node:test';
import { assertPassed, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { entryName } from '../../harness/revocation_names.mjs';
import { ADMIN_PATH, startStage } from '../../harness/revocation_stage.mjs';

const BOUND_MS = 1000;
const routes = ['strict', 'bounded'].map((revocation) => ({ path: `/${revocation}`, methods: ['*'], access: 'authenticated', revocation }));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function started(t, { revocation = {}, ...options } = {}) {
  const stage = await startStage({ log: 'new', faulty: true, kv: 'none', routes, revocation: { bound_seconds: 1, ...revocation }, ...options });
  t.after(() => stage.stop());
  return { ...stage, faults: stage.gateway.faults };
}

test('a failing log is asked once for a request of an isolate that has no copy', async (t) => {
  const { issuer, get, faults } = await started(t);
  await faults.set({ failing: 1, errors: ['plain'] });
  const token = await issuer.token();
  for (let requests = 1; requests <= 3; requests += 1) {
    assertUnavailable(await get(token, '/bounded'), 'revocation_unavailable');
    await sleep(50);
    assert.equal((await faults.calls()).ask, requests);
  }
});

test('while others are revoked a strict request waits for one answer of the log', async (t) => {
  const { issuer, get, gateway, faults } = await started(t);
  const [token, admin] = [await issuer.token(), await issuer.token({ roles: ['admin'] })];
  assertPassed(await get(token, '/strict'));
  await faults.set({ before: [300, 300] });
  let isOver = false;
  const revoking = Array.from({ length: 4 }, async (_, n) => {
    await sleep(n * 60);
    while (!isOver) {
      await send(gateway.url + ADMIN_PATH, { method: 'POST', token: admin, headers: { 'content-type': 'application/json' }, body: { issuer: 'main', session: randomUUID() } });
    }
  });
  // Two answers of 300 ms are more than a request waits for. A busy machine may slow some requests down, but not each.
  const statuses = [];
  for (let n = 0; n < 5; n += 1) statuses.push((await get(token, '/strict')).status);
  assert.ok(statuses.includes(200), statuses.join());
  isOver = true;
  await Promise.all(revoking);
});

test('readiness of an isolate that has loaded nothing asks the log once a second', async (t) => {
  const { revoke, gateway, faults } = await started(t, { isolates: 2 });
  await revoke({ issuer: 'main', session: randomUUID() });
  await faults.set();
  for (let n = 0; n < 10; n += 1) assert.equal((await send(`${gateway.urls[1]}/.edgeward/ready`)).status, 200);
  assert.ok((await faults.calls()).ask <= 2);
});

/** An order of an administrator to a log that does not answer in time; the administrator's own token was checked before. */
async function tooLate({ issuer, gateway, faults }, method, order) {
  const body = JSON.stringify(order);
  const headers = { authorization: `Bearer ${await issuer.token({ roles: ['admin'] })}`, 'content-length': String(body.length) };
  await faults.set();
  const request = http.request(gateway.url + ADMIN_PATH, { method, headers });
  const answer = once(request, 'response');
  request.flushHeaders();
  while ((await faults.calls()).ask === 0) await sleep(10);
  await faults.set({ before: [3000, 3000] });
  request.end(body);
  const [response] = await answer;
  response.resume();
  await faults.set();
  return response.statusCode;
}

describe('an order that the log did not acknowledge in time', () => {
  const session = { issuer: 'main', session: 's-1' };

  test('has a line with what it was about, because nobody is told if it was carried out', async (t) => {
    const stage = await started(t);
    assert.equal(await tooLate(stage, 'POST', session), 503);
    const [line] = stage.gateway.logs().filter(({ code }) => code === 'revocation_not_stored');
    assert.deepEqual([line.entry, line.reason], [entryName('session', stage.issuer.url, 's-1'), 'admin']);
  });

  test('is not carried out after one that was acknowledged later', async (t) => {
    const stage = await started(t);
    assert.equal((await stage.revoke(session)).status, 201);
    assert.equal(await tooLate(stage, 'DELETE', session), 503);
    assert.equal((await stage.revoke(session)).status, 201);
    const token = await stage.issuer.token({ sid: 's-1' });
    // The lift reaches the log a second after its answer was given up.
    for (let n = 0; n < 20; n += 1) {
      assertTokenRefused(await stage.get(token, '/strict'));
      await sleep(100);
    }
  });
});

test('readiness says nothing of a blacklist in KV where there is no KV', async (t) => {
  const { issuer, gateway } = await started(t);
  const { json } = await send(`${gateway.url}/.edgeward/ready`, { token: await issuer.token({ roles: ['admin'] }) });
  assert.equal('kv_blacklist' in json.checks.revocation_log, false);
});

describe('a question that fails while another one is answered', () => {
  /** A request whose question is answered late, and one after it whose question is answered at once. */
  async function overtaken(t, settings, revocation) {
    const stage = await started(t, { revocation });
    const [late, soon] = [await stage.issuer.token(), await stage.issuer.token()];
    for (const token of [late, soon]) assertPassed(await stage.get(token, '/bounded'));
    await sleep(BOUND_MS + 100);
    await stage.faults.set(settings);
    const answer = stage.get(late, '/bounded');
    await sleep(60);
    await stage.faults.set();
    assertPassed(await stage.get(soon, '/bounded'), 'the request after it');
    return { answer: await answer, logs: stage.gateway.logs() };
  }

  for (const [what, settings] of [
    ['fails', { before: [300, 300], failing: 1, errors: ['plain'] }],
    ['is overloaded', { before: [300, 300], failing: 1, errors: ['overloaded'] }],
    ['takes too long', { before: [900, 900] }],
  ]) {
    test(`does not refuse, because the copy is fresh (${what})`, async (t) => {
      const { answer } = await overtaken(t, settings);
      assertPassed(answer);
    });
  }

  test('is not logged as degraded, because the copy is fresh', async (t) => {
    const { answer, logs } = await overtaken(t, { before: [300, 300], failing: 1, errors: ['plain'] }, { fallback: 'copy', fallback_seconds: 3 });
    assertPassed(answer);
    assert.deepEqual(logs.filter(({ event }) => event === 'revocation_degraded'), []);
  });
});

describe('while the log is cut off', () => {
  test('a bounded route refuses with 503 once the copy is too old, and a confirmed hit with 401', async (t) => {
    const { issuer, get, revoke, faults } = await started(t);
    const [good, revoked] = [await issuer.token({ jti: randomUUID() }), await issuer.token({ jti: randomUUID() })];
    await revoke({ token: revoked });
    assertTokenRefused(await get(revoked, '/bounded'));
    assertPassed(await get(good, '/bounded'));
    await faults.set({ failing: 1, errors: ['plain'] });
    assertPassed(await get(good, '/bounded'));
    await sleep(BOUND_MS);
    assertUnavailable(await get(good, '/bounded'), 'revocation_unavailable');
    assertTokenRefused(await get(revoked, '/bounded'));
    assertUnavailable(await get(good, '/strict'), 'revocation_unavailable');
    await faults.set();
    assertPassed(await get(good, '/bounded'));
    assertTokenRefused(await get(revoked, '/bounded'));
  });

  test('an older copy serves for as long as the operator allows, and each such request is logged', async (t) => {
    const { issuer, get, revoke, faults, gateway } = await started(t, { revocation: { fallback: 'copy', fallback_seconds: 3 } });
    const [good, revoked] = [await issuer.token({ jti: randomUUID() }), await issuer.token({ jti: randomUUID() })];
    await revoke({ token: revoked });
    assertTokenRefused(await get(revoked, '/bounded'));
    assertPassed(await get(good, '/bounded'));
    await faults.set({ failing: 1, errors: ['plain'] });
    await sleep(BOUND_MS + 100);
    assertPassed(await get(good, '/bounded'));
    assertTokenRefused(await get(revoked, '/bounded'));
    assertUnavailable(await get(good, '/strict'), 'revocation_unavailable');
    const [degraded] = gateway.logs().filter(({ event }) => event === 'revocation_degraded');
    assert.ok(degraded.count >= 1 && degraded.revocation === 'bounded' && degraded.copy_age_ms >= BOUND_MS);
    assert.ok(gateway.logs().some(({ event }) => event === 'revocation_log_unavailable'));
    await sleep(3000);
    assertUnavailable(await get(good, '/bounded'), 'revocation_unavailable');
  });

  test('a request that is refused all the same is not logged as degraded', async (t) => {
    const own = [...routes, { path: '/role', methods: ['*'], access: 'authenticated', require: { role: 'other' } }];
    const { issuer, get, faults, gateway } = await started(t, { revocation: { fallback: 'copy', fallback_seconds: 30 }, routes: own });
    const token = await issuer.token();
    assertPassed(await get(token, '/bounded'));
    await faults.set({ failing: 1, errors: ['plain'] });
    await sleep(BOUND_MS + 100);
    assert.equal((await get(token, '/role')).status, 403);
    assert.deepEqual(gateway.logs().filter(({ event }) => event === 'revocation_degraded'), []);
    assertPassed(await get(token, '/bounded'));
    const [{ count }] = gateway.logs().filter(({ event }) => event === 'revocation_degraded');
    assert.equal(count, 1);
  });

  test('readiness says so, with the age of the copy for an administrator', async (t) => {
    const { issuer, faults, gateway } = await started(t);
    const ready = async () => send(`${gateway.url}/.edgeward/ready`, { token: await issuer.token({ roles: ['admin'] }) });
    const before = await ready();
    assert.equal(before.status, 200);
    const { state, copy_age_ms: age } = before.json.checks.revocation_log;
    assert.ok(state === 'ok' && age >= 0 && age < 1000);
    await faults.set({ failing: 1, errors: ['plain'] });
    // Anybody may ask for readiness: the log is asked once a second for all of them.
    await sleep(1100);
    const token = await issuer.token({ roles: ['admin'] });
    for (let n = 0; n < 10; n += 1) assert.equal((await send(`${gateway.url}/.edgeward/ready`)).status, 503);
    assert.ok((await faults.calls()).ask <= 2);
    assert.equal((await send(`${gateway.url}/.edgeward/ready`, { token })).status, 503);
  });
});
