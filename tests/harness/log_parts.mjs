// The revocation log of a gateway in workerd: none, the real one, or the real one behind a worker that goes wrong as it is told.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { VOID, embed } from './workerd.mjs';

const BINDING = 'EDGEWARD_REVOCATION_LOG';
const SESSIONS = 'EDGEWARD_SESSIONS';
const FAMILIES = { className: 'SessionFamily', uniqueKey: 'edgeward-sessions', enableSql: true };
const NAMESPACE = { className: 'RevocationLog', uniqueKey: 'edgeward-revocations', enableSql: true };
const FAULTS = ['log_faults', 'log_plants', 'log_messages'].map((name) => `${name}.worker.mjs`);

const objects = (serviceName, className = 'RevocationLog') => ({ durableObjectNamespace: { className, serviceName } });

/**
 * The class RevocationLog in the first gateway, and the binding for all of them; `log` is "none", "new" or a folder. With `faulty`
 * the binding names the class of `log_faults.worker.mjs` instead. With `objects`, a service's parts, the class is in a Worker of its own.
 */
export function logParts(log, directory, { faulty, objects: own, platform }) {
  if (log === 'none') return { services: [], sockets: [], bindings: [], worker: {} };
  // Only what is on disk has SQLite.
  const path = log === 'new' ? join(directory, 'log') : log;
  mkdirSync(path, { recursive: true });
  const service = faulty ? 'log-faults' : own ? 'objects' : 'gateway';
  const bindings = [{ name: BINDING, ...objects(service) }, { name: SESSIONS, ...objects(own ? 'objects' : 'gateway', FAMILIES.className) }];
  const storage = { durableObjectNamespaces: [NAMESPACE, FAMILIES], durableObjectStorage: { localDisk: 'log-disk' } };
  return {
    services: [
      { name: 'log-disk', disk: { path, writable: true } },
      ...(faulty ? [{ name: service, worker: faultsWorker(platform) }] : []),
      ...(own ? [{ name: 'objects', worker: { ...own, ...storage, bindings: [...own.bindings, ...bindings] } }] : []),
    ],
    sockets: faulty ? [{ name: service, address: '127.0.0.1:0', http: {}, service }] : [],
    bindings,
    worker: own ? {} : storage,
  };
}

function faultsWorker(platform) {
  return {
    ...platform,
    modules: FAULTS.map((name) => ({ name, esModule: embed(fileURLToPath(new URL(name, import.meta.url))) })),
    bindings: [{ name: 'LOG', ...objects('gateway') }],
    durableObjectNamespaces: [{ className: 'RevocationLog', uniqueKey: 'edgeward-faults' }],
    durableObjectStorage: { inMemory: VOID },
  };
}

/** Tells the worker at `url` how to go wrong; nothing means not at all. `calls()` are the calls since then. */
export function faultsOf(url) {
  const ask = async (method, body) => {
    const answer = await fetch(url, { method, body });
    if (!answer.ok) throw new Error(`faults ${method}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  return {
    set: (settings = {}) => ask('PUT', JSON.stringify(settings)),
    calls: async () => (await ask('GET')).calls,
  };
}
