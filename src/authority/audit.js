// Events for the audit trail. They go to the registry's database like its own: after the response, at least once.
import { rowStandsFor } from './audit_rate.js';
import { freshKey } from './handle.js';
import { deviceOf, record } from './registry.js';

/** Whether the configuration in force wants an audit trail. */
let isOn = false;
export function observeAudit(isWanted) {
  isOn = isWanted;
}

/**
 * Records an event. `actor` and `subject` are tokens as the gate describes them. `devices` says whether devices are registered:
 * { device, address }. What `changesNothing` anyone can repeat as often as they like: above a rate one row stands for several of the same event, outcome
 * and person; `session` tells people apart of whom no subject is known.
 */
export function audit(event, { actor, subject, request, devices, changesNothing = false, session = '' } = {}) {
  if (!isOn) return;
  const { issuer, tenant, subject: name } = subject ?? actor ?? {};
  const count = changesNothing ? rowStandsFor(JSON.stringify([event.event, event.outcome, issuer, tenant, name ?? session])) : 1;
  if (count === 0) return;
  const hasDevice = request !== undefined && devices?.device === true && (actor ?? subject) !== undefined;
  record({
    kind: 'audit', key: freshKey(), at: Math.floor(Date.now() / 1000), outcome: null, request_id: null, issuer: null, tenant: null, route: null,
    duration_ms: null, count, detail: null, subject_reference: null, ...event, actor: personOf(actor), subject: personOf(subject),
    device: hasDevice ? deviceOf(request, devices.address) : null,
  });
}

/** An event of the gate, which knows the actor alone. */
export function auditOfGate({ actor = null, ...event }) {
  audit(event, { actor: actor ?? undefined });
}

/** The subject of a token. */
function personOf(known) {
  if (typeof known?.subject !== 'string') return null;
  const { issuer, iss, tenant, subject, issued_at = null } = known;
  return { reference: freshKey(), issuer, iss, tenant: tenant ?? '', subject, issued_at };
}
