// One scenario: its contenders in one workerd, by turns; a new workerd for each round.
//
// A round is cut into short slices, and in each slice every contender has its turn, in an order drawn by lot: what disturbs the
// machine for a second disturbs all of them, and nobody always comes after the one that leaves the most garbage. Where a process
// puts code and memory gives one contender up to 5 µs for as long as it lives: so each round has a process of its own.
//
// There are two views. A contender's own rounds (median, least) hold everything, garbage collection included. Its slices paired
// with those of another contender at the same time compare the two.
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from './check.mjs';
import { usesCookie, usesStore } from './contenders.mjs';
import { cpuClock } from './proc.mjs';
import { WORKLOADS } from './scenarios.mjs';
import { startStage } from './stage.mjs';
import { mean, median, minimum } from './statistics.mjs';

/** After a slice: what it left to do (garbage, timers) is still its own. */
const SETTLE_MS = 5;

/** Measures `scenario` under `terms` { rounds, requests, slice, warm, width }; by contender what `summary` says. */
export async function measure(scenario, stage, load, terms) {
  const key = stage.keys[scenario.alg];
  const launches = plan(scenario, terms);
  const last = launches[0].at(-1);
  const pool = await fill(scenario, key, load, last.from + last.count);
  const taken = Object.fromEntries(scenario.contenders.map((name) => [name, []]));
  for (const slices of launches) await launch(slices, pool, taken, scenario, { ...stage, key, shape: scenario.shape }, load, terms);
  const contenders = Object.fromEntries(scenario.contenders.map((name) => [name, summary(taken[name])]));
  return { ...scenario, requests: last.count * slicesOf(terms, scenario), load: loadavg()[0], contenders };
}

async function launch(slices, pool, taken, scenario, stage, load, terms) {
  const running = await startStage(stage, scenario.contenders);
  try {
    await check(scenario.contenders, running, stage.key, stage.shape);
    for (const slice of slices) {
      for (const name of shuffled(scenario.contenders)) {
        taken[name].push({ round: slice.round, ...(await turn(name, { ...slice, pool }, scenario, running, load, terms)) });
      }
    }
  } finally {
    for (const name of scenario.contenders) await load.hangUp({ port: running.port(name) });
    await running.stop();
  }
}

const slicesOf = ({ requests, slice }, { pace }) => (pace ? 1 : Math.max(1, Math.round(requests / slice)));

/** The slices of each process, [[{ round, from, count }]]. Round 0 warms up: connections, compilers, caches, keys. */
function plan(scenario, terms) {
  const { pace, isOneProcess } = scenario;
  const count = pace ? pace.rate * pace.seconds : Math.min(terms.slice, terms.requests);
  const rounds = Array.from({ length: terms.rounds }, (_, index) => index + 1);
  const process = (its) => {
    const slices = [{ round: 0, from: 0, count: terms.warm }];
    for (const round of its.flatMap((one) => Array(slicesOf(terms, scenario)).fill(one))) {
      slices.push({ round, from: slices.at(-1).from + slices.at(-1).count, count });
    }
    return slices;
  };
  return isOneProcess || pace ? [process(rounds)] : rounds.map((round) => process([round]));
}

async function fill({ workload, shape }, key, load, freshCount) {
  const { kind, fresh, distinct } = WORKLOADS[workload];
  if (kind === undefined) return 'none';
  const name = `${key.alg} ${kind} ${shape} ${fresh ? 'fresh' : 'seen'}`;
  await load.mint({ name, key, kind, shape, count: fresh ? freshCount : distinct });
  return name;
}

async function turn(name, { round, from, count, pool }, { workload, pace }, running, load, { width }) {
  const order = { port: running.port(name), pool, from, count, width, expected: WORKLOADS[workload].expected, inCookie: usesCookie(name) };
  const before = usesStore(name) ? await running.storeAsked() : 0;
  const at = performance.now();
  const elapsed = cpuClock(running.pid);
  const sent = pace && round > 0 ? await load.pace({ ...order, ...pace }) : await load.send(order);
  await sleep(SETTLE_MS);
  const result = { at, ...sent, micros: elapsed() / count };
  return usesStore(name) ? { ...result, asked: (await running.storeAsked()) - before } : result;
}

function shuffled(names) {
  const drawn = [...names];
  for (let last = drawn.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [drawn[last], drawn[other]] = [drawn[other], drawn[last]];
  }
  return drawn;
}

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
