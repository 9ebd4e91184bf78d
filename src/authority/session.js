// The handlers of routes about sessions: what stands in bodies is read here, in the isolate of the gate, which verifies tokens.
import { auditOfGate, observeAudit } from './audit.js';
import { bodyOf } from './body.js';
import { useSessions } from './bridge.js';
import { isHandle, openedHandle, withMember } from './handle.js';
import { report } from './metrics.js';
import { call } from './module.js';
import { registerUse, registryAnswers } from './registry.js';
import { serveRegistry } from './registry_resources.js';
import { answered, event, finished, passedOn, refused, replyOf, unreachable, verified } from './session_answer.js';
import { family } from './session_end.js';
import { expire } from './session_expire.js';
import { login } from './session_login.js';
import { blacklist, logout, password, verify } from './session_logout.js';
import { loginInSession, logoutInSession, passwordInSession, refreshInSession } from './session_browser.js';
import { refresh } from './session_refresh.js';
import { renew } from './session_renewal.js';
import { endSession } from './session_revocation.js';

/** A request to such a route, at most. */
const BODY_BYTES = 65_536;

const HANDLERS = { refresh, login, logout, verify, blacklist, password, expire };
/** Those to which no refresh token has to be presented: what the gateway cannot read is the auth server's. */
const READS_ANYTHING = ['login', 'logout', 'password'];

/** Those whose tokens are in cookies. */
const HANDLERS_IN_SESSION = { refresh: refreshInSession, login: loginInSession, logout: logoutInSession, password: passwordInSession };

useSessions({ serve, see, renew, endSession, serveRegistry, registryAnswers, report, observeAudit, audit: auditOfGate });

/**
 * Serves a request to a route with a handler. `plan` has the request as the origin is to get it ({ to, binding, timeout, method,
 * headers }), `gate` verifies tokens, and `settings` are those of the route.
 */
async function serve(given, plan, gate, settings) {
  const context = { given, plan, gate, settings, env: given.env, id: plan.headers.get('x-request-id'), began: Date.now() };
  try {
    // A preflight, as the route lets it pass.
    if (plan.method === 'OPTIONS') return await passedOn({ ...context, body: new Uint8Array() });
    const inSession = settings.session === null ? undefined : HANDLERS_IN_SESSION[settings.handler];
    // A page's refresh or logout says all by its cookies.
    const isBodyless = inSession !== undefined && ['refresh', 'logout'].includes(settings.handler);
    const body = await bodyOf(given.request.body, BODY_BYTES) ?? (isBodyless ? new Uint8Array() : undefined);
    if (body === undefined) return refused(context, 'too_large');
    if (inSession !== undefined) return await inSession({ ...context, body });
    const head = Object.fromEntries(HEAD.map((name) => [name, given.request.headers.get(name)]));
    const { found, path } = await presented(settings, head, body);
    const whole = { ...context, body };
    if (found.token !== undefined && settings.handles !== 'off' && isHandle(found.token)) {
      const handle = await openedHandle(given.env, settings, found.token);
      if (handle !== undefined) {
        Object.assign(found, handle, { is_opaque: true });
        const isForm = !/^application\/json/i.test(head['content-type'] ?? '');
        if (path !== undefined) whole.body = withMember(body, path, handle.token, { isForm });
      } else if (settings.shadow || settings.handler === 'expire' || READS_ANYTHING.includes(settings.handler)) {
        // It is no token: the auth server refuses it, and a logout ends what else is presented.
        delete found.token;
      } else return refused(context, 'invalid', { reason: 'handle' });
    }
    if (settings.shadow) return await observed(whole, found);
    // What no token can be is a token that is over: so says the package whose answers these are.
    const isNone = settings.handler === 'expire' && found.error === 'invalid';
    if (found.error !== undefined && !isNone && !READS_ANYTHING.includes(settings.handler)) return refused(context, found.error);
    return await HANDLERS[settings.handler](whole, found);
  } finally {
    gate.free();
  }
}

/** What a request presents, and the `path` at which its token stands. A logout of OAuth 2 may be a revocation (RFC 7009 §2.1). */
async function presented({ handler, endpoint }, head, body) {
  const own = JSON.parse(endpoint);
  const read = (path, type = {}, text = body) =>
    JSON.parse(call('session_request', JSON.stringify({ ...own, request_refresh: path }), JSON.stringify({ ...head, ...type }), text));
  const first = { path: own.request_refresh, found: read(own.request_refresh) };
  if (handler !== 'logout' || first.found.token !== undefined) return first;
  if (first.found.error !== undefined) return { found: await foundAnyway(own.request_refresh, read, head, body) };
  return own.body === 'form' ? { path: 'token', found: read('token') } : first;
}

/**
 * What a logout presents in a body that may not be exchanged, because servers read it differently: to end what is found does no harm.
 * Cookies are found beside whatever the body is.
 */
async function foundAnyway(path, read, head, body) {
  const form = await new Response(body, { headers: { 'content-type': head['content-type'] ?? '' } }).formData().catch(() => []);
  const texts = new URLSearchParams([...form].filter(([, value]) => typeof value === 'string')).toString();
  const bodies = [['application/x-www-form-urlencoded', new TextEncoder().encode(texts)], ['application/json', body], [null, new Uint8Array()]];
  const readings = bodies.map(([type, text]) => read(path, { 'content-type': type, 'content-encoding': null }, text)).filter(({ error }) => error === undefined);
  return readings.find(({ token }) => token !== undefined) ?? readings[0] ?? {};
}
const HEAD = ['content-type', 'content-encoding', 'authorization', 'dpop', 'cookie', 'origin'];

/** In shadow mode nothing is kept, ended or refused: what is said is whether tokens are found, and whether the gate can verify them. */
async function observed(context, found) {
  const { settings } = context;
  const known = found.token === undefined ? { status: found.error ?? 'none' } : await verified(context, found);
  const answer = await answered(context);
  if (answer === undefined) return unreachable(context, 'session_shadow', { handler: settings.handler });
  const { kind, refresh: next } = replyOf(settings, '', found.token ?? '', answer);
  const presented = known.is_opaque ? 'opaque' : known.status;
  event(context, 'session_shadow', {
    handler: settings.handler, presented, reason: known.code, answer: kind, status: answer.response.status, has_refresh: next !== null,
  });
  return finished(context, answer.response);
}

/** An access token was used: its family's successor is seen. */
async function see({ env, context }, object, hash, location) {
  context.waitUntil(family(env, object, { location }).see(hash).catch(() => {}));
  registerUse(hash);
}
