// Renews the session of a request before it goes on: the gateway asks its own refresh route, and begins the request anew with the token
// that comes of it.
import { withoutOwn } from './cookie.js';
import { withSetCookie } from './cookie_session.js';

/** Fields that belong to the request that waits, and not to its session. */
const UNSENT = [
  'accept', 'accept-encoding', 'authorization', 'connection', 'content-encoding', 'content-length', 'content-type', 'expect', 'if-match',
  'if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'origin', 'range', 'sec-websocket-extensions', 'sec-websocket-key',
  'sec-websocket-protocol', 'sec-websocket-version', 'transfer-encoding', 'upgrade',
];

/**
 * Answers the request of `given` after its session was renewed through the route at `path`. `accept` is the gateway's entry; where there
 * is no new token, `proceeding` goes on without, or postpones what nobody can decide.
 */
export async function renew(given, { path, slides, accept }, proceeding) {
  const { request, env, context } = given;
  // The handler of the refresh route leaves the outcome here.
  const renewal = { id: given.id, slides, outcome: undefined };
  const answer = await accept(refreshOf(given, path), env, context, renewal);
  await answer.body?.cancel();
  const { kind, access, cookies, names } = renewal.outcome ?? {};
  switch (kind) {
    case 'renewed': {
      if (access === null) return withSetCookie(await proceeding.postpone(), cookies);
      const headers = new Headers(request.headers);
      headers.set('cookie', withoutOwn(headers.get('cookie'), [names.access, names.refresh], [` ${names.access}=1~${access}`]));
      return withSetCookie(await accept(new Request(request, { headers }), env, context, renewal), cookies);
    }
    case 'ended':
      return withSetCookie(await proceeding.proceed(), cookies);
    case 'none':
      return proceeding.proceed();
    default:
      return proceeding.postpone();
  }
}

/** The request to the refresh route: whether another site may have caused the one that waits has been looked at. */
function refreshOf({ request, url }, path) {
  const headers = new Headers(request.headers);
  for (const name of UNSENT) headers.delete(name);
  headers.set('sec-fetch-site', 'same-origin');
  return new Request(new URL(path, url), { method: 'POST', headers });
}
