// The handler `login`, and handles in answers that begin a session.
import { begun, statusOf } from './cookie_session.js';
import { freshObject, handleOf, withMember } from './handle.js';
import { observed } from './observed.js';
import { ownerOf, registerPair } from './registry.js';
import { answered, event, finished, line, replyOf, unreachable, verified } from './session_answer.js';
import { family, messageOf } from './session_end.js';

/** How long a login waits for the registration of its tokens, where unknown ones are refused. */
const LOGIN_MS = 1000;

/** Only observes: the answer's tokens are registered. */
export async function login(context) {
  const { given, settings } = context;
  const answer = await answered(context);
  if (answer === undefined) return unreachable(context, 'login');
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
  const last = settings.session === null ? (await handled(context, answer)).response : await begun(context, answer);
  return finished(context, last);
}

/** Registers the tokens of a login; the reason why they are not, if there is one. */
async function registered(context, texts, answer) {
  const { settings, env } = context;
  if (texts.refresh === null) return 'no_token';
  const known = await verified(context, { token: texts.refresh, is_opaque: !texts.refresh.startsWith('eyJ') });
  if (known.status !== 'verified') return known.code;
  if (known.is_opaque) return 'opaque';
  const { access, refresh, owner } = replyOf(settings, known.iss, '', answer);
  context.known = ownerOf(known, owner);
  const own = await family(env, known.object, settings).login(JSON.stringify(messageOf(known, EMPTY, settings)), access === null ? undefined : JSON.stringify(access));
  if (own > 0) registerPair(context, known, { family: own, parent: null, access, refresh, owner });
  return undefined;
}
const EMPTY = 'A'.repeat(43);

export const handlePath = ({ endpoint }) => JSON.parse(endpoint).response_refresh;

/** The answer with a handle in the place of an opaque refresh token. */
export async function handled({ env, settings }, answer) {
  const { texts } = replyOf(settings, '', '', answer);
  const token = texts.refresh;
  if (settings.handles !== 'on' || token === null || token.startsWith('eyJ')) return answer;
  const body = withMember(answer.body, handlePath(settings), await handleOf(env, settings, { token, object: freshObject() }), false);
  if (body === undefined) return answer;
  const headers = new Headers(answer.response.headers);
  for (const name of ['content-encoding', 'content-length']) headers.delete(name);
  return { body, response: new Response(body, { status: answer.response.status, headers }) };
}
