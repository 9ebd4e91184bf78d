// The calls to the revocation log, for the gate and for sessions.

/**
 * What the revocation log answers to a call with some bytes; nothing when it does not within `timeout` ms. The call is repeated
 * once, on a new stub, where the platform says that this is right: every call may be made twice.
 */
export async function callLog(namespace, location, method, message, timeout) {
  const options = location === undefined ? undefined : { locationHint: location };
  const bytes = message.slice();
  const call = async () => namespace.get(namespace.idFromName('revocations'), options)[method](bytes);
  const repeated = (error) => {
    if (error.overloaded || !(error.retryable || error.durableObjectReset)) throw error;
    return call();
  };
  const answer = call().catch(repeated).catch(() => undefined);
  const first = await Promise.race([answer, scheduler.wait(timeout)]);
  return first instanceof Uint8Array ? first : undefined;
}
