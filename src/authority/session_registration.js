// How the tokens that begin a session become known to its family object, and to the registry.
import { isOpaque } from './handle.js';
import { ownerOf, registerPair } from './registry.js';
import { event, replyOf, verified } from './session_answer.js';
import { family, messageOf } from './session_end.js';

/** The hash of no request, in base64url. */
const EMPTY = 'A'.repeat(43);

/** Registers the tokens of a login; the reason why they are not, if there is one. */
export async function registered(context, texts, answer) {
  const { settings, env } = context;
  if (texts.refresh === null) return 'no_token';
  const known = await verified(context, { token: texts.refresh, is_opaque: isOpaque(settings, texts.refresh) });
  // In a cookie or a handle it is sealed, and registered with what it is sealed with.
  const isSealed = settings.session !== null || settings.handles === 'on';
  if (isSealed && (known.status === 'unknown' || known.is_opaque)) return undefined;
  if (known.status !== 'verified') return known.code;
  if (known.is_opaque) {
    // Its object begins with the first refresh.
    registerPair(context, known, { ...pairOf(known, replyOf(settings, known.iss, '', answer)), family: 0, parent: null });
    return 'opaque';
  }
  const { access, refresh, owner } = replyOf(settings, known.iss, '', answer);
  context.known = ownerOf(known, owner);
  const own = await family(env, known.object, settings).login(JSON.stringify(messageOf(known, EMPTY, settings)), access === null ? undefined : JSON.stringify(access));
  if (own > 0) registerPair(context, known, { family: own, parent: null, access, refresh, owner });
  return undefined;
}

/** The tokens of an answer, of which the refresh token is opaque, for the registry. */
const pairOf = ({ hash, names: [name], issued_at, expires_at }, { access, owner }) => ({ access, owner, refresh: { hash, name, issued_at, expires_at } });

/**
 * Registers the tokens of an answer whose opaque refresh token was sealed, with the `object` and the `claims` that are sealed with it. Without
 * a registry the object begins with the first refresh.
 */
export function registerSealed(context, sealed, answer) {
  const { given, settings, env } = context;
  if (settings.register === null) return;
  const work = async () => {
    const known = await verified(context, { ...sealed, is_opaque: true });
    if (known.status !== 'verified') return;
    const pair = pairOf(known, replyOf(settings, known.iss, '', answer));
    const message = JSON.stringify({ ...messageOf(known, EMPTY, settings), unknown: 'adopt' });
    const own = await family(env, known.object, settings).login(message, pair.access === null ? undefined : JSON.stringify(pair.access));
    if (own > 0) registerPair(context, known, { ...pair, family: own, parent: null });
  };
  given.context.waitUntil(work().catch(() => event(context, 'session_unregistered', { reason: 'session_family' })));
}
