// An issuer that fails when its keys are first wanted: 503 in bounded time, never 401, one fetch per cool-down.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { send, sleep } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startIssuer } from '../../harness/issuer.mjs';
import { FAULT_KINDS, startDecoy } from '../../harness/issuer_faults.mjs';
import { startOrigin } from '../../harness/origin.mjs';

const COOL_DOWN_MS = 30_000;
// The fetch may take 2 s, the machine may be busy.
const BOUND_MS = 4_500;

const KINDS = [...FAULT_KINDS, 'redirect'];

describe('an issuer that fails at the first fetch', { concurrency: true }, () => {
  const issuers = new Map();
  let origin, gateway, decoy;
  const get = (issuer, token) => send(`${gateway.url}/x`, { token });

  before(async () => {
    origin = await startOrigin();
    for (const kind of KINDS) issuers.set(kind, await startIssuer());
    decoy = await startDecoy(() => ({ keys: issuers.get('redirect').keys.map((key) => key.publicJwk) }));
    const entries = [...issuers].map(([kind, issuer]) => issuer.config({ name: kind.replaceAll(' ', '-') }));
    gateway = await startGateway({ config: protect({ origin, issuers: entries }) });
  });
  after(async () => {
    await gateway?.stop();
    await Promise.all([...issuers.values(), origin, decoy].map((each) => each?.stop()));
  });

  for (const kind of KINDS) {
    test(`${kind}: 503 in time, one fetch per cool-down, and the issuer's recovery is noticed`, async () => {
      const issuer = issuers.get(kind);
      issuer.fault(kind === 'redirect' ? { redirect: decoy.url } : kind);
      const started = Date.now();
      // Several at once: those who wait for the first one's fetch are bounded too.
      const tokens = await Promise.all([1, 2, 3].map(() => issuer.token()));
      for (const answer of await Promise.all(tokens.map((token) => get(issuer, token)))) {
        assertUnavailable(answer, 'keys_unavailable', kind);
        assert.ok(answer.ms < BOUND_MS, `answered after ${Math.round(answer.ms)} ms`);
      }
      assert.equal(issuer.fetches, 1);
      assert.equal(decoy.contacts, 0, 'the target of a redirect is never contacted');
      while (Date.now() - started < COOL_DOWN_MS - 6_000) {
        assertUnavailable(await get(issuer, await issuer.token()), 'keys_unavailable', `${kind}, during the cool-down`);
        await sleep(2_000);
      }
      assert.equal(issuer.fetches, 1, 'not asked again during the cool-down');
      issuer.fault(null);
      await sleep(started + COOL_DOWN_MS + BOUND_MS - Date.now());
      assertPassed(await get(issuer, await issuer.token()), `${kind}, after recovery`);
      assert.equal(issuer.fetches, 2);
      const name = kind.replaceAll(' ', '-');
      assert.ok(gateway.logs().some((line) => line.event === 'keys_failed' && line.issuer === name), 'the failure is logged');
    });
  }
});

describe('an issuer that fails when it is asked again', { concurrency: true }, () => {
  const issuers = new Map();
  let origin, gateway;
  const get = (token) => send(`${gateway.url}/x`, { token });

  before(async () => {
    origin = await startOrigin();
    for (const kind of FAULT_KINDS) issuers.set(kind, await startIssuer());
    const entries = [...issuers].map(([kind, issuer]) => issuer.config({ name: kind.replaceAll(' ', '-') }));
    gateway = await startGateway({ config: protect({ origin, issuers: entries }) });
  });
  after(async () => {
    await gateway?.stop();
    await Promise.all([...issuers.values(), origin].map((each) => each?.stop()));
  });

  for (const kind of FAULT_KINDS) {
    test(`${kind}: the keys in force stay in force`, async () => {
      const issuer = issuers.get(kind);
      const seen = await issuer.token();
      assertPassed(await get(seen));
      issuer.fault(kind);
      const stranger = await issuer.token({}, { kid: 'unknown' });
      const answer = await get(stranger);
      assert.ok([401, 503].includes(answer.status), `${answer.status} ${answer.text}`);
      assert.ok(answer.ms < BOUND_MS, `answered after ${Math.round(answer.ms)} ms`);
      assertPassed(await get(seen), 'a token seen before');
      assertPassed(await get(await issuer.token()), 'a token not seen before');
      assertTokenOrKeys(await get(stranger));
      assert.equal(issuer.fetches, 2);
    });
  }
});

/** The unknown kid again, inside the cool-down: refused, whichever way. */
function assertTokenOrKeys(answer) {
  if (answer.status === 401) assertTokenRefused(answer);
  else assertUnavailable(answer, 'keys_unavailable');
}

test('an issuer that nobody answers for gets 503, not 401', async (t) => {
  const issuer = await startIssuer();
  await issuer.stop();
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const gateway = await startGateway({ config: protect({ origin, issuers: [issuer.config()] }) });
  t.after(() => gateway.stop());
  const answer = await send(`${gateway.url}/x`, { token: await issuer.token() });
  assertUnavailable(answer, 'keys_unavailable');
  assert.equal(origin.requests.length, 0);
});
