// The registry under wrangler with its calls counted, and full of tokens: what benchmarks of it share.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startRegistry } from '../tests/harness/registry_stage.mjs';

/** What the consumer of the queue gets in one batch. */
const BATCH = 100;

/** `startRegistry` with a queue and KV. `counts()` says what was counted since it was asked last, `sql(text)` asks the database, `write(events)` has the consumer write. */
export async function startCounted(options = {}) {
  const stage = await startRegistry({
    queue: true, ...options,
    more: { main: fileURLToPath(new URL('workers/registry.js', import.meta.url)), kv_namespaces: [{ binding: 'EDGEWARD_KV', id: 'edgeward' }] },
  });
  const ask = async (method, path, body) => answered(await stage.ask(method, `/bench/${path}`, undefined, body), 200);
  return {
    ...stage,
    counts: () => ask('GET', 'counts'),
    sql: async (sql, values) => (await ask('POST', 'sql', { sql, values })).results,
    size: async () => (await ask('POST', 'sql', { sql: 'SELECT 1' })).meta.size_after,
    async write(events) {
      for (let n = 0; n < events.length; n += BATCH) {
        const batch = events.slice(n, n + BATCH);
        const { acknowledged } = await ask('POST', 'events', batch);
        if (acknowledged !== batch.length) throw new Error(`expected ${batch.length} events to be written, got ${acknowledged}`);
      }
    },
    processes: () => workerdOf(stage.gateway.pid),
  };
}

/** The JSON of an answer; an error where its status is another. */
export function answered({ status, json, text }, expected = 200) {
  if (status !== expected) throw new Error(`expected ${expected}, got ${status} ${text}`);
  return json;
}

/** The numbers of the workerd processes of a process group (Linux). wrangler starts one for the Worker, and one that stands before it. */
function workerdOf(group) {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // The name stands in parentheses; the group is the third field after it.
      return text.includes('(workerd)') && Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[2]) === group;
    } catch {
      return false;
    }
  }).map(Number);
}
