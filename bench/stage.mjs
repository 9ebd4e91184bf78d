// One workerd process with the contenders of a scenario, each on a socket of its own, and the outside world as one more Worker in
// the same process: its share of the CPU time is the same for all.
import { localKv } from '../tests/harness/kv.mjs';
import { platform } from '../tests/harness/gateway.mjs';
import { embed, startWorkerd } from '../tests/harness/workerd.mjs';
import { describe, usesStore } from './contenders.mjs';
import { fillLogs, logServices } from './log.mjs';

/**
 * { pid, port(contender), keysFetched(), storeAsked(), stop() }. `stage` holds script, key, shape, build and maybe before;
 * `services` are further Workers by name, each with a socket.
 */
export async function startStage(stage, contenders, { delayMs = 0, services = {}, args, v8Flags } = {}) {
  const hasStore = contenders.some(usesStore);
  const workerd = await startWorkerd((directory) => {
    const store = hasStore ? localKv(directory) : { services: [], extensions: [], sockets: [] };
    const all = { ...Object.fromEntries(contenders.map((name) => [name, describe(name, stage)])), ...services };
    const outside = script(stage, 'outside', [
      { name: 'JWKS', json: JSON.stringify({ keys: [stage.key?.publicJwk].filter(Boolean) }) },
      { name: 'DELAY_MS', json: String(delayMs) },
    ]);
    const counted = hasStore ? { counted: script(stage, 'counted', [{ name: 'STORE', service: 'kv' }]) } : {};
    const logs = logServices(stage, contenders, directory);
    const workers = { ...all, outside, ...counted, ...logs.workers };
    return {
      v8Flags,
      services: [...Object.entries(workers).map(([name, worker]) => ({ name, worker })), ...store.services, ...logs.services],
      extensions: store.extensions,
      sockets: [...store.sockets, ...Object.keys(workers).map(socket)],
    };
  }, { args });
  await fillLogs(contenders, (name) => workerd.ports.get(name));
  const count = async (name, path) => Number(await (await fetch(`http://127.0.0.1:${workerd.ports.get(name)}${path}`)).text());
  return {
    pid: workerd.pid,
    lines: workerd.lines,
    port: (name) => workerd.ports.get(name),
    keysFetched: () => count('outside', '/'),
    storeAsked: () => (hasStore ? count('counted', '/asked') : 0),
    stop: workerd.stop,
  };
}

const script = (stage, name, bindings) => ({
  ...platform(), modules: [{ name: 'main.js', esModule: embed(stage.script(name)) }], bindings,
});

const socket = (name) => ({ name, address: '127.0.0.1:0', http: {}, service: name });
