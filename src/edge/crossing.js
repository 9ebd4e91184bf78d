// The few places where a request crosses between the platform and the wasm. Nothing is decided here.
//
// Every crossing costs, and text costs most: so only what is read comes over, in one text, and what a plan says goes back in numbers
// and references. `docs/performance.md` has the figures. (Functions by declaration: the wasm is linked before this is run.)
import {
  __wbg_reset_state, decide, decide_unlisted, ids_begin_with, learn, resume_assertion, resume_revocation, resume_signature, unanswered,
} from './index.js';

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
  try {
    given = { request, env, context, url: request.url, id: freshId() };
    return begin(request);
  } catch (error) {
    return failed(error);
  }
}

/**
 * The lists of header names that the wasm has learned: clients send a few of them again and again. Of each its number there, and the
 * places of the values that are read; no other value is fetched into the wasm.
 */
const lists = new Map();
export function forgetLists() {
  lists.clear();
}

let names = '';
const values = [];
const addField = (value, name) => {
  names += `${name}\n`;
  values.push(value);
};

let text;
const encoder = new TextEncoder();

/** Writes the text of a head into the wasm's `room`: several times faster than what wasm-bindgen does with a text. */
export function writeHead(room) {
  return encoder.encodeInto(text, room).written;
}

/** A text as UTF-8. */
export function utf8(text) {
  return encoder.encode(text);
}

/** Decides on a head: its list of names by number, and method, URL, an id and the values that are read as text, a line each. */
function begin(request) {
  names = '';
  values.length = 0;
  request.headers.forEach(addField);
  const list = lists.get(names) ?? learned();
  const opening = `${request.method}\n${given.url}\n${given.id}`;
  if (list === undefined) return beginUnlisted(opening);
  text = opening;
  for (const place of list.places) text += `\n${values[place]}`;
  return text.length <= ROOM ? decide(list.number, Date.now()) : beginUnlisted(opening);
}

/** UTF-16 units whose UTF-8 the wasm has room for, whatever they are. */
const ROOM = 10_000;

/** With the names themselves, and all values: the first request, and what is not learned or too long. */
function beginUnlisted(opening) {
  return decide_unlisted(names, [opening, ...values].join('\n'), Date.now());
}

function learned() {
  const [number, ...places] = learn(names);
  if (number === undefined) return undefined;
  const list = { number, places };
  lists.set(names, list);
  return list;
}

let start;
let count = 0;

/** Unique, and no secret. */
export function freshId() {
  start ??= ids_begin_with();
  count += 1;
  return start + count.toString(16);
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

/** What `forward` has to know of an origin: the address before the path, or a binding. */
export function origin(base, binding, timeout) {
  return { base, binding, timeout };
}

/**
 * Sends a request to its origin, the current one if none is `held`: what stands in its URL from `keptFrom` on, or a `rewritten` URL,
 * without the fields `removed`, a list that goes with the names, and `removedBesides`, one of this request. `set` has names and
 * values by turns. `record` is for `unanswered`.
 */
export function forward(held, { base, binding, timeout }, keptFrom, rewritten, removed, removedBesides, set, hasOwnId, ...record) {
  const { request, env, url, id } = held ?? given;
  const { method, body } = request;
  const headers = new Headers(request.headers);
  const requestId = hasOwnId ? headers.get('x-request-id') : id;
  // First everything goes that could pass for ours, then ours comes: no name that the client sent can take one of ours away again.
  for (const name of removed) headers.delete(name);
  if (removedBesides !== undefined) for (const name of removedBesides) headers.delete(name);
  for (let n = 0; n < set.length; n += 2) headers.set(set[n], set[n + 1]);
  // The client's own id, too: a configured prefix may have taken it away with the rest.
  headers.set('x-request-id', requestId);
  const refuse = (isLate) => guarded(() => unanswered(requestId, isLate, ...record)) ?? failed();
  try {
    const { readable, sent } = body === null ? NOTHING : passOn(body, headers.get('content-length'));
    const init = { method, headers, body: readable, redirect: 'manual' };
    // A bound Worker sees the host that the client asked for, and may want to know what the platform knows of the client.
    const answer = binding === ''
      ? fetch(rewritten ?? base + url.slice(keptFrom), init)
      : env[binding].fetch(rewritten ?? url, { ...init, cf: request.cf });
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
  const resume = waiting(resume_signature, ticket);
  return subtle.verify(algorithm, key, signature, message).then((holds) => resume(holds === true), () => resume(false));
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
  const resume = waiting(resume_assertion, ticket);
  return subtle.sign('Ed25519', key, message).then((signature) => resume(new Uint8Array(signature)), () => resume());
}

/** The same for what is awaited. */
export function signature(key, message) {
  return subtle.sign('Ed25519', key, message);
}

/** Looks up `names` in one read. Only a map is an answer; its values come in the order of the names. */
export function lookUp(namespace, names, cacheTtl, timeout, ticket) {
  const keys = names.split('\n');
  const resume = waiting(resume_revocation, ticket);
  const answered = (found) => resume(found instanceof Map ? keys.map((key) => found.get(key)) : undefined);
  const reading = namespace.get(keys, { type: 'text', cacheTtl });
  return Promise.race([reading, scheduler.wait(timeout)]).then(answered, () => answered(undefined));
}

let traps = 0;

/**
 * Goes on with the answer that `ticket` waits for. After a trap tickets are counted anew: what was asked for before would be taken for
 * the answer to another's question.
 */
function waiting(resume, ticket) {
  const before = traps;
  return (answer) => (before === traps ? guarded(() => resume(ticket, answer)) : failed());
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
  if (isTrap) {
    traps += 1;
    __wbg_reset_state();
    forgetLists();
  }
  const body = { type: 'urn:edgeward:problem:internal_error', title: 'the gateway failed', status: 500, code: 'internal_error' };
  return new Response(JSON.stringify(body), {
    status: 500, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}
