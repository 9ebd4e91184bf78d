// What is asked. It lives in this page's memory and nowhere else.

export const present = () => Math.floor(Date.now() / 1000);

/** Kinds of revocation that cut off what was issued before a time. */
const CUT_OFFS = new Set(['subject', 'tenant', 'issuer']);

/** What is assumed to be revoked, as the core and the command line take it. */
export const revocations = ({ revoked, before }) => revoked.map((kind) => (CUT_OFFS.has(kind) ? `${kind}=${before}` : kind));

const EMPTY = {
  method: 'GET', url: '', token: '', headers: '', configuration: '', keys: {}, secrets: {},
  answers: 'none', answer: '', revoked: [], before: present() + 1, storeDown: false, now: present(), isFollowing: true,
  /** The key set of the examples, and the issuer that it is of: `{ text, name, issuer, address }`. */
  ownKeys: null,
  /** The example that this is, unchanged; else `null`. */
  example: null,
};

const listeners = new Set();
let state = { ...EMPTY };

export const current = () => state;

/** Changes some of it. What a person changes is no example any more, and a time that is chosen does not follow the clock. */
export function change(patch) {
  const keepsExample = 'example' in patch || Object.keys(patch).every((name) => name === 'now');
  const isFollowing = 'now' in patch ? false : state.isFollowing;
  const now = isFollowing ? present() : (patch.now ?? state.now);
  state = { ...state, ...patch, now, isFollowing, example: keepsExample ? (patch.example ?? state.example) : null };
  for (const listener of listeners) listener(state, patch);
}

/** Takes the place of all of it; what is not said is as at the beginning. */
export function replace(next) {
  const said = Object.entries(next).filter(([, value]) => value !== undefined);
  state = { ...EMPTY, now: present(), before: present() + 1, isFollowing: next.now === undefined, ...Object.fromEntries(said) };
  for (const listener of listeners) listener(state, state);
}

/** Goes to the present, and stays with it. */
export function follow() {
  state = { ...state, isFollowing: true };
  change({});
}

/** Looks at the clock, where the time follows it. */
export function tick() {
  if (state.isFollowing && state.now !== present()) change({});
}

export function watch(listener) {
  listeners.add(listener);
}
