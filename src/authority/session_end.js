// How the gate's side ends families, and the tokens that no family knows.
import { append } from './log.js';
import { call } from './module.js';
import { registerEnd } from './registry.js';

/** An opaque token is refused for so long: nothing says how long it would live, and what its auth server says of that may change. */
const OPAQUE_SECONDS = 30 * 86_400;
/** One of a handle: then its object has forgotten it, too. */
const SEALED_SECONDS = 365 * 86_400;
/** Between attempts to end sessions whose password was changed. */
const PAUSES_MS = [200, 1000, 5000];
/** So long after the last token that it refuses an entry stays: the greatest leeway, and a minute for clocks that differ. */
export const RETENTION_SECONDS = 360;
/** Entries in one order to the log. */
const ENTRIES = 5000;
/** How often a cut-off is moved on, where the log takes longer than the rest of a second. */
const ATTEMPTS = 3;

/** A stub of a family: for one request only. */
export function family(env, object, { location }) {
  const namespace = env.EDGEWARD_SESSIONS;
  return namespace.get(namespace.idFromName(object), location === null ? undefined : { locationHint: location });
}

/** The message to a family about a token that the gate has described. */
export const messageOf = (known, rest, settings) => ({
  hash: known.hash, request: rest, names: known.names, iss: known.iss, issuer: known.issuer, tenant: known.tenant, issued_at: known.issued_at,
  expires_at: known.expires_at, leeway: known.leeway, session: known.session, is_opaque: known.is_opaque, unknown: settings.unknown,
  grace: settings.grace, unused: settings.unused,
});

const now = () => Math.floor(Date.now() / 1000);

/** Until when the log refuses a token, in seconds; nothing for good. */
export function untilOf({ expires_at: expires, is_sealed: isSealed, is_opaque: isOpaque, may_be_extended: mayBeExtended }) {
  if (expires !== null) return Math.max(expires + RETENTION_SECONDS, mayBeExtended ? now() + OPAQUE_SECONDS : 0);
  return isSealed ? now() + SEALED_SECONDS : isOpaque ? now() + OPAQUE_SECONDS : null;
}

/**
 * Ends the families of tokens, and the tokens themselves, which the log knows `by`; how many families there were. `hasEnded` in the context says
 * whether anything is another than before.
 */
export async function ended(context, tokens, reason, by = 'logout') {
  const entries = [];
  const told = new Set();
  let count = 0;
  let failure;
  for (const known of tokens) {
    const { expires_at: expires, is_opaque: isOpaque, session, access } = known;
    const which = session === null ? { of: known.hash } : 'all';
    const found = await endedIn(context, known.object, { which, reason }).catch((error) => {
      failure ??= error;
    });
    // Nothing where the object has failed, or will tell the log itself.
    const families = found?.families.length;
    // An opaque token has no tenant of its own: it is the access token's beside it.
    const tenant = known.tenant ?? (isOpaque ? tokens.at(-1).tenant : null) ?? '';
    const add = (...entry) => entries.push({ entry, issuer: known.issuer, tenant });
    // Of an opaque token that no family knows nobody can tell whether it is one, unless a caller vouches for it.
    if (!isOpaque || families > 0 || known.is_access || known.is_vouched) add(known.names[0], untilOf(known), null);
    // What came with a handle that was not used yet.
    if (families === 0 && access) add(access.name, untilOf({ ...known, expires_at: access.expires_at }), null);
    // A family tells the log of its session itself, and for how long: nobody else knows of an access token's.
    const until = known.type === 'refresh' && expires !== null ? expires + RETENTION_SECONDS : null;
    if (families === 0 && session !== null && (until !== null || !(found.isKnown || told.has(session)))) add(session, until, null);
    // What has expired says nothing of the session's other tokens.
    if (!known.is_over) told.add(session);
    count += families ?? 0;
  }
  const isNew = await (failure === undefined ? tellLog(context, entries, by) : Promise.reject(failure)).catch((error) => {
    // Who has lost the cookies by then cannot ask again.
    context.given.context.waitUntil(tellLater(context, entries, by));
    throw error;
  });
  // What has expired by itself is refused anyway.
  context.hasEnded ||= count > 0 || (isNew && tokens.some(({ is_over: isOver }) => !isOver));
  return count;
}

/**
 * Ends families of an object; their numbers, and whether it `isKnown` to have any. Throws where the log does not know of it. The registry
 * hears of it all the same, and `hasEnded` in the context says so: a second call finds nothing to end.
 */
export async function endedIn(context, object, order) {
  const answer = await family(context.env, object, context.settings).end(JSON.stringify(order), true);
  // An object without a family, or of an earlier version, gives the numbers alone.
  const { families, is_known: isKnown = false, is_told: isTold } = Array.isArray(answer) ? { families: answer, is_told: true } : answer;
  registerEnd(context, object, families);
  if (isTold) return { families, isKnown };
  context.hasEnded ||= families.length > 0;
  throw new Error('expected an acknowledgement of the revocation log');
}

/** Tells the log what it has not acknowledged. */
async function tellLater(context, entries, by) {
  for (const pause of PAUSES_MS) {
    await scheduler.wait(pause);
    if (await tellLog(context, entries, by).then(() => true, () => false)) return;
  }
}

/** Tells the log of entries, each as what it is: one request may have the tokens of two tenants. Whether there was a new one. */
export async function tellLog({ env, settings }, entries, reason) {
  let isNew = false;
  for (const own of Map.groupBy(entries, ({ issuer, tenant }) => JSON.stringify([issuer, tenant])).values()) {
    const [{ issuer, tenant }] = own;
    for (let n = 0; n < own.length; n += ENTRIES) {
      const some = JSON.stringify(own.slice(n, n + ENTRIES).map(({ entry }) => entry));
      isNew = await append(env, call('session_append', some, issuer, tenant, reason), settings.location) || isNew;
    }
  }
  return isNew;
}

/**
 * Ends sessions after a change of the password, and tries again. Where only a cut-off of the subject `name`, or of the caller, can, it
 * refuses tokens that were issued before the second `issued`, or before the one after this. What comes of it is the `reason` if it cannot,
 * or `good_from`, the second from which on new tokens are good.
 */
export async function endedOthers(context, known, name, issued) {
  const { settings } = context;
  const own = known?.names.find((each) => each.startsWith('revoked:subject:'));
  if (name === undefined && (own === undefined || settings.subject !== null)) return { reason: 'subject_missing' };
  for (const pause of [...PAUSES_MS, undefined]) {
    try {
      if (name === undefined && await isListed(context, known)) {
        return await endFamilies(context, known, issued);
      }
      // It would refuse all tokens to come that do not say when they were issued.
      if (name === undefined && known.issued_at === null) return { reason: 'issued_at_missing' };
      return { good_from: await cutOff(context, name ?? own, known, issued) };
    } catch {
      if (pause !== undefined) await scheduler.wait(pause);
    }
  }
  return { reason: 'revocation_log' };
}

/**
 * Whether the caller's object knows its session, and so the others of the subject in its tenant. It does not where tokens name their
 * session, where refresh tokens are opaque, or where the gateway has not seen the login: then all tokens of before end, the caller's, too.
 */
async function isListed({ env, settings }, { session, object, hash }) {
  return session === null && settings.handles === 'off' && await family(env, object, settings).knows(hash);
}

/**
 * Ends the subject's other sessions: those that its object knows and, where tokens say when they were issued, those that it has not seen.
 * Their access tokens live until they expire, because nobody here knows them.
 */
async function endFamilies(context, { object, hash, issued_at: issuedAt }, issued) {
  const before = issued ?? now() + 1;
  const unknown = issuedAt === null ? null : { before };
  await endedIn(context, object, { which: { except: hash }, reason: 'ended', unknown });
  return unknown === null ? {} : { good_from: before };
}

/** Cuts off a subject; from which second on tokens are good. */
async function cutOff({ env, settings }, name, known, issued) {
  for (let rest = ATTEMPTS; ; rest -= 1) {
    const second = now();
    const before = issued ?? second + 1;
    // For good: the refresh tokens that it ends live longer than any access token may.
    await append(env, call('session_append', JSON.stringify([[name, null, before]]), settings.issuer, known?.tenant ?? '', 'logout'), settings.location);
    // Tokens that were made before the log knew of it may be of a later second.
    if (issued !== undefined || now() === second || rest === 0) return before;
  }
}
