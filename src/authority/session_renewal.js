// Renews the session of a request before it goes on: the gateway asks its own refresh route, and begins the request anew with the token
// that comes of it.
import { cookieValue, withoutOwn } from './cookie.js';
import { isLate, withSetCookie } from './cookie_session.js';

/** Fields that belong to the request that waits, and not to its session. */
const UNSENT = [
  'accept', 'accept-encoding', 'authorization', 'connection', 'content-encoding', 'content-length', 'content-type', 'expect', 'if-match',
  'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'origin', 'range', 'sec-websocket-extensions', 'sec-websocket-key',
  'sec-websocket-protocol', 'sec-websocket-version', 'transfer-encoding', 'upgrade',
];

/** So soon after a refresh nobody asks whether its tokens are still the newest: another login, logout or refresh takes longer. */
const FRESH_MS = 100;

/**
 * Answers the request of `given` after its session was renewed through the route at `path`. `accept` is the gateway's entry, `names` those
 * of the cookies. Where there is no new token, the request goes on without a refresh token; `proceeding` knows whether it has a caller
 * all the same, and refuses it where nobody knows.
 */
export async function renew(given, { path, names, slides, accept }, proceeding) {
  const { env, context } = given;
  const began = Date.now();
  // The handler of the refresh route leaves the outcome here.
  const renewal = { id: given.id, slides, outcome: undefined, hasBegun: false };
  const answer = await accept(refreshOf(given, path), env, context, renewal);
  await answer.body?.cancel();
  const refreshed = Date.now();
  const { kind, access = null, cookies, isCurrent } = renewal.outcome ?? {};
  const goOn = (more) => accept(again(given, names, more), env, context, renewal);
  if (kind === 'renewed') {
    const response = await (access === null ? proceeding.unavailable() : goOn([` ${names[0]}=1~${access}`]));
    // Its answer has begun another session: these are the cookies of the one before.
    if (renewal.hasBegun) return response;
    const isNewest = Date.now() - refreshed < FRESH_MS || await isCurrent();
    return isNewest ? withSetCookie(response, cookies) : response;
  }
  if (kind === undefined && !proceeding.has_caller()) return proceeding.unavailable();
  const own = cookieValue(given.request.headers.get('cookie'), names[0]);
  const response = await goOn(kind === 'ended' || own === undefined ? [] : [` ${names[0]}=1~${own}`]);
  return kind === 'ended' && !renewal.hasBegun && !isLate(began) ? withSetCookie(response, cookies) : response;
}

/** The request that has waited, without the cookies of its session but `more`: it is not renewed again. */
function again({ request }, names, more) {
  const headers = new Headers(request.headers);
  const cookie = withoutOwn(headers.get('cookie'), names, more);
  if (cookie === '') headers.delete('cookie');
  else headers.set('cookie', cookie);
  return new Request(request, { headers });
}

/** The request to the refresh route: whether another site may have caused the one that waits has been looked at. */
function refreshOf({ request, url }, path) {
  const headers = new Headers(request.headers);
  for (const name of UNSENT) headers.delete(name);
  headers.set('sec-fetch-site', 'same-origin');
  // Without the platform's facts about the client, its session would be registered from nowhere.
  return new Request(new URL(path, url), { method: 'POST', headers, cf: request.cf });
}
