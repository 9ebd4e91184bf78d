// Reports what this isolate has counted to the object MetricsSink, after a response: all it has counted since it started, under an id of its
// own, so that a report that comes twice or not at all changes no sum.
import { env, waitUntil } from 'cloudflare:workers';
import { trapCount } from './bridge.js';
import { freshKey } from './handle.js';
import { metrics_report } from './index.js';

/** So that an isolate that lives for a few seconds is heard of, too. */
const FIRST_MS = 1000;
const PERIOD_MS = 10_000;

const counts = new Map();
let isolate;

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
  if (isolate?.traps !== trapCount()) {
    // After a trap the wasm counts anew. What was counted here before the first report has not been reported.
    if (isolate !== undefined) counts.clear();
    isolate = { id: freshKey(), traps: trapCount() };
  }
  waitUntil(scheduler.wait(wait).then(() => send(isolate.id, location)).catch(() => {}));
  return now + wait;
}

async function send(id, location) {
  const { counts: own, gauges } = JSON.parse(metrics_report());
  await sink(env, location).report(id, JSON.stringify({ counts: { ...own, ...Object.fromEntries(counts) }, gauges }));
}

/** A stub of the one object: for one request only. */
export function sink({ EDGEWARD_METRICS: namespace }, location) {
  return namespace.get(namespace.idFromName('metrics'), location === null ? undefined : { locationHint: location });
}
