// Ends registered tokens: their sessions, then themselves in the revocation log, then their rows.
import { weighty } from './line_limit.js';
import { call } from './module.js';
import { READ_MS, rowsOf, unavailable } from './problem.js';
import { familyOf, inTime, prepared } from './registry.js';
import { RETENTION_SECONDS, family, tellLog } from './session_end.js';

const now = () => Math.floor(Date.now() / 1000);

/**
 * Expires a token and what belongs to it; how many were active. First a family's object, so that nothing is refreshed any more, then the
 * log, in which all of them are refused, and last the registry. A refresh token that is refused by the log ends its family when it is presented.
 */
export async function expireTokens({ env, settings, order }, extent, hash) {
  const rows = await rowsOf(env, JSON.parse(call('registry_members', extent, hash, now())));
  const own = rows.filter(({ object }) => object !== '' && extent === 'family');
  // By a refresh token, if there is one: an object forgets access tokens before they expire.
  const last = new Map(own.toSorted((a, b) => (a.kind === 'refresh') - (b.kind === 'refresh')).map((row) => [row.family, row]));
  const families = new Set(last.keys());
  for (const row of last.values()) {
    try {
      const ids = await family(env, row.object, settings).end(JSON.stringify({ which: { of: row.hash }, reason: 'ended' }));
      // What was registered by hand, and then refreshed, is another family in its object.
      for (const id of ids) families.add(familyOf(row.object, id));
    } catch {
      throw unavailable();
    }
  }
  const entries = rows.map(({ name, true_expires_at: until, issuer, tenant }) => ({ entry: [name, until + RETENTION_SECONDS, null], issuer, tenant }));
  try {
    await tellLog({ env, settings }, entries, 'admin');
    // Together, and also for a family that a call before this one has ended: where only the first was done, late events would restore its tokens.
    const ended = { kind: 'ended', families: [...families], at: now() };
    const statements = [JSON.parse(call('registry_expire', extent, hash, now())), ...JSON.parse(call('registry_write', JSON.stringify(ended)))];
    await inTime(env.EDGEWARD_DB.batch(statements.map((statement) => prepared(env.EDGEWARD_DB, statement))), READ_MS);
  } catch {
    throw unavailable();
  }
  if (rows.length > 0) weighty({ event: 'tokens_expired', request_id: order.id, extent, tokens: rows.length });
  return rows.length;
}
