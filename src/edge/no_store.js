// What keeps an answer out of every cache.

/**
 * Fields for caches on the way, which count there before `Cache-Control`, so that an origin's would outweigh ours: those of RFC 9213, and
 * the older ones of Fastly, Akamai and nginx.
 */
const TARGETED = /-cache-control$|^(?:surrogate|edge)-control$|^x-accel-expires$/;

/** Says that nobody may keep the answer with these headers, whatever its origin says. */
export function forbidStoring(headers) {
  // In one crossing: to iterate takes one for each field.
  const targeted = [];
  headers.forEach((_, name) => {
    if (TARGETED.test(name)) targeted.push(name);
  });
  for (const name of targeted) headers.delete(name);
  headers.set('cache-control', 'no-store');
  headers.set('cloudflare-cdn-cache-control', 'no-store');
}
