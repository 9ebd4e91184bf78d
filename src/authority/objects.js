// The classes of the Durable Objects alone, for a Worker of their own: deploying the gate then does not restart them.
export { MetricsSink } from './metrics_sink.js';
export { RevocationLog } from './revocation_log.js';
export { SessionFamily } from './session_family.js';

export default { fetch: () => new Response(null, { status: 404 }) };
