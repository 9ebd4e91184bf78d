// The promise of revocation, shown over recorded histories: revocations, lifts and cut-offs race with requests on several isolates, while
// all is well, while the log goes wrong, and while the process is killed. And what would break the promise is found.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { send, until } from '../../harness/client.mjs';
import { BOUND_MS, HistoryStage, LASTING_MS, judged } from '../../harness/history_stage.mjs';

/** Ends what would never end; a slow machine gets as far as a fast one, only later. */
const LIMIT_MS = 300_000;
/** After this, a bounded route knows. */
const SETTLED_MS = 1.5 * BOUND_MS;

/** With `fewest`, so many requests had to be refused, and to pass, however many were not answered; else most were, and a share of each kind. */
function assertKept(clients, { fewest } = {}) {
  const { violations, counts, text } = judged(clients);
  assert.equal(violations.length, 0, text);
  const answers = JSON.stringify([...clients.answers]);
  // A history in which nothing was decided keeps every promise.
  const requests = clients.history.requests.length;
  assert.ok(fewest !== undefined || counts.unanswered <= requests / 5, answers);
  const enough = fewest ?? requests / 20;
  assert.ok(counts.hadToBeRefused > enough && counts.hadToPass > enough, JSON.stringify(counts));
  for (const answer of clients.answers.keys()) assert.match(answer, /(200|201|401 invalid_token|503 revocation_unavailable)$/, answers);
  return counts;
}

test('every promise is kept while 1,000 revocations, and lifts, race with requests on three isolates', async (t) => {
  const stage = await HistoryStage.start();
  t.after(() => stage.stop());
  const clients = await stage.clients(1);
  await clients.run({ revocations: 1000, rate: 160, lasting: LASTING_MS, limitMs: LIMIT_MS });
  await clients.settle({ ms: SETTLED_MS });
  assert.ok(clients.acknowledged.revoke >= 1000, `${clients.acknowledged.revoke} in ${LIMIT_MS} ms`);
  const counts = assertKept(clients);
  t.diagnostic(`${JSON.stringify(clients.acknowledged)} acknowledged, ${JSON.stringify(counts)}`);
});

describe('a log that goes wrong', () => {
  let stage;
  before(async () => {
    stage = await HistoryStage.start({ faulty: true });
  });
  after(() => stage.stop());

  const FAULTS = {
    'is slow': { before: [0, 150], after: [0, 150] },
    'is overloaded now and then': { failing: 0.2, errors: ['overloaded'] },
    'is not to be reached now and then': { failing: 0.2, errors: ['retryable'] },
    'is reset now and then': { failing: 0.2, errors: ['reset'] },
  };
  for (const [seed, [name, faults]] of Object.entries(FAULTS).entries()) {
    test(`keeps every promise while it ${name}`, async () => {
      await stage.gateway.faults.set();
      const clients = await stage.clients(100 + seed);
      await stage.gateway.faults.set(faults);
      await clients.run({ revocations: 25, lasting: LASTING_MS, limitMs: LIMIT_MS });
      await stage.gateway.faults.set();
      await clients.settle({ ms: SETTLED_MS });
      assertKept(clients, { fewest: 20 });
    });
  }

  test('is asked again only where the platform says that this is right, and only once', async () => {
    const { issuer, gateway } = stage;
    const token = await issuer.token();
    for (const [error, asks] of [['overloaded', 1], ['retryable', 2], ['reset', 2], ['plain', 1]]) {
      await gateway.faults.set({ failing: 1, errors: [error] });
      assertUnavailable(await send(`${gateway.url}/strict/x`, { token }), 'revocation_unavailable', error);
      assert.equal((await gateway.faults.calls()).ask, asks, error);
    }
    await gateway.faults.set();
    assertPassed(await send(`${gateway.url}/strict/x`, { token }));
  });

  test('costs strict routes their answers at once, and bounded routes when the bound is over, until it is back', async () => {
    const { issuer, gateway } = stage;
    await gateway.faults.set();
    const [good, revoked] = await Promise.all([issuer.token(), issuer.token()]);
    const get = (level, token = good) => send(`${gateway.url}/${level}/x`, { token });
    const { jti } = JSON.parse(Buffer.from(revoked.split('.')[1], 'base64url'));
    const admin = await issuer.token({ roles: ['admin'] });
    const order = { method: 'POST', token: admin, headers: { 'content-type': 'application/json' }, body: { issuer: 'main', jti } };
    assert.equal((await send(`${gateway.url}/.edgeward/admin/revocations`, order)).status, 201);
    for (const level of ['strict', 'bounded']) {
      await until(async () => (await get(level)).status === 200, 'a pass');
      assertTokenRefused(await get(level, revoked));
    }
    await gateway.faults.set({ isSilent: true });
    assertUnavailable(await get('strict'), 'revocation_unavailable');
    const late = await until(async () => [await get('bounded')].find(({ status }) => status !== 200), 'an answer other than 200', 4 * BOUND_MS);
    assertUnavailable(late, 'revocation_unavailable');
    assertTokenRefused(await get('bounded', revoked), 'what was confirmed as revoked');
    assertUnavailable(await get('strict', revoked), 'revocation_unavailable');
    await gateway.faults.set();
    for (const level of ['strict', 'bounded']) {
      await until(async () => (await get(level)).status === 200, 'a pass');
      assertPassed(await get(level));
      assertTokenRefused(await get(level, revoked));
    }
  });
});

test('nothing acknowledged is lost when the process is killed between appends', async (t) => {
  const stage = await HistoryStage.start();
  t.after(() => stage.stop());
  const clients = await stage.clients(200);
  for (const appends of [20, 41, 63]) {
    const { revoke } = clients.acknowledged;
    let isKilled = false;
    const running = clients.run({ isOver: () => isKilled, lasting: LASTING_MS, limitMs: LIMIT_MS });
    await until(() => clients.acknowledged.revoke >= revoke + appends, `${appends} revocations`, LIMIT_MS);
    isKilled = true;
    await stage.killGateway();
    await running;
    await stage.startGateway();
    await clients.useGates(stage.gateway.urls);
    await clients.settle({ ms: SETTLED_MS });
  }
  const { violations, counts, text } = judged(clients);
  assert.equal(violations.length, 0, text);
  assert.ok(counts.hadToBeRefused > 100 && counts.hadToPass > 100, JSON.stringify(counts));
});

describe('the checker finds', () => {
  let stage;
  before(async () => {
    stage = await HistoryStage.start({ faulty: true });
  });
  after(() => stage.stop());

  const PLANTS = {
    'a verdict cached for a second': { plant: 'cached_verdict', strict: 1, rules: ['passed_after_revocation'] },
    'an age counted from the answer': {
      plant: 'age_from_answer', strict: 0, changers: 3, width: 24, revocations: 5, rules: ['passed_after_revocation'],
    },
    'an acknowledgement before the append': { plant: 'early_acknowledgement', rules: ['passed_after_revocation'] },
    'a cut-off that moves back': { plant: 'cutoff_moves_back', cutoffs: 0.9, rules: ['passed_after_revocation'] },
    'a lift that is lost': { plant: 'lost_lift', rules: ['refused_without_revocation'] },
    'a confirmation kept over a lift': { plant: 'kept_confirmation', strict: 0, rules: ['refused_without_revocation'] },
  };
  for (const [seed, [name, { plant, rules, strict, ...mix }]] of Object.entries(PLANTS).entries()) {
    test(name, async () => {
      await stage.gateway.faults.set();
      const clients = await stage.clients(300 + seed, { apart: true });
      await stage.gateway.faults.set({ plant });
      const deadline = performance.now() + LIMIT_MS;
      const found = () => new Set(judged(clients).violations.map(({ rule }) => rule));
      while (!rules.every((rule) => found().has(rule))) {
        assert.ok(performance.now() < deadline, `found: ${[...found()]}`);
        await clients.run({ revocations: 20, lasting: LASTING_MS, limitMs: LIMIT_MS, strict, probes: strict === 0 ? 0 : 2, ...mix });
      }
    });
  }
});
