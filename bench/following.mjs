// Isolates that follow the revocation log: the memory that its entries take, and what a request costs that comes once in ten seconds.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connections, send, until } from '../tests/harness/client.mjs';
import { measuredModules } from '../tests/harness/wasm_memory.mjs';
import { describe } from './contenders.mjs';
import { ENTRIES } from './log.mjs';
import { cpuClock } from './proc.mjs';
import { startStage } from './stage.mjs';
import { median } from './statistics.mjs';
import { mint } from './tokens.mjs';

const MEASURED = ['edgeward-log', 'edgeward-log-100k'];
/** Without a log, and with one whose copy is older than its bound whenever a request comes. */
const IDLE = ['edgeward', 'edgeward-log'];
const SILENCE_MS = 9000;
const PERIOD_MS = 10_000;
const REQUESTS = 6;
const PATH = '/api/r0/items/42';
/** The copy of 100,000 entries comes in pages, after answers. */
const COPY_MS = 30_000;
const QUIET_MS = 3000;

/** { memory: bytes by entries, idle: { contender: { ms, silence } } }, where `silence` is ms of CPU. */
export async function measureFollowing(stage) {
  const own = { ...stage, key: stage.keys.RS256, shape: 3 };
  return { memory: await memoryByEntries(own), idle: await idleness(own) };
}

async function memoryByEntries(stage) {
  const directory = mkdtempSync(join(tmpdir(), 'edgeward-bench-'));
  const modules = measuredModules(directory, resolve(stage.root, stage.build));
  const services = Object.fromEntries(MEASURED.map((name) => [`measured-${name}`, { ...describe(name, stage), modules }]));
  const running = await startStage(stage, MEASURED, { services });
  try {
    const figures = {};
    for (const name of MEASURED) figures[ENTRIES[name]] = await settled(`http://127.0.0.1:${running.port(`measured-${name}`)}`, stage.key);
    return figures;
  } finally {
    await running.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The bytes once the copy is whole: when they have stayed the same for a while. */
async function settled(url, key) {
  const [token] = await mint(key, { count: 1 });
  let [bytes, since] = [0, 0];
  await until(async () => {
    await answered(url, token);
    const now = Number((await send(`${url}/wasm-memory`)).text);
    if (now !== bytes) [bytes, since] = [now, performance.now()];
    await sleep(100);
    return performance.now() - since > QUIET_MS;
  }, 'that the copy is whole', COPY_MS);
  return bytes;
}

async function idleness(stage) {
  return Object.fromEntries(await Promise.all(IDLE.map(async (name) => [name, await idle(name, stage)])));
}

async function idle(name, stage) {
  const [token] = await mint(stage.key, { count: 1 });
  const running = await startStage(stage, [name]);
  const agent = connections(1);
  const url = `http://127.0.0.1:${running.port(name)}`;
  try {
    await answered(url, token, agent);
    const [times, silences] = [[], []];
    for (let n = 0; n < REQUESTS; n += 1) {
      await sleep(PERIOD_MS - SILENCE_MS);
      const micros = cpuClock(running.pid);
      await sleep(SILENCE_MS);
      silences.push(micros() / 1000);
      times.push(await answered(url, token, agent));
    }
    return { ms: median(times), silence: median(silences) };
  } finally {
    agent.destroy();
    await running.stop();
  }
}

async function answered(url, token, agent) {
  const { status, ms, text } = await send(url + PATH, { token, agent });
  if (status !== 200) throw new Error(`expected 200, got ${status} ${text}`);
  return ms;
}
