// The Worker: the gate, and the classes of its Durable Objects.
export { default } from './entry.js';
export { RevocationLog } from './revocation_log.js';
