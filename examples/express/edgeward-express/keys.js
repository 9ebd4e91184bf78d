// The gateway's public keys: fetched when they are needed, cached, and never fetched as often as a client likes.
import { importJWK } from 'jose';

const MOST_BYTES = 64 * 1024;
const FRESH_MS = 300_000;
/** As long as the gateway itself may be unreachable while requests still come from it. */
const STALE_MS = 3_600_000;
const PAUSE_MS = 30_000;
const TIMEOUT_MS = 2_000;

/** Nobody can tell whether the gateway signed this. */
export class KeysUnavailable extends Error {}

/** The gateway has no key of this name. */
export class KeyUnknown extends Error {}

/**
 * A function that finds the key of a `kid`. Keys are fresh for 300 s. An unknown `kid` fetches them anew, at most once in 30 s, for all callers
 * together and even after a failed fetch. While the gateway gives none, the last ones serve for an hour more. `fetched` and `clock` are for tests.
 */
export function gatewayKeys(url, { fetched = overHttp, clock = () => performance.now() } = {}) {
  const state = { keys: new Map(), fetchedAt: -Infinity, askedAt: -Infinity, pending: undefined };
  const isFresh = (kid) => state.keys.has(kid) && clock() - state.fetchedAt <= FRESH_MS;
  const refresh = async () => {
    state.askedAt = clock();
    try {
      state.keys = await usableKeys(await fetched(url));
      state.fetchedAt = state.askedAt;
    } catch {
      // The last keys serve on. Without any, the error is thrown below.
    }
  };
  return async (kid) => {
    if (!isFresh(kid)) {
      if (clock() - state.askedAt >= PAUSE_MS) state.pending = refresh().finally(() => { state.pending = undefined; });
      // A request whose key is known does not wait for the fetch of another.
      if (!state.keys.has(kid)) await state.pending;
    }
    if (clock() - state.fetchedAt > FRESH_MS + STALE_MS) {
      await state.pending;
      if (clock() - state.fetchedAt > FRESH_MS + STALE_MS) throw new KeysUnavailable();
    }
    if (!state.keys.has(kid)) throw new KeyUnknown();
    return state.keys.get(kid);
  };
}

/** The Ed25519 keys of a JWK Set by their `kid`. A name that two keys share names none. */
export async function usableKeys(text) {
  const { keys } = JSON.parse(text);
  const isNamedOnce = ({ kid }) => keys.filter((other) => other?.kid === kid).length === 1;
  const usable = keys.filter((key) => key?.kty === 'OKP' && key.crv === 'Ed25519' && !('d' in key) && typeof key.kid === 'string' && isNamedOnce(key));
  const imported = await Promise.allSettled(usable.map(async (key) => [key.kid, await importJWK(key, 'EdDSA')]));
  const good = imported.filter(({ status }) => status === 'fulfilled').map(({ value }) => value);
  if (good.length === 0) throw new Error('expected at least one key of Ed25519 with a `kid`');
  return new Map(good);
}

/** The body of a 200. A redirect is an error: it would let another host name the keys. */
async function overHttp(url) {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS), headers: { accept: 'application/json' } });
  if (response.status !== 200) throw new Error(`expected 200, got ${response.status}`);
  const parts = [];
  let length = 0;
  for await (const part of response.body) {
    length += part.length;
    if (length > MOST_BYTES) throw new Error(`expected at most ${MOST_BYTES} bytes of keys`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
