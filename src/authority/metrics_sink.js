// The Durable Object MetricsSink: sums up what isolates have counted. Each reports all that it has counted since it started, so that a lost
// or repeated report changes no sum. What was shown once is on disk: no sum ever goes back, which Prometheus would take for a restart.
import { DurableObject } from 'cloudflare:workers';
import { call } from './module.js';

/** As src/metrics/series.rs has it. */
const MOST_SERIES = 400;
const MOST_ISOLATES = 5000;
const MOST_CHARACTERS = 200_000;
/** The platform puts an object away that has nothing to do for about 10 s: what was reported is saved before that. */
const SAVE_MS = 5000;
/** How many isolates are saved in a row of their table: a row may have 2 MB. */
const ROW = 100;
/** How long the state of an isolate is shown after its last report. */
const LIVE_MS = 60_000;
/** How long its counts are remembered, should it report again. */
const KEPT_MS = 86_400_000;

const TABLES = `
CREATE TABLE IF NOT EXISTS sums(id INTEGER PRIMARY KEY CHECK (id = 1), series TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS isolates(row INTEGER PRIMARY KEY, counts TEXT NOT NULL);
`;

export class MetricsSink extends DurableObject {
  #sums = new Map();
  /** By id: { at, counts, gauges }, the oldest report first. */
  #isolates = new Map();
  #isSaved = true;
  #sql;

  constructor(state, env) {
    super(state, env);
    this.#sql = state.storage.sql;
    this.#sql.exec(TABLES);
    for (const { series } of this.#sql.exec('SELECT series FROM sums')) this.#sums = new Map(Object.entries(JSON.parse(series)));
    for (const { counts } of this.#sql.exec('SELECT counts FROM isolates ORDER BY row')) {
      for (const [id, at, own] of JSON.parse(counts)) this.#isolates.set(id, { at, counts: own, gauges: {} });
    }
  }

  /** Takes over the report of an isolate. */
  async report(id, text) {
    if (typeof id !== 'string' || id.length > 64 || text.length > MOST_CHARACTERS) throw new Error('expected a report of an isolate');
    const { counts, gauges } = JSON.parse(text);
    const before = this.#isolates.get(id)?.counts ?? {};
    for (const [series, count] of numbersOf(counts)) {
      // An isolate never counts back: where it does, it began anew.
      const more = count - (before[series] ?? 0);
      if (this.#sums.has(series) || this.#sums.size < MOST_SERIES) this.#sums.set(series, (this.#sums.get(series) ?? 0) + (more < 0 ? count : more));
    }
    this.#isolates.delete(id);
    this.#isolates.set(id, { at: Date.now(), counts: Object.fromEntries(numbersOf(counts)), gauges: Object.fromEntries(numbersOf(gauges)) });
    this.#isSaved = false;
    this.#forget();
    if (await this.ctx.storage.getAlarm() === null) await this.ctx.storage.setAlarm(Date.now() + SAVE_MS);
  }

  /** The text for Prometheus. */
  async text() {
    this.#save();
    await this.ctx.storage.sync();
    const live = [...this.#isolates.values()].filter(({ at }) => at > Date.now() - LIVE_MS);
    const series = Object.fromEntries(this.#sums);
    for (const { gauges } of live) {
      for (const [name, value] of Object.entries(gauges)) series[name] = Math.max(series[name] ?? 0, value);
    }
    return call('metrics_text', JSON.stringify({ ...series, edgeward_isolates: live.length }));
  }

  alarm() {
    this.#save();
  }

  /** In one transaction: sums that are ahead of the counts they were made of would count twice. */
  #save() {
    if (this.#isSaved) return;
    const all = [...this.#isolates].map(([id, { at, counts }]) => [id, at, counts]);
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec('INSERT OR REPLACE INTO sums(id, series) VALUES (1, ?)', JSON.stringify(Object.fromEntries(this.#sums)));
      this.#sql.exec('DELETE FROM isolates WHERE row >= ?', Math.ceil(all.length / ROW));
      for (let row = 0; row * ROW < all.length; row += 1) {
        this.#sql.exec('INSERT OR REPLACE INTO isolates(row, counts) VALUES (?, ?)', row, JSON.stringify(all.slice(row * ROW, (row + 1) * ROW)));
      }
    });
    this.#isSaved = true;
  }

  /** The oldest reports come first. */
  #forget() {
    for (const [id, { at }] of this.#isolates) {
      if (this.#isolates.size <= MOST_ISOLATES && at > Date.now() - KEPT_MS) return;
      this.#isolates.delete(id);
    }
  }
}

/** The entries that are numbers, none below 0. */
const numbersOf = (series) => Object.entries(series ?? {}).filter(([, value]) => Number.isFinite(value) && value >= 0).slice(0, MOST_SERIES);
