// The handlers `login`, `refresh` and `logout` where the tokens of a browser are in cookies.
import { cookieValue } from './cookie.js';
import { call } from './module.js';
import { endOf, endSoon, heldSession, over, renewed, withToken } from './cookie_session.js';
import { event, fieldsForReader, finished, readable, refused, unreachable } from './session_answer.js';
import { loggedIn, login } from './session_login.js';
import { changed, logout } from './session_logout.js';
import { refresh } from './session_refresh.js';
import { readAnswer } from './stripped_answer.js';

export const loginInSession = (context) => login(context);

/** A change of the password. Tokens in its answer begin a session, as a login does: that of before may have ended here or at the auth server. */
export async function passwordInSession(context) {
  const answer = await changed(context);
  if (answer === undefined) return unreachable(context, 'password');
  const read = await readAnswer(context, answer.response, answer.body, '');
  if (read === undefined) return refused(context, 'unavailable', { reason: 'answer_unreadable' });
  // From now on, and not from the beginning of the request: what was issued before the change is over.
  return read.hasTokens && read.texts.access !== null ? loggedIn({ ...context, began: Date.now() }, answer) : finished(context, read.stripped);
}

/** Refreshes with the token of the cookie, whatever the page has sent. */
export async function refreshInSession(context) {
  const held = await heldSession(context);
  if (held === undefined || held.token === null) {
    if (context.given.renewal !== undefined) context.given.renewal.outcome = { kind: 'none' };
    return refused(context, 'invalid', { reason: 'session_missing' });
  }
  const end = endOf(context, held);
  if (end !== undefined) {
    endSoon(context, held, end);
    return over(context, refused(context, 'revoked', { reason: end }));
  }
  const [whole, found] = withToken(context, held);
  if (found.token === undefined) return refused(context, 'unavailable', { reason: 'token_unreadable' });
  return renewed(whole, held, await refresh(whole, found));
}

/** Ends the session, also after its access token has expired, and deletes its cookies whatever comes of it. */
export async function logoutInSession(context) {
  const { given: { request }, gate, settings } = context;
  const held = await heldSession(context);
  const access = cookieValue(request.headers.get('cookie'), settings.session.access);
  const known = access === undefined ? undefined : JSON.parse(await gate.verify_access(access));
  const hasToken = held !== undefined && held.token !== null;
  // A client that holds its tokens itself has come to the page's logout.
  if (!hasToken && access === undefined && request.headers.has('authorization')) {
    const head = { 'content-type': request.headers.get('content-type') };
    const found = JSON.parse(call('session_request', settings.endpoint, JSON.stringify(head), context.body));
    return over(context, found.error === undefined ? await logout(context, found) : refused(context, found.error));
  }
  if (!hasToken && access === undefined) {
    event(context, 'logout', { outcome: 'unknown', ms: Date.now() - context.began });
    return over(context, finished(context, new Response(settings.logout_body, { status: settings.logout_body === null ? 204 : 200, headers: fieldsForReader(gate) })));
  }
  const [whole, found] = hasToken ? withToken(context, held) : [{ ...context, body: new Uint8Array() }, {}];
  // An auth server refuses one that has expired, although it asks for none.
  if (known?.status === 'verified' && !known.is_over) whole.plan.headers.set('authorization', `Bearer ${access}`);
  const own = readable(whole);
  const answer = await logout(own, { ...found, access });
  if (own.refusal !== undefined && hasToken) endSoon(context, held, 'logout');
  const read = await readAnswer(context, answer, undefined, held?.token ?? '');
  return over(context, read?.stripped ?? new Response(null, { status: answer.status }));
}
