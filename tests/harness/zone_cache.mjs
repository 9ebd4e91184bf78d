// A zone's cache on loopback, in front of an origin: startZoneCache(origin.url).
import { serve } from '../servers/serve.mjs';
import { zoneCache } from '../servers/zone_cache.mjs';

/** What `serve` returns, and `stored()`: the URLs that the cache holds. */
export async function startZoneCache(url) {
  const { answer, stored } = zoneCache(url);
  return { ...await serve(answer), stored };
}
