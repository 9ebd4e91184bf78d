// What keeps an answer out of every cache.

/** Fields for caches on the way, which count there before `Cache-Control` (RFC 9213): an origin's would outweigh ours. */
const TARGETED = ['cdn-cache-control', 'surrogate-control'];

/** Says that nobody may keep the answer with these headers, whatever its origin says. */
export function forbidStoring(headers) {
  for (const name of TARGETED) headers.delete(name);
  headers.set('cache-control', 'no-store');
  headers.set('cloudflare-cdn-cache-control', 'no-store');
}
