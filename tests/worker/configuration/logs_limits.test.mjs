// A flood chooses neither how many lines are written nor which: every kind has its number a second, and what is left out is counted.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { LASTING, connections, inParallel, send, sleep, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { ADMIN_PATH } from '../../harness/revocation_stage.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

const FLOOD = 600;
const MANY = 3000;
/** Lines a second of the kinds whose number is not configured. */
const FIXED = 100;
/** Of 3,000 requests, each logged with a probability of 1 in 100: fewer or more come less than once in 10^10 times. */
const [FEWEST, MOST] = [3, 75];

let origin;
let signer;
let counter;
let agent;

before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  agent = connections(32);
  // An answer that no rate limiting binding gives.
  counter = createServer(LASTING, (req, res) => req.resume().on('end', () => res.writeHead(200, { 'content-type': 'application/json' }).end('{}')));
  await new Promise((resolve) => counter.listen(0, '127.0.0.1', resolve));
});

after(async () => {
  agent?.destroy();
  counter?.closeAllConnections();
  counter?.close();
  await origin?.stop();
});

const ROUTES = [
  { path: '/open/**', access: 'public' },
  { path: '/shadow/**', mode: 'shadow' },
  { path: '/closed/**' },
  { path: '/limited/**', access: 'public', limit: { binding: 'ODD', per: 'address', window_seconds: 60 } },
];

async function start(log) {
  const rest = { log, admin: { require: { role: 'admin' } } };
  const limits = { ODD: { url: `http://127.0.0.1:${counter.address().port}` } };
  return startGateway({ config: configuration(origin, signer.issuer(), ROUTES, rest), limits });
}

const of = (gateway, ...events) => gateway.logs().filter(({ event }) => events.includes(event));
const ask = (gateway, path, status, options = {}) => async () => {
  const answer = await send(gateway.url + path, { agent, ...options });
  assert.equal(answer.status, status, answer.text);
};

/** How many seconds that are counted, each from its first request on, fit into so many ms. */
const windows = (ms) => Math.floor(ms / 1000) + 1;

/**
 * Waits for as many lines as `expected`, with those that they say were left out; there are as many as `most` a second allow. On a machine
 * that is too slow for a flood, all of them may be there.
 */
async function assertLimited(gateway, events, { most, ms, expected }) {
  const lines = () => of(gateway, ...events);
  const told = () => lines().reduce((all, line) => all + 1 + (line.unlogged ?? 0), 0);
  await until(() => told() >= expected, 'the count of what was not logged').catch(() => {});
  assert.equal(told(), expected, 'lines, and what they say was left out');
  const isFlood = expected > most * windows(ms);
  assert.ok(!isFlood || lines().some((line) => line.unlogged > 0), `${expected} in ${ms} ms: something was left out`);
  assert.ok(lines().length > most && lines().length <= most * windows(ms), `${lines().length} lines in ${ms} ms`);
}

describe('a flood of every kind is logged in part and counted in full:', () => {
  let gateway;
  /** How long each flood took, with the request that tells what was left out of it. */
  const ms = {};

  before(async () => {
    gateway = await start({ passes: 'all', passes_per_second: 20, refusals_per_second: 10 });
    const token = await signer.token({ roles: ['admin'] });
    // Each of another session: what changes nothing is not logged.
    const revoke = () => ask(gateway, ADMIN_PATH, 201, { method: 'POST', token, body: { issuer: 'main', session: randomUUID() } })();
    const floods = {
      shadow: ask(gateway, '/shadow/a', 200),
      open: ask(gateway, '/open/a', 200),
      limited: ask(gateway, '/limited/a', 200),
      revoke,
    };
    for (const [name, request] of Object.entries(floods)) {
      const began = performance.now();
      await inParallel(FLOOD, 16, request);
      ms[name] = performance.now() - began;
    }
    await ask(gateway, '/closed/a', 401, { headers: { 'x-request-id': 'the-one' } })();
    await sleep(1100);
    // Each tells what was left out, in a second of its own.
    for (const [name, request] of Object.entries(floods)) {
      await request();
      ms[name] += 1000;
    }
  });
  after(() => gateway?.stop());

  test('of what would be refused by refusals_per_second, and `count` counts all', async () => {
    await assertLimited(gateway, ['shadow'], { most: 10, ms: ms.shadow, expected: FLOOD + 1 });
    assert.equal(of(gateway, 'shadow').at(-1).count, FLOOD + 1);
  });

  test('of what passes by passes_per_second', async () => {
    await assertLimited(gateway, ['passed'], { most: 20, ms: ms.open + ms.limited, expected: 2 * (FLOOD + 1) });
  });

  test('of limits that cannot be asked by a hundred a second, and `count` counts all', async () => {
    await assertLimited(gateway, ['limit_unavailable'], { most: FIXED, ms: ms.limited, expected: FLOOD + 1 });
    assert.equal(of(gateway, 'limit_unavailable').at(-1).count, FLOOD + 1);
  });

  test('of what administrators do by a hundred a second', async () => {
    await assertLimited(gateway, ['revoked'], { most: FIXED, ms: ms.revoke, expected: FLOOD + 1 });
  });

  test('and none takes a line from another kind', () => {
    const refused = of(gateway, 'refused');
    assert.deepEqual(refused.map((line) => [line.request_id, line.unlogged]), [['the-one', undefined]]);
  });
});

test('where nothing is said a thousand passes a second are logged', async (t) => {
  const gateway = await start({ passes: 'all' });
  t.after(() => gateway.stop());
  const began = performance.now();
  await inParallel(1600, 32, ask(gateway, '/open/a', 200));
  const most = 1000 * windows(performance.now() - began);
  await sleep(100);
  const { length } = of(gateway, 'passed');
  assert.ok(length >= 1000 && length <= most, `${length} lines, ${most} at most`);
});

/** As an id was read once to decide whether its request was logged. */
const sum = (id) => [...Buffer.from(id)].reduce((all, byte) => all * 31 + byte, 0);
const chosen = Array.from({ length: MANY * 110 }, (_, n) => `c${n}`).filter((id) => sum(id) % 100 === 0).slice(0, MANY);

describe('with a sample nobody can choose what is logged:', () => {
  for (const [what, id] of [
    ['requests with one and the same id', () => 'the-same'],
    ['requests whose ids were chosen', (n) => chosen[n]],
  ]) {
    test(`of ${MANY} ${what} about one in a hundred has a line`, async (t) => {
      assert.equal(chosen.length, MANY);
      const gateway = await start({ passes: 'sampled' });
      t.after(() => gateway.stop());
      await inParallel(MANY, 32, (n) => ask(gateway, '/open/a', 200, { headers: { 'x-request-id': id(n) } })());
      await sleep(200);
      const { length } = of(gateway, 'passed');
      assert.ok(length >= FEWEST && length <= MOST, `${length} of ${MANY}`);
    });
  }
});
