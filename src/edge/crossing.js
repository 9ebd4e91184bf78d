// The few places where a request crosses between the platform and the wasm. Nothing is decided here.
//
// Every crossing costs, and text costs most: so a head comes over in one text, a plan goes back in one, and what the plan asks for
// is done on this side. `docs/performance.md` has the figures. (Functions by declaration: the wasm is linked before this is run.)
import { __wbg_reset_state, decide, resume_assertion, resume_revocation, resume_signature, unanswered } from './index.js';

const { subtle } = crypto;

/** What the wasm decides on at this moment. Only what has to wait asks for it: the rest is told by its head alone. */
let given;
export function current() {
  return given;
}

/** Does `work` where there is no request, or no longer: `current` is what surrounds it then. */
export function surrounded(env, context, work) {
  given = { env, context };
  return work();
}

/** The Worker's entry point. */
export function accept(request, env, context) {
  given = { request, env, context };
  try {
    return decide(head(request), Date.now());
  } catch (error) {
    return failed(error);
  }
}

let fields = '';
let count = 0;
const addField = (value, name) => {
  count += 1;
  fields += `\n${name}\n${value}`;
};

/** Method, URL, number of fields, then name and value of each field, a line each. */
function head(request) {
  fields = '';
  count = 0;
  request.headers.forEach(addField);
  return `${request.method}\n${request.url}\n${count}${fields}`;
}

/** Names and values by turns, as `forward` wants them. */
export function lines(text) {
  return text.split('\n');
}

/** A response; `head` is names and values by turns, a line each. */
export function respond(status, head, body) {
  const lines = head.split('\n');
  const headers = {};
  for (let n = 0; n < lines.length; n += 2) headers[lines[n]] = lines[n + 1];
  return new Response(body, { status, headers });
}

/**
 * Sends a request to its origin, the current one if none is `held`: `plan` is the URL, the request's id, the binding or nothing, and
 * the names of the fields that stay behind, a line each; `identity` names and values by turns. `record` is for `unanswered`.
 */
export function forward(held, plan, identity, timeout, ...record) {
  const { request, env } = held ?? given;
  const [url, id, binding, ...removed] = plan.split('\n');
  const { method, body } = request;
  const headers = new Headers(request.headers);
  // First everything goes that could pass for ours, then ours comes: no name that the client sent can take one of ours away again.
  for (const name of removed) headers.delete(name);
  for (let n = 0; n < identity.length; n += 2) headers.set(identity[n], identity[n + 1]);
  headers.set('x-request-id', id);
  const refuse = (isLate) => guarded(() => unanswered(id, isLate, ...record));
  try {
    const { readable, sent } = body === null ? NOTHING : passOn(body, headers.get('content-length'));
    const init = { method, headers, body: readable, redirect: 'manual' };
    // A bound Worker may want to know what the platform knows of the client.
    const answer = binding === '' ? fetch(url, init) : env[binding].fetch(url, { ...init, cf: request.cf });
    return inTime(answer, timeout, sent, refuse);
  } catch {
    return refuse(false);
  }
}

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

/** WebCrypto copies what it is given before it returns, so views of the wasm's memory will do. */
export function verify(algorithm, key, signature, message, ticket) {
  return subtle.verify(algorithm, key, signature, message).then(
    (holds) => guarded(() => resume_signature(ticket, holds === true)),
    () => guarded(() => resume_signature(ticket, false)),
  );
}

/**
 * The gateway's signing key. Its halves are tried on each other: with another's public half it would sign what no origin can verify.
 */
export async function importSigner(x, d) {
  const load = (members, use) => subtle.importKey('jwk', { kty: 'OKP', crv: 'Ed25519', x, ...members }, 'Ed25519', false, [use]);
  const [key, verifier] = await Promise.all([load({ d }, 'sign'), load({}, 'verify')]);
  const trial = new Uint8Array(32);
  if (!await subtle.verify('Ed25519', verifier, await subtle.sign('Ed25519', key, trial), trial)) throw new Error('halves of two keys');
  return key;
}

/** The gateway's own signature; nothing when it could not be made. */
export function sign(key, message, ticket) {
  return subtle.sign('Ed25519', key, message).then(
    (signature) => guarded(() => resume_assertion(ticket, new Uint8Array(signature))),
    () => guarded(() => resume_assertion(ticket)),
  );
}

/** The same for what is awaited. */
export function signature(key, message) {
  return subtle.sign('Ed25519', key, message);
}

/** Looks up `names` in one read. Only a map is an answer; its values come in the order of the names. */
export function lookUp(namespace, names, cacheTtl, timeout, ticket) {
  const keys = names.split('\n');
  const answered = (found) => guarded(() => resume_revocation(ticket, found instanceof Map ? keys.map((key) => found.get(key)) : undefined));
  const reading = namespace.get(keys, { type: 'text', cacheTtl });
  return Promise.race([reading, scheduler.wait(timeout)]).then(answered, () => answered(undefined));
}

function guarded(work) {
  try {
    return work();
  } catch (error) {
    return failed(error);
  }
}

/** Whatever goes wrong, the caller gets an answer, and nothing passes. After a trap the wasm begins anew. */
export function failed(error) {
  const isTrap = error instanceof WebAssembly.RuntimeError;
  // No other error's message: it may repeat what a client sent.
  console.log(JSON.stringify({ event: 'failed', error: isTrap ? error.message : error?.name }));
  if (isTrap) __wbg_reset_state();
  const body = { type: 'urn:edgeward:problem:internal_error', title: 'the gateway failed', status: 500, code: 'internal_error' };
  return new Response(JSON.stringify(body), {
    status: 500, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}
