/**
 * The classes of Durable Objects that `edgeward/worker` exports, each with its binding and the migration that creates it. A new class is
 * added here, at the end, and to worker.d.ts: a migration of a deployed Worker is never changed.
 */
export const OBJECTS = [
  {
    binding: 'EDGEWARD_REVOCATION_LOG', className: 'RevocationLog', tag: 'v1',
    about: 'Revoked tokens, in order: refused within 5 s everywhere, or at once where a route says "strict".',
  },
  { binding: 'EDGEWARD_SESSIONS', className: 'SessionFamily', tag: 'v2', about: 'Sessions, for routes that refresh tokens or keep them in cookies.' },
  { binding: 'EDGEWARD_METRICS', className: 'MetricsSink', tag: 'v3', about: 'The sums of what isolates count, with `metrics` = "object".' },
];
