import { readFileSync } from 'node:fs';

import { initSync } from './dist/edgeward.js';

initSync({ module: readFileSync(new URL('./dist/edgeward.wasm', import.meta.url)) });

export * from './api.js';
