// A worker that stands between the gates and the revocation log, under the log's own name: it passes every call on, and goes wrong
// as it is told. `PUT /` sets how (JSON, see `sound`), and `GET /` says what was called.
import { DurableObject } from 'cloudflare:workers';
import { PLANTS } from './log_plants.worker.mjs';

/** The error that the platform raises in the caller, by the properties that it has. */
const ERRORS = { overloaded: ['overloaded'], retryable: ['retryable'], reset: ['retryable', 'durableObjectReset'], plain: [] };
/** Longer than anybody waits. */
const SILENCE_MS = 10_000;

const sound = () => ({
  /** Every call takes this long before it is passed on, and its answer this long: a time between two (ms). */
  before: [0, 0],
  after: [0, 0],
  /** The share of calls that end with an error, and which: one of them at random. */
  failing: 0,
  errors: Object.keys(ERRORS),
  /** Whether nothing is answered at all. */
  isSilent: false,
  /** A fault from log_plants.worker.mjs. */
  plant: undefined,
});

const none = () => ({ ask: 0, order: 0, list: 0, import: 0, imported: 0 });

// The object and `fetch` are of one isolate, so that this is common to them.
let settings = sound();
let calls = none();

const chance = (share) => Math.random() < share;
const between = ([least, most]) => least + Math.random() * (most - least);
const pause = async (range) => {
  const ms = between(range);
  if (ms >= 1) await scheduler.wait(ms);
};

function failure(kinds) {
  const kind = kinds[Math.floor(Math.random() * kinds.length)];
  return Object.assign(new Error(`planted: ${kind}`), Object.fromEntries(ERRORS[kind].map((property) => [property, true])));
}

export class RevocationLog extends DurableObject {
  ask(message) { return this.#pass('ask', message); }
  order(message) { return this.#pass('order', message); }
  list(message) { return this.#pass('list', message); }
  import(message) { return this.#pass('import', message); }
  imported() { return this.#pass('imported'); }

  async #pass(method, message) {
    calls[method] += 1;
    const { before, after, failing, errors, isSilent, plant } = settings;
    if (isSilent) await scheduler.wait(SILENCE_MS);
    await pause(before);
    // Half of the failures come when the log has done what it was told.
    const fails = chance(failing);
    if (fails && chance(0.5)) throw failure(errors);
    const log = this.env.LOG.get(this.env.LOG.idFromName('revocations'));
    const call = (name, bytes) => (bytes === undefined ? log[name]() : log[name](bytes));
    const planted = PLANTS[plant]?.[method];
    const answer = await (planted === undefined ? call(method, message) : planted(message, call, this.ctx));
    if (fails) throw failure(errors);
    await pause(after);
    return answer;
  }
}

export default {
  async fetch(request) {
    if (request.method === 'PUT') {
      settings = { ...sound(), ...await request.json() };
      calls = none();
    }
    return Response.json({ settings, calls });
  },
};
