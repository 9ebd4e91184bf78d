// The handlers that end sessions, and those that ask whether one has ended.
import { memberAt, parsed } from './body.js';
import { isJwt } from './handle.js';
import { verdictOf } from './log.js';
import { UNKNOWN, answered, event, fieldsForReader, finished, passedOn, readable, refused, replyOf, unreachable, verified } from './session_answer.js';
import { ended, endedOthers, family } from './session_end.js';
import { handled } from './session_login.js';

/** How long a change of the password waits for the end of sessions. */
const ENDING_MS = 1000;
/** Tokens of an answer are at most so old, or no new ones. */
const ISSUED_SECONDS = 5;

/** A token behind a scheme by which routes take one. */
const PRESENTED = /^(?:bearer|jwt|token|dpop) +(\S+)$/i;

/** Ends the family and the access token, and lets the auth server do the same. */
export async function logout(context, found) {
  const { given, gate, settings } = context;
  const bearer = PRESENTED.exec(given.request.headers.get('authorization') ?? '')?.[1];
  // A page of another site may have made the browser send its cookies: what only they say ends nothing here.
  const isForeign = settings.session === null && gate.may_be_cross_site();
  const text = bearer ?? (isForeign ? undefined : found.access ?? undefined);
  const access = text === undefined ? UNKNOWN : JSON.parse(await gate.verify_access(text));
  if (access.status === 'verified') context.known = access;
  const own = found.token === undefined || (found.is_cookie && isForeign) ? UNKNOWN : await verified(context, found);
  if (access.status === 'unavailable' || own.status === 'unavailable') return refused(context, 'unavailable', { reason: 'keys' });
  // Of an opaque token nobody knows whether it is one: the auth server ends it, unless it is not told.
  const isVouched = own.is_opaque === true && !settings.forward && await isGood(context, access);
  const tokens = [{ ...own, is_vouched: isVouched }, { ...access, is_access: true, may_be_extended: text !== undefined && !isJwt(text) }]
    .filter(({ status, is_opaque: isOpaque, is_access: isAccess }) => status === 'verified' && (isAccess || !(isOpaque && settings.forward)));
  let count;
  try {
    count = await ended(context, tokens, 'logout');
  } catch {
    if (context.hasEnded) event(context, 'session_ended', { session: tokens[0].object, reason: 'logout' });
    return refused(context, 'unavailable', { reason: 'revocation_log' });
  }
  // Nothing is kept of an opaque token that no family knows, and for which nobody vouches.
  const session = tokens.find(({ is_opaque: isOpaque, is_access: isAccess }) => !isOpaque || isAccess || isVouched || count > 0)?.object;
  if (count > 0) event(context, 'session_ended', { session, reason: 'logout' });
  // At the same time as the auth server is called.
  const refreshed = tokens.length > 0 ? gate.refresh_log() : undefined;
  const told = { session, outcome: session === undefined ? 'unknown' : 'ended' };
  if (settings.forward) {
    const answer = await answered(context);
    await refreshed;
    if (answer === undefined) return unreachable(context, 'logout', told);
    event(context, 'logout', { ...told, status: answer.response.status, ms: Date.now() - context.began });
    return finished(context, answer.response);
  }
  await refreshed;
  event(context, 'logout', { ...told, ms: Date.now() - context.began });
  const body = settings.logout_body;
  return new Response(body, {
    status: body === null ? 204 : 200,
    headers: [...body === null ? [] : [['content-type', 'application/json']], ['cache-control', 'no-store'], ...fieldsForReader(gate), ['x-request-id', context.id]],
  });
}

/** Whether an access token is good, which its own logout ends: so nobody can fill the log with texts that are no tokens. */
async function isGood({ env, settings }, access) {
  return access.status === 'verified' && !access.is_over && await verdictOf(env, settings.location, access.names, access.issued_at) === 'clear';
}

/** `token/verify/`: what was revoked here is not good. */
export async function verify(context, found) {
  const { state, reason } = found.token === undefined ? { state: 'good', reason: 'no_token' } : await stateOf(context, found);
  if (state === 'good') return passedOn(context, reason);
  return refused(context, state === 'revoked' ? 'revoked_at_verify' : 'unavailable', { reason });
}

/** `token/blacklist/`: what the auth server ends is ended here, too. */
export async function blacklist(context, found) {
  const { state, reason } = found.token === undefined ? { state: 'good' } : await stateOf(context, found);
  if (state !== 'good') return refused(context, state, { reason });
  const answer = await answered(context);
  if (answer === undefined) return unreachable(context, 'blacklist');
  if (answer.response.ok && found.token !== undefined) {
    const known = await verified(context, found);
    try {
      const count = await ended(context, known.status === 'verified' && !known.is_opaque ? [known] : [], 'logout');
      if (count > 0) event(context, 'session_ended', { session: known.object, reason: 'blacklist' });
      // Of a token that no family knows, nothing else would tell.
      const outcome = context.hasEnded ? 'ended' : 'unknown';
      event(context, 'blacklist', { session: known.object, outcome, status: answer.response.status, ms: Date.now() - context.began });
      await context.gate.refresh_log();
    } catch {
      if (context.hasEnded) event(context, 'session_ended', { session: known.object, reason: 'blacklist' });
      // The auth server has done it; here it is done later, and the client may ask again.
      return refused(context, 'unavailable', { reason: 'revocation_log' });
    }
  }
  return finished(context, answer.response);
}

/** A password is changed or reset: after a success the other sessions of the caller end, or all of the subject that the answer names. */
export async function password(context) {
  const answer = await changed(context);
  return answer === undefined ? unreachable(context, 'password') : finished(context, await handled(context, answer, Date.now()));
}

/** The answer to a change of the password, after the sessions have ended; nothing where there is none. */
export async function changed(context) {
  const { given, gate, settings } = context;
  const own = gate.caller();
  const known = own === undefined ? undefined : JSON.parse(own);
  context.known = known;
  const answer = await answered(readable(context));
  if (answer?.response.ok) {
    const subject = settings.subject === null || answer.body === undefined ? undefined : textAt(answer.body, settings.subject);
    const name = subject === undefined ? undefined : gate.subject_name(subject);
    // It is the subject's sessions that end, and not those of an administrator who changes the password.
    if (name !== undefined) context.known = known === undefined ? undefined : { ...known, subject, tenant: null };
    const session = name === undefined ? known?.object : undefined;
    const ending = endedOthers(context, known, name, issuedIn(settings, answer)).then(async (came) => {
      if (came.reason !== undefined) event(context, 'sessions_unended', { reason: came.reason });
      else {
        event(context, 'session_ended', { session, reason: 'password' });
        await gate.refresh_log();
      }
      return came;
    });
    given.context.waitUntil(ending);
    // The client may ask at once whether the others have ended; it does not wait for a log that is unreachable.
    const came = await Promise.race([ending, scheduler.wait(ENDING_MS)]);
    // Cut-offs count whole seconds. The tokens of this second end, too, and the client hears of it in the next one: what it gets then is good.
    await scheduler.wait(Math.max(0, (came?.good_from ?? 0) * 1000 - Date.now()));
  }
  return answer;
}

/** The second in which the tokens of an answer were issued, which may be the last one; nothing where it has none. */
function issuedIn(settings, answer) {
  const { texts, access } = replyOf(settings, '', '', answer);
  if (texts.access === null) return undefined;
  const second = Math.floor(Date.now() / 1000);
  return Math.min(second, Math.max(access?.issued_at ?? second, second - ISSUED_SECONDS));
}

/** The text or whole number at a dotted path of a JSON body, a number with all its digits; nothing where there is none. */
function textAt(body, path) {
  const [parent, last] = memberAt(parsed(new TextDecoder().decode(body)), path);
  const value = parent?.[last];
  if (JSON.isRawJSON(value)) return /^\d+$/.test(value.rawJSON) ? value.rawJSON : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether a token is `good`, `revoked` here, or `unavailable`. One that the gate cannot verify is the auth server's. */
async function stateOf(context, found) {
  const { settings, env } = context;
  const known = await verified(context, found);
  if (known.status !== 'verified') return { state: known.status === 'unavailable' ? 'unavailable' : 'good', reason: known.code };
  const verdict = await verdictOf(env, settings.location, known.names, known.issued_at);
  if (verdict !== 'clear') return { state: verdict === 'revoked' ? 'revoked' : 'unavailable', reason: verdict };
  if (known.type === 'access' || known.is_opaque) return { state: 'good' };
  const state = await family(env, known.object, settings).state(known.hash).catch(() => 'session_family');
  if (state === 'session_family') return { state: 'unavailable', reason: state };
  return { state: state === 'used' || state === 'ended' ? 'revoked' : 'good', reason: state };
}
