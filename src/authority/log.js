// What sessions ask of the revocation log, and tell it.
import { call } from './module.js';

/** How long an answer of the log is waited for, as on routes with `strict`. */
const TIMEOUT_MS = 500;
/** A command may take longer: nobody may believe that it failed while it succeeds. */
const ORDER_MS = 2000;

const stub = (env, location) => {
  const namespace = env.EDGEWARD_REVOCATION_LOG;
  return namespace.get(namespace.idFromName('revocations'), location === null || location === undefined ? undefined : { locationHint: location });
};

/** The verdict of the log on a token with these names: `clear`, `revoked`, or the reason why there is none. */
export async function verdictOf(env, location, names, issuedAt) {
  const message = call('session_ask', names.join('\n'));
  const ask = () => stub(env, location).ask(message);
  const repeated = (error) => {
    if (error.overloaded || !(error.retryable || error.durableObjectReset)) throw error;
    return ask();
  };
  const reply = await within(TIMEOUT_MS, ask().catch(repeated)).catch(() => undefined);
  if (!(reply instanceof Uint8Array)) return 'revocation_log';
  return call('session_verdict', reply, names.length, issuedAt ?? undefined, env.EDGEWARD_KV !== undefined);
}

/** Tells the log an order; throws where it does not acknowledge. */
export async function append(env, order, location) {
  const answer = await within(ORDER_MS, stub(env, location).order(order));
  if (!(answer instanceof Uint8Array)) throw new Error('expected an acknowledgement of the revocation log');
}

const within = (limit, promise) => Promise.race([promise, scheduler.wait(limit)]);
