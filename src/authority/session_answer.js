// What all handlers do with the auth server's answers, with their own refusals, and with lines for the operator.
import { ANSWER_BYTES, bodyOf, isDecoded, legible } from './body.js';
import { log } from './bridge.js';
import { lasting } from './cookie.js';
import { weighty } from './line_limit.js';
import { call } from './module.js';
import { forbidStoring } from './no_store.js';
import { observed } from './observed.js';

export const UNKNOWN = { status: 'unknown' };

/** The token as the gate sees it. Events of this request are about its subject. */
export const verified = async (context, { token, is_opaque: isOpaque, object, claims }) => {
  const told = JSON.parse(await context.gate.verify(token, isOpaque));
  // A handle says which object knows the token: there its generations are told apart.
  const known = object === undefined || told.status !== 'verified' ? told : ofOwner({ ...told, object, is_opaque: false, is_sealed: true }, claims ?? {});
  if (known.status === 'verified') context.known ??= known;
  return known;
};

/** A token with what a handle says of it: whose it is, and so which revocations end it. `iss` differs where the issuer's is a template. */
function ofOwner(told, { iss: own, tenant = null, subject = null, session: sid = null, issued_at = null, access = null }) {
  const iss = own ?? told.iss;
  const names = call('session_owner_names', iss, tenant ?? undefined, subject ?? undefined, sid ?? undefined);
  return { ...told, iss, tenant, subject, sid, issued_at, access, names: [...told.names, ...names] };
}

/** The request without the client's wish for an encoding: what nobody here can read has tokens and subjects that nobody sees. */
export const readable = (context) => {
  const headers = new Headers(context.plan.headers);
  headers.set('accept-encoding', 'identity');
  return { ...context, plan: { ...context.plan, headers } };
};

/** The request as it came, to the auth server. */
async function sent({ given, plan: { to, binding, timeout, method, headers }, body }) {
  const isRead = method === 'GET' || method === 'HEAD';
  const init = {
    method, headers, body: isRead || body.byteLength === 0 ? null : body, redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(timeout),
  };
  const answer = await (binding === '' ? fetch(to, init) : given.env[binding].fetch(to, init));
  // No response could be made with such a status.
  if (answer.status < 200 || answer.status > 599) throw new Error('expected a status from 200 to 599');
  return answer;
}

/**
 * The answer of the auth server to what this gateway has no part in. Where it `maySucceed` not, a success means that the auth server has
 * read another token than the gateway: nobody gets it.
 */
export async function passedOn(context, reason, maySucceed = true) {
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
export async function answered(context) {
  try {
    const response = await sent(context);
    if (response.status < 200) return undefined;
    const body = isDecoded(response.headers) ? await bodyOf(response.clone().body, ANSWER_BYTES) : undefined;
    return { response, body };
  } catch {
    return undefined;
  }
}

export const replyOf = (settings, iss, presented, { response, body }) => JSON.parse(call(
  'session_reply', settings.endpoint, settings.tokens, iss, presented, response.status, legible(body ?? new Uint8Array()),
  lasting(response.headers.getSetCookie()).join('\n'),
));

/** The refusal when the auth server gave no answer, and the line for `name`. */
export function unreachable(context, name, more = {}) {
  event(context, name, { ...more, outcome: more.outcome ?? 'unavailable', reason: 'auth_server', ms: Date.now() - context.began });
  return refusal(context, 'unavailable');
}

/** The answer for the client: nobody may keep it. */
export function finished({ began }, answer, upstream) {
  const response = new Response(answer.body, answer);
  for (const name of ['edgeward-outcome', 'edgeward-refresh']) response.headers.delete(name);
  forbidStoring(response.headers);
  const timing = upstream === undefined
    ? [`edgeward;dur=${Date.now() - began}`]
    : [`edgeward;dur=${Math.max(0, Date.now() - began - upstream)}`, `auth-server;dur=${upstream}`];
  response.headers.append('server-timing', timing.join(', '));
  return response;
}

export function refused(context, cause, more, seconds) {
  const { handler } = context.settings;
  context.refusal = { cause, reason: more?.reason };
  event(context, handler === 'refresh' ? 'token_refresh' : `${handler}_refused`, { outcome: cause, ms: Date.now() - context.began, ...more });
  return refusal(context, cause, seconds);
}

function refusal({ settings, gate, id, given }, cause, seconds = 0) {
  const mediaType = given.request.headers.get('content-type') ?? '';
  const { status, headers, body } = JSON.parse(call('session_refusal', settings.style, cause, seconds, id, mediaType, gate.realm()));
  return new Response(body, { status, headers: [...headers, ...fieldsForReader(gate), ['cloudflare-cdn-cache-control', 'no-store'], ['x-request-id', id]] });
}

/** The fields by which a page of another origin may read the gateway's own answer, where the route lets it. */
export function fieldsForReader(gate) {
  const reader = gate.reader();
  return reader === undefined ? [] : [
    ['access-control-allow-origin', reader], ['access-control-allow-credentials', 'true'],
    ['access-control-expose-headers', 'retry-after, www-authenticate, x-request-id'], ['vary', 'origin'],
  ];
}

/** What matters most of a session: no flood of others may hide it. */
const WEIGHTY = ['token_reuse', 'session_ended', 'refresh_replayed'];

/** A line for the operator, a count, and an event for the audit trail. */
export function event(context, name, more) {
  observed(context, name, more);
  line(context, name, more);
}

/** The line alone: sessions by a part of their hash, no token and no subject. */
export function line({ id, settings }, name, { session, ...more }) {
  const write = WEIGHTY.includes(name) ? weighty : log;
  write({ event: name, request_id: id, issuer: settings.issuer, ...session !== undefined && { session: session.slice(0, 16) }, ...more });
}
