// Mixed load for a long time: `make soak` (half an hour; SOAK_SECONDS=n). Every answer is checked as it comes; memory and latency of
// each minute are printed, and those of the last quarter must not exceed those of the second by more than a tenth (memory) or a
// half (latency).
import { memory } from './proc.mjs';
import { bundle } from './bundle.mjs';
import { startLoad } from './client.mjs';
import { printRows } from './report.mjs';
import { startStage } from './stage.mjs';
import { median } from './statistics.mjs';
import { makeKey } from './tokens.mjs';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 1800);
const CONTENDER = 'edgeward-bounded';
const [ALG, SHAPE, WIDTH] = ['ES256', 3, 8];
const MEMORY_FACTOR = 1.1;
const LATENCY_FACTOR = 1.5;

/** Of 20 parts so many; `fresh` tokens are minted anew for every batch. */
const MIX = [
  { pool: 'good', kind: 'good', parts: 10, expected: 200 },
  { pool: 'fresh', kind: 'good', fresh: true, parts: 4, expected: 200 },
  { pool: 'bad', kind: 'bad-signature', parts: 2, expected: 401 },
  { pool: 'expired', kind: 'expired', parts: 2, expected: 401 },
  { pool: 'stranger', kind: 'unknown-issuer', parts: 1, expected: 401 },
  { pool: 'none', parts: 1, expected: 401 },
];
const DISTINCT = 2000;
const PART = 50;

async function soak() {
  const key = makeKey(ALG);
  const load = startLoad();
  const running = await startStage({ script: await bundle(), key, shape: SHAPE, build: 'build' }, [CONTENDER]);
  const port = running.port(CONTENDER);
  const minutes = [];
  let [requests, serial] = [0, 0];
  try {
    for (const { pool, kind } of MIX.filter(({ kind, fresh }) => kind && !fresh)) await load.mint({ name: pool, key, kind, count: DISTINCT });
    const end = performance.now() + SECONDS * 1000;
    let minute = newMinute();
    while (performance.now() < end) {
      for (const { pool, kind, fresh, parts, expected } of MIX) {
        const count = parts * PART;
        const name = fresh ? `${pool} ${(serial += 1)}` : pool;
        if (fresh) await load.mint({ name, key, kind, count });
        const { p50, p99 } = await load.send({ port, pool: name, from: requests % DISTINCT, count, width: WIDTH, expected, times: true });
        if (pool === 'good') minute.times.push([p50, p99]);
        if (fresh) await load.drop({ name });
        requests += count;
      }
      if (performance.now() - minute.began > 60_000 || performance.now() >= end) {
        minutes.push(closed(minute, running.pid, requests));
        printRows(`minute ${minutes.length}`, ['requests', 'resident MB', 'p50 ms', 'p99 ms'], [['', ...Object.values(minutes.at(-1))]]);
        minute = newMinute();
      }
    }
  } finally {
    await running.stop();
    load.stop();
  }
  return minutes;
}

const newMinute = () => ({ began: performance.now(), times: [] });

function closed({ times }, pid, requests) {
  const column = (index) => median(times.map((pair) => pair[index]));
  return { requests: String(requests), resident: memory(pid).resident / 1e6, p50: column(0), p99: column(1) };
}

function judge(minutes) {
  const quarter = Math.max(1, Math.floor(minutes.length / 4));
  const of = (some, field) => median(some.map((minute) => minute[field]));
  const [second, last] = [minutes.slice(quarter, 2 * quarter + 1), minutes.slice(-quarter)];
  const rise = (field) => of(last, field) / of(second, field);
  return { memory: rise('resident'), p50: rise('p50'), p99: rise('p99') };
}

const minutes = await soak();
const rise = judge(minutes);
console.log(`\n${minutes.at(-1).requests} requests, every answer as expected; last quarter against the second:`,
  Object.entries(rise).map(([name, factor]) => `${name} × ${factor.toFixed(2)}`).join(', '));
if (rise.memory > MEMORY_FACTOR || rise.p99 > LATENCY_FACTOR) process.exitCode = 1;
