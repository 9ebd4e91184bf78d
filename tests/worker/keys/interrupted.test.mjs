// A client that hangs up while keys are fetched on its behalf: the others must not pay for it.
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { assertPassed, protect } from '../../harness/config.mjs';
import { send, sleep, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startIssuer } from '../../harness/issuer.mjs';
import { startOrigin } from '../../harness/origin.mjs';

// The fetch that was under way, with its margin; far less than what a lease that nobody gives back lasts.
const BOUND_MS = 2_500;

async function stage(t) {
  const issuer = await startIssuer();
  t.after(() => issuer.stop());
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const gateway = await startGateway({ config: protect({ origin, issuers: [issuer.config()] }) });
  t.after(() => gateway.stop());
  return { issuer, gateway, get: (token) => send(`${gateway.url}/x`, { token }) };
}

/** Sends a request, and resets its connection once the issuer has been asked: the runtime then gives the request up. */
async function hangUp(gateway, issuer, token) {
  const fetches = issuer.fetches;
  const request = http.get(`${gateway.url}/x`, { headers: { authorization: `Bearer ${token}` }, agent: false });
  request.on('error', () => {});
  await until(() => issuer.fetches > fetches, 'the issuer being asked');
  request.socket.resetAndDestroy();
  await sleep(50);
}

test('the first client hangs up while the keys are fetched: the next one passes, soon', async (t) => {
  const { issuer, gateway, get } = await stage(t);
  issuer.delay = 600;
  await hangUp(gateway, issuer, await issuer.token());
  const answer = await get(await issuer.token());
  assertPassed(answer);
  assert.ok(answer.ms < BOUND_MS, `${Math.round(answer.ms)} ms`);
  assert.equal(issuer.fetches, 1, 'what was fetched for the first client serves all');
});

test('a stranger who hangs up again and again does not keep the keys from being fetched', async (t) => {
  const { issuer, gateway, get } = await stage(t);
  issuer.delay = 600;
  const stranger = await issuer.token({}, { kid: 'unknown' });
  await hangUp(gateway, issuer, stranger);
  const impatient = Array.from({ length: 5 }, async (_, n) => {
    await sleep(100 * n);
    const request = http.get(`${gateway.url}/x`, { headers: { authorization: `Bearer ${stranger}` }, agent: false });
    request.on('error', () => {});
    await sleep(80);
    request.socket.resetAndDestroy();
  });
  const answer = await get(await issuer.token());
  await Promise.all(impatient);
  assertPassed(answer);
  assert.ok(answer.ms < BOUND_MS, `${Math.round(answer.ms)} ms`);
});

test('the first client of a new key hangs up while it is looked for: the next one passes, soon', async (t) => {
  const { issuer, gateway, get } = await stage(t);
  assertPassed(await get(await issuer.token()));
  await issuer.rotate({ overlap: false });
  issuer.delay = 600;
  await hangUp(gateway, issuer, await issuer.token());
  const answer = await get(await issuer.token());
  assertPassed(answer, 'a valid token of the new key');
  assert.ok(answer.ms < BOUND_MS, `${Math.round(answer.ms)} ms`);
  assert.equal(issuer.fetches, 2);
});

test('a stranger who hangs up on an unknown kid does not spend the cool-down for nothing', async (t) => {
  const { issuer, gateway, get } = await stage(t);
  assertPassed(await get(await issuer.token()));
  await issuer.rotate({ overlap: true });
  issuer.delay = 300;
  await hangUp(gateway, issuer, await issuer.token({}, { kid: 'unknown' }));
  await sleep(600);
  assertPassed(await get(await issuer.token()), 'a token of the key that the look-up brought');
});
