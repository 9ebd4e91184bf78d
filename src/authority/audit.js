// Events for the audit trail. They go to the registry's database like its own: after the response, at least once.
import { freshKey } from './handle.js';
import { deviceOf, record } from './registry.js';

/** Whether the configuration in force wants an audit trail. */
let isOn = false;
export function observeAudit(isWanted) {
  isOn = isWanted;
}

/**
 * Records an event. `actor` and `subject` are tokens as the gate describes them. `devices` says whether devices are registered:
 * { device, address }.
 */
export function audit(event, { actor, subject, request, devices } = {}) {
  if (!isOn) return;
  const hasDevice = request !== undefined && devices?.device === true && (actor ?? subject) !== undefined;
  record({
    kind: 'audit', key: freshKey(), at: Math.floor(Date.now() / 1000), outcome: null, request_id: null, issuer: null, tenant: null, route: null,
    duration_ms: null, count: 1, detail: null, subject_reference: null, ...event, actor: personOf(actor), subject: personOf(subject),
    device: hasDevice ? deviceOf(request, devices.address) : null,
  });
}

/** An event of the gate, which knows the actor alone. */
export function auditOfGate({ actor = null, ...event }) {
  audit(event, { actor: actor ?? undefined });
}

/** Whoever a token is about. */
function personOf(known) {
  if (typeof known?.subject !== 'string') return null;
  const { issuer, iss, tenant, subject } = known;
  return { reference: freshKey(), issuer, iss, tenant: tenant ?? '', subject };
}
