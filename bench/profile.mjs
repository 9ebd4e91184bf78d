// A V8 CPU profile of one contender under load:
//
//   bench/profile.mjs --contender edgeward --workload hot --alg RS256 --requests 10000 --headers 3 --build build --top 30
//
// These are the defaults. Saves bench/<contender>-<workload>-<alg>.cpuprofile (Chrome and VS Code show it) and prints where the
// time went. Wasm functions have names when the build keeps its name section.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';
import { startLoad } from './client.mjs';
import { printRows } from './report.mjs';
import { WORKLOADS } from './scenarios.mjs';
import { startStage } from './stage.mjs';
import { makeKey } from './tokens.mjs';
import { deadPort } from '../tests/harness/origin.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const WARM = Number(process.env.WARM ?? 5000);
const SAMPLING_US = 100;

/** A gap between two samples as long as this is no function's time: nothing ran. */
const GAP_US = 5000;

const DEFAULTS = { contender: 'edgeward', workload: 'hot', alg: 'RS256', requests: '10000', headers: '3', build: 'build', top: '30' };

const { values: options } = parseArgs({
  options: Object.fromEntries(Object.entries(DEFAULTS).map(([name, value]) => [name, { type: 'string', default: value }])),
});

/** A session with the isolate of `service`: call(method, params). */
async function inspect(port, service) {
  const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
  const target = targets.find(({ id, title }) => id === service || title.includes(service));
  if (!target) throw new Error(`no inspector for ${service} among ${targets.map(({ id }) => id)}`);
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await once(socket, 'open');
  const waiting = new Map();
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = JSON.parse(data);
    if (id === undefined) return;
    waiting.get(id)(error ? Promise.reject(new Error(error.message)) : result);
    waiting.delete(id);
  });
  const call = (method, params = {}) =>
    new Promise((resolve) => {
      waiting.set((last += 1), resolve);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  return { call, close: () => socket.close() };
}

async function profile() {
  const { contender, workload, alg } = options;
  const { kind, fresh, distinct, expected } = WORKLOADS[workload];
  const key = makeKey(alg);
  const port = await deadPort();
  const load = startLoad();
  const stage = { script: await bundle(), key, shape: Number(options.headers), root: ROOT, build: options.build };
  const running = await startStage(stage, [contender], { args: [`--inspector-addr=127.0.0.1:${port}`] });
  const requests = Number(options.requests);
  const send = (from, count) => load.send({ port: running.port(contender), pool: 'p', from, count, width: 16, expected });
  try {
    if (kind) await load.mint({ name: 'p', key, kind, shape: stage.shape, count: fresh ? WARM + requests : distinct });
    await send(0, WARM);
    const inspector = await inspect(port, contender);
    await inspector.call('Profiler.enable');
    await inspector.call('Profiler.setSamplingInterval', { interval: SAMPLING_US });
    await inspector.call('Profiler.start');
    await send(WARM, requests);
    const { profile } = await inspector.call('Profiler.stop');
    inspector.close();
    return { profile, requests };
  } finally {
    await running.stop();
    load.stop();
  }
}

/** Without the hashes of compilation, the same function has the same name in every build. */
const plain = (name) => name.replace(/\[[0-9a-f]{16}\]/g, '').replace(/::h[0-9a-f]{16}$/, '');

/** Whose code it is: the wasm's, its JavaScript's, or the runtime's. */
const side = (url) => (url.startsWith('wasm') || url.includes('.wasm') ? 'wasm' : url.split('/').at(-1) || 'runtime');

/** Self time in µs by function, or whatever `naming` says of a frame, the most first. */
function selfTimes({ nodes, samples, timeDeltas }, naming) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map();
  samples.forEach((id, index) => {
    if (timeDeltas[index] > GAP_US) return;
    const frame = frames.get(id);
    if (frame.functionName === '(idle)') return;
    const name = naming(frame);
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index]);
  });
  return [...times].sort(([, a], [, b]) => b - a);
}

const { profile: recorded, requests } = await profile();
const file = fileURLToPath(new URL(`${options.contender}-${options.workload}-${options.alg}.cpuprofile`, import.meta.url));
writeFileSync(file, JSON.stringify(recorded));
const byFunction = selfTimes(recorded, ({ functionName, url }) => `${side(url)}: ${plain(functionName) || '(anonymous)'}`);
const total = byFunction.reduce((all, [, micros]) => all + micros, 0);
const rows = (times) =>
  times.map(([name, micros]) => [name.slice(0, 78).padEnd(78), (micros / requests).toFixed(2), (100 * micros) / total]);
printRows(`${(total / requests).toFixed(1)} µs for each of ${requests} requests, by whose code it is`, ['µs', '%'],
  rows(selfTimes(recorded, ({ url }) => side(url))));
printRows('by function', ['µs', '%'], rows(byFunction.slice(0, Number(options.top))));
console.log(`\n${file}`);
