// The authority's wasm: instantiated when the first object of this isolate needs it, and anew after a trap.
import module from './authority_bg.wasm';
import * as authority from './authority.js';

let isReady = false;

/** Calls a function of the wasm. An error of its own passes on; after a trap nobody knows what the wasm still can. */
export function call(name, ...values) {
  if (!isReady) {
    authority.initSync({ module });
    isReady = true;
  }
  try {
    return authority[name](...values);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) authority.__wbg_reset_state();
    throw error;
  }
}
