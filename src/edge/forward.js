// Sends a request on to its origin, as a plan says. Nothing is decided here.
import { current, failed, guarded, serveSessionWith } from './bridge.js';
import { origin_failure } from './index.js';
import { forbidStoring } from './no_store.js';

/** What `forward` has to know of an origin: the address before the path, or a binding; and ms, 0 for no timeout. */
export function origin(base, binding, timeout) {
  return { base, binding, timeout };
}

/** Why there is no answer of an origin, for `origin_failure`. */
const UNREACHABLE = 0;
const LATE = 1;
const LENGTH_REQUIRED = 2;

/**
 * Sends a request to its origin, the current one if none is `held`: what stands in its URL from `keptFrom` on, or a `rewritten` URL,
 * without the fields `removed`, a list that goes with the names, and `removedBesides`, one of this request. `set` has names and
 * values by turns, and so has `forwarded`, where the origin is told who asked and for what. Nobody may keep the answer where it
 * `isInSession`. What comes last is for `origin_failure`.
 */
export function forward(
  held, { base, binding, timeout }, keptFrom, rewritten, removed, removedBesides, set, forwarded, usesZoneCache, dropsBody, hasOwnId,
  isInSession, route, tenant, issuer, startedAt,
) {
  const given = held ?? current();
  const { request, method, url, id, address, headers: came } = given;
  const headers = new Headers(came);
  const requestId = hasOwnId ? headers.get('x-request-id') : id;
  prepare(headers, requestId, removed, removedBesides, set, forwarded, address);
  const refuse = (reason) => guarded(() => origin_failure(requestId, reason, route, tenant, issuer, startedAt)) ?? failed();
  // A bound Worker sees the host that the client asked for, and may want to know what the platform knows of the client.
  const to = rewritten ?? (binding === '' ? base + url.slice(keptFrom) : url);
  // Whoever asked, the zone's cache knows an answer by its URL alone (with `no-store` it is not asked).
  const cache = usesZoneCache ? undefined : 'no-store';
  try {
    const body = dropsBody ? null : request.body;
    const isRead = method === 'GET' || method === 'HEAD';
    if (body === null || (isRead && headers.get('content-length') === '0')) {
      return handOn(send(given, binding, to, bodiless(method, headers, cache)), timeout, undefined, refuse, isInSession);
    }
    if (isRead) {
      const handOnRead = (target, init) => handOn(send(given, binding, target, init), timeout, undefined, refuse, isInSession);
      return sendRead(request, body, { method, headers, cache }, to, handOnRead, refuse);
    }
    const { readable, sent } = passOn(body, headers.get('content-length'));
    const init = options({ method, headers, body: readable, redirect: 'manual' }, cache);
    return handOn(send(given, binding, to, init), timeout, sent, refuse, isInSession);
  } catch {
    return refuse(UNREACHABLE);
  }
}

/** Removes and sets fields: what is the gateway's to say, no client says. */
function prepare(headers, requestId, removed, removedBesides, set, forwarded, address) {
  // First everything goes that could pass for ours, then ours comes: no name that the client sent can take one of ours away again.
  for (const name of removed) headers.delete(name);
  if (removedBesides !== undefined) for (const name of removedBesides) headers.delete(name);
  if (forwarded !== undefined) {
    for (let n = 0; n < forwarded.length; n += 2) headers.set(forwarded[n], forwarded[n + 1]);
    if (address !== undefined) headers.set('x-forwarded-for', address);
  }
  for (let n = 0; n < set.length; n += 2) headers.set(set[n], set[n + 1]);
  // The client's own id, too: a configured prefix may have taken it away with the rest.
  headers.set('x-request-id', requestId);
}

/** An answer that no cache may keep, whatever its origin says: it belongs to a session. */
function uncached(answer) {
  const response = new Response(answer.body, answer);
  forbidStoring(response.headers);
  return response;
}

/** Has the authority serve a request to a route with a handler. A preflight goes on as it is. */
export async function serveSession(given, { base, binding, timeout }, keptFrom, rewritten, removed, removedBesides, set, forwarded, hasOwnId, gate, settings) {
  const { method, url, id, headers: came } = given;
  const headers = new Headers(came);
  const address = headers.get('cf-connecting-ip') ?? undefined;
  const requestId = hasOwnId ? headers.get('x-request-id') : id;
  prepare(headers, requestId, removed, removedBesides, set, forwarded, address);
  const to = rewritten ?? (binding === '' ? base + url.slice(keptFrom) : url);
  const plan = { to, binding, timeout: timeout === 0 ? LONGEST_MS : timeout, method, headers };
  try {
    return await serveSessionWith(given, plan, gate, settings);
  } catch (error) {
    return failed(error);
  }
}
/** An auth server without a timeout of its own: a call must end. */
const LONGEST_MS = 30_000;

const send = ({ request, env }, binding, to, init) =>
  (binding === '' ? fetch(to, init) : env[binding].fetch(to, { ...init, cf: request.cf }));

/** Without a timeout there is no timer either, which costs a request 6 µs. */
function handOn(answer, timeout, sent, refuse, isInSession) {
  if (timeout !== 0) return inTime(answer, timeout, sent, refuse, isInSession);
  return (isInSession ? answer.then(uncached) : answer).catch(() => refuse(UNREACHABLE));
}

const options = (init, cache) => (cache === undefined ? init : Object.assign(init, { cache }));

/**
 * The most frequent kind of request. The platform looks for each of a dozen options, in the prototypes too, and what is said it
 * reads: an object with two of them, used again and again, is 4 µs less.
 */
function bodiless(method, headers, cache) {
  if (method !== 'GET' || cache === undefined) return options({ method, headers, redirect: 'manual' }, cache);
  GET.headers = headers;
  return GET;
}
const GET = Object.assign(Object.create(null), { redirect: 'manual', cache: 'no-store' });

/**
 * A GET or HEAD with a body. The platform takes none in the options of a request, but copies that of another one as long as its
 * length is known; of a length that is not known it would send nothing and say nothing.
 */
async function sendRead(request, body, { method, headers, cache }, to, send, refuse) {
  try {
    if (headers.has('content-length')) {
      const init = options({ headers, redirect: 'manual' }, cache);
      return await send(new Request(new Request(to, request), init));
    }
    const reader = body.getReader();
    let chunk;
    do chunk = await reader.read(); while (!chunk.done && chunk.value.byteLength === 0);
    if (chunk.done) return await send(to, bodiless(method, headers, cache));
    await reader.cancel();
    return refuse(LENGTH_REQUIRED);
  } catch {
    return refuse(UNREACHABLE);
  }
}

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
function inTime(answer, timeout, sent, refuse, isInSession) {
  return new Promise((resolve) => {
    let timer;
    const start = () => {
      timer = setTimeout(() => resolve(refuse(LATE)), timeout);
    };
    let isAnswered = false;
    if (sent === undefined) start();
    else sent.then(() => isAnswered || start(), () => isAnswered || start());
    const settle = (response) => {
      isAnswered = true;
      clearTimeout(timer);
      try {
        resolve(isInSession ? uncached(response) : response);
      } catch {
        // A status with which no response can be made.
        resolve(refuse(UNREACHABLE));
      }
    };
    answer.then(settle, () => {
      isAnswered = true;
      clearTimeout(timer);
      resolve(refuse(UNREACHABLE));
    });
  });
}
