// The handlers of routes about sessions: what stands in bodies is read here, in the isolate of the gate, which verifies tokens.
import { log, useSessions } from './bridge.js';
import { append, isRevoked } from './log.js';
import { call } from './module.js';

/** A request to such a route, at most. */
const BODY_BYTES = 65_536;
/** How long a login waits for the registration of its tokens, where unknown ones are refused. */
const LOGIN_MS = 1000;

const HANDLERS = { refresh, login, logout, verify, blacklist };

useSessions({ serve, see });

/**
 * Serves a request to a route with a handler. `plan` has the request as the origin is to get it ({ to, binding, timeout, method,
 * headers }), `gate` verifies tokens, and `settings` are those of the route.
 */
async function serve(given, plan, gate, settings) {
  const began = Date.now();
  const context = { given, plan, gate, settings, env: given.env, id: plan.headers.get('x-request-id'), began };
  try {
    const body = await bodyOf(given.request);
    if (body === undefined) return refusal(context, 'too_large');
    const head = Object.fromEntries(HEAD.map((name) => [name, given.request.headers.get(name)]));
    const found = JSON.parse(call('session_request', settings.endpoint, JSON.stringify(head), body));
    if (settings.shadow) return await observed({ ...context, body }, found);
    if (found.error !== undefined) return refused(context, found.error);
    return await HANDLERS[settings.handler]({ ...context, body }, found);
  } finally {
    gate.free();
  }
}
const HEAD = ['content-type', 'content-encoding', 'authorization', 'dpop', 'cookie'];

/** In shadow mode nothing is kept, ended or refused: what is said is whether tokens are found, and whether the gate can verify them. */
async function observed(context, found) {
  const { gate, settings } = context;
  const known = found.token === undefined ? { status: found.error ?? 'none' } : await verified(gate, found);
  const { answer, body } = await answered(context);
  const cookies = answer.headers.getSetCookie().join('\n');
  const { kind, refresh: next } = JSON.parse(call('session_reply', settings.endpoint, '', found.token ?? '', answer.status, body, cookies));
  const presented = known.is_opaque ? 'opaque' : known.status;
  event(context, 'session_shadow', { handler: settings.handler, presented, answer: kind, status: answer.status, has_refresh: next !== null });
  return finished(context, new Response(nullable(answer.status, body), answer));
}

/** One successor for each token: the family object calls the auth server. */
async function refresh(context, found) {
  const { gate, settings, plan, env, body } = context;
  if (found.token === undefined) return passedOn(context);
  const known = await verified(gate, found);
  if (known.status === 'unavailable') return refused(context, 'unavailable', { reason: known.code });
  // What the auth server refuses anyway, it refuses itself: its clients know how it says so.
  if (known.status === 'unknown' || known.type === 'access' || known.is_over) {
    if (settings.unknown === 'refuse') return refused(context, 'revoked', { reason: 'unknown' });
    return passedOn(context);
  }
  // Nobody can tell whether an opaque one was ever shown here.
  if (known.is_opaque && settings.unknown === 'refuse') return refused(context, 'revoked', { reason: 'unknown' });
  const { to, binding, timeout, method } = plan;
  const order = {
    message: message(known, found.rest, settings), token: found.token, endpoint: settings.endpoint, to, binding, timeout, limit: settings.limit,
    location: settings.location, expire_tree: settings.expire_tree,
  };
  const headers = new Headers(plan.headers);
  headers.set('edgeward-refresh', encodeURIComponent(JSON.stringify(order)));
  let answer;
  try {
    answer = await family(env, known.object, settings).fetch('https://session-family/', { method, headers, body: body.byteLength > 0 ? body : null });
  } catch {
    return refused(context, 'unavailable', { reason: 'session_family', session: known.object });
  }
  return concluded(context, known, answer);
}

function concluded(context, known, answer) {
  const { outcome, reason, wait, upstream, replays, isShared } = JSON.parse(decodeURIComponent(answer.headers.get('edgeward-outcome')));
  const session = known.object;
  const told = { session, upstream_ms: upstream };
  if (outcome === 'reused') event(context, 'token_reuse', { session, cause: reason });
  if (outcome === 'reused' || (outcome === 'denied' && upstream !== undefined)) event(context, 'session_ended', { session, reason });
  if (replays !== undefined && replays >= REPLAYS) event(context, 'refresh_replayed', { session, replays });
  switch (outcome) {
    case 'limited':
      return refused(context, 'rate_limited', told, wait);
    case 'unavailable':
      return refused(context, 'unavailable', { ...told, reason });
    case 'denied':
    case 'reused':
      return refused(context, 'revoked', { ...told, reason });
    default: {
      event(context, 'token_refresh', { outcome: isShared ? 'shared' : outcome, ms: Date.now() - context.began, ...told });
      return finished(context, answer, upstream);
    }
  }
}
/** So many replays in a row are worth a line of their own: a thief who always presents the previous token leaves no other sign. */
const REPLAYS = 3;

/** Only observes: the answer's tokens are registered. */
async function login(context) {
  const { given, gate, settings, env } = context;
  const { answer, body } = await answered(context);
  const cookies = answer.headers.getSetCookie().join('\n');
  const reply = JSON.parse(call('session_reply', settings.endpoint, '', '', answer.status, body, cookies));
  const isGood = reply.kind === 'rotated';
  event(context, 'login', { outcome: isGood ? 'accepted' : 'refused', status: answer.status, ms: Date.now() - context.began });
  if (isGood) {
    const text = reply.texts.refresh;
    const registration = verified(gate, { token: text, is_opaque: !text.startsWith('eyJ') }).then((known) => {
      if (known.status !== 'verified' || known.is_opaque) return undefined;
      return family(env, known.object, settings).login(JSON.stringify(message(known, EMPTY, settings)), reply.access === null ? undefined : JSON.stringify(reply.access));
    }).catch(() => event(context, 'session_unregistered', {}));
    if (settings.unknown === 'refuse') await Promise.race([registration, scheduler.wait(LOGIN_MS)]);
    given.context.waitUntil(registration);
  }
  return finished(context, new Response(nullable(answer.status, body), answer));
}
const EMPTY = 'A'.repeat(43);

/** Ends the family and the access token, and lets the auth server do the same. */
async function logout(context, found) {
  const { given, gate, settings, env } = context;
  const bearer = /^bearer +(\S+)$/i.exec(given.request.headers.get('authorization') ?? '')?.[1];
  const access = bearer === undefined ? UNKNOWN : await verified(gate, { token: bearer, is_opaque: false });
  const own = found.token === undefined ? UNKNOWN : await verified(gate, found);
  if (access.status === 'unavailable' || own.status === 'unavailable') return refused(context, 'unavailable', { reason: 'keys' });
  try {
    await ended(env, settings, [own, access], 'logout');
  } catch {
    return refused(context, 'unavailable', { reason: 'revocation_log' });
  }
  const object = [own, access].find(({ status }) => status === 'verified')?.object;
  event(context, 'logout', { session: object, outcome: object === undefined ? 'unknown' : 'ended' });
  if (object !== undefined) event(context, 'session_ended', { session: object, reason: 'logout' });
  if (settings.forward) return passedOn(context);
  return new Response(settings.logout_body, {
    status: settings.logout_body === null ? 204 : 200,
    headers: { ...settings.logout_body !== null && { 'content-type': 'application/json' }, 'cache-control': 'no-store', 'x-request-id': context.id },
  });
}

/** `token/verify/`: what was revoked here is not good. */
async function verify(context, found) {
  const state = found.token === undefined ? 'good' : await stateOf(context, found);
  if (state === 'unavailable') return refused(context, 'unavailable', {});
  return state === 'revoked' ? refused(context, 'revoked_at_verify', {}) : passedOn(context);
}

/** `token/blacklist/`: what the auth server ends is ended here, too. */
async function blacklist(context, found) {
  const { gate, settings, env } = context;
  const state = found.token === undefined ? 'good' : await stateOf(context, found);
  if (state === 'unavailable') return refused(context, 'unavailable', {});
  if (state === 'revoked') return refused(context, 'revoked', {});
  const { answer, body } = await answered(context);
  if (answer.ok && found.token !== undefined) {
    const known = await verified(gate, found);
    try {
      await ended(env, settings, [known], 'logout');
    } catch {
      // The auth server has done it; here it is done later, and the client may ask again.
      return refused(context, 'unavailable', { reason: 'revocation_log' });
    }
    event(context, 'session_ended', { session: known.object, reason: 'blacklist' });
  }
  return finished(context, new Response(nullable(answer.status, body), answer));
}

/** Whether a token is `good`, `revoked` here, or `unavailable`. One that the gate cannot verify is the auth server's. */
async function stateOf({ gate, settings, env }, found) {
  const known = await verified(gate, found);
  if (known.status === 'unavailable') return 'unavailable';
  if (known.status === 'unknown') return 'good';
  const isDead = await isRevoked(env, settings.location, known.names, known.issued_at);
  if (isDead === undefined) return 'unavailable';
  if (isDead) return 'revoked';
  if (known.type === 'access' || known.is_opaque) return 'good';
  const state = await family(env, known.object, settings).state(known.hash).catch(() => 'unavailable');
  return { used: 'revoked', ended: 'revoked', unavailable: 'unavailable' }[state] ?? 'good';
}

/** Ends the families of tokens, and the tokens themselves. */
async function ended(env, settings, tokens, reason) {
  const entries = [];
  let last;
  for (const known of tokens.filter(({ status }) => status === 'verified')) {
    last = known;
    // One that has no expiry stands until the log forgets it.
    entries.push([known.names[0], known.expires_at === null ? null : known.expires_at + known.leeway]);
    if (known.session !== null) entries.push([known.session, null]);
    const which = known.session === null ? { of: known.hash } : 'all';
    await family(env, known.object, settings).end(JSON.stringify({ which, reason }));
  }
  if (last !== undefined) await append(env, call('session_append', JSON.stringify(entries), last.issuer, last.tenant ?? ''), settings.location);
}

/** An access token was used: its family's successor is seen. */
async function see({ env, context }, object, hash, location) {
  context.waitUntil(family(env, object, { location }).see(hash).catch(() => {}));
}

const UNKNOWN = { status: 'unknown' };

/** The token as the gate sees it. */
const verified = async (gate, { token, is_opaque: isOpaque }) => JSON.parse(await gate.verify(token, isOpaque));

const message = (known, rest, settings) => ({
  hash: known.hash, request: rest, names: known.names, iss: known.iss, issuer: known.issuer, tenant: known.tenant, issued_at: known.issued_at,
  expires_at: known.expires_at, leeway: known.leeway, session: known.session, is_opaque: known.is_opaque, unknown: settings.unknown,
  grace: settings.grace, unused: settings.unused,
});

/** A stub of a family: for one request only. */
function family(env, object, { location }) {
  const namespace = env.EDGEWARD_SESSIONS;
  return namespace.get(namespace.idFromName(object), location === null ? undefined : { locationHint: location });
}

async function bodyOf(request) {
  const parts = [];
  let bytes = 0;
  for await (const part of request.body ?? []) {
    bytes += part.byteLength;
    if (bytes > BODY_BYTES) return undefined;
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** The request as it came, to the auth server. */
async function sent({ given, plan: { to, binding, timeout, method, headers }, body }) {
  const isRead = method === 'GET' || method === 'HEAD';
  const init = { method, headers, body: isRead || body.byteLength === 0 ? null : body, redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(timeout) };
  return binding === '' ? fetch(to, init) : given.env[binding].fetch(to, init);
}

async function passedOn(context) {
  try {
    return finished(context, await sent(context));
  } catch {
    return refused(context, 'unavailable', { reason: 'auth_server' });
  }
}

/** The auth server's answer with its whole body. */
async function answered(context) {
  const answer = await sent(context);
  const body = new Uint8Array(await answer.arrayBuffer());
  const headers = new Headers(answer.headers);
  for (const name of ['content-encoding', 'content-length']) headers.delete(name);
  return { answer: { status: answer.status, ok: answer.ok, headers }, body };
}

const nullable = (status, body) => ([101, 204, 205, 304].includes(status) ? null : body);

/** The answer for the client: nobody may keep it. */
function finished({ began }, answer, upstream) {
  const response = new Response(answer.body, answer);
  response.headers.delete('edgeward-outcome');
  response.headers.set('cache-control', 'no-store');
  const timing = [`edgeward;dur=${Math.max(0, Date.now() - began - (upstream ?? 0))}`];
  if (upstream !== undefined) timing.push(`auth-server;dur=${upstream}`);
  response.headers.append('server-timing', timing.join(', '));
  return response;
}

function refused(context, cause, more, seconds) {
  event(context, context.settings.handler === 'refresh' ? 'token_refresh' : `${context.settings.handler}_refused`, {
    outcome: cause, ms: Date.now() - context.began, ...more,
  });
  return refusal(context, cause, seconds);
}

function refusal({ settings, id, given }, cause, seconds = 0) {
  const mediaType = given.request.headers.get('content-type') ?? '';
  const { status, headers, body } = JSON.parse(call('session_refusal', settings.style, cause, seconds, id, mediaType));
  return new Response(body, { status, headers: [...headers, ['x-request-id', id]] });
}

/** A line for the operator: sessions by a part of their hash, no token and no subject. */
function event({ id, settings }, name, { session, ...more }) {
  log({ event: name, request_id: id, issuer: settings.issuer, ...session !== undefined && { session: session.slice(0, 16) }, ...more });
}
