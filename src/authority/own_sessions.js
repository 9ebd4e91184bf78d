// Everyone's own sessions: which there are, and how they end.
import { expireTokens } from './expire_tokens.js';
import { call } from './module.js';
import { Problem, badRequest, rowsOf, unavailable } from './problem.js';

/** Sessions that one list has, at most. */
const SESSIONS = 200;

const now = () => Math.floor(Date.now() / 1000);

/** `/.edgeward/sessions`: the caller's own. */
export async function sessions(context) {
  const { env, order: { caller, method, path, query } } = context;
  const id = path.slice('/.edgeward/sessions'.length).replace(/^\//, '');
  const { issuer, iss } = caller;
  const own = JSON.stringify({ reference: '', issuer, iss, tenant: caller.tenant ?? '', subject: caller.subject ?? '' });
  const listed = async () => {
    if (caller.subject === null) return [];
    const found = await rowsOf(env, JSON.parse(call('registry_own_sessions', own, caller.hash, now())));
    return found.map(({ is_current: isCurrent, ...session }) => ({ ...session, is_current: isCurrent === 1 || (caller.session !== null && isOf(caller, session)) }));
  };
  if (method === 'GET' && id === '') return { sessions: await listed() };
  if (method === 'DELETE' && id === '') {
    if (query !== 'others=true') throw badRequest('expected `?others=true`, or the id of a session in the path');
    return { ended: await endOthers(context, own, listed) };
  }
  if (method === 'DELETE' && caller.subject !== null && await end(context, own, id)) return { ended: 1 };
  throw new Problem(404, 'session_not_found', 'you have no such session');
}

/** Whether a session is one of those in the caller's object: of tokens that name their session, that is the caller's own. */
const isOf = ({ object }, { id }) => id.startsWith(`${object}.`);

/** Ends all sessions of a subject but the caller's; how many there were. */
async function endOthers(context, own, listed) {
  const { env, order: { caller } } = context;
  const [token] = await rowsOf(env, JSON.parse(call('registry_list', `hash=${caller.hash}&limit=1`, 'null', now())).statement);
  let ended = 0;
  for (;;) {
    const found = await listed();
    const others = found.filter(({ id, is_current: isCurrent }) => !isCurrent && id !== token?.family);
    // A token of which the registry has not heard yet may belong to any of these: nobody is to end their own session unawares.
    if (caller.session === null && token === undefined && others.some((session) => isOf(caller, session))) throw unavailable();
    let count = 0;
    for (const { id } of others) count += await end(context, own, id) ? 1 : 0;
    ended += count;
    if (count === 0 || found.length < SESSIONS) return ended;
  }
}

/** Ends one session of a subject; whether there was one. */
async function end(context, own, id) {
  const [found] = await rowsOf(context.env, JSON.parse(call('registry_own_session', own, decodeURIComponent(id), now())));
  if (found === undefined) return false;
  await expireTokens(context, 'family', found.hash);
  return true;
}
