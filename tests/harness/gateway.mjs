// The built gateway in real workerd, on a socket of its own: nothing in front of it tidies a URL or a header.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { kvClient, localKv, servedKv } from './kv.mjs';
import { faultsOf, logParts } from './log_parts.mjs';
import { rateLimits } from './ratelimits.mjs';
import { embed, startWorkerd } from './workerd.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Starts the gateway of the folder `build` with `config` as its EDGEWARD variable (undefined: no such variable).
 * `secrets` are further text variables; `services` maps a binding's name to the URL of a server on loopback; `kv` is
 * "local", "none" or { handler }; `limits` are rate limiting bindings, as `ratelimits.mjs` has them; `flags` are further
 * compatibility flags. `log` is "none", "new", or a folder in which the revocation log is kept; `isolates` are so many gateways
 * over one log, each on a socket of its own (`urls`). With `faulty` the log goes wrong as `faults` is told: `log_faults.worker.mjs`. With
 * `objects` its class is in a Worker of its own.
 */
export async function startGateway(
  { config, secrets = {}, services = {}, kv = 'local', limits = {}, build = 'build', flags = [], log = 'none', faulty = false, objects = false, isolates = 1 } = {},
) {
  const served = typeof kv === 'object' ? await servedKv(kv.handler) : undefined;
  const workerd = await startWorkerd((directory) => {
    const store = kvParts(kv, served, directory);
    const counts = rateLimits(limits, directory);
    const stores = kv === 'none' ? [] : [{ name: 'EDGEWARD_KV', kvNamespace: 'kv' }];
    const bindings = [
      ...variables(directory, config, secrets),
      ...Object.keys(services).map((name) => ({ name, service: `service-${name}` })),
      ...counts.bindings,
      ...stores,
    ];
    const gateways = Array.from({ length: isolates }, (_, n) => (n === 0 ? 'gateway' : `gateway-${n}`));
    const own = objects && { ...platform(), modules: modules(resolve(ROOT, build), 'objects.js'), bindings: stores };
    const logs = logParts(log, directory, { faulty, objects: own, platform: platform() });
    return {
      services: [
        ...gateways.map((name, n) => ({
          name,
          worker: {
            ...platform(flags), modules: modules(resolve(ROOT, build)), bindings: [...bindings, ...logs.bindings], ...(n === 0 ? logs.worker : {}),
          },
        })),
        ...logs.services,
        // Loopback and private addresses only: no test can reach the world.
        { name: 'internet', network: { allow: ['private'] } },
        ...Object.entries(services).map(([name, url]) => ({
          name: `service-${name}`, external: { address: new URL(url).host, http: {} },
        })),
        ...store.services,
        ...counts.services,
      ],
      extensions: [...store.extensions, ...counts.extensions],
      sockets: [
        ...store.sockets,
        ...logs.sockets,
        ...gateways.map((service, n) => ({ name: n === 0 ? 'entry' : `entry-${n}`, address: '127.0.0.1:0', http: {}, service })),
      ],
    };
  }).catch(async (error) => {
    await served?.stop();
    throw error;
  });
  const port = workerd.ports.get('entry');
  const url = (name) => `http://127.0.0.1:${workerd.ports.get(name)}`;
  return {
    url: url('entry'),
    urls: Array.from({ length: isolates }, (_, n) => url(n === 0 ? 'entry' : `entry-${n}`)),
    port,
    pid: workerd.pid,
    kv: kv === 'local' ? kvClient(workerd.ports.get('kv')) : undefined,
    faults: faulty ? faultsOf(url('log-faults')) : undefined,
    /** Everything the process printed so far. */
    output: () => workerd.lines.join('\n'),
    /** The gateway's log: what was printed so far and is a JSON object. */
    logs: () => workerd.lines.flatMap(logLine),
    async stop() {
      await workerd.stop();
      await served?.stop();
    },
  };
}

function kvParts(kv, served, directory) {
  if (kv === 'local') return localKv(directory);
  const services = served ? [{ name: 'kv', external: { address: `127.0.0.1:${served.port}`, http: {} } }] : [];
  return { services, extensions: [], sockets: [] };
}

/** Tests read a line for every refusal, and send more of them than a deployment logs. */
function talkative(config) {
  if (typeof config !== 'object' || config === null || !('routes' in config) || 'log' in config) return config;
  return { ...config, log: { refusals_per_second: 1_000_000 } };
}

/** Variables are embedded from files, so that any text can stand in them. */
function variables(directory, config, secrets) {
  const file = (name, text) => {
    const path = join(directory, `${name}.var`);
    writeFileSync(path, text);
    return embed(path);
  };
  const named = Object.entries(secrets).map(([name, text]) => ({ name, text: file(name, text) }));
  if (config === undefined) return named;
  return [{ name: 'EDGEWARD', json: file('EDGEWARD', JSON.stringify(talkative(config))) }, ...named];
}

/** The modules of the Worker in `folder`, `entry` first. */
export function modules(folder, entry = 'index.js') {
  const wasm = readdirSync(folder).filter((name) => name.endsWith('.wasm'));
  return [
    { name: entry, esModule: embed(join(folder, entry)) },
    ...wasm.map((name) => ({ name, wasm: embed(join(folder, name)) })),
  ];
}

/** Compatibility date and flags as the project deploys them, and `further` flags. */
export function platform(further = []) {
  const wrangler = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8');
  const [, compatibilityDate] = /^compatibility_date\s*=\s*"([^"]+)"/m.exec(wrangler);
  const flags = /^compatibility_flags\s*=\s*(\[[^\]]*\])/m.exec(wrangler);
  return { compatibilityDate, compatibilityFlags: [...(flags ? JSON.parse(flags[1]) : []), ...further] };
}

function logLine(line) {
  if (!line.startsWith('{')) return [];
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
