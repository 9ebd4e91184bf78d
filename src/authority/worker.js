// The Worker: the gate, the classes of its Durable Objects, and the handlers of routes about sessions.
import './session.js';
export { default } from './entry.js';
export { RevocationLog } from './revocation_log.js';
export { SessionFamily } from './session_family.js';
