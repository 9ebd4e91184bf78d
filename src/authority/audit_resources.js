// What the audit trail answers to administrators, and how it is sealed.
import { call } from './module.js';
import { badRequest, rowsOf, unavailable } from './problem.js';
import { inTime, prepared } from './registry.js';

/** Seals in one run: more wait for the next. Each takes two of the 1,000 statements that the platform allows an invocation; the archiver needs some as well. */
const SEALS = 300;
const PAGE = 1000;

/** `GET /.edgeward/admin/audit`: newest first, a page at a time. */
export async function auditTrail({ env, order: { query, scope } }) {
  const { statement, limit, error } = JSON.parse(call('audit_list', query, JSON.stringify(scope)));
  if (error !== undefined) throw badRequest(error);
  const found = await rowsOf(env, statement);
  return { events: found.slice(0, limit), cursor: found.length > limit ? String(found[limit - 1].id) : null };
}

/** `GET /.edgeward/admin/audit/seals`: oldest first, 1,000 at a time. */
export async function auditSeals({ env, order: { query } }) {
  const last = /^(?:cursor=(\d{1,15}))?$/.exec(query)?.[1];
  if (query !== '' && last === undefined) throw badRequest('expected `cursor` as it was answered, and nothing else');
  const found = await rowsOf(env, JSON.parse(call('audit_seals', Number(last ?? -1), PAGE)));
  return { seals: found.slice(0, PAGE), cursor: found.length > PAGE ? String(found[PAGE - 1].last) : null };
}

/**
 * Seals what was appended since the last seal. Each seal goes to the log output as well: there nobody who can write to the database can
 * change it.
 */
export async function sealAudit(env) {
  let [{ hash = '', last = 0 } = {}] = await rowsOf(env, JSON.parse(call('audit_last_seal')));
  for (let n = 0; n < SEALS; n += 1) {
    const { statement, limit } = JSON.parse(call('audit_unsealed', last));
    const rows = await rowsOf(env, statement);
    if (rows.length === 0) return;
    const { seal, statement: adding } = JSON.parse(call('audit_seal', hash, JSON.stringify(rows), Math.floor(Date.now() / 1000)));
    const { meta } = await inTime(prepared(env.EDGEWARD_DB, adding).run()).catch(() => {
      throw unavailable();
    });
    // Another run has come between, and goes on.
    if (meta.changes === 0) return;
    console.log(JSON.stringify({ event: 'audit_sealed', first: seal.first, last: seal.last, hash: seal.hash }));
    if (rows.length < limit) return;
    ({ hash, last } = seal);
  }
}
