// As much of Cloudflare's API as `wrangler deploy` needs: what is deployed is kept, and every call is listed.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';

const ACCOUNT = '/accounts/acc';
const NOT_FOUND = (code, message) => ({ status: 404, errors: [{ code, message }] });

/** Starts it: { env, calls, versions, secrets, namespaces, stop() }; `env` is what wrangler needs to talk to it. */
export async function startCloudflareApi() {
  const state = { calls: [], versions: [], secrets: new Set(), namespaces: [], databases: [], statements: [] };
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const [path] = request.url.split('?');
    state.calls.push(`${request.method} ${path.replace(ACCOUNT, '')}`);
    const { status = 200, errors = [], result = null } = answer(request.method, path.replace(ACCOUNT, ''), Buffer.concat(chunks).toString('latin1'), state);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ success: errors.length === 0, errors, messages: [], result, result_info: { page: 1, per_page: 100, total_pages: 1, count: 0, total_count: 0 } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...state,
    env: { CLOUDFLARE_API_BASE_URL: `http://127.0.0.1:${server.address().port}`, CLOUDFLARE_API_TOKEN: 'for-this-test', CLOUDFLARE_ACCOUNT_ID: 'acc' },
    stop: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }),
  };
}

const id = (text) => createHash('sha256').update(text).digest('hex').slice(0, 32);

const bindingsOf = ({ namespaces, databases }) => [
  { type: 'durable_object_namespace', name: 'EDGEWARD_REVOCATION_LOG', class_name: 'RevocationLog' },
  { type: 'durable_object_namespace', name: 'EDGEWARD_SESSIONS', class_name: 'SessionFamily' },
  { type: 'durable_object_namespace', name: 'EDGEWARD_METRICS', class_name: 'MetricsSink' },
  ...namespaces.map((namespace) => ({ type: 'kv_namespace', name: 'EDGEWARD_KV', namespace_id: namespace.id })),
  ...databases.map(({ uuid }) => ({ type: 'd1', name: 'EDGEWARD_DB', id: uuid, database_id: uuid })),
];

function answer(method, path, body, state) {
  const { versions, secrets, namespaces, databases, statements } = state;
  const isThere = versions.length > 0;
  const gone = NOT_FOUND(10007, 'This Worker does not exist on your account.');
  const [, kind] = /^\/workers\/scripts\/[^/]+(?:\/(.*))?$/.exec(path) ?? [];
  if (/^\/workers\/services\//.test(path)) return isThere ? { result: { default_environment: { environment: 'production', script: { last_deployed_from: 'wrangler', tag: 'tag' } } } } : NOT_FOUND(10090, 'not found');
  if (kind === 'deployments') return isThere ? { result: { deployments: versions.map((version, index) => ({ id: version, source: 'wrangler', strategy: 'percentage', author_email: 'a@example.com', created_on: new Date(1_800_000_000_000 + index).toISOString(), versions: [{ version_id: version, percentage: 100 }] })) } } : gone;
  if (kind === 'secrets' && method === 'GET') return isThere ? { result: [...secrets].map((name) => ({ name, type: 'secret_text' })) } : gone;
  if (kind === 'secrets') {
    secrets.add(JSON.parse(body).name);
    return { result: {} };
  }
  if (path === '/workers/scripts') return { result: isThere ? [{ id: 'gateway', migration_tag: 'v3' }] : [] };
  if (kind === 'settings') return isThere ? { result: { bindings: bindingsOf(state), migration_tag: 'v3' } } : gone;
  if (/^versions\//.test(kind)) return { result: { id: kind.slice(9), number: 1, metadata: {}, resources: { bindings: bindingsOf(state), script: {}, script_runtime: {} } } };
  if (kind === 'assets-upload-session') return { result: { jwt: 'done', buckets: [] } };
  if (kind === 'subdomain') return { result: { enabled: true, previews_enabled: false } };
  if (path.startsWith('/workers/workers/')) return { result: { id: 'gateway', name: 'gateway', subdomain: { enabled: true, previews_enabled: false } } };
  if (path === '/workers/subdomain') return { result: { subdomain: 'example' } };
  if (path === '/storage/kv/namespaces') {
    if (method === 'POST') namespaces.push({ id: id(JSON.parse(body).title), title: JSON.parse(body).title });
    return { result: method === 'POST' ? namespaces.at(-1) : namespaces };
  }
  if (path === '/d1/database') {
    if (method === 'POST') databases.push({ uuid: id(JSON.parse(body).name), name: JSON.parse(body).name });
    return { result: method === 'POST' ? databases.at(-1) : databases };
  }
  if (/^\/d1\/database\/[^/]+\/query$/.test(path)) {
    statements.push(JSON.parse(body).sql);
    return { result: [{ results: [], success: true, meta: {} }] };
  }
  if (/^\/d1\/database\//.test(path)) return databases.length > 0 ? { result: databases[0] } : NOT_FOUND(7404, 'The database could not be found');
  if ((kind === undefined && path.startsWith('/workers/scripts/')) || kind === 'versions') {
    if (method === 'GET') return isThere ? { result: [] } : gone;
    versions.push(`00000000-0000-4000-8000-00000000000${versions.length + 1}`);
    return { result: { id: 'gateway', etag: 'e', pipeline_hash: 'p', deployment_id: versions.at(-1), startup_time_ms: 1, entry_point: 'index.js', mutable_pipeline_id: 'm', tag: 'tag' } };
  }
  return isThere ? { result: {} } : NOT_FOUND(10007, 'not found');
}
