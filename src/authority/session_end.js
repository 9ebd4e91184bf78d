// How the gate's side ends families, and the tokens that no family knows.
import { append } from './log.js';
import { call } from './module.js';
import { registerEnd } from './registry.js';

/** An opaque token that the auth server is not told of is refused for so long: nothing says how long it would live. */
const OPAQUE_SECONDS = 30 * 86_400;
/** Between attempts to end sessions whose password was changed. */
const PAUSES_MS = [200, 1000, 5000];

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

/** Ends the families of tokens, and the tokens themselves; how many families there were. */
export async function ended(context, tokens, reason) {
  const { env, settings } = context;
  const entries = [];
  let count = 0;
  for (const known of tokens) {
    const { expires_at: expires, is_opaque: isOpaque, session } = known;
    const which = session === null ? { of: known.hash } : 'all';
    const ids = await family(env, known.object, settings).end(JSON.stringify({ which, reason }));
    registerEnd(context, known.object, ids);
    const families = ids.length;
    // Of an opaque token that no family knows nobody can tell whether it is one.
    if (!isOpaque || families > 0 || known.is_access) {
      entries.push([known.names[0], expires !== null ? expires + known.leeway : isOpaque ? now() + OPAQUE_SECONDS : null, null]);
    }
    // A family tells the log of its session itself, and for how long.
    if (families === 0 && session !== null) entries.push([session, known.type === 'refresh' && expires !== null ? expires + known.leeway : null, null]);
    count += families;
  }
  const last = tokens.at(-1);
  if (entries.length > 0) await append(env, call('session_append', JSON.stringify(entries), last.issuer, last.tenant ?? '', 'logout'), settings.location);
  return count;
}

/**
 * Ends sessions after a change of the password, and tries again; the reason if it cannot. Where only a cut-off of the subject can, it
 * refuses tokens that were issued before the second `before`.
 */
export async function endedOthers(context, known, name, before) {
  const { env, settings } = context;
  if (name === undefined && (known === undefined || settings.subject !== null)) return 'subject_missing';
  // Where tokens name their session nothing knows the others: all tokens of before end, the caller's, too.
  const cutoff = name ?? (known.session === null ? undefined : known.names.find((own) => own.startsWith('revoked:subject:')));
  for (const pause of [...PAUSES_MS, undefined]) {
    try {
      if (cutoff === undefined) {
        const ids = await family(env, known.object, settings).end(JSON.stringify({ which: { except: known.hash }, reason: 'ended' }));
        registerEnd(context, known.object, ids);
      } else await append(env, call('session_append', JSON.stringify([[cutoff, null, before]]), settings.issuer, known?.tenant ?? '', 'logout'), settings.location);
      return undefined;
    } catch {
      if (pause !== undefined) await scheduler.wait(pause);
    }
  }
  return 'revocation_log';
}
