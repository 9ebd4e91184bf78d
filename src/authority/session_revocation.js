// A refresh token that is revoked at /.edgeward/token/revoke ends its session (RFC 7009 §2.1).
import { isHandle, openedHandle } from './handle.js';
import { event, verified } from './session_answer.js';
import { ended, endedIn, family } from './session_end.js';

/**
 * Ends the session of a refresh token: `ended`, `none` where it is none of this issuer, or has expired, `unverified` where nobody knows, or
 * `unavailable`. An opaque refresh token without a handle is none: nobody here can tell whether it is one, and anyone may ask.
 */
export async function endSession(given, id, gate, settings, text) {
  if (settings.shadow) return 'none';
  const context = { given, gate, settings, env: given.env, id, began: Date.now() };
  const found = isHandle(text) ? await ofHandle(context, text) : { token: text };
  const known = found === undefined ? { status: 'unknown' } : await verified(context, found);
  if (known.status === 'unavailable') return 'unverified';
  if (known.status !== 'verified' || known.is_over || known.is_opaque || ['access', 'other'].includes(known.type)) return 'none';
  try {
    const state = await family(given.env, known.object, settings).state(known.hash);
    // One that states no type may be an access token: its family knows.
    if (state === 'unknown' && known.type === null && !known.is_sealed) return 'none';
    if (state === 'ended') {
      // Perhaps by a call that the log did not acknowledge: whoever asks again hears of an end only when the log knows it.
      await endedIn(context, known.object, { which: { of: known.hash }, reason: 'revoked' });
    } else {
      await ended(context, [known], 'revoked', 'client').finally(() => {
        if (context.hasEnded) event(context, 'session_ended', { session: known.object, reason: 'revoked' });
      });
    }
  } catch {
    return 'unavailable';
  }
  await gate.refresh_log();
  return 'ended';
}

async function ofHandle({ env, settings }, text) {
  const handle = settings.handles === 'off' ? undefined : await openedHandle(env, settings, text);
  return handle === undefined ? undefined : { ...handle, is_opaque: true };
}
