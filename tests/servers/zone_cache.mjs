// What stands between a Worker's fetch and its origin in a zone of Cloudflare, as far as its cache is documented: files are told by the
// extension of the path, and whoever asks for the same URL gets the same file.
import { relayTo } from './relay.mjs';

/** Those of Cloudflare's default cached file extensions that anybody here asks for. */
const EXTENSIONS = new Set(['css', 'csv', 'doc', 'docx', 'gif', 'ico', 'jpg', 'jpeg', 'js', 'pdf', 'png', 'svg', 'webp', 'woff2', 'zip']);
const UNSHARED = /(?:^|[\s,])(?:private|no-store|no-cache|max-age=0)(?:$|[\s,;=])/i;

const extensionOf = (target) => /\.([a-z0-9]+)$/i.exec(target.split('?')[0])?.[1].toLowerCase();

/** How workerd puts `cache: "no-store"` of a fetch on the wire. */
const saysNoStore = (headers) => headers['cache-control'] === 'no-cache' && headers.pragma === 'no-cache';

/**
 * A cache in front of the server at `url`: { answer, stored }, the first for `serve`, the second the URLs that it holds. Each answer
 * says in `cf-cache-status` what became of it: HIT; MISS, and it is stored if it may be; BYPASS or DYNAMIC, and it is not.
 */
export function zoneCache(url) {
  const ask = relayTo(url);
  const held = new Map();
  const answer = async (call) => {
    const status = statusOf(call, held);
    const answered = status === 'HIT' ? held.get(call.target) : await ask(call);
    if (status === 'MISS' && mayBeShared(answered)) held.set(call.target, answered);
    return { ...answered, headers: { ...answered.headers, 'cf-cache-status': status } };
  };
  return { answer, stored: () => [...held.keys()] };
}

function statusOf({ method, target, headers }, held) {
  if (method !== 'GET' || !EXTENSIONS.has(extensionOf(target))) return 'DYNAMIC';
  if (saysNoStore(headers) || headers.authorization !== undefined) return 'BYPASS';
  return held.has(target) ? 'HIT' : 'MISS';
}

const mayBeShared = ({ status, headers }) =>
  status === 200 && headers['set-cookie'] === undefined && !UNSHARED.test(headers['cache-control'] ?? '');
