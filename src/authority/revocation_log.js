// The Durable Object RevocationLog: storage, transactions and alarms. What is stored, and what is answered, the wasm decides.
import { DurableObject } from 'cloudflare:workers';
import { call } from './module.js';

const HOUR_MS = 3_600_000;
/** Between two batches of expired entries, and between two pages of an import. */
const SOON_MS = 100;
/** After KV gave an error. */
const RETRY_MS = 60_000;
const PAGE = 1000;
const PREFIX = 'revoked:';
/** An order to import, without more: a version, and JSON. */
const ANEW = new Uint8Array([1, 123, 125]);
/** KV's limit for one read. */
const KEYS = 100;

export class RevocationLog extends DurableObject {
  constructor(state, env) {
    super(state, env);
    const isNew = this.#transact('log_open', crypto.getRandomValues(new Uint8Array(24)));
    // Where there is nothing in KV nobody has to say that it is to be imported.
    if (isNew && env.EDGEWARD_KV !== undefined) state.storage.setAlarm(Date.now());
  }

  /** Bytes in and bytes out, as src/revocation/ask.rs has them. */
  ask(message) {
    return this.#transact('log_ask', message, Date.now());
  }

  /** As src/revocation/order.rs has it. The answer goes out when the rows are on disk: the platform holds it back until then. */
  async order(message) {
    const answer = this.#transact('log_order', message, Date.now());
    await this.#wake(Date.now() + HOUR_MS);
    return answer;
  }

  list(message) {
    return this.#transact('log_list', message, Date.now());
  }

  /** Begins to import KV's entries; says how far that has come. */
  async import(message) {
    if (this.env.EDGEWARD_KV === undefined) throw new Error('expected a KV binding EDGEWARD_KV beside the class RevocationLog');
    const answer = this.#transact('log_import_begin', message, Date.now());
    await this.#wake(Date.now());
    return answer;
  }

  imported() {
    return this.#transact('log_import_state');
  }

  async alarm() {
    const left = this.#transact('log_remove_expired', Date.now());
    const next = [left > 0 ? Date.now() + SOON_MS : left < 0 ? Infinity : Date.now() + HOUR_MS];
    // KV in trouble ends neither the import nor the removal: the platform repeats a failed alarm six times, and then no more.
    next.push(await this.#import().catch(() => Date.now() + RETRY_MS));
    const at = Math.min(...next);
    // An import that was asked for while KV was read has set an alarm of its own, which comes earlier.
    if (at !== Infinity) await this.#wake(at);
  }

  /** Takes one page of KV into the log; when the next is due. */
  async #import() {
    const kv = this.env.EDGEWARD_KV;
    let state = JSON.parse(new TextDecoder().decode(this.imported().subarray(1)));
    if (state.status === 'none' && kv !== undefined && (await kv.list({ prefix: PREFIX, limit: 1 })).keys.length === 0) {
      this.#transact('log_import_begin', ANEW, Date.now());
      state = JSON.parse(new TextDecoder().decode(this.imported().subarray(1)));
    }
    if (state.status !== 'running') return Infinity;
    if (Date.now() < state.not_before) return state.not_before;
    const page = await kv.list({ prefix: PREFIX, limit: PAGE, cursor: state.cursor ?? undefined });
    const entries = [];
    for (let n = 0; n < page.keys.length; n += KEYS) {
      const keys = page.keys.slice(n, n + KEYS);
      const values = await kv.get(keys.map(({ name }) => name), { type: 'text' });
      for (const { name, expiration } of keys) {
        // Lifted since it was listed.
        if (typeof values.get(name) === 'string') entries.push([name, values.get(name), expiration ?? null]);
      }
    }
    const cursor = page.list_complete ? null : page.cursor;
    const after = JSON.parse(this.#transact('log_import', JSON.stringify({ entries, cursor }), Date.now()));
    return after.status === 'running' ? Math.max(Date.now() + SOON_MS, after.not_before) : Infinity;
  }

  /** An alarm at `time`, unless an earlier one is set. */
  async #wake(time) {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > time) await this.ctx.storage.setAlarm(time);
  }

  /** One transaction: an error, and a trap of the wasm, take back what was written. */
  #transact(name, ...values) {
    return this.ctx.storage.transactionSync(() => call(name, this.ctx, ...values));
  }
}
