import { initSync } from './dist/edgeward.js';
import module from './dist/edgeward.wasm';

initSync({ module });

export * from './api.js';
