// How a server of the tests goes wrong when it is told to. Wherever a body is possible it holds the true answer, so that a
// gateway which takes what it should refuse lets the caller pass and is seen.
import { drip, send } from '../harness/issuer_faults.mjs';

const DRIP_MS = 200;
const LARGE_BYTES = 5 * 1024 * 1024;

/** Each answers in place of `{ type, text, value }`; `value` is what `text` was made of, if it is JSON. */
const FAULTS = {
  timeout: () => {},
  reset: (response) => response.socket.resetAndDestroy(),
  'status 500': (response, { type, text }) => send(response, 500, type, text),
  'status 404': (response, { type, text }) => send(response, 404, type, text),
  'status 429': (response, { type, text }, { retryAfterSeconds = 1 }) => {
    response.setHeader('retry-after', retryAfterSeconds);
    send(response, 429, type, text);
  },
  'status 302': (response, { type, text }, { location = '/elsewhere' }) => {
    response.setHeader('location', location);
    send(response, 302, type, text);
  },
  'not json': (response, { type, text }) => send(response, 200, type, `)]}'\n${text}`),
  'json array': (response, { type, text, value = text }) => send(response, 200, type, JSON.stringify([value])),
  'wrong types': (response, { type, text, value = text }) => send(response, 200, type, JSON.stringify(mistyped(value))),
  large: (response, { type, text, value }) => {
    const padding = 'x'.repeat(LARGE_BYTES);
    send(response, 200, type, value === undefined ? text + padding : JSON.stringify({ ...value, padding }));
  },
  'slow drip': (response, { type, text }) => {
    response.setHeader('content-type', type);
    drip(response, text, DRIP_MS);
  },
  'wrong content type': (response, { text }) => send(response, 200, 'text/html', text),
  // All of the body has arrived, and still it is not complete: the last chunk never comes.
  'cut off': (response, { type, text }) => {
    response.writeHead(200, { 'content-type': type });
    response.write(text, () => response.socket.end());
  },
};

export const FAULT_KINDS = Object.keys(FAULTS);

/** The faults that a server has still to commit. */
export class Faults {
  #planned = [];

  /**
   * The next `times` calls (of `path`, if given) are answered by the fault `kind`. What the call should have changed stays
   * as it was, unless it `commits`: then the work is done and only the answer goes wrong.
   */
  plan({ kind, times = 1, path, commits = false, ...rest }) {
    if (!FAULT_KINDS.includes(kind)) throw new Error(`no fault ${kind}; there are ${FAULT_KINDS.join(', ')}`);
    this.#planned.push({ kind, times, path, commits, rest });
  }

  clear() {
    this.#planned = [];
  }

  /** The fault of a call that has just arrived, or undefined. */
  take(path) {
    const fault = this.#planned.find((each) => each.times > 0 && (each.path ?? path) === path);
    if (fault) fault.times -= 1;
    return fault;
  }
}

export const commitFault = ({ kind, rest }, response, answer) => FAULTS[kind](response, answer, rest);

/** The same members, none of the type that it should have: texts and numbers in lists, booleans as text. */
function mistyped(value) {
  if (Array.isArray(value)) return value.join(' ');
  if (typeof value === 'boolean' || value === null) return String(value);
  if (typeof value !== 'object') return [value];
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, mistyped(member)]));
}
