import init from './dist/edgeward.js';

await init({ module_or_path: new URL('./dist/edgeward.wasm', import.meta.url) });

export * from './api.js';
