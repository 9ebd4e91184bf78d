// The few places where a request crosses between the platform and the wasm. Nothing is decided here.
//
// Every crossing costs, and text costs most: so only what is read comes over, in one text, and what a plan says goes back in numbers
// and references. `docs/performance.md` has the figures. (Functions by declaration: the wasm is linked before this is run.)
import { callLog } from './call_log.js';
import {
  __wbg_reset_state, admit_line, decide, decide_unlisted, ids_begin_with, learn, resume_assertion, resume_revocation, resume_signature, show_head_buffer,
} from './index.js';

export { callLog };

const { subtle } = crypto;

/** What the wasm decides on at this moment. Only what has to wait asks for it: the rest is told by its head alone. */
let given;
export function current() {
  return given;
}

/** Does `work` where there is no request, or no longer: `current` is what surrounds it then. */
export function withContext(env, context, work) {
  given = { env, context };
  return work();
}

/** The Worker's entry point. A request that the gateway makes for the `renewal` of a session has the id of that one. */
export function accept(request, env, context, renewal) {
  try {
    const { method, url, headers } = request;
    given = { request, env, context, method, url, headers, id: renewal?.id ?? freshId(), address: undefined, renewal };
    const now = Date.now();
    if (now >= reportAt) reportAt = sessions.report(now, metricsLocation);
    return begin(headers, now);
  } catch (error) {
    return failed(error);
  }
}

/**
 * The lists of header names that the wasm has learned: clients send a few of them again and again. Of each its number there, and the
 * places of the values that are read; no other value is fetched into the wasm.
 */
const lists = new Map();

/** By its length the list that came last: to compare names costs less than to join and look them up. */
const latest = [];

export function forgetLists() {
  lists.clear();
  latest.length = 0;
}

/**
 * The wasm's memory for the texts of a head, and for how long each is. It is the wasm's own: a view is made once, and again when the
 * memory has moved.
 */
let room;
let lengths;
export function keepHeadBuffer(viewOfTexts, viewOfLengths) {
  room = viewOfTexts;
  lengths = viewOfLengths;
}

// Of the head that is being read. They are written over, and not emptied each time: growing them again costs more.
const names = [];
const values = [];
let length = 0;
const addField = (value, name) => {
  names[length] = name;
  values[length] = value;
  length += 1;
};

const encoder = new TextEncoder();

/** A text as UTF-8. */
export function utf8(text) {
  return encoder.encode(text);
}

/** Decides on a head: its list of names by number, and its texts, which are method, URL, an id and the values that are read. */
function begin(headers, now) {
  length = 0;
  headers.forEach(addField);
  const list = isLatest() ? latest[length] : known(names.slice(0, length));
  given.address = values[list?.addressAt ?? addressAt(names)];
  const texts = list === undefined ? 0 : write(list);
  return texts > 0 ? decide(list.number, texts, now) : beginUnlisted(now);
}

/** UTF-16 units whose UTF-8 the wasm has room for, whatever they are. */
const ROOM = 10_000;

/**
 * Writes the texts into the wasm, several times faster than wasm-bindgen does; how many there are. None where they do not fit, or
 * are not all ASCII: then their lengths are others there.
 */
function write({ places }) {
  if (room === undefined || room.byteLength === 0) show_head_buffer();
  const { method, url, id } = given;
  if (places.length + OPENING > lengths.length) return 0;
  lengths[0] = method.length;
  lengths[1] = url.length;
  lengths[2] = id.length;
  let text = method + url + id;
  let count = OPENING;
  for (const place of places) {
    const value = values[place];
    text += value;
    lengths[count] = value.length;
    count += 1;
  }
  return text.length <= ROOM && encoder.encodeInto(text, room).written === text.length ? count : 0;
}

/** Method, URL, id. */
const OPENING = 3;

/** With the names themselves, and all values, a line each: the first request, and what is not learned or does not fit. */
function beginUnlisted(now) {
  const { method, url, id } = given;
  return decide_unlisted(names.slice(0, length).join('\n'), [method, url, id, ...values.slice(0, length)].join('\n'), now);
}

function isLatest() {
  const list = latest[length];
  if (list === undefined) return false;
  for (let n = 0; n < length; n += 1) if (list.names[n] !== names[n]) return false;
  return true;
}

/** The list of these names, learned now if it is new; nothing where it is not taken. */
function known(names) {
  const text = names.join('\n');
  const list = lists.get(text) ?? learned(names, text);
  if (list !== undefined) latest[names.length] = list;
  return list;
}

function learned(names, text) {
  const [number, ...places] = learn(text);
  if (number === undefined) return undefined;
  const list = { names, number, places, addressAt: addressAt(names) };
  lists.set(text, list);
  return list;
}

/** The place of the client's address, which the platform says; one that has no value if it does not. */
function addressAt(names) {
  for (let n = 0; n < length; n += 1) if (names[n] === 'cf-connecting-ip') return n;
  return -1;
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
  return new Response(body, responseInit(status, head));
}

/** The platform looks for each of a few options, in the prototypes too. */
function responseInit(status, head) {
  const names = head.split('\n');
  const headers = new Headers();
  for (let n = 0; n < names.length; n += 2) headers.set(names[n], names[n + 1]);
  return Object.assign(Object.create(null), { status, headers });
}

/** What a refusal says to every request: all but its id, which stands in the body before `after`, where there is that. */
export function refusal(status, head, before, after) {
  return { init: responseInit(status, head), before, after };
}

/** The refusal of the request with this id, the current one's if none is given. A response copies its headers: they are used again. */
export function refuse({ init, before, after }, id = given.id) {
  init.headers.set('x-request-id', id);
  return new Response(after === undefined ? before : before + id + after, init);
}

/** WebCrypto copies what it is given before it returns, so views of the wasm's memory will do. */
export function verify(algorithm, key, signature, message, ticket) {
  const resume = waiting(resume_signature, ticket);
  // An error is not `true` either.
  const settle = (holds) => resume(holds === true);
  return subtle.verify(algorithm, key, signature, message).then(settle, settle);
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

/** Asks the revocation log for the request that waits under `ticket`: some bytes, or nothing. */
export function askLog(namespace, location, message, timeout, ticket) {
  const resume = waiting(resume_revocation, ticket);
  return callLog(namespace, location, 'ask', message, timeout).then(resume);
}

/** When the counts of this isolate are to be reported: never without metrics. */
let reportAt = Infinity;
let metricsLocation = null;
export function reportMetrics(isOn, location) {
  reportAt = isOn ? 0 : Infinity;
  metricsLocation = location ?? null;
}

/** Whether the configuration in force wants an audit trail. */
export function observeAudit(isOn) {
  sessions?.observeAudit(isOn);
}

/** Tells the authority an event for the audit trail. */
export function audit(event) {
  sessions?.audit(JSON.parse(event));
}

/**
 * What serves routes with a handler, renews and ends sessions, and keeps what was counted and audited: { serve, see, renew, endSession,
 * serveRegistry, registryAnswers, report, observeAudit, audit }. Only a Worker with the authority has it.
 */
let sessions;
export function useSessions(own) {
  sessions = own;
}

export function hasSessions() {
  return sessions !== undefined;
}

export async function serveSessionWith(context, plan, gate, settings) {
  return sessions.serve(context, plan, gate, JSON.parse(settings));
}

/** Ends the session of a refresh token that is revoked; `endSession` in session_revocation.js says what it resolves to. */
export async function endSession(given, id, gate, settings, text) {
  try {
    return await sessions.endSession(given, id, gate, JSON.parse(settings), text);
  } catch {
    return 'unavailable';
  } finally {
    gate.free();
  }
}

/** Answers a request to a resource of the registry. */
export async function serveRegistry(given, order, gate) {
  try {
    return await sessions.serveRegistry(given, JSON.parse(order), gate);
  } catch (error) {
    return failed(error);
  } finally {
    gate.free();
  }
}

/** Whether the registry's database answers, and has its tables. */
export async function registryAnswers(env) {
  return sessions.registryAnswers(env);
}

/**
 * An access token was used for the first time in this isolate: its family is told, after the response. Not where the gateway itself has
 * renewed it for this request: that says nothing about whether the client has received it.
 */
export function seeSession(held, object, hash, location) {
  const context = held ?? given;
  if (context.renewal !== undefined) return false;
  sessions?.see(context, object, hash, location ?? null);
  return true;
}

/**
 * Renews the session of a request through the route at `path`, and answers the request; `names` are those of its cookies, a line each.
 * What to do otherwise, `proceeding` knows.
 */
export async function renewSession(given, path, names, slides, proceeding) {
  try {
    return await sessions.renew(given, { path, names: names.split('\n'), slides, accept }, proceeding);
  } catch (error) {
    return failed(error);
  }
}

/**
 * Goes on with the answer that `ticket` waits for. After a trap tickets are counted anew: what was asked for before would be taken for
 * the answer to another's question.
 */
function waiting(resume, ticket) {
  const before = traps;
  return (answer) => {
    if (before !== traps) return failed();
    try {
      return resume(ticket, answer);
    } catch (error) {
      return failed(error);
    }
  };
}

/** What `work` comes to, or the answer for whatever goes wrong. */
export function guarded(work) {
  try {
    return work();
  } catch (error) {
    return failed(error);
  }
}

/** Whatever goes wrong, the caller gets an answer, and nothing passes. */
export function failed(error) {
  recover(error);
  const body = { type: 'urn:edgeward:problem:internal_error', title: 'the gateway failed', status: 500, code: 'internal_error' };
  return new Response(JSON.stringify(body), {
    status: 500, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', 'cloudflare-cdn-cache-control': 'no-store' },
  });
}

/** Writes a line, unless too many came within this second; those that were left out are counted in the next one. */
export function log(line) {
  const unlogged = admit_line();
  if (unlogged >= 0) console.log(JSON.stringify(unlogged > 0 ? { ...line, unlogged } : line));
}

let traps = 0;
export function trapCount() {
  return traps;
}

let failures = { since: 0, logged: 0, unlogged: 0 };
/** Failures are counted here: after one nobody knows what the wasm still can. */
function logFailure(error) {
  const now = Date.now();
  if (now - failures.since >= 1000) failures = { since: now, logged: 0, unlogged: failures.unlogged };
  if (failures.logged >= FAILURES_LOGGED) {
    failures.unlogged += 1;
    return;
  }
  failures.logged += 1;
  console.log(JSON.stringify({ event: 'failed', error, ...failures.unlogged > 0 && { unlogged: failures.unlogged } }));
  failures.unlogged = 0;
}
const FAILURES_LOGGED = 100;

/** Logs what went wrong. After a trap the wasm begins anew. */
export function recover(error) {
  const isTrap = error instanceof WebAssembly.RuntimeError;
  // No other error's message: it may repeat what a client sent.
  logFailure(isTrap ? error.message : error?.name);
  if (isTrap) {
    traps += 1;
    __wbg_reset_state();
    forgetLists();
    room = undefined;
  }
}
