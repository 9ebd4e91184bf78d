// What becomes known of sessions and administrators: a count, and an event for the audit trail.
import { audit } from './audit.js';
import { count, countSeconds } from './metrics.js';

/** What only a known session can cause: without a subject the session tells these apart. With any other event the sender may have chosen it. */
const OF_SESSION = ['token_reuse', 'refresh_replayed'];
/** What happens once for each session or password. */
const ONCE = ['session_ended', 'session_unregistered', 'sessions_unended'];
/** Requests to end a session. */
const ENDINGS = ['logout', 'blacklist'];
/** Outcomes of requests after which something is another than before. */
const CHANGED = ['accepted', 'rotated', 'kept', 'ended', 'expired'];

/** Something has happened to a session: `context` is that of its handler, `more` has no token and no subject. */
export function observed(context, name, more) {
  const { outcome, reason, ms, status } = more;
  if (name === 'token_refresh') {
    count('edgeward_refresh_total', { outcome: outcome ?? 'unknown' });
    if (ms !== undefined) countSeconds('edgeward_refresh_seconds', ms / 1000);
  } else if (name === 'session_ended') {
    count('edgeward_sessions_ended_total', { reason: reason ?? 'unknown' });
  } else {
    count('edgeward_session_events_total', { event: name, outcome: outcome ?? reason ?? '' });
  }
  const { given, id, settings, known, hasEnded } = context;
  // Anyone can repeat a logout with a token that has ended.
  const isRepeated = ENDINGS.includes(name) && hasEnded === false;
  const changesNothing = !ONCE.includes(name) && (!CHANGED.includes(outcome) || isRepeated);
  const session = OF_SESSION.includes(name) ? more.session : undefined;
  audit({
    event: name, outcome: outcome ?? reason ?? null, request_id: id, issuer: settings.issuer, tenant: known?.tenant ?? null, duration_ms: ms ?? null,
    detail: outcome === undefined ? status?.toString() ?? null : reason ?? null,
  }, { subject: known, request: given.request, devices: settings.register, changesNothing, session });
}
