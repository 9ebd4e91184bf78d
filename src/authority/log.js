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
  return call('session_verdict', reply, names.length, issuedAt ?? undefined, env.EDGEWARD_KV !== undefined);
}

/** Tells the log an order; throws where it does not acknowledge. */
export async function append(env, order, location) {
  const answer = await callLog(env.EDGEWARD_REVOCATION_LOG, location ?? undefined, 'order', order, ORDER_MS);
  if (answer === undefined) throw new Error('expected an acknowledgement of the revocation log');
}
