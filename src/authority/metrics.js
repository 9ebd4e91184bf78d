// Reports what this isolate has counted to the object MetricsSink, after a response: all it has counted since it started, under an id of its
// own, so that a report that comes twice, late or not at all changes no sum.
import { env, waitUntil } from 'cloudflare:workers';
import { trapCount } from './bridge.js';
import { freshKey } from './handle.js';
import { metrics_report } from './index.js';

/** So that an isolate that lives for a few seconds is heard of, too. */
const FIRST_MS = 1000;
const PERIOD_MS = 10_000;
/**
 * Counts that alerts look at, by the binding without which they never grow. They are reported from 0 on: where a series begins with its first
 * events, Prometheus sees no increase.
 */
const FROM_ZERO = {
  EDGEWARD_DB: ['audit', 'ended', 'pair', 'seen'].map((kind) => `edgeward_registry_events_lost_total{event="${kind}"}`),
  EDGEWARD_SESSIONS: ['edgeward_session_events_total{event="token_reuse",outcome=""}'],
};

const counts = new Map();
/** As whom this isolate reports: { id, traps, told }. What the object has taken over last is `told`: { at, counts }. */
let isolate;
const freshIsolate = () => ({ id: freshKey(), traps: trapCount(), told: undefined });

/** Counts one more. The labels are words of this program. */
export function count(name, labels, more = 1) {
  const written = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const key = written.length === 0 ? name : `${name}{${written.join(',')}}`;
  counts.set(key, (counts.get(key) ?? 0) + more);
}

/** Counts a time, for an average. */
export function countSeconds(name, seconds) {
  count(`${name}_sum`, {}, seconds);
  count(`${name}_count`, {});
}

/** Reports a while after `now`; when the next report is due. */
export function report(now, location) {
  const wait = isolate === undefined ? FIRST_MS : PERIOD_MS;
  isolate ??= freshIsolate();
  waitUntil(scheduler.wait(wait).then(() => send(location)).catch(() => {}));
  return now + wait;
}

async function send(location) {
  if (isolate.traps !== trapCount()) beginAnew();
  const own = isolate;
  const { counts: ofWasm, gauges } = JSON.parse(metrics_report());
  const all = { ...zeros(), ...ofWasm, ...Object.fromEntries(counts) };
  const at = await sink(env, location).report(own.id, JSON.stringify({ counts: all, gauges, told: own.told }));
  own.told = { at, counts: all };
}

function zeros() {
  const series = Object.keys(FROM_ZERO).filter((binding) => env[binding] !== undefined).flatMap((binding) => FROM_ZERO[binding]);
  return Object.fromEntries(series.map((name) => [name, 0]));
}

/** Another id, because the wasm counts anew after a trap. What is counted here goes on, without what was reported under the old one. */
function beginAnew() {
  const reported = isolate.told?.counts ?? {};
  for (const [series, all] of counts) counts.set(series, all - (reported[series] ?? 0));
  isolate = freshIsolate();
}

/** A stub of the one object: for one request only. */
export function sink({ EDGEWARD_METRICS: namespace }, location) {
  return namespace.get(namespace.idFromName('metrics'), location === null ? undefined : { locationHint: location });
}
