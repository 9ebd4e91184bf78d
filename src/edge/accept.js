// The Worker's way in, for the gate of the npm package (pkg/gate.js), which has no module of its own.
export { accept } from './bridge.js';
