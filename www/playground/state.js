// What is asked. It lives in this page's memory and nowhere else.

export const present = () => Math.floor(Date.now() / 1000);

const EMPTY = {
  method: 'GET', url: '', token: '', headers: '', configuration: '', keys: {}, secrets: {},
  answers: 'none', answer: '', revoked: [], storeDown: false, now: present(),
  /** The example that this is, unchanged; else `null`. */
  example: null,
};

const listeners = new Set();
let state = { ...EMPTY };

export const current = () => state;

/** Changes some of it. What a person changes is no example any more. */
export function change(patch) {
  const keepsExample = 'example' in patch || Object.keys(patch).every((name) => name === 'now');
  state = { ...state, ...patch, example: keepsExample ? (patch.example ?? state.example) : null };
  for (const listener of listeners) listener(state, patch);
}

/** Takes the place of all of it. */
export function replace(next) {
  state = { ...EMPTY, now: present(), ...next };
  for (const listener of listeners) listener(state, state);
}

export function watch(listener) {
  listeners.add(listener);
}
