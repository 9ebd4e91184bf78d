// A KV namespace in memory behind workerd's KV binding: counts what is asked, and fails or hangs when told to.

/** `{ handler, entries, gets, put, failing, hanging }`; give `{ handler }` to `startGateway` as its `kv`. */
export function memoryKv() {
  const kv = {
    /** name → { value, expiration } */
    entries: new Map(),
    /** Every read that arrived: the list of names asked for in it. */
    gets: [],
    /** Every page that was listed: the cursor that it was asked for with, empty for the first. */
    lists: [],
    /** Every write that arrived: { name, value, expiration }. */
    puts: [],
    /** Names for which reads answer 500 / never answer; a predicate over the list of names asked for. */
    failing: () => false,
    hanging: () => false,
    /** An answer to a read in place of the true one, or nothing; what it throws cuts the connection. */
    instead: () => undefined,
    /** Whether writes answer 500. */
    refusingWrites: false,
    /** Whether writes are never answered. */
    hangingWrites: false,
    put: (name, value) => kv.entries.set(name, { value }),
    /** Reads that asked for a revocation entry. */
    revocationReads: () => kv.gets.filter((names) => names.some((name) => name.startsWith('revoked:'))).length,
    handler: (request) => serve(kv, request),
  };
  return kv;
}

async function serve(kv, request) {
  const url = new URL(request.url);
  if (request.method === 'POST') return bulkGet(kv, await request.json());
  if (request.method === 'GET' && url.pathname === '/') return list(kv, url);
  const name = decodeURIComponent(url.pathname.slice(1));
  if (request.method === 'GET') return get(kv, name);
  if (kv.hangingWrites) await never();
  if (kv.refusingWrites) return new Response('KV PUT failed: 500 Internal Server Error', { status: 500 });
  if (request.method === 'PUT') return put(kv, name, await request.text(), url);
  kv.entries.delete(name);
  return new Response();
}

/** Longer than any test. */
const never = () => new Promise((resolve) => setTimeout(resolve, 120_000).unref());

/** Resolves to an answer that replaces the true one, or to nothing. */
async function trouble(kv, names) {
  kv.gets.push(names);
  if (kv.hanging(names)) await never();
  if (kv.failing(names)) return new Response('KV GET failed: 500 Internal Server Error', { status: 500 });
  return kv.instead(names);
}

async function get(kv, name) {
  const instead = await trouble(kv, [name]);
  if (instead) return instead;
  const entry = kv.entries.get(name);
  return entry ? new Response(entry.value) : new Response('Not Found', { status: 404 });
}

async function bulkGet(kv, { keys, type, withMetadata }) {
  const instead = await trouble(kv, keys);
  if (instead) return instead;
  const read = (name) => {
    const entry = kv.entries.get(name);
    if (!entry) return null;
    const value = type === 'json' ? JSON.parse(entry.value) : entry.value;
    return withMetadata ? { value, metadata: null } : value;
  };
  return Response.json(Object.fromEntries(keys.map((name) => [name, read(name)])));
}

function put(kv, name, value, url) {
  const ttl = url.searchParams.get('expiration_ttl');
  const at = url.searchParams.get('expiration');
  const expiration = ttl ? Math.floor(Date.now() / 1000) + Number(ttl) : at ? Number(at) : undefined;
  kv.puts.push({ name, value, expiration });
  kv.entries.set(name, { value, expiration });
  return new Response();
}

function list(kv, url) {
  const prefix = url.searchParams.get('prefix') ?? '';
  const limit = Number(url.searchParams.get('key_count_limit') ?? 1000);
  const after = url.searchParams.get('cursor') ?? '';
  kv.lists.push(after);
  const found = [...kv.entries].filter(([name]) => name.startsWith(prefix) && name > after).sort(([one], [other]) => (one < other ? -1 : 1));
  const keys = found.slice(0, limit).map(([name, { expiration }]) => ({ name, expiration }));
  if (keys.length === found.length) return Response.json({ keys, list_complete: true, cacheStatus: null });
  return Response.json({ keys, list_complete: false, cursor: keys.at(-1).name, cacheStatus: null });
}
