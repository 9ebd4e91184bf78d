// Everyone's own sessions: which there are, and how they end.
import { expireTokens } from './expire_tokens.js';
import { call } from './module.js';
import { Problem, badRequest, rowsOf, unavailable } from './problem.js';

/** Sessions that one list has, at most. */
const SESSIONS = 200;
/** Tokens that are looked at for the names of their sessions, at most. */
const TOKENS = 1000;

const now = () => Math.floor(Date.now() / 1000);

/** `/.edgeward/sessions`: the caller's own. */
export async function sessions(context) {
  const { order: { caller, method, path, query } } = context;
  const id = path.slice('/.edgeward/sessions'.length).replace(/^\//, '');
  const { issuer, iss } = caller;
  const own = JSON.stringify({ reference: '', issuer, iss, tenant: caller.tenant ?? '', subject: caller.subject ?? '' });
  if (method === 'GET' && id === '') return { sessions: await listed(context, own) };
  if (method === 'DELETE' && id === '') {
    if (query !== 'others=true') throw badRequest('expected `?others=true`, or the id of a session in the path');
    return { ended: await endOthers(context, own) };
  }
  if (method === 'DELETE' && caller.subject !== null && await end(context, own, id)) return { ended: 1 };
  throw new Problem(404, 'session_not_found', 'you have no such session');
}

/** The sessions of a subject, the latest first. */
async function listed(context, own) {
  const { env, order: { caller } } = context;
  if (caller.subject === null) return [];
  const found = await rowsOf(env, JSON.parse(call('registry_own_sessions', own, caller.hash, now())));
  const all = found.map(({ is_current: isCurrent, ...session }) => ({ ...session, is_current: isCurrent === 1 || (caller.session !== null && isOf(caller, session)) }));
  if (caller.session === null || all.length === 0 || all.some((session) => session.is_current)) return all;
  // A refresh token may name no tenant where the access tokens do: then its session is in another object.
  const names = await namesOf(context);
  return all.map((session) => ({ ...session, is_current: names.get(session.id)?.has(caller.session) === true }));
}

/** Whether a session is one of those in the caller's object: of tokens that name their session, that is the caller's own. */
const isOf = ({ object }, { id }) => id.startsWith(`${object}.`);

/** The names of sessions that the active tokens of the caller's subject have, by family. A token that names none has `null`. */
async function namesOf({ env, order: { caller } }) {
  const query = `subject=${encodeURIComponent(caller.subject)}&state=active&limit=${TOKENS}`;
  const rows = await rowsOf(env, JSON.parse(call('registry_list', query, 'null', now())).statement);
  const families = Map.groupBy(rows, ({ family }) => family);
  return new Map([...families].map(([family, tokens]) => [family, new Set(tokens.map(({ session }) => session))]));
}

/** Ends all sessions of a subject but the caller's; how many there were. */
async function endOthers(context, own) {
  const { env, order: { caller } } = context;
  const [token] = await rowsOf(env, JSON.parse(call('registry_list', `hash=${caller.hash}&limit=1`, 'null', now())).statement);
  let ended = 0;
  for (;;) {
    const found = await listed(context, own);
    const others = found.filter(({ id, is_current: isCurrent }) => !isCurrent && id !== token?.family);
    const isKnown = token !== undefined || others.length < found.length;
    // The caller's own may be among these: nobody is to end it unawares.
    if (!isKnown && !await areOthers(context, others)) throw unavailable();
    let count = 0;
    for (const { id } of others) count += await end(context, own, id) ? 1 : 0;
    ended += count;
    if (count === 0 || found.length < SESSIONS) return ended;
  }
}

/**
 * Whether a token of which the registry has not heard yet belongs to none of these sessions. That is certain only where it and their tokens
 * name sessions: an opaque refresh token names none, and what names no session may be in another object than the caller's.
 */
async function areOthers(context, others) {
  if (others.length === 0) return true;
  if (context.order.caller.session === null) return false;
  const names = await namesOf(context);
  return others.every(({ id }) => names.get(id)?.has(null) === false);
}

/** Ends one session of a subject; whether there was one. */
async function end(context, own, id) {
  const [found] = await rowsOf(context.env, JSON.parse(call('registry_own_session', own, decodeURIComponent(id), now())));
  if (found === undefined) return false;
  await expireTokens(context, 'family', found.hash);
  return true;
}
