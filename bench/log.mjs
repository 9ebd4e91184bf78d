// The revocation log for contenders that follow one: a Worker of its own for each number of entries, filled before anything is timed.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { platform } from '../tests/harness/gateway.mjs';
import { embed } from '../tests/harness/workerd.mjs';

/** Contenders by the number of live entries in the log that they follow. */
export const ENTRIES = { 'edgeward-log': 0, 'edgeward-log-1k': 1000, 'edgeward-log-100k': 100_000, 'edgeward-strict': 0, 'edgeward-cookie': 0, 'edgeward-unobserved': 0, 'edgeward-observed': 0 };
/** Entries in one order. */
const ORDER = 10_000;
const KEPT_SECONDS = 86_400;

const service = (entries) => `log-${entries}`;

export const logBinding = (name) => ({
  name: 'EDGEWARD_REVOCATION_LOG', durableObjectNamespace: { className: 'RevocationLog', serviceName: service(ENTRIES[name]) },
});

export const sessionBinding = (name) => ({
  name: 'EDGEWARD_SESSIONS', durableObjectNamespace: { className: 'SessionFamily', serviceName: service(ENTRIES[name]) },
});

export const metricsBinding = (name) => ({
  name: 'EDGEWARD_METRICS', durableObjectNamespace: { className: 'MetricsSink', serviceName: service(ENTRIES[name]) },
});

/** A D1 database as the platform binds it. Nothing answers behind it: no request on the hot path asks it. */
export const databaseBinding = () => ({
  name: 'EDGEWARD_DB', wrapped: { moduleName: 'cloudflare-internal:d1-api', innerBindings: [{ name: 'fetcher', service: 'outside' }] },
});

const sizes = (contenders) => [...new Set(contenders.flatMap((name) => ENTRIES[name] ?? []))];

/** The services of the logs that `contenders` follow. */
export function logServices({ build, script }, contenders, directory) {
  const needed = sizes(contenders);
  if (needed.length === 0) return { services: [], workers: {} };
  const path = join(directory, 'logs');
  mkdirSync(path);
  const folder = resolve(build);
  const workers = needed.flatMap((entries) => [
    [service(entries), {
      ...platform(),
      modules: [
        { name: 'objects.js', esModule: embed(join(folder, 'objects.js')) },
        { name: 'authority_bg.wasm', wasm: embed(join(folder, 'authority_bg.wasm')) },
      ],
      durableObjectNamespaces: [
        { className: 'RevocationLog', uniqueKey: `bench-${entries}`, enableSql: true },
        { className: 'SessionFamily', uniqueKey: `bench-sessions-${entries}`, enableSql: true },
        { className: 'MetricsSink', uniqueKey: `bench-metrics-${entries}`, enableSql: true },
      ],
      durableObjectStorage: { localDisk: 'logs' },
    }],
    [`fill-${entries}`, {
      ...platform(), modules: [{ name: 'main.js', esModule: embed(script('fill')) }],
      bindings: [{ name: 'LOG', durableObjectNamespace: { className: 'RevocationLog', serviceName: service(entries) } }],
    }],
  ]);
  return { services: [{ name: 'logs', disk: { path, writable: true } }], workers: Object.fromEntries(workers) };
}

/** Fills the logs; `port` gives the port of a Worker. */
export async function fillLogs(contenders, port) {
  for (const entries of sizes(contenders)) {
    for (let from = 0; from < entries; from += ORDER) {
      const answer = await fetch(`http://127.0.0.1:${port(`fill-${entries}`)}/`, { method: 'POST', body: order(from, Math.min(ORDER, entries - from)) });
      if (!answer.ok) throw new Error(`the log of ${entries} entries was not filled: ${answer.status} ${await answer.text()}`);
    }
  }
}

/** As src/revocation/order.rs has it. No token of the benchmark has one of these names. */
function order(from, count) {
  const expires = Math.floor(Date.now() / 1000) + KEPT_SECONDS;
  const entries = Array.from({ length: count }, (_, n) => {
    const hash = Buffer.alloc(32);
    hash.writeUInt32BE(from + n, 0);
    return {
      name: `revoked:token:${hash.toString('base64url')}`, reason: 'admin', before: null, expires_at: expires, issuer: 'main', tenant: null, actor: null,
    };
  });
  return Buffer.concat([Buffer.of(1), Buffer.from(JSON.stringify({ command: 'append', entries }))]);
}
