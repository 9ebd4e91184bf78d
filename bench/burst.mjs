// Bursts: many first requests at once on a fresh isolate, and many tokens that name keys nobody has.
import { cpuClock } from './proc.mjs';
import { startStage } from './stage.mjs';

const ALG = 'ES256';
const CONTENDERS = ['jose', 'edgeward'];
const FIRST = 500;

/** How long the issuer takes to answer. */
const ISSUER_MS = 50;

/** By contender { first: { p50, p99, max, fetches }, unknown: { p50, p99, max, fetches, micros } }. */
export async function measureBursts(stage, load, unknownKids, width) {
  const key = stage.keys[ALG];
  await load.mint({ name: 'burst', key, count: FIRST });
  await load.mint({ name: 'burst unknown', key, kind: 'unknown-kid', count: unknownKids });
  const results = {};
  for (const name of CONTENDERS) results[name] = await once(name, { ...stage, key, shape: 3 }, load, unknownKids, width);
  return results;
}

async function once(name, stage, load, unknownKids, width) {
  const running = await startStage(stage, [name], { delayMs: ISSUER_MS });
  const port = running.port(name);
  try {
    const first = await load.send({ port, pool: 'burst', count: FIRST, width: FIRST, expected: 200, times: true });
    const fetches = await running.keysFetched();
    const elapsed = cpuClock(running.pid);
    const unknown = await load.send({ port, pool: 'burst unknown', count: unknownKids, width, expected: 401, times: true });
    const micros = elapsed() / unknownKids;
    return { first: { ...first, fetches }, unknown: { ...unknown, micros, fetches: (await running.keysFetched()) - fetches } };
  } finally {
    await running.stop();
  }
}
