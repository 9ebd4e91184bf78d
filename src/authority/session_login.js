// The handler `login`, and handles in answers that begin a session.
import { memberAt, parsed } from './body.js';
import { begun } from './cookie_session.js';
import { claimsOf, freshObject, handleOf, isOpaque, withMember } from './handle.js';
import { observed } from './observed.js';
import { asksForRefresh } from './refresh_grant.js';
import { answered, event, finished, line, readable, refused, replyOf, unreachable, verified } from './session_answer.js';
import { registerSealed, registered } from './session_registration.js';
import { statusOf } from './stripped_answer.js';

/** How long a login waits for the registration of its tokens, where unknown ones are refused. */
const LOGIN_MS = 1000;

/** Only observes: the answer's tokens are registered. */
export async function login(context) {
  if (asksForRefresh(context)) return refused(context, 'invalid', { reason: 'refresh_grant' });
  const answer = await answered(readable(context));
  return answer === undefined ? unreachable(context, 'login') : loggedIn(context, answer);
}

/** The answer to a login, of which a line is written. */
export async function loggedIn(context, answer) {
  const { given, settings } = context;
  const { status } = answer.response;
  const read = { ...answer, response: { status: statusOf(settings, answer.response), headers: answer.response.headers } };
  const { kind, texts } = replyOf(settings, '', '', read);
  const isGood = kind === 'rotated' || kind === 'kept';
  const told = { outcome: isGood ? 'accepted' : kind === 'unknown' ? 'unknown' : 'refused', status, ms: Date.now() - context.began };
  line(context, 'login', told);
  // Whose login it is, only a good token says.
  if (!isGood) observed(context, 'login', told);
  if (isGood) {
    const registration = registered(context, texts, read).catch(() => 'session_family').then((reason) => {
      observed(context, 'login', told);
      if (reason !== undefined) event(context, 'session_unregistered', { reason });
    });
    if (settings.unknown === 'refuse') await Promise.race([registration, scheduler.wait(LOGIN_MS)]);
    given.context.waitUntil(registration);
  }
  return finished(context, settings.session === null ? await handled(context, answer) : await begun(context, answer));
}

export const handlePath = ({ endpoint }) => JSON.parse(endpoint).response_refresh;

/** The response with a handle in the place of an opaque refresh token. A success that nobody here can read may have one: nobody gets it. */
export async function handled(context, answer, began = context.began) {
  const { env, settings } = context;
  const { response } = answer;
  if (settings.handles !== 'on' || !response.ok) return response;
  const token = replyOf(settings, '', '', answer).texts.refresh;
  if (token === null) return isReadable(settings, answer) ? response : refused(context, 'unavailable', { reason: 'answer_unreadable' });
  // What only looks like a JWT, or is one of keys that nobody here has, is as opaque as others.
  if (!isOpaque(settings, token) && (await verified(context, { token, is_opaque: false })).status !== 'unknown') return response;
  const known = await verified(context, { token, is_opaque: true });
  const claims = claimsOf(replyOf(settings, known.iss, '', answer), began);
  const sealed = { token, object: freshObject(), claims };
  const body = withMember(answer.body, handlePath(settings), await handleOf(env, settings, sealed));
  if (body === undefined) return refused(context, 'unavailable', { reason: 'answer_unreadable' });
  registerSealed(context, sealed, answer);
  const headers = new Headers(response.headers);
  for (const name of ['content-encoding', 'content-length', 'etag']) headers.delete(name);
  return new Response(body, { status: response.status, headers });
}

/**
 * Whether the body of an answer has no refresh token that another reader would find in it: the second of two members, or one beside what
 * is no JSON, such as `NaN`, or in a form.
 */
function isReadable(settings, { body }) {
  if (body === undefined) return false;
  const text = new TextDecoder().decode(body);
  const whole = parsed(text);
  const [parent, last] = memberAt(whole, handlePath(settings));
  if (whole === undefined) return !text.includes(last);
  return typeof parent?.[last] !== 'string' || parent[last] === '';
}
