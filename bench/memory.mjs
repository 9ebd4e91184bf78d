// Memory of a workerd with one contender (and the origin), after more and more distinct tokens. The floor keeps nothing of them:
// what it grows by, the runtime leaves lying.
import { setTimeout as sleep } from 'node:timers/promises';
import { startMeasured } from '../tests/harness/wasm_memory.mjs';
import { memory } from './proc.mjs';
import { startStage } from './stage.mjs';

/** HS256: a hundred thousand tokens are signed in seconds. */
const ALG = 'HS256';
const POOL = `${ALG} for memory`;
const BATCH = 10_000;
const SETTLE_MS = 500;

/** By contender [{ tokens, resident, peak }] in bytes; `counts` ascend. */
export async function measureMemory(stage, load, counts, width) {
  const results = {};
  const of = { ...stage, key: stage.keys[ALG], shape: 3 };
  for (const name of ['floor', 'edgeward']) results[name] = await grow(name, of, load, counts, width);
  return results;
}

/** What is made of each token: nothing; an assertion; one for each of four origins, to each of which the token goes. */
const HELD = {
  'small tokens': {},
  'with an assertion': { asserts: true },
  'with assertions for four origins': { asserts: true, origins: 4 },
};

/** Bytes of the wasm's memory after `count` distinct tokens of 160 bytes, by what is held of them. */
export async function measureWasmMemory(build, count) {
  const results = {};
  for (const [what, options] of Object.entries(HELD)) {
    const gateway = await startMeasured({ build, ...options });
    try {
      results[what] = await gateway.grow(count);
    } finally {
      await gateway.stop();
    }
  }
  return results;
}

async function grow(name, stage, load, counts, width) {
  const running = await startStage(stage, [name]);
  const port = running.port(name);
  const steps = [];
  let sent = 0;
  try {
    for (const tokens of counts) {
      while (sent < tokens) {
        const count = Math.min(BATCH, tokens - sent);
        await load.mint({ name: POOL, key: stage.key, count: sent + count });
        await load.send({ port, pool: POOL, from: sent, count, width, expected: 200 });
        sent += count;
      }
      await sleep(SETTLE_MS);
      steps.push({ tokens, ...memory(running.pid) });
    }
    return steps;
  } finally {
    await load.hangUp({ port });
    await running.stop();
  }
}
