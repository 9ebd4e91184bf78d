// The handlers of routes about sessions: what stands in bodies is read here, in the isolate of the gate, which verifies tokens.
import { log, useSessions } from './bridge.js';
import { freshObject, handleOf, isHandle, openedHandle, withMember } from './handle.js';
import { verdictOf } from './log.js';
import { call } from './module.js';
import { ended, endedOthers, family, messageOf } from './session_end.js';

/** A request to such a route, at most. */
const BODY_BYTES = 65_536;
/** An answer of the auth server that is read, at most. */
const ANSWER_BYTES = 262_144;
/** How long a login waits for the registration of its tokens, where unknown ones are refused. */
const LOGIN_MS = 1000;
/** How long a change of the password waits for the end of sessions. */
const ENDING_MS = 1000;
/** So many replays in a row are worth a line of their own: a thief who always presents the previous token leaves no other sign. */
const REPLAYS = 3;

const HANDLERS = { refresh, login, logout, verify, blacklist, password };
/** Those to which no refresh token has to be presented: what the gateway cannot read is the auth server's. */
const READS_ANYTHING = ['login', 'logout', 'password'];

useSessions({ serve, see });

/**
 * Serves a request to a route with a handler. `plan` has the request as the origin is to get it ({ to, binding, timeout, method,
 * headers }), `gate` verifies tokens, and `settings` are those of the route.
 */
async function serve(given, plan, gate, settings) {
  const context = { given, plan, gate, settings, env: given.env, id: plan.headers.get('x-request-id'), began: Date.now() };
  try {
    // A preflight, as the route lets it pass.
    if (plan.method === 'OPTIONS') return await passedOn({ ...context, body: new Uint8Array() });
    const body = await bodyOf(given.request.body, BODY_BYTES);
    if (body === undefined) return refused(context, 'too_large');
    const head = Object.fromEntries(HEAD.map((name) => [name, given.request.headers.get(name)]));
    const found = JSON.parse(call('session_request', settings.endpoint, JSON.stringify(head), body));
    const whole = { ...context, body };
    if (found.token !== undefined && settings.handles !== 'off' && isHandle(found.token)) {
      const handle = await openedHandle(given.env, settings, found.token);
      if (handle === undefined) return refused(context, 'invalid', { reason: 'handle' });
      Object.assign(found, { token: handle.token, object: handle.object, is_opaque: true });
      const isForm = !/^application\/json/i.test(head['content-type'] ?? '');
      whole.body = withMember(body, JSON.parse(settings.endpoint).request_refresh, handle.token, isForm);
    }
    if (settings.shadow) return await observed(whole, found);
    if (found.error !== undefined && !READS_ANYTHING.includes(settings.handler)) return refused(context, found.error);
    return await HANDLERS[settings.handler](whole, found);
  } finally {
    gate.free();
  }
}
const HEAD = ['content-type', 'content-encoding', 'authorization', 'dpop', 'cookie', 'origin'];

/** In shadow mode nothing is kept, ended or refused: what is said is whether tokens are found, and whether the gate can verify them. */
async function observed(context, found) {
  const { gate, settings } = context;
  const known = found.token === undefined ? { status: found.error ?? 'none' } : await verified(gate, found);
  const answer = await answered(context);
  if (answer === undefined) return unreachable(context, 'session_shadow', { handler: settings.handler });
  const { kind, refresh: next } = replyOf(settings, '', found.token ?? '', answer);
  const presented = known.is_opaque ? 'opaque' : known.status;
  event(context, 'session_shadow', {
    handler: settings.handler, presented, reason: known.code, answer: kind, status: answer.response.status, has_refresh: next !== null,
  });
  return finished(context, answer.response);
}

/** One successor for each token: the family object calls the auth server. */
async function refresh(context, found) {
  const { gate, settings, plan, env, body } = context;
  if (found.token === undefined && found.is_other_grant && settings.handles === 'on') {
    const answer = await answered(context);
    return answer === undefined ? unreachable(context, 'token_refresh') : finished(context, (await handled(context, answer)).response);
  }
  if (found.token === undefined) return passedOn(context, 'no_token', found.is_other_grant);
  const known = await verified(gate, found);
  if (known.status === 'unavailable') return refused(context, 'unavailable', { reason: known.code });
  // What the auth server refuses anyway, it refuses itself: its clients know how it says so.
  if (known.status === 'verified' && (known.type === 'access' || known.is_over)) {
    return passedOn(context, known.is_over ? 'token_expired' : 'token_type_refused', false);
  }
  // Nobody can tell whether an opaque token was ever shown here.
  if (settings.unknown === 'refuse' && (known.status === 'unknown' || known.is_opaque)) {
    return refused(context, 'revoked', { reason: known.code ?? 'unknown' });
  }
  if (known.status === 'unknown') return passedOn(context, known.code);
  const { to, binding, timeout, method } = plan;
  const order = {
    // A handle was given out here: its object begins with it.
    message: { ...messageOf(known, found.rest, settings), ...found.object !== undefined && { unknown: 'adopt' } }, token: found.token, endpoint: settings.endpoint, to, binding, timeout, limit: settings.limit,
    location: settings.location, expire_tree: settings.expire_tree, response_refresh: handlePath(settings),
    handle: settings.handles === 'on' && (known.is_opaque || found.object !== undefined)
      ? { handle_key: settings.handle_key, issuer: settings.issuer, object: found.object ?? freshObject() } : null,
  };
  const headers = new Headers(plan.headers);
  // What nobody here can read would go round the family.
  headers.set('accept', 'application/json');
  headers.set('accept-encoding', 'identity');
  headers.set('edgeward-refresh', encodeURIComponent(JSON.stringify(order)));
  let answer;
  try {
    answer = await family(env, known.object, settings).fetch('https://session-family/', {
      method, headers, body: body.byteLength > 0 ? body : null, redirect: 'manual',
    });
  } catch {
    return refused(context, 'unavailable', { reason: 'session_family', session: known.object });
  }
  return concluded(context, known, answer);
}

function concluded(context, known, answer) {
  const { outcome, reason, wait, upstream, replays, isShared, hasEnded } = JSON.parse(decodeURIComponent(answer.headers.get('edgeward-outcome')));
  const session = known.object;
  const told = { session, upstream_ms: isShared ? undefined : upstream };
  if (outcome === 'reused') event(context, 'token_reuse', { session, cause: reason });
  if (hasEnded) event(context, 'session_ended', { session, reason });
  if (replays !== undefined && replays >= REPLAYS) event(context, 'refresh_replayed', { session, replays });
  switch (outcome) {
    case 'limited':
      return refused(context, 'rate_limited', told, wait);
    case 'unavailable':
      return refused(context, 'unavailable', { ...told, reason });
    case 'denied':
    case 'reused':
      return refused(context, 'revoked', { ...told, reason });
    default:
      event(context, 'token_refresh', { outcome: isShared ? 'shared' : outcome, status: answer.status, ms: Date.now() - context.began, ...told });
      return finished(context, answer, upstream);
  }
}

const handlePath = ({ endpoint }) => JSON.parse(endpoint).response_refresh;

/** The answer with a handle in the place of an opaque refresh token. */
async function handled({ env, settings }, answer) {
  const { texts } = replyOf(settings, '', '', answer);
  const token = texts.refresh;
  if (settings.handles !== 'on' || token === null || token.startsWith('eyJ')) return answer;
  const body = withMember(answer.body, handlePath(settings), await handleOf(env, settings, { token, object: freshObject() }), false);
  if (body === undefined) return answer;
  const headers = new Headers(answer.response.headers);
  for (const name of ['content-encoding', 'content-length']) headers.delete(name);
  return { body, response: new Response(body, { status: answer.response.status, headers }) };
}

/** Only observes: the answer's tokens are registered. */
async function login(context) {
  const { given, settings } = context;
  const answer = await answered(context);
  if (answer === undefined) return unreachable(context, 'login');
  const { kind, texts } = replyOf(settings, '', '', answer);
  const isGood = kind === 'rotated' || kind === 'kept';
  const { status } = answer.response;
  event(context, 'login', { outcome: isGood ? 'accepted' : kind === 'unknown' ? 'unknown' : 'refused', status, ms: Date.now() - context.began });
  if (isGood) {
    const registration = registered(context, texts, answer).catch(() => 'session_family').then((reason) => {
      if (reason !== undefined) event(context, 'session_unregistered', { reason });
    });
    if (settings.unknown === 'refuse') await Promise.race([registration, scheduler.wait(LOGIN_MS)]);
    given.context.waitUntil(registration);
  }
  return finished(context, (await handled(context, answer)).response);
}

/** Registers the tokens of a login; the reason why they are not, if there is one. */
async function registered({ gate, settings, env }, texts, answer) {
  if (texts.refresh === null) return 'no_token';
  const known = await verified(gate, { token: texts.refresh, is_opaque: !texts.refresh.startsWith('eyJ') });
  if (known.status !== 'verified') return known.code;
  if (known.is_opaque) return 'opaque';
  const { access } = replyOf(settings, known.iss, '', answer);
  await family(env, known.object, settings).login(JSON.stringify(messageOf(known, EMPTY, settings)), access === null ? undefined : JSON.stringify(access));
  return undefined;
}
const EMPTY = 'A'.repeat(43);

/** Ends the family and the access token, and lets the auth server do the same. */
async function logout(context, found) {
  const { given, gate, settings, env } = context;
  const bearer = /^bearer +(\S+)$/i.exec(given.request.headers.get('authorization') ?? '')?.[1];
  // A page of another site may have made the browser send its cookies: what only they say ends nothing here.
  const isForeign = gate.may_be_cross_site();
  const text = bearer ?? (isForeign ? undefined : found.access ?? undefined);
  const access = text === undefined ? UNKNOWN : JSON.parse(await gate.verify_access(text));
  const own = found.token === undefined || (found.is_cookie && isForeign) ? UNKNOWN : await verified(gate, found);
  if (access.status === 'unavailable' || own.status === 'unavailable') return refused(context, 'unavailable', { reason: 'keys' });
  // Of an opaque token nobody knows whether it is one: the auth server ends it, unless it is not told.
  const tokens = [own, { ...access, is_access: true }]
    .filter(({ status, is_opaque: isOpaque, is_access: isAccess }) => status === 'verified' && (isAccess || !(isOpaque && settings.forward)));
  let count;
  try {
    count = await ended(env, settings, tokens, 'logout');
  } catch {
    return refused(context, 'unavailable', { reason: 'revocation_log' });
  }
  const session = tokens[0]?.object;
  if (count > 0) event(context, 'session_ended', { session, reason: 'logout' });
  const told = { session, outcome: session === undefined ? 'unknown' : 'ended' };
  if (settings.forward) {
    const answer = await answered(context);
    if (answer === undefined) return unreachable(context, 'logout', told);
    event(context, 'logout', { ...told, status: answer.response.status, ms: Date.now() - context.began });
    return finished(context, answer.response);
  }
  event(context, 'logout', { ...told, ms: Date.now() - context.began });
  const body = settings.logout_body;
  return new Response(body, {
    status: body === null ? 204 : 200, headers: { ...body !== null && { 'content-type': 'application/json' }, 'cache-control': 'no-store', 'x-request-id': context.id },
  });
}

/** `token/verify/`: what was revoked here is not good. */
async function verify(context, found) {
  const { state, reason } = found.token === undefined ? { state: 'good', reason: 'no_token' } : await stateOf(context, found);
  if (state === 'good') return passedOn(context, reason);
  return refused(context, state === 'revoked' ? 'revoked_at_verify' : 'unavailable', { reason });
}

/** `token/blacklist/`: what the auth server ends is ended here, too. */
async function blacklist(context, found) {
  const { gate, settings, env } = context;
  const { state, reason } = found.token === undefined ? { state: 'good' } : await stateOf(context, found);
  if (state !== 'good') return refused(context, state, { reason });
  const answer = await answered(context);
  if (answer === undefined) return unreachable(context, 'blacklist');
  if (answer.response.ok && found.token !== undefined) {
    const known = await verified(gate, found);
    try {
      const count = await ended(env, settings, known.status === 'verified' && !known.is_opaque ? [known] : [], 'logout');
      if (count > 0) event(context, 'session_ended', { session: known.object, reason: 'blacklist' });
    } catch {
      // The auth server has done it; here it is done later, and the client may ask again.
      return refused(context, 'unavailable', { reason: 'revocation_log' });
    }
  }
  return finished(context, answer.response);
}

/** A password is changed or reset: after a success the other sessions of the caller end, or all of the subject that the answer names. */
async function password(context) {
  const { given, gate, settings, env } = context;
  const own = gate.caller();
  const answer = await answered(context);
  if (answer === undefined) return unreachable(context, 'password');
  if (answer.response.ok) {
    const subject = settings.subject === null || answer.body === undefined ? undefined : textAt(answer.body, settings.subject);
    const name = subject === undefined ? undefined : gate.subject_name(subject);
    const known = own === undefined ? undefined : JSON.parse(own);
    const ending = endedOthers(env, settings, known, name).then((reason) => {
      if (reason === undefined) event(context, 'session_ended', { session: known?.object, reason: 'password' });
      else event(context, 'sessions_unended', { reason });
    });
    given.context.waitUntil(ending);
    // The client may ask at once whether the others have ended; it does not wait for a log that is unreachable.
    await Promise.race([ending, scheduler.wait(ENDING_MS)]);
  }
  return finished(context, answer.response);
}

/** The text or number at a dotted path of a JSON body; nothing where there is none. */
function textAt(body, path) {
  try {
    const value = path.split('.').reduce((object, name) => object[name], JSON.parse(new TextDecoder().decode(body)));
    return typeof value === 'string' && value !== '' ? value : Number.isSafeInteger(value) ? String(value) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a token is `good`, `revoked` here, or `unavailable`. One that the gate cannot verify is the auth server's. */
async function stateOf({ gate, settings, env }, found) {
  const known = await verified(gate, found);
  if (known.status !== 'verified') return { state: known.status === 'unavailable' ? 'unavailable' : 'good', reason: known.code };
  const verdict = await verdictOf(env, settings.location, known.names, known.issued_at);
  if (verdict !== 'clear') return { state: verdict === 'revoked' ? 'revoked' : 'unavailable', reason: verdict };
  if (known.type === 'access' || known.is_opaque) return { state: 'good' };
  const state = await family(env, known.object, settings).state(known.hash).catch(() => 'session_family');
  if (state === 'session_family') return { state: 'unavailable', reason: state };
  return { state: state === 'used' || state === 'ended' ? 'revoked' : 'good', reason: state };
}

/** An access token was used: its family's successor is seen. */
async function see({ env, context }, object, hash, location) {
  context.waitUntil(family(env, object, { location }).see(hash).catch(() => {}));
}

const UNKNOWN = { status: 'unknown' };

/** The token as the gate sees it. */
const verified = async (gate, { token, is_opaque: isOpaque, object }) => {
  const known = JSON.parse(await gate.verify(token, isOpaque));
  // A handle says which object knows the token: there its generations are told apart.
  return object === undefined ? known : { ...known, object, is_opaque: false };
};

/** The whole body; nothing where it is larger than `most`. */
async function bodyOf(stream, most) {
  const parts = [];
  let bytes = 0;
  for await (const part of stream ?? []) {
    bytes += part.byteLength;
    if (bytes > most) return undefined;
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** The request as it came, to the auth server. */
async function sent({ given, plan: { to, binding, timeout, method, headers }, body }) {
  const isRead = method === 'GET' || method === 'HEAD';
  const init = {
    method, headers, body: isRead || body.byteLength === 0 ? null : body, redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(timeout),
  };
  return binding === '' ? fetch(to, init) : given.env[binding].fetch(to, init);
}

/**
 * The answer of the auth server to what this gateway has no part in. Where it `maySucceed` not, a success means that the auth server has
 * read another token than the gateway: nobody gets it.
 */
async function passedOn(context, reason, maySucceed = true) {
  const { settings } = context;
  try {
    const answer = await sent(context);
    if (answer.ok && !maySucceed) {
      await answer.body?.cancel();
      return refused(context, 'invalid', { reason });
    }
    if (settings.handler === 'refresh' && reason !== undefined) {
      event(context, 'token_refresh', { outcome: 'passed_on', reason, status: answer.status, ms: Date.now() - context.began });
    }
    return finished(context, answer);
  } catch {
    return refused(context, 'unavailable', { reason: 'auth_server' });
  }
}

/** The auth server's answer, with its body where that is not too large; nothing where there is none. */
async function answered(context) {
  try {
    const response = await sent(context);
    if (response.status < 200) return undefined;
    const isDecoded = DECODED.includes(response.headers.get('content-encoding') ?? 'identity');
    const body = isDecoded ? await bodyOf(response.clone().body, ANSWER_BYTES) : undefined;
    return { response, body };
  } catch {
    return undefined;
  }
}

const DECODED = ['identity', 'gzip', 'br', ''];
const replyOf = (settings, iss, presented, { response, body }) => JSON.parse(call(
  'session_reply', settings.endpoint, iss, presented, response.status, body ?? new Uint8Array(), response.headers.getSetCookie().join('\n'),
));

/** The refusal when the auth server gave no answer, and the line for `name`. */
function unreachable(context, name, more = {}) {
  event(context, name, { ...more, outcome: more.outcome ?? 'unavailable', reason: 'auth_server', ms: Date.now() - context.began });
  return refusal(context, 'unavailable');
}

/** The answer for the client: nobody may keep it. */
function finished({ began }, answer, upstream) {
  const response = new Response(answer.body, answer);
  for (const name of ['edgeward-outcome', 'edgeward-refresh']) response.headers.delete(name);
  response.headers.set('cache-control', 'no-store');
  const timing = upstream === undefined
    ? [`edgeward;dur=${Date.now() - began}`]
    : [`edgeward;dur=${Math.max(0, Date.now() - began - upstream)}`, `auth-server;dur=${upstream}`];
  response.headers.append('server-timing', timing.join(', '));
  return response;
}

function refused(context, cause, more, seconds) {
  const { handler } = context.settings;
  event(context, handler === 'refresh' ? 'token_refresh' : `${handler}_refused`, { outcome: cause, ms: Date.now() - context.began, ...more });
  return refusal(context, cause, seconds);
}

function refusal({ settings, gate, id, given }, cause, seconds = 0) {
  const mediaType = given.request.headers.get('content-type') ?? '';
  const { status, headers, body } = JSON.parse(call('session_refusal', settings.style, cause, seconds, id, mediaType, gate.realm()));
  const reader = gate.reader();
  const readable = reader === undefined ? [] : [
    ['access-control-allow-origin', reader], ['access-control-allow-credentials', 'true'],
    ['access-control-expose-headers', 'retry-after, www-authenticate, x-request-id'], ['vary', 'origin'],
  ];
  return new Response(body, { status, headers: [...headers, ...readable, ['x-request-id', id]] });
}

/** Those that a session causes once: no flood of others may hide them. */
const WEIGHTY = ['token_reuse', 'session_ended', 'refresh_replayed'];

/** A line for the operator: sessions by a part of their hash, no token and no subject. */
function event({ id, settings }, name, { session, ...more }) {
  const write = WEIGHTY.includes(name) ? (line) => console.log(JSON.stringify(line)) : log;
  write({ event: name, request_id: id, issuer: settings.issuer, ...session !== undefined && { session: session.slice(0, 16) }, ...more });
}
