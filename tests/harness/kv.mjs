// The three kinds of KV a gateway can have here: the real local one (miniflare's, the same that `wrangler dev` runs),
// none, or a function that answers the binding's own HTTP protocol, for faults and staleness.
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';

import { LASTING } from './client.mjs';
import { embed } from './workerd.mjs';

const miniflare = dirname(createRequire(import.meta.url).resolve('miniflare'));
const script = (name, path) => ({ name, esModule: embed(join(miniflare, 'workers', path)) });

/** Services, extensions and sockets of a real local KV namespace; its files live in `directory`. */
export function localKv(directory) {
  const path = join(directory, 'kv');
  mkdirSync(path);
  const entry = {
    compatibilityDate: '2023-07-24',
    modules: [script('object-entry.worker.js', 'shared/object-entry.worker.js')],
    bindings: [
      { name: 'MINIFLARE_OBJECT', durableObjectNamespace: { className: 'KVNamespaceObject', serviceName: 'kv-objects' } },
      { name: 'MINIFLARE_NAMESPACE', text: 'edgeward' },
    ],
  };
  const objects = {
    compatibilityDate: '2023-07-24',
    compatibilityFlags: ['nodejs_compat', 'experimental'],
    modules: [script('namespace.worker.js', 'kv/namespace.worker.js')],
    durableObjectNamespaces: [{ className: 'KVNamespaceObject', uniqueKey: 'edgeward-kv' }],
    durableObjectStorage: { localDisk: 'kv-disk' },
    bindings: [{ name: 'MINIFLARE_BLOBS', service: 'kv-disk' }],
  };
  return {
    services: [
      { name: 'kv', worker: entry },
      { name: 'kv-objects', worker: objects },
      { name: 'kv-disk', disk: { path, writable: true } },
    ],
    extensions: [{
      modules: [{ name: 'miniflare:shared', esModule: embed(join(miniflare, 'workers/shared/index.worker.js')) }],
    }],
    sockets: [{ name: 'kv', address: '127.0.0.1:0', http: {}, service: 'kv' }],
  };
}

/** A client for the namespace behind `port`: what a test puts there, the gateway's binding reads. */
export function kvClient(port) {
  const call = async (method, key, query = {}, body = undefined) => {
    const search = new URLSearchParams({ urlencoded: 'true', ...query });
    const answer = await fetch(`http://127.0.0.1:${port}/${encodeURIComponent(key)}?${search}`, { method, body });
    const text = await answer.text();
    if (!answer.ok && answer.status !== 404) throw new Error(`kv ${method}: ${answer.status} ${text}`);
    return answer.ok ? text : null;
  };
  return {
    get: (key) => call('GET', key),
    put: (key, value, { expirationTtl, expiration } = {}) =>
      call('PUT', key, {
        ...(expirationTtl === undefined ? {} : { expiration_ttl: expirationTtl }),
        ...(expiration === undefined ? {} : { expiration }),
      }, value),
    delete: (key) => call('DELETE', key),
    /** The keys of the namespace: [{ name, expiration }]. */
    list: async (prefix = '') => JSON.parse(await call('GET', '', { prefix })).keys,
  };
}

/** An HTTP server that answers the binding with `handler(Request) => Response`. */
export async function servedKv(handler) {
  const server = createServer(LASTING, async (req, res) => {
    try {
      const answer = await handler(toRequest(req));
      res.writeHead(answer.status, Object.fromEntries(answer.headers));
      res.end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      // A handler that throws is a store that hangs up.
      res.destroy();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}

function toRequest(req) {
  const bare = req.method === 'GET' || req.method === 'HEAD';
  return new Request(`http://kv${req.url}`, {
    method: req.method,
    headers: Object.entries(req.headers).filter(([name]) => name !== 'transfer-encoding' && name !== 'connection'),
    ...(bare ? {} : { body: Readable.toWeb(req), duplex: 'half' }),
  });
}
