// Sessions in cookies: how they are opened, begun, renewed and ended. The access token is in one cookie, as the gate reads it; the
// refresh token is in another, sealed for its name and the host.
import { clearCookies, cookieValue, setCookies, withoutOwn } from './cookie.js';
import { base64url, bytesOf, claimsOf, freshObject, isOpaque } from './handle.js';
import { call } from './module.js';
import { forbidStoring } from './no_store.js';
import { keyId, openedText, sealedText } from './seal.js';
import { UNKNOWN, event, refused, replyOf, verified } from './session_answer.js';
import { ended, family } from './session_end.js';
import { registerSealed } from './session_registration.js';
import { readAnswer } from './stripped_answer.js';

const VERSION = '1';
const INFO = 'edgeward cookie session 1';
const now = () => Math.floor(Date.now() / 1000);

/** A refusal that took longer may have been overtaken by another login: it deletes nothing. */
const LATE_MS = 1000;
export const isLate = (began) => Date.now() - began >= LATE_MS;

/** What a sealed token belongs to: moved elsewhere, it does not open. */
const placeOf = ({ given, settings }, id) => JSON.stringify([settings.session.refresh, new URL(given.url).host, settings.issuer, VERSION, id]);

/**
 * The session of a request: its refresh token `token`, its `id`, when it was `created`, and until when it lasts unless it is used
 * (`idle_until`), in seconds; `object` and `claims` are what a handle says of an opaque token. Nothing where there is none, or not all of it.
 */
export async function heldSession(context) {
  const { given: { request, env }, settings: { session } } = context;
  const [version, id, text] = (cookieValue(request.headers.get('cookie'), session.refresh) ?? '').split('.');
  const bytes = version === VERSION && text !== undefined ? bytesOf(text) : undefined;
  if (bytes === undefined) return undefined;
  for (const name of [session.key, session.previous_key].filter((own) => own !== null)) {
    if (await keyId(env[name], INFO) === id) {
      const plain = await openedText(env[name], INFO, bytes, placeOf(context, id));
      return plain === undefined ? undefined : JSON.parse(plain);
    }
  }
  return undefined;
}

/** Why a session is over, if it is. */
export function endOf({ settings: { session } }, { created, idle_until: idleUntil }) {
  if (now() >= created + session.absolute) return 'absolute';
  return now() >= idleUntil ? 'idle' : undefined;
}

/** The values of `Set-Cookie` for a session with these tokens; `expires` is when its refresh token does, in seconds. */
async function cookiesFor(context, held, access, expires) {
  const { given: { request, env }, settings: { session } } = context;
  const header = request.headers.get('cookie');
  const until = Math.min(held.idle_until, held.created + session.absolute, expires ?? Infinity);
  const maxAge = Math.max(1, until - now());
  const id = await keyId(env[session.key], INFO);
  const sealed = await sealedText(env[session.key], INFO, JSON.stringify(held), placeOf(context, id));
  // A login without a refresh token leaves none of the session before.
  const sets = [
    held.token === null ? clearCookies([session.refresh], header) : setCookies(session.refresh, `${VERSION}.${id}.${base64url(sealed)}`, maxAge, header),
    ...access === null ? [] : [setCookies(session.access, access, maxAge, header)],
  ];
  return sets.includes(undefined) ? undefined : sets.flat();
}

/** The same request for the auth server, with the refresh token in the place where that reads it. */
export function withToken(context, held) {
  const { plan, settings: { endpoint, session }, env } = context;
  const { body: format, request_refresh: path, refresh_cookie: cookie } = JSON.parse(endpoint);
  const headers = new Headers(plan.headers);
  for (const name of FIELDS_OF_BODY) headers.delete(name);
  let text;
  if (format === 'form') {
    const secret = session.client_secret === null ? null : env[session.client_secret];
    const more = Object.entries({ ...session.parameters, client_secret: secret }).filter(([, value]) => value !== null);
    text = new URLSearchParams([['grant_type', 'refresh_token'], [path, held.token], ...more]).toString();
    headers.set('content-type', 'application/x-www-form-urlencoded');
  } else {
    text = JSON.stringify(path.split('.').reduceRight((value, name) => ({ [name]: value }), held.token));
    headers.set('content-type', 'application/json');
  }
  // Some read it there alone when they end a session.
  if (cookie !== null) headers.set('cookie', withoutOwn(headers.get('cookie'), [cookie], [` ${cookie}=${held.token}`]));
  const body = new TextEncoder().encode(text);
  const head = { 'content-type': headers.get('content-type') };
  const found = JSON.parse(call('session_request', endpoint, JSON.stringify(head), body));
  if (held.object !== undefined) Object.assign(found, { object: held.object, claims: held.claims, is_opaque: true });
  return [{ ...context, plan: { ...plan, headers }, body }, found];
}
/** What the page has sent is not what the auth server gets, and answers are shared by all pages. */
const FIELDS_OF_BODY = ['content-encoding', 'content-length', 'content-type', 'origin', 'dpop', 'authorization'];

/** The answer to a login, which begins a session where it has tokens. The browser gets none of them. */
export async function begun(context, answer) {
  const { settings, settings: { session } } = context;
  const read = await readAnswer(context, answer.response, answer.body, '');
  if (read === undefined) return refused(context, 'unavailable', { reason: 'answer_unreadable' });
  if (!read.hasTokens) return read.stripped;
  const { access, refresh: token } = read.texts;
  if (access === null) return refused(context, 'unavailable', { reason: 'access_token_missing' });
  const held = { token, id: base64url(crypto.getRandomValues(new Uint8Array(16))), created: now(), idle_until: now() + session.idle };
  if (token !== null && await hasNoFamily(context, token)) {
    const { iss } = await verified(context, { token, is_opaque: true });
    held.object = freshObject();
    held.claims = claimsOf(replyOf(settings, iss, '', read.answer), context.began);
  }
  // Nothing could tell one such token from another later.
  if (token !== null && withToken(context, held)[1].token === undefined) return refused(context, 'unavailable', { reason: 'token_unreadable' });
  const cookies = await cookiesFor(context, held, access, token === null ? read.accessExpires : read.expires);
  if (cookies === undefined) return refused(context, 'unavailable', { reason: 'token_too_large' });
  if (held.object !== undefined) registerSealed(context, held, read.answer);
  // The session that this browser had before is over: what is still under way in it must not come back.
  const before = await heldSession(context);
  if (before !== undefined && before.token !== null && before.token !== token) endSoon(context, before, 'login', access);
  if (context.given.renewal !== undefined) context.given.renewal.hasBegun = true;
  return withSetCookie(read.stripped, cookies);
}

/** Whether no family would tell a refresh token from others: the gate cannot verify it, or it does not say whose it is. */
async function hasNoFamily(context, token) {
  if (isOpaque(context.settings, token)) return true;
  const known = await verified(context, { token, is_opaque: false });
  return known.status === 'unknown' || known.is_opaque === true;
}

/** The answer to a refresh of `held`, and for the request that waits for it what became of the session. */
export async function renewed(context, held, response) {
  const { settings: { session }, given: { renewal } } = context;
  const read = await readAnswer(context, response, undefined, held.token);
  const { cause, reason } = context.refusal ?? {};
  const isRefused = cause === undefined ? read?.kind === 'refused' : ['revoked', 'invalid'].includes(cause) && reason !== 'other_request';
  if (isRefused) {
    const answer = read?.stripped ?? response;
    // A late one may find a new session at the browser. If there is none, the next request is refused in time.
    return renewal === undefined && isLate(context.began) ? answer : over(context, answer);
  }
  if (cause !== undefined || read === undefined || !read.hasTokens) {
    return read?.stripped ?? (cause === undefined ? refused(context, 'unavailable', { reason: 'answer_unreadable' }) : response);
  }
  const { access, refresh } = read.texts;
  const next = { ...held, token: refresh ?? held.token, idle_until: renewal?.slides === false ? held.idle_until : now() + session.idle };
  // Its family has stored the access token.
  if (held.object !== undefined) next.claims = claimsOf({ owner: read.owner, access: null }, context.began, held.claims);
  const cookies = await cookiesFor(context, next, access, refresh === null ? undefined : read.expires);
  if (cookies === undefined) return refused(context, 'unavailable', { reason: 'token_too_large' });
  if (renewal !== undefined) {
    // Now: the gate verifies tokens only until this answer is made, and the question comes after it.
    const [, found] = withToken(context, next);
    const known = found.token === undefined ? UNKNOWN : await verified(context, found);
    renewal.outcome = { kind: 'renewed', access, cookies, isCurrent: () => isCurrent(context, known) };
  }
  return withSetCookie(read.stripped, cookies);
}

/** Whether a refresh token is still the newest of its session, which has not ended. Of one without a family nobody knows otherwise. */
async function isCurrent({ env, settings }, known) {
  if (known.status !== 'verified' || known.is_opaque) return true;
  try {
    return ['current', 'unknown'].includes(await family(env, known.object, settings).state(known.hash));
  } catch {
    return false;
  }
}

/** The answer to a session that has ended: its cookies go. */
export function over(context, response) {
  const { settings: { session }, given: { request, renewal } } = context;
  const cookies = clearCookies([session.access, session.refresh], request.headers.get('cookie'));
  if (renewal !== undefined) renewal.outcome = { kind: 'ended', cookies };
  return withSetCookie(response, cookies);
}

/**
 * Ends the family of a session that was not used for too long, has lasted too long, or was followed by a login. Not where the `next` access
 * token names the same session, as those of a single sign-on do: both would end.
 */
export function endSoon(context, held, reason, next) {
  const { given } = context;
  const work = async () => {
    const [, found] = withToken(context, held);
    // Both at once: the gate goes with the answer.
    const asked = [found, { token: next, is_opaque: false }];
    const [known, other] = await Promise.all(asked.map((one) => (one.token === undefined ? UNKNOWN : verified(context, one))));
    if (known.status !== 'verified' || (known.session !== null && known.session === other.session)) return;
    if (await ended(context, [known], 'logout') > 0) event(context, 'session_ended', { session: known.object, reason });
  };
  const done = work().catch(() => {});
  given.context.waitUntil(done);
  return done;
}

/** The response with these cookies set, and kept by nobody. */
export function withSetCookie(response, cookies) {
  const own = new Response(response.body, response);
  for (const cookie of cookies) own.headers.append('set-cookie', cookie);
  forbidStoring(own.headers);
  return own;
}
