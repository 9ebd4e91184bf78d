// The handler `refresh`.
import { freshObject } from './handle.js';
import { asksForRefresh } from './refresh_grant.js';
import { ownerOf, registerEnd, registerPair } from './registry.js';
import { answered, event, finished, passedOn, readable, refused, replyOf, unreachable, verified } from './session_answer.js';
import { family, messageOf } from './session_end.js';
import { handlePath, handled, loggedIn } from './session_login.js';

/** So many replays in a row are worth a line of their own: a thief who always presents the previous token leaves no other sign. */
const REPLAYS = 3;

/** One successor for each token: the family object calls the auth server. */
export async function refresh(context, found) {
  const { settings, plan, env, body } = context;
  if (found.token === undefined) return found.is_other_grant ? otherGrant(context) : passedOn(context, 'no_token', false);
  const known = await verified(context, found);
  if (known.status === 'unavailable') return refused(context, 'unavailable', { reason: known.code });
  // What the auth server refuses anyway, it refuses itself: its clients know how it says so.
  if (known.status === 'verified' && (known.type === 'access' || known.is_over)) {
    return passedOn(context, known.is_over ? 'token_expired' : 'token_type_refused', false);
  }
  // Nobody can tell whether an opaque token was ever shown here.
  if (settings.unknown === 'refuse' && (known.status === 'unknown' || known.is_opaque)) {
    return refused(context, 'revoked', { reason: known.code ?? 'unknown' });
  }
  if (known.status === 'unknown') return passedOn(context, known.code);
  const { to, binding, timeout, method } = plan;
  const isSealed = known.is_sealed === true;
  const hasHandle = settings.handles === 'on' && (known.is_opaque || isSealed);
  const isDrained = settings.handles === 'drain' && isSealed;
  const order = {
    // A handle was given out here: its object begins with it.
    message: { ...messageOf(known, found.rest, settings), ...isSealed && { unknown: 'adopt' } }, token: found.token, endpoint: settings.endpoint,
    // What is sealed is opaque, whatever it looks like: by the same hash it is known when it is presented.
    tokens: hasHandle || (isSealed && !isDrained) ? opaque(settings.tokens) : settings.tokens, to, binding, timeout, limit: settings.limit,
    location: settings.location, expire_tree: settings.expire_tree, response_refresh: handlePath(settings),
    owner: isSealed ? { iss: known.iss, tenant: known.tenant, subject: known.subject, session: known.sid } : { subject: known.subject },
    handle: hasHandle ? { handle_key: settings.handle_key, issuer: settings.issuer, object: isSealed ? known.object : freshObject() } : null,
    is_drained: isDrained, access: known.access ?? null,
  };
  const headers = new Headers(plan.headers);
  // What nobody here can read would go round the family. A client may ask for JSON of a version, or of a vendor.
  if (!asksForJson(headers.get('accept'))) headers.set('accept', 'application/json');
  headers.set('accept-encoding', 'identity');
  headers.set('edgeward-refresh', encodeURIComponent(JSON.stringify(order)));
  let answer;
  try {
    answer = await family(env, known.object, settings).fetch('https://session-family/', {
      method, headers, body: body.byteLength > 0 ? body : null, redirect: 'manual',
    });
  } catch {
    return refused(context, 'unavailable', { reason: 'session_family', session: known.object });
  }
  return concluded(context, known, answer);
}

/** Another grant at the token endpoint: one that is answered with a refresh token is a login. */
async function otherGrant(context) {
  const { settings } = context;
  if (asksForRefresh(context)) return refused(context, 'invalid', { reason: 'refresh_grant' });
  const answer = await answered(readable(context));
  if (answer === undefined) return unreachable(context, 'token_refresh');
  const { kind, texts } = replyOf(settings, '', '', answer);
  if (kind === 'rotated' && texts.refresh !== null) return loggedIn(context, answer);
  event(context, 'token_refresh', { outcome: 'passed_on', reason: 'no_token', status: answer.response.status, ms: Date.now() - context.began });
  return finished(context, await handled(context, answer));
}

/** Whether a client takes nothing but JSON. */
const asksForJson = (accept) => accept !== null && accept.split(',').every((range) => JSON_RANGE.test(range.trim()));
/** Without quotation marks: a comma may stand between them. */
const JSON_RANGE = /^application\/(?:[\w.-]+\+)?json[ \t]*(?:;[^"]*)?$/i;

const opaque = (tokens) => JSON.stringify({ ...JSON.parse(tokens), has_opaque_refresh: true });

async function concluded(context, known, answer) {
  const { outcome, reason, wait, upstream, replays, isShared, hasEnded, family: own, tokens } = JSON.parse(decodeURIComponent(answer.headers.get('edgeward-outcome')));
  const session = known.object;
  // What the new access token says of its owner is newer, and may be more.
  if (tokens !== undefined) context.known = ownerOf(known, tokens.owner);
  const told = { session, upstream_ms: isShared ? undefined : upstream };
  if (outcome === 'reused') event(context, 'token_reuse', { session, cause: reason });
  if (hasEnded) registerEnd(context, session, [own]);
  // Once for each call: those who share its answer have the same tokens.
  if (tokens !== undefined && !isShared && (outcome === 'rotated' || outcome === 'kept')) registerPair(context, known, { family: own, parent: known.hash, ...tokens });
  if (hasEnded) {
    event(context, 'session_ended', { session, reason });
    await context.gate.refresh_log();
  }
  if (replays !== undefined && replays >= REPLAYS) event(context, 'refresh_replayed', { session, replays });
  switch (outcome) {
    case 'limited':
      return refused(context, 'rate_limited', told, wait);
    case 'unavailable':
      return refused(context, 'unavailable', { ...told, reason });
    case 'denied':
    case 'reused':
      return refused(context, 'revoked', { ...told, reason });
    default:
      event(context, 'token_refresh', { outcome: isShared ? 'shared' : outcome, status: answer.status, ms: Date.now() - context.began, ...told });
      return finished(context, answer, upstream);
  }
}
