// What the registry answers: an administrator's lists and orders, and everyone's own sessions.
import { bodyOf } from './body.js';
import { append } from './log.js';
import { call } from './module.js';
import { inTime, prepared, write } from './registry.js';
import { family } from './session_end.js';

const BODY_BYTES = 20_480;
/** How long an answer of the database is waited for. */
const READ_MS = 5000;
/** Entries in one order to the log. */
const ENTRIES = 5000;
/** Rows that one call of the archiver removes, at most: it can be repeated. */
const BATCHES = 20;
const DAY = 86_400;

const now = () => Math.floor(Date.now() / 1000);

/** A refusal that is not the gate's. */
class Problem extends Error {
  constructor(status, code, title, detail) {
    super(title);
    Object.assign(this, { status, code, title, detail });
  }
}
const badRequest = (detail) => new Problem(400, 'invalid_request', 'the request is not what is expected here', detail);
const unavailable = () => new Problem(503, 'registry_unavailable', 'the registry cannot be asked at the moment');

const RESOURCES = { tokens, expire, archive, subject, sessions };

/** Answers a request whose caller the gate has judged. `order` says what is asked, by whom, and what an administrator may see. */
export async function serveRegistry(given, order) {
  try {
    const { status = 200, ...body } = await RESOURCES[order.resource]({ given, env: given.env, order, settings: { location: order.location ?? null } });
    return answer(status, body, order.id);
  } catch (error) {
    const { status, code, title, detail } = error instanceof Problem ? error : unavailable();
    const body = { type: `urn:edgeward:problem:${code}`, title, status, code, request_id: order.id, ...detail !== undefined && { detail } };
    return answer(status, body, order.id, status === 503 ? { 'retry-after': '5' } : {});
  }
}

function answer(status, body, id, more = {}) {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  const headers = { 'content-type': type, 'cache-control': 'no-store', 'cloudflare-cdn-cache-control': 'no-store', 'x-request-id': id, ...more };
  return new Response(JSON.stringify(body), { status, headers });
}

/** The rows of a statement; an error where the database gives none. */
async function rowsOf({ EDGEWARD_DB: db }, statement) {
  try {
    return (await inTime(prepared(db, statement).all(), READ_MS)).results;
  } catch {
    throw unavailable();
  }
}

/** `GET /.edgeward/admin/tokens`: newest first, a page at a time. */
async function tokens({ env, order: { query, scope } }) {
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
  if (typeof hash !== 'string' || !['token', 'descendants', 'family'].includes(extent) || Object.keys(rest).length > 0) {
    throw badRequest('expected `hash` of a registered token, and `extent` to be token, descendants or family');
  }
  const [found] = await rowsOf(env, JSON.parse(call('registry_list', `hash=${encodeURIComponent(hash)}&limit=1`, JSON.stringify(scope), now())).statement);
  // What an administrator may not see is not there.
  if (found === undefined) throw new Problem(404, 'token_not_found', 'no such token is registered');
  return { expired: await expireTokens(context, extent, hash) };
}

/**
 * Expires a token and what belongs to it; how many were active. First a family's object, so that nothing is refreshed any more, then the
 * log, in which all of them are refused, and last the registry. A refresh token that is refused by the log ends its family when it is presented.
 */
export async function expireTokens({ env, settings, order }, extent, hash) {
  const rows = await rowsOf(env, JSON.parse(call('registry_members', extent, hash, now())));
  const ended = [];
  for (const [own, row] of new Map(rows.filter(({ object }) => object !== '' && extent === 'family').map((row) => [row.family, row]))) {
    try {
      const families = await family(env, row.object, settings).end(JSON.stringify({ which: { of: row.hash }, reason: 'ended' }));
      if (families.length > 0) ended.push(own);
    } catch {
      throw unavailable();
    }
  }
  const entries = rows.map(({ name, true_expires_at: until }) => [name, until, null]);
  try {
    for (let n = 0; n < entries.length; n += ENTRIES) {
      const { issuer, tenant } = rows[n];
      await append(env, call('session_append', JSON.stringify(entries.slice(n, n + ENTRIES)), issuer, tenant, 'admin'), settings.location);
    }
    const done = prepared(env.EDGEWARD_DB, JSON.parse(call('registry_expire', extent, hash, now())));
    await inTime(done.run(), READ_MS);
    if (ended.length > 0) await write(env, [{ kind: 'ended', families: ended, at: now() }]);
  } catch {
    throw unavailable();
  }
  if (rows.length > 0) console.log(JSON.stringify({ event: 'tokens_expired', request_id: order.id, extent, tokens: rows.length }));
  return rows.length;
}

/** `/.edgeward/admin/tokens/archive?days=N`: with `GET` it says what `POST` would remove. */
async function archive({ env, order: { query, method, scope } }) {
  if (scope !== null) throw new Problem(403, 'insufficient_scope', 'only an administrator of everything may archive');
  const [name, value, ...more] = query.split(/[=&]/);
  const days = Number(value);
  if (name !== 'days' || more.length > 0 || !Number.isInteger(days) || days < 0 || days > 3650) throw badRequest('expected `days` to be a number of 0 to 3650');
  const before = now() - days * DAY;
  if (method === 'GET') {
    const [{ tokens: count }] = await rowsOf(env, JSON.parse(call('registry_archivable', before)));
    return { removable: count };
  }
  return removeExpired(env, before);
}

/** Removes what expired before a time; how many tokens, and whether there are more. */
export async function removeExpired(env, before) {
  const statements = JSON.parse(call('registry_archive', before));
  let removed = 0;
  for (let n = 0; n < BATCHES; n += 1) {
    let results;
    try {
      results = await inTime(env.EDGEWARD_DB.batch(statements.map((statement) => prepared(env.EDGEWARD_DB, statement))), READ_MS);
    } catch {
      throw unavailable();
    }
    removed += results[0].meta.changes;
    if (results.every(({ meta }) => meta.changes === 0)) return { removed, has_more: false };
  }
  return { removed, has_more: true };
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
  const own = await rowsOf(env, JSON.parse(call('registry_sessions_of', reference, now())));
  for (const { hash } of own) await expireTokens(context, 'family', hash);
  try {
    // Those, too, of which the registry has not heard yet.
    const cutoff = [[call('registry_subject_name', found.iss, found.subject), null, now() + 1]];
    await append(env, call('session_append', JSON.stringify(cutoff), found.issuer, found.tenant, 'admin'), context.settings.location);
  } catch {
    throw unavailable();
  }
  const statements = JSON.parse(call('registry_delete_subject', reference, found.issuer, found.tenant, found.subject, now()));
  try {
    await inTime(env.EDGEWARD_DB.batch(statements.map((statement) => prepared(env.EDGEWARD_DB, statement))), READ_MS);
  } catch {
    throw unavailable();
  }
  console.log(JSON.stringify({ event: 'subject_deleted', request_id: context.order.id, sessions: own.length }));
  return { deleted: true, sessions: own.length };
}

/** `/.edgeward/sessions`: the caller's own. */
async function sessions(context) {
  const { env, order: { caller, method, path, query } } = context;
  const id = path.slice('/.edgeward/sessions'.length).replace(/^\//, '');
  const own = [caller.issuer, caller.tenant ?? '', caller.subject ?? ''];
  const listed = async () => (caller.subject === null ? [] : rowsOf(env, JSON.parse(call('registry_own_sessions', ...own, caller.hash, now()))));
  if (method === 'GET' && id === '') {
    const found = await listed();
    return { sessions: found.map(({ is_current: isCurrent, ...session }) => ({ ...session, is_current: isCurrent === 1 })) };
  }
  if (method === 'DELETE' && id === '') {
    if (query !== 'others=true') throw badRequest('expected `?others=true`, or the id of a session in the path');
    let ended = 0;
    for (const session of (await listed()).filter(({ is_current: isCurrent }) => isCurrent !== 1)) ended += await end(context, own, session.id) ? 1 : 0;
    return { ended };
  }
  if (method === 'DELETE' && caller.subject !== null && await end(context, own, id)) return { ended: 1 };
  throw new Problem(404, 'session_not_found', 'you have no such session');
}

/** Ends one session of a subject; whether there was one. */
async function end(context, own, id) {
  const [found] = await rowsOf(context.env, JSON.parse(call('registry_own_session', ...own, decodeURIComponent(id), now())));
  if (found === undefined) return false;
  await expireTokens(context, 'family', found.hash);
  return true;
}

async function json({ given: { request } }) {
  const body = await bodyOf(request.body, BODY_BYTES);
  if (body === undefined) throw badRequest('expected a body of at most 20 KiB');
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw badRequest('expected one JSON object');
}
