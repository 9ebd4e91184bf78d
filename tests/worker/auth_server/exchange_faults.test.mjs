// An auth server that fails to exchange in every way: 503 in bounded time, nothing at the origin, and its recovery seen.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { FAULT_CODES, FAULT_KINDS, issued, startAskedServer } from '../../harness/asked_server.mjs';
import { assertPassed, assertUnavailable } from '../../harness/config.mjs';
import { inParallel, send, sleep, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

const TIMEOUT_MS = 1_000;
const BOUND_MS = TIMEOUT_MS + 1_500;
const FAILURES = 3;
const OPEN_SECONDS = 3;

const slug = (kind) => kind.replaceAll(' ', '-');

describe('an auth server that does not exchange', { concurrency: true }, () => {
  const servers = new Map();
  let origin, gateway, signer;
  const get = async (name) => send(`${gateway.url}/${name}/x`, { token: await signer.token() });

  before(async () => {
    [origin, signer] = await Promise.all([startOrigin(), startSigner()]);
    const names = [...Object.keys(FAULT_CODES).map(slug), 'busy', 'answers', 'client'];
    for (const name of names) servers.set(name, await startAskedServer());
    const config = configuration(origin, signer.issuer(), names.map((name) => ({ path: `/${name}/**`, origin: name })));
    config.origins = names.map((name) => ({
      name, url: origin.url,
      exchange: {
        endpoint: servers.get(name).token, audience: name, client_id: 'gateway', client_secret: 'CLIENT_SECRET', timeout_ms: TIMEOUT_MS,
        breaker: { failures: ['answers', 'client'].includes(name) ? 1000 : FAILURES, open_seconds: OPEN_SECONDS },
      },
    }));
    gateway = await startGateway({ config, secrets: { CLIENT_SECRET: 'client-secret' } });
  });
  after(async () => {
    await gateway?.stop();
    await Promise.all([...servers.values(), origin].map((each) => each?.stop()));
  });

  const arrived = (name) => origin.requests.filter(({ target }) => target.startsWith(`/${name}/`)).length;

  for (const kind of Object.keys(FAULT_CODES)) {
    test(`${kind}: 503 in time, no calls after ${FAILURES}, and its recovery is noticed`, async () => {
      const name = slug(kind);
      const server = servers.get(name);
      assertPassed(await get(name), 'before');
      server.fault(kind);
      for (let n = 1; n <= FAILURES; n += 1) {
        const answer = await get(name);
        assertUnavailable(answer, 'exchange_unavailable', kind);
        assert.ok(answer.ms < BOUND_MS, `answered after ${Math.round(answer.ms)} ms`);
        assert.equal(server.calls, 1 + n);
      }
      const opened = Date.now();
      for (const answer of await inParallel(20, 10, () => get(name))) assertUnavailable(answer, 'exchange_unavailable', 'left alone');
      if (Date.now() < opened + OPEN_SECONDS * 1000 - 500) assert.equal(server.calls, 1 + FAILURES, 'left alone');
      assert.equal(arrived(name), 1, 'nothing went to the origin');
      server.fault(null);
      await sleep(opened + OPEN_SECONDS * 1000 + 300 - Date.now());
      await until(async () => (await get(name)).status === 200, 'its recovery');
      const events = gateway.logs().filter((line) => line.origin === name);
      const failed = events.filter(({ event }) => event === 'auth_server_failed');
      assert.deepEqual([...new Set(failed.map(({ code }) => code))], [FAULT_CODES[kind]]);
      const [open] = events.filter(({ event }) => event === 'auth_server_open');
      assert.deepEqual(open, { event: 'auth_server_open', origin: name, seconds: OPEN_SECONDS });
      assert.ok(events.some(({ event }) => event === 'auth_server_closed'));
    });
  }

  test('every fault has its row', () => {
    assert.deepEqual([...FAULT_KINDS].sort(), Object.keys(FAULT_CODES).sort());
  });

  test('a 429 about three tokens is kept to for as long as it says', async () => {
    const server = servers.get('busy');
    server.fault({ status: 429, headers: { 'retry-after': '2' } });
    for (let n = 0; n < 3; n += 1) {
      const answer = await get('busy');
      assertUnavailable(answer, 'exchange_unavailable');
      assert.equal(answer.headers['retry-after'], '2');
    }
    server.fault(null);
    assertUnavailable(await get('busy'), 'exchange_unavailable', 'in the pause');
    assert.equal(server.calls, 3);
    await sleep(2_200);
    assertPassed(await get('busy'));
  });

  test('an answer that is no bearer token, or none that lives, goes nowhere', async () => {
    const server = servers.get('answers');
    for (const more of [
      { token_type: 'DPoP' }, { token_type: undefined }, { issued_token_type: undefined }, { access_token: undefined },
      { access_token: 'a\r\nx-auth-roles: admin' }, { access_token: 'x'.repeat(16_385) }, { expires_in: 0 }, { expires_in: '300' },
    ]) {
      server.issue = () => issued('token', more);
      assertUnavailable(await get('answers'), 'exchange_unavailable', JSON.stringify(more).slice(0, 80));
    }
    assert.equal(arrived('answers'), 0);
    server.issue = () => issued('token', { expires_in: undefined });
    assertPassed(await get('answers'), 'without expires_in');
  });

  test('a client that the auth server does not know is the operator\'s fault, not the caller\'s', async () => {
    const server = servers.get('client');
    for (const [status, body] of [[401, ''], [400, '{"error":"unauthorized_client"}'], [404, '<html>']]) {
      server.fault({ status, headers: {}, body });
      assertUnavailable(await get('client'), 'exchange_unavailable', `${status} ${body}`);
    }
    const codes = gateway.logs().filter((line) => line.origin === 'client' && line.event === 'auth_server_failed').map(({ code }) => code);
    assert.deepEqual(codes.slice(-3), ['auth_server_refuses_client', 'auth_server_refuses_client', 'auth_server_refuses_request']);
  });
});
