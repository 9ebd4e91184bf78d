// The Durable Object MetricsSink: sums up what isolates have counted. Each reports all that it has counted since it started, so that a lost,
// late or repeated report changes no sum. What was shown once is on disk: no sum ever goes back, which Prometheus would take for a restart.
import { DurableObject } from 'cloudflare:workers';
import { MOST_SERIES, reportOf } from './metrics_report.js';
import { call } from './module.js';

const MOST_ISOLATES = 5000;
/** The platform puts an object away that has nothing to do for about 10 s: what was reported is saved before that. */
const SAVE_MS = 5000;
/** So much of isolates is saved in a row of their table: a row may have 2 MB. */
const ROW_CHARACTERS = 1_000_000;
/** How long the state of an isolate is shown after its last report. */
const LIVE_MS = 60_000;
/** How long its counts are remembered, should it report again. */
const KEPT_MS = 86_400_000;

const TABLES = `
CREATE TABLE IF NOT EXISTS sums(id INTEGER PRIMARY KEY CHECK (id = 1), series TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS isolates(row INTEGER PRIMARY KEY, counts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS forgotten(id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);
`;

export class MetricsSink extends DurableObject {
  /** By series its place among the sums and among the counts of an isolate: thousands of isolates would not fit with the names. */
  #places = new Map();
  #sums = [];
  /** By id: { at, counts, gauges }, the oldest report first. */
  #isolates = new Map();
  /** When the last report came of those that are no longer remembered. */
  #forgotten = 0;
  #isSaved = true;
  #sql;

  constructor(state, env) {
    super(state, env);
    this.#sql = state.storage.sql;
    this.#sql.exec(TABLES);
    for (const { series } of this.#sql.exec('SELECT series FROM sums')) {
      for (const [name, sum] of Object.entries(JSON.parse(series))) this.#sums[this.#placeOf(name)] = sum;
    }
    for (const { counts } of this.#sql.exec('SELECT counts FROM isolates ORDER BY row')) {
      for (const [id, at, own] of JSON.parse(counts)) this.#isolates.set(id, { at, counts: own, gauges: [] });
    }
    for (const { at } of this.#sql.exec('SELECT at FROM forgotten')) this.#forgotten = at;
  }

  /** Takes over the report of an isolate; when that was. */
  async report(id, text) {
    const { counts, gauges, told } = reportOf(id, text);
    const own = this.#before(id, told);
    for (const [series, count] of counts) {
      const place = this.#placeOf(series);
      const before = own[place] ?? 0;
      // An isolate never counts back: what has less has come late.
      if (place === undefined || count < before) continue;
      this.#sums[place] += count - before;
      own[place] = count;
    }
    const at = Date.now();
    this.#isolates.delete(id);
    this.#isolates.set(id, { at, counts: own, gauges });
    this.#isSaved = false;
    this.#forget();
    if (await this.ctx.storage.getAlarm() === null) await this.ctx.storage.setAlarm(Date.now() + SAVE_MS);
    return at;
  }

  /** What the sums have of an isolate. Where it is not known, it was forgotten, or all that it reported got lost in a crash. */
  #before(id, told) {
    const known = this.#isolates.get(id);
    if (known !== undefined) return known.counts;
    const counts = [];
    if (told.at > this.#forgotten) return counts;
    for (const [series, count] of told.counts()) if (this.#places.has(series)) counts[this.#places.get(series)] = count;
    return counts;
  }

  /** The place of a series, a new one if there is room. */
  #placeOf(series) {
    if (!this.#places.has(series) && this.#sums.length < MOST_SERIES) this.#places.set(series, this.#sums.push(0) - 1);
    return this.#places.get(series);
  }

  /** The text for Prometheus, made before another report comes in: that would not be on disk. */
  async text() {
    this.#save();
    const text = this.#shown();
    await this.ctx.storage.sync();
    return text;
  }

  #shown() {
    const live = [...this.#isolates.values()].filter(({ at }) => at > Date.now() - LIVE_MS);
    const series = this.#sumsByName();
    for (const [name, value] of live.flatMap(({ gauges }) => gauges)) series[name] = Math.max(series[name] ?? 0, value);
    return call('metrics_text', JSON.stringify({ ...series, edgeward_isolates: live.length }));
  }

  #sumsByName() {
    return Object.fromEntries([...this.#places].map(([series, place]) => [series, this.#sums[place]]));
  }

  alarm() {
    this.#save();
  }

  /** In one transaction: sums that are ahead of the counts they were made of would count twice. */
  #save() {
    if (this.#isSaved) return;
    const rows = rowsOf(this.#isolates);
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec('INSERT OR REPLACE INTO sums(id, series) VALUES (1, ?)', JSON.stringify(this.#sumsByName()));
      this.#sql.exec('INSERT OR REPLACE INTO forgotten(id, at) VALUES (1, ?)', this.#forgotten);
      this.#sql.exec('DELETE FROM isolates WHERE row >= ?', rows.length);
      for (const [row, counts] of rows.entries()) this.#sql.exec('INSERT OR REPLACE INTO isolates(row, counts) VALUES (?, ?)', row, counts);
    });
    this.#isSaved = true;
  }

  /** The oldest reports come first. */
  #forget() {
    for (const [id, { at }] of this.#isolates) {
      if (this.#isolates.size <= MOST_ISOLATES && at > Date.now() - KEPT_MS) return;
      this.#isolates.delete(id);
      this.#forgotten = Math.max(this.#forgotten, at);
    }
  }
}

/** Isolates as texts, each for one row. */
function rowsOf(isolates) {
  const rows = [];
  let room = 0;
  for (const [id, { at, counts }] of isolates) {
    const text = JSON.stringify([id, at, counts]);
    if (text.length > room) {
      rows.push([]);
      room = ROW_CHARACTERS;
    }
    rows.at(-1).push(text);
    room -= text.length + 1;
  }
  return rows.map((texts) => `[${texts.join(',')}]`);
}
