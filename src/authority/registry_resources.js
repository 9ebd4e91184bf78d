// What the registry answers: an administrator's lists and orders; own_sessions.js has everyone's own sessions.
import { bodyOf } from './body.js';
import { audit } from './audit.js';
import { auditSeals, auditTrail } from './audit_resources.js';
import { log } from './bridge.js';
import { expireTokens } from './expire_tokens.js';
import { weighty } from './line_limit.js';
import { append } from './log.js';
import { sink } from './metrics.js';
import { call } from './module.js';
import { sessions } from './own_sessions.js';
import { Problem, READ_MS, badRequest, denied, rowsOf, unavailable } from './problem.js';
import { inTime, prepared } from './registry.js';
import { register } from './registration.js';
import { isOfAllTenants, isWithin } from './scope.js';

const BODY_BYTES = 20_480;
/** Rows that one call of the archiver removes, at most: it can be repeated. */
const BATCHES = 20;
const DAY = 86_400;
/** A queue keeps an event for at most 14 days: for so long one may come for a family that has ended. */
const LATE_DAYS = 15;

const now = () => Math.floor(Date.now() / 1000);

const RESOURCES = { tokens, expire, archive, subject, sessions, audit: auditTrail, seals: auditSeals, metrics };
/** What is audited, by resource and method. Everyone may look at their own sessions. */
const EVENTS = {
  'tokens GET': 'tokens_listed', 'tokens POST': 'tokens_registered', 'expire POST': 'tokens_expired', 'archive POST': 'tokens_archived',
  'subject DELETE': 'subject_deleted', 'sessions DELETE': 'own_sessions_ended', 'audit GET': 'audit_listed', 'seals GET': 'audit_listed',
};

/** What ends tokens: this isolate need not wait until its copy of the revocation log is due. */
const ENDINGS = ['expire POST', 'subject DELETE', 'sessions DELETE'];

/** Answers a request whose caller the gate has judged. `order` says what is asked, by whom, and what an administrator may see. */
export async function serveRegistry(given, order, gate) {
  const began = Date.now();
  const context = { given, env: given.env, order, gate, settings: { location: order.location ?? null } };
  try {
    const found = await RESOURCES[order.resource](context);
    if (ENDINGS.includes(`${order.resource} ${order.method}`)) await gate.refresh_log();
    audited(context, 'done', began, found);
    if (found instanceof Response) return found;
    const { status = 200, ...body } = found;
    return answer(status, body, order.id);
  } catch (error) {
    // Anything else is a fault of the gateway.
    if (!(error instanceof Problem)) throw error;
    const { status, code, title, detail } = error;
    audited(context, code, began);
    if (status === 503) log({ event: code, request_id: order.id, resource: order.resource, ...error.reason !== undefined && { reason: error.reason } });
    else log({ event: 'refused', request_id: order.id, ms: Date.now() - began, code, status });
    const body = { type: `urn:edgeward:problem:${code}`, title, status, code, request_id: order.id, ...detail !== undefined && { detail } };
    const challenge = `Bearer realm="${order.realm}", error="insufficient_scope"`;
    return answer(status, body, order.id, { ...status === 503 && { 'retry-after': '5' }, ...status === 403 && { 'www-authenticate': challenge } });
  }
}

/** Who asked for what, about whom, and how many rows it concerned. Which filters they used may be personal data, and stays out. */
function audited({ given, order, about = {} }, outcome, began, found = {}) {
  // The length of an answer to HEAD says how much there is.
  const method = order.method === 'HEAD' ? 'GET' : order.method;
  const event = EVENTS[`${order.resource} ${method}`];
  if (event === undefined) return;
  const { expired, removed, registered, ended, deleted, sessions } = found;
  const number = expired ?? removed ?? registered ?? ended ?? (deleted === true ? sessions : undefined);
  // Those of whom it concerns: administrators of some tenants see what was done in theirs, and not what one of their own did in others.
  const { issuer, tenant } = about.of ?? order.caller ?? {};
  audit({
    event, outcome, request_id: order.id, duration_ms: Date.now() - began, issuer: issuer ?? null, tenant: tenant || null,
    detail: [number, about.detail].filter((part) => part !== undefined).join(' ') || null, subject_reference: about.reference ?? null,
  }, {
    subject: about.subject, actor: order.caller ?? undefined, request: given.request, changesNothing: event === 'own_sessions_ended' && !(number > 0),
  });
}

function answer(status, body, id, more = {}) {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': type, ...headersOf(id), ...more } });
}

const headersOf = (id) => ({ 'cache-control': 'no-store', 'cloudflare-cdn-cache-control': 'no-store', 'x-request-id': id });

/** `/.edgeward/admin/tokens`: newest first, a page at a time; with `POST`, tokens that came from elsewhere. */
async function tokens(context) {
  const { env, order: { method, query, scope } } = context;
  if (method === 'POST') return register(context, await json(context));
  const { statement, limit, error } = JSON.parse(call('registry_list', query, JSON.stringify(scope), now()));
  if (error !== undefined) throw badRequest(error);
  const found = await rowsOf(env, statement);
  const page = found.slice(0, limit);
  return {
    tokens: page.map(({ id: _, tenant, ...row }) => ({ ...row, tenant: tenant || null, state: row.expires_at > now() ? 'active' : 'expired' })),
    cursor: found.length > limit ? String(page.at(-1).id) : null,
  };
}

/** `POST /.edgeward/admin/tokens/expire`: `{ hash, extent }`. */
async function expire(context) {
  const { env, order: { scope } } = context;
  const body = await json(context);
  const { hash, extent = 'token', ...rest } = body;
  if (typeof hash !== 'string' || !hash.isWellFormed() || !['token', 'descendants', 'family'].includes(extent) || Object.keys(rest).length > 0) {
    throw badRequest('expected `hash` of a registered token, and `extent` to be token, descendants or family');
  }
  const [found] = await rowsOf(env, JSON.parse(call('registry_list', `hash=${encodeURIComponent(hash)}&limit=1`, JSON.stringify(scope), now())).statement);
  // What an administrator may not see is not there.
  if (found === undefined) throw new Problem(404, 'token_not_found', 'no such token is registered');
  if (scope !== null) {
    // After a change of the tenant, what came from a token may be another tenant's.
    const members = await rowsOf(env, JSON.parse(call('registry_members', extent, hash, now())));
    if (!members.every((row) => isWithin(scope, row))) throw denied('some of these tokens are not yours to expire');
  }
  context.about = { of: found, reference: found.reference, detail: `${extent} ${hash}` };
  return { expired: await expireTokens(context, extent, hash) };
}

/** `/.edgeward/admin/tokens/archive?days=N`: with `GET` it says what `POST` would remove. */
async function archive({ env, order: { query, method } }) {
  const days = daysOf(/^days=(.*)$/.exec(query)?.[1]);
  if (days === undefined) throw badRequest('expected `days` to be a number of 0 to 3650');
  const before = now() - days * DAY;
  if (method === 'GET') {
    const [{ tokens: count }] = await rowsOf(env, JSON.parse(call('registry_archivable', before)));
    return { removable: count };
  }
  return removeExpired(env, before);
}

/** A number of days, 0 to 3650, in digits; nothing for any other text: none may be read as 0, which removes the most. */
export function daysOf(text) {
  const days = /^\d{1,4}$/.test(text ?? '') ? Number(text) : undefined;
  return days <= 3650 ? days : undefined;
}

/** Removes what expired before a time; how many tokens, and whether there are more. */
export async function removeExpired(env, before) {
  const db = env.EDGEWARD_DB;
  const statements = JSON.parse(call('registry_archive', before));
  const run = (work) => inTime(work, READ_MS).catch(() => {
    throw unavailable();
  });
  let removed = 0;
  let hasMore = true;
  for (let n = 0; n < BATCHES && hasMore; n += 1) {
    const results = await run(db.batch(statements.map((statement) => prepared(db, statement))));
    const { changes } = results.at(-1).meta;
    removed += changes;
    hasMore = changes > 0;
  }
  await run(prepared(db, JSON.parse(call('registry_archive_ends', Math.min(before, now() - LATE_DAYS * DAY)))).run());
  return { removed, has_more: hasMore };
}

/**
 * `DELETE /.edgeward/admin/subjects/{reference}`: first the sessions end, so that no token is left that nobody knows the owner of, then all
 * rows about the subject go.
 */
async function subject(context) {
  const { env, order: { path, scope } } = context;
  const reference = decodeURIComponent(path.slice('/.edgeward/admin/subjects/'.length));
  const [found] = await rowsOf(env, JSON.parse(call('registry_subject', reference, JSON.stringify(scope))));
  // What an administrator may not see is not there.
  if (found === undefined) throw new Problem(404, 'subject_not_found', 'no such subject is registered');
  context.about = { of: found, reference };
  const own = await rowsOf(env, JSON.parse(call('registry_sessions_of', reference, now())));
  for (const { hash } of own) await endOf(context, hash);
  // A subject's cut-off has no tenant.
  if (isOfAllTenants(scope, found.issuer)) await cutOff(context, found);
  const statements = JSON.parse(call('registry_delete_subject', JSON.stringify({ ...found, reference }), now()));
  try {
    await inTime(env.EDGEWARD_DB.batch(statements.map((statement) => prepared(env.EDGEWARD_DB, statement))), READ_MS);
  } catch {
    throw unavailable();
  }
  weighty({ event: 'subject_deleted', request_id: context.order.id, sessions: own.length });
  return { deleted: true, sessions: own.length };
}

/** Ends a session of a subject. After a change of the tenant it may be another's by now: then only the administrator's own tokens end. */
async function endOf(context, hash) {
  const { env, order: { scope } } = context;
  const members = scope === null ? [] : await rowsOf(env, JSON.parse(call('registry_members', 'family', hash, now())));
  if (members.every((row) => isWithin(scope, row))) await expireTokens(context, 'family', hash);
  else for (const row of members.filter((own) => isWithin(scope, own))) await expireTokens(context, 'token', row.hash);
}

/** Revokes a subject's tokens, those too of which the registry has not heard yet. */
async function cutOff({ env, settings }, { iss, issuer, tenant, subject: own }) {
  try {
    const entries = [[call('registry_subject_name', iss, own), null, now() + 1]];
    await append(env, call('session_append', JSON.stringify(entries), issuer, tenant, 'admin'), settings.location);
  } catch {
    throw unavailable();
  }
}

/** `GET /.edgeward/metrics`. */
async function metrics({ env, settings, order }) {
  let text;
  try {
    text = await inTime(sink(env, settings.location).text(), READ_MS);
  } catch {
    throw new Problem(503, 'metrics_unavailable', 'the metrics cannot be read at the moment');
  }
  return new Response(text, { headers: { ...headersOf(order.id), 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } });
}

async function json({ given: { request } }) {
  const body = await bodyOf(request.body, BODY_BYTES);
  if (body === undefined) throw badRequest('expected a body of at most 20 KiB');
  const object = call('registry_body', body);
  if (object === undefined) throw badRequest('expected one JSON object, each member once');
  return JSON.parse(object);
}
