// One scenario: its contenders in one workerd, by turns.
//
// A round is cut into short slices, and in each slice every contender has its turn: what disturbs the machine for a second disturbs
// all of them. So there are two views. A contender's own rounds (median, least) hold everything, garbage collection included. Its
// slices paired with those of another contender at the same time compare the two; on a machine with other work, the same build
// measured against itself comes to 1.00 ± 0.01 so, and to 1.00 ± 0.1 by rounds.
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from './check.mjs';
import { usesStore } from './contenders.mjs';
import { cpuClock } from './proc.mjs';
import { WORKLOADS } from './scenarios.mjs';
import { startStage } from './stage.mjs';
import { mean, median, minimum } from './statistics.mjs';

/** After a slice: what it left to do (garbage, timers) is still its own. */
const SETTLE_MS = 5;

/** Measures `scenario` under `terms` { rounds, requests, slice, warm, width }; by contender what `summary` says. */
export async function measure(scenario, stage, load, terms) {
  const key = stage.keys[scenario.alg];
  const slices = plan(scenario, terms);
  const pool = await fill(scenario, key, load, slices.at(-1).from + slices.at(-1).count);
  const running = await startStage({ ...stage, key, shape: scenario.shape }, scenario.contenders);
  const taken = Object.fromEntries(scenario.contenders.map((name) => [name, []]));
  try {
    await check(scenario.contenders, running, key, scenario.shape);
    for (const [index, slice] of slices.entries()) {
      for (const name of rotated(scenario.contenders, index)) {
        taken[name].push({ round: slice.round, ...(await turn(name, { ...slice, pool }, scenario, running, load, terms)) });
      }
    }
  } finally {
    for (const name of scenario.contenders) await load.hangUp({ port: running.port(name) });
    await running.stop();
  }
  const contenders = Object.fromEntries(scenario.contenders.map((name) => [name, summary(taken[name])]));
  return { ...scenario, requests: slices.at(-1).count * slicesOf(terms, scenario), load: loadavg()[0], contenders };
}

const slicesOf = ({ requests, slice }, { pace }) => (pace ? 1 : Math.max(1, Math.round(requests / slice)));

/** Round 0 warms up: connections, compilers, caches, keys. */
function plan(scenario, terms) {
  const { pace } = scenario;
  const count = pace ? pace.rate * pace.seconds : Math.min(terms.slice, terms.requests);
  const slices = [{ round: 0, from: 0, count: terms.warm }];
  for (let round = 1; round <= terms.rounds; round += 1) {
    for (let n = slicesOf(terms, scenario); n > 0; n -= 1) {
      const last = slices.at(-1);
      slices.push({ round, from: last.from + last.count, count });
    }
  }
  return slices;
}

async function fill({ workload, shape }, key, load, freshCount) {
  const { kind, fresh, distinct } = WORKLOADS[workload];
  if (kind === undefined) return 'none';
  const name = `${key.alg} ${kind} ${shape} ${fresh ? 'fresh' : 'seen'}`;
  await load.mint({ name, key, kind, shape, count: fresh ? freshCount : distinct });
  return name;
}

async function turn(name, { round, from, count, pool }, { workload, pace }, running, load, { width }) {
  const order = { port: running.port(name), pool, from, count, width, expected: WORKLOADS[workload].expected };
  const before = usesStore(name) ? await running.storeAsked() : 0;
  const at = performance.now();
  const elapsed = cpuClock(running.pid);
  const sent = pace && round > 0 ? await load.pace({ ...order, ...pace }) : await load.send(order);
  await sleep(SETTLE_MS);
  const result = { at, ...sent, micros: elapsed() / count };
  return usesStore(name) ? { ...result, asked: (await running.storeAsked()) - before } : result;
}

const rotated = (names, by) => names.map((_, index) => names[(index + by) % names.length]);

/** µs of CPU time per request, the origin's among them: median (`micros`) and `least` of the rounds, and all slices. */
function summary(taken) {
  const measured = taken.filter(({ round }) => round > 0);
  const rounds = [...Map.groupBy(measured, ({ round }) => round).values()].map((slices) => mean(slices.map(({ micros }) => micros)));
  const all = (field) => measured.map((slice) => slice[field]);
  const latencies = measured[0].p50 === undefined ? {} : { p50: median(all('p50')), p99: median(all('p99')) };
  const span = measured.at(-1).at + measured.at(-1).ms - measured[0].at;
  const asked = measured[0].asked === undefined ? {} : { asked: all('asked'), span };
  return { micros: median(rounds), least: minimum(rounds), rounds, slices: all('micros'), ...latencies, ...asked };
}
