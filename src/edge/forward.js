// Sends a request on to its origin, as a plan says. Nothing is decided here.
import { current, failed, guarded } from './crossing.js';
import { unanswered } from './index.js';

/** What `forward` has to know of an origin: the address before the path, or a binding; and ms, 0 for no timeout. */
export function origin(base, binding, timeout) {
  return { base, binding, timeout };
}

/**
 * Sends a request to its origin, the current one if none is `held`: what stands in its URL from `keptFrom` on, or a `rewritten` URL,
 * without the fields `removed`, a list that goes with the names, and `removedBesides`, one of this request. `set` has names and
 * values by turns. What comes last is for `unanswered`.
 */
export function forward(
  held, { base, binding, timeout }, keptFrom, rewritten, removed, removedBesides, set, hasOwnId, route, tenant, issuer, startedAt,
) {
  const { request, env, method, url, id, headers: came } = held ?? current();
  const { body } = request;
  const headers = new Headers(came);
  const requestId = hasOwnId ? headers.get('x-request-id') : id;
  // First everything goes that could pass for ours, then ours comes: no name that the client sent can take one of ours away again.
  for (const name of removed) headers.delete(name);
  if (removedBesides !== undefined) for (const name of removedBesides) headers.delete(name);
  for (let n = 0; n < set.length; n += 2) headers.set(set[n], set[n + 1]);
  // The client's own id, too: a configured prefix may have taken it away with the rest.
  headers.set('x-request-id', requestId);
  const refuse = (isLate) => guarded(() => unanswered(requestId, isLate, route, tenant, issuer, startedAt)) ?? failed();
  try {
    const { readable, sent } = body === null ? NOTHING : passOn(body, headers.get('content-length'));
    const init = method === 'GET' && body === null ? plain(headers) : { method, headers, body: readable, redirect: 'manual' };
    // A bound Worker sees the host that the client asked for, and may want to know what the platform knows of the client.
    const answer = binding === ''
      ? fetch(rewritten ?? base + url.slice(keptFrom), init)
      : env[binding].fetch(rewritten ?? url, { ...init, cf: request.cf });
    // Without a timeout there is no timer either, which costs a request 6 µs.
    return timeout === 0 ? answer.catch(() => refuse(false)) : inTime(answer, timeout, sent, refuse);
  } catch {
    return refuse(false);
  }
}

/**
 * The most frequent kind of request. The platform looks for each of a dozen options, in the prototypes too, and what is said it
 * reads: an object without either, used again and again, is 4 µs less.
 */
function plain(headers) {
  GET.headers = headers;
  return GET;
}
const GET = Object.assign(Object.create(null), { redirect: 'manual' });

const NOTHING = { readable: null, sent: undefined };

/**
 * Leads a body through a native stream: no byte of it enters the wasm. Without its length it would go out in chunks, which not
 * every origin can read.
 */
function passOn(body, length) {
  const { readable, writable } = length === null ? new IdentityTransformStream() : new FixedLengthStream(Number(length));
  return { readable, sent: body.pipeTo(writable) };
}

/**
 * The answer as it is, or a refusal when there was none within `timeout` ms; they begin when the body has been `sent`, because an
 * upload may take longer than any origin should take to answer.
 */
function inTime(answer, timeout, sent, refuse) {
  return new Promise((resolve) => {
    let timer;
    const start = () => {
      timer = setTimeout(() => resolve(refuse(true)), timeout);
    };
    let isAnswered = false;
    if (sent === undefined) start();
    else sent.then(() => isAnswered || start(), () => isAnswered || start());
    const settle = (response) => {
      isAnswered = true;
      clearTimeout(timer);
      resolve(response);
    };
    answer.then(settle, () => settle(refuse(false)));
  });
}
