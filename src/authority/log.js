// What sessions ask of the revocation log, and tell it.
import { callLog } from './call_log.js';
import { call } from './module.js';

/** How long an answer of the log is waited for, as on routes with `strict`. */
const TIMEOUT_MS = 500;
/** A command may take longer: nobody may believe that it failed while it succeeds. */
const ORDER_MS = 2000;

/** The verdict of the log on a token with these names: `clear`, `revoked`, or the reason why there is none. */
export async function verdictOf(env, location, names, issuedAt) {
  const message = call('session_ask', names.join('\n'));
  const reply = await callLog(env.EDGEWARD_REVOCATION_LOG, location ?? undefined, 'ask', message, TIMEOUT_MS);
  if (reply === undefined) return 'revocation_log';
  const verdict = call('session_verdict', reply, names.length, issuedAt ?? undefined, env.EDGEWARD_KV !== undefined);
  return verdict === 'kv_not_imported' ? inKv(env, names, issuedAt) : verdict;
}

/** Until KV's blacklist is in the log, both are read, as on routes. */
async function inKv(env, names, issuedAt) {
  try {
    const found = await Promise.race([env.EDGEWARD_KV.get(names, { type: 'text' }), scheduler.wait(TIMEOUT_MS)]);
    if (!(found instanceof Map)) return 'revocation_store';
    const values = names.map((name) => found.get(name) ?? null);
    return call('session_refused_in_kv', names.join('\n'), JSON.stringify(values), issuedAt ?? undefined) ? 'revoked' : 'clear';
  } catch {
    return 'revocation_store';
  }
}

/** Tells the log an order; whether it knows more now. Throws where it does not acknowledge. */
export async function append(env, order, location) {
  const answer = await callLog(env.EDGEWARD_REVOCATION_LOG, location ?? undefined, 'order', order, ORDER_MS);
  if (answer === undefined) throw new Error('expected an acknowledgement of the revocation log');
  // A version, and JSON.
  return JSON.parse(new TextDecoder().decode(answer.subarray(1))).entries.some(({ is_changed: isChanged }) => isChanged);
}
