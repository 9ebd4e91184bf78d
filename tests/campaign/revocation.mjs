// What tests/worker/revocation/history.test.mjs shows, for longer and with more of it: `make campaign` (some minutes). Ends with 1 if a
// promise was broken, and prints the history that breaks it.
import { randomInt } from 'node:crypto';

import { until } from '../harness/client.mjs';
import { BOUND_MS, HistoryStage, LASTING_MS, judged } from '../harness/history_stage.mjs';

const LIMIT_MS = 240_000;
/** While the log fails, few revocations come through. */
const FAULT_LIMIT_MS = 45_000;
const SETTLED_MS = 1.5 * BOUND_MS;
const KILLS = 20;
const SOUND = 'no fault';
const seed = Number(process.env.SEED ?? randomInt(2 ** 31));

/** What goes wrong with the log while so many are revoked, or until the time is over. */
const FAULTS = {
  [SOUND]: { revocations: 10_000, rate: 200, isolates: 4 },
  'slow': { revocations: 500, faults: { before: [0, 250], after: [0, 250] } },
  'slower than anybody waits, now and then': { revocations: 500, faults: { before: [0, 400], after: [0, 400] } },
  'overloaded': { revocations: 500, faults: { failing: 0.3, errors: ['overloaded'] } },
  'retryable': { revocations: 500, faults: { failing: 0.3, errors: ['retryable'] } },
  'reset': { revocations: 500, faults: { failing: 0.3, errors: ['reset'] } },
  'every error, and slow': { revocations: 500, faults: { failing: 0.3, before: [0, 100], after: [0, 100] } },
  'cut off for a while, again and again': { revocations: 500, during: cutOff },
};

/** Cuts the log off for longer than the bound, and lets it be for as long. */
async function cutOff(stage, isOver) {
  while (!isOver()) {
    for (const isSilent of [true, false]) {
      await stage.gateway.faults.set({ isSilent });
      const ends = performance.now() + BOUND_MS * (0.5 + Math.random());
      await until(() => isOver() || performance.now() > ends, 'the end of a phase', LIMIT_MS);
    }
  }
}

let broken = 0;
const started = performance.now();

/** Prints what came of one part. */
function conclude(name, clients, began) {
  const { violations, counts, text } = judged(clients);
  const { revoke, lift } = clients.acknowledged;
  const requests = clients.history.requests.length;
  const took = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${name}: ${revoke} revocations, ${lift} lifts, ${requests} requests in ${took} s, ${violations.length} violations`);
  const slowest = Math.max(...clients.history.requests.map(({ begin, end }) => end - begin));
  console.log(`   the slowest request took ${Math.round(slowest)} ms`);
  console.log(`   ${Object.entries(counts).map(([what, count]) => `${what} ${count}`).join(', ')}`);
  console.log(`   ${[...clients.answers].map(([answer, count]) => `${answer}: ${count}`).join(', ')}`);
  if (violations.length > 0) console.log(text);
  broken += violations.length;
}

async function race([name, { revocations, rate, isolates, faults, during }], n) {
  const began = performance.now();
  const stage = await HistoryStage.start({ faulty: true, isolates });
  try {
    const clients = await stage.clients(seed + n);
    await stage.gateway.faults.set(faults);
    let isOver = false;
    const limitMs = name === SOUND ? LIMIT_MS : FAULT_LIMIT_MS;
    const running = clients.run({ revocations, rate, lasting: LASTING_MS, limitMs }).finally(() => { isOver = true; });
    await Promise.all([running, during?.(stage, () => isOver)]);
    await stage.gateway.faults.set();
    await clients.settle({ ms: SETTLED_MS });
    conclude(name, clients, began);
    if (clients.acknowledged.revoke < revocations) console.log(`   stopped after ${limitMs / 1000} s`);
  } finally {
    await stage.stop();
  }
}

async function kills() {
  const began = performance.now();
  const stage = await HistoryStage.start();
  try {
    const clients = await stage.clients(seed + 100);
    for (let n = 0; n < KILLS; n += 1) {
      const enough = clients.acknowledged.revoke + randomInt(10, 80);
      let isKilled = false;
      const running = clients.run({ isOver: () => isKilled, lasting: LASTING_MS, limitMs: LIMIT_MS });
      await until(() => clients.acknowledged.revoke >= enough, 'enough revocations', LIMIT_MS);
      isKilled = true;
      await stage.killGateway();
      await running;
      await stage.startGateway();
      await clients.useGates(stage.gateway.urls);
      await clients.settle({ ms: SETTLED_MS });
    }
    conclude(`killed ${KILLS} times`, clients, began);
  } finally {
    await stage.stop();
  }
}

console.log(`SEED=${seed}`);
for (const [n, fault] of Object.entries(FAULTS).entries()) await race(fault, n);
await kills();
console.log(`${broken} violations in ${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exitCode = broken > 0 ? 1 : 0;
