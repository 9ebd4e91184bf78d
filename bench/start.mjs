// Cold start: a fresh workerd with one contender, from its start to the first answer; and how long its module takes to compile.
import { resolve } from 'node:path';
import { platform } from '../tests/harness/gateway.mjs';
import { VOID, embed } from '../tests/harness/workerd.mjs';
import { connections, send } from '../tests/harness/client.mjs';
import { startStage } from './stage.mjs';
import { median, minimum } from './statistics.mjs';
import { mint } from './tokens.mjs';

const CONTENDERS = ['floor', 'jose', 'edgeward-gate', 'edgeward'];
const COMPILATIONS = 9;

/** { contenders: { name: { total, least, first, second } }, compile }, all in ms. */
export async function measureStart(stage, rounds) {
  const key = stage.keys.RS256;
  const runs = Object.fromEntries(CONTENDERS.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of CONTENDERS) runs[name].push(await once(name, { ...stage, key, shape: 3 }));
  }
  const figures = (list) => ({
    total: median(list.map(({ total }) => total)), least: minimum(list.map(({ total }) => total)),
    first: median(list.map(({ first }) => first)), second: median(list.map(({ second }) => second)),
  });
  return {
    contenders: Object.fromEntries(CONTENDERS.map((name) => [name, figures(runs[name])])),
    compile: await compileTime(stage),
  };
}

async function once(name, stage) {
  const [token] = await mint(stage.key, { count: 1 });
  const agent = connections(1);
  const began = performance.now();
  const running = await startStage(stage, [name]);
  try {
    const url = `http://127.0.0.1:${running.port(name)}/api/r0/items/42`;
    const first = await answered(url, token, agent);
    const total = performance.now() - began;
    return { total, first, second: await answered(url, token, agent) };
  } finally {
    agent.destroy();
    await running.stop();
  }
}

async function answered(url, token, agent) {
  const { status, ms } = await send(url, { token, agent });
  if (status !== 200) throw new Error(`expected 200 from a fresh process, got ${status}`);
  return ms;
}

/** ms to compile the gateway's wasm in workerd: a request that compiles, less one that does not. */
async function compileTime(stage) {
  const worker = {
    ...platform(),
    modules: [{ name: 'main.js', esModule: embed(stage.script('compile')) }],
    bindings: [
      { name: 'WASM', data: embed(resolve(stage.root, stage.build, 'index_bg.wasm')) },
      { name: 'UNSAFE', unsafeEval: VOID },
    ],
  };
  const running = await startStage(stage, [], { services: { compile: worker } });
  const agent = connections(1);
  try {
    const ask = async (n) => (await send(`http://127.0.0.1:${running.port('compile')}/?n=${n}`, { agent })).ms;
    const times = [];
    for (let n = 0; n < COMPILATIONS; n += 1) {
      const bare = await ask(0);
      times.push((await ask(1)) - bare);
    }
    return median(times);
  } finally {
    agent.destroy();
    await running.stop();
  }
}
