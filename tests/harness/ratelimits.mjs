// Rate limiting bindings as `wrangler dev` runs them (miniflare's), and ones whose counter does not answer.
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { embed } from './workerd.mjs';

const miniflare = dirname(createRequire(import.meta.url).resolve('miniflare'));
const script = (name, path) => ({ name, esModule: embed(join(miniflare, 'workers', path)) });
const MODULE = 'cloudflare-internal:ratelimit:module';

/**
 * Bindings, services and extensions for `limits`: by name { limit, period }, or { url } of a server that counts instead. Their
 * counts live in `directory`.
 */
export function rateLimits(limits, directory) {
  const named = Object.entries(limits);
  if (named.length === 0) return { bindings: [], services: [], extensions: [] };
  const path = join(directory, 'ratelimit');
  mkdirSync(path);
  const entry = {
    compatibilityDate: '2023-07-24',
    modules: [script('object-entry.worker.js', 'shared/object-entry.worker.js')],
    bindings: [
      { name: 'MINIFLARE_OBJECT', durableObjectNamespace: { className: 'RateLimiterObject', serviceName: 'ratelimit-objects' } },
      { name: 'MINIFLARE_NAMESPACE', text: 'edgeward' },
    ],
  };
  const objects = {
    compatibilityDate: '2023-07-24',
    compatibilityFlags: ['nodejs_compat', 'experimental'],
    modules: [script('ratelimit-object.worker.js', 'ratelimit/ratelimit-object.worker.js')],
    durableObjectNamespaces: [{ className: 'RateLimiterObject', uniqueKey: 'edgeward-ratelimit', enableSql: true }],
    durableObjectStorage: { localDisk: 'ratelimit-disk' },
  };
  const served = named.filter(([, { url }]) => url !== undefined);
  return {
    bindings: named.map(([name, { limit = 1, period = 60, url }]) => ({
      name,
      wrapped: {
        moduleName: MODULE,
        innerBindings: [
          { name: 'fetcher', service: url === undefined ? 'ratelimit' : `ratelimit-${name}` },
          { name: 'limit', json: String(limit) },
          { name: 'period', json: String(period) },
        ],
      },
    })),
    services: [
      { name: 'ratelimit', worker: entry },
      { name: 'ratelimit-objects', worker: objects },
      { name: 'ratelimit-disk', disk: { path, writable: true } },
      ...served.map(([name, { url }]) => ({ name: `ratelimit-${name}`, external: { address: new URL(url).host, http: {} } })),
    ],
    extensions: [{ modules: [{ name: MODULE, internal: true, ...esModule('ratelimit/ratelimit.worker.js') }] }],
  };
}

const esModule = (path) => ({ esModule: embed(join(miniflare, 'workers', path)) });
