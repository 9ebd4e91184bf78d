// The object MetricsSink alone, in real workerd with its storage on disk: reports are made here, as an isolate makes them.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

import { modules, platform } from './gateway.mjs';
import { embed, startWorkerd } from './workerd.mjs';

const BUILD = fileURLToPath(new URL('../../build', import.meta.url));
const WORKER = fileURLToPath(new URL('metrics_sink.worker.mjs', import.meta.url));

/**
 * Starts it. `calls(...lists)` calls it, see metrics_sink.worker.mjs; `report` and `text` do one thing each; `series()` is what the text says;
 * `restart()` kills the process and starts another with what is on disk; `onDisk(change)` does so with a change of the object's database between, and
 * resolves to what `change` returns.
 */
export async function startSink() {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-metrics-'));
  const sink = {};
  const start = async () => {
    sink.workerd = await startWorkerd(() => describe(folder)).catch((error) => {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    });
  };
  await start();
  const calls = async (...lists) => {
    const answer = await fetch(`http://127.0.0.1:${sink.workerd.ports.get('entry')}`, { method: 'POST', body: JSON.stringify(lists) });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return (await answer.json()).flat();
  };
  const one = async (...call) => {
    const [{ value, error }] = await calls([call]);
    if (error !== undefined) throw new Error(error);
    return value;
  };
  const text = () => one('text');
  return Object.assign(sink, {
    calls, text,
    report: (id, counts, gauges = {}, more = {}) => one('report', id, JSON.stringify({ counts, gauges, ...more })),
    series: async () => seriesOf(await text()),
    async restart() {
      await sink.workerd.stop();
      await start();
    },
    async onDisk(change) {
      await sink.workerd.stop();
      const [name] = readdirSync(join(folder, 'edgeward-metrics')).filter((file) => file.endsWith('.sqlite') && file !== 'metadata.sqlite');
      const database = new DatabaseSync(join(folder, 'edgeward-metrics', name));
      try {
        return change(database);
      } finally {
        database.close();
        await start();
      }
    },
    async stop() {
      await sink.workerd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}

/** The series of a text for Prometheus: a number by name and labels. */
export function seriesOf(text) {
  return Object.fromEntries(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const at = line.lastIndexOf(' ');
    return [line.slice(0, at), Number(line.slice(at + 1))];
  }));
}

function describe(path) {
  mkdirSync(path, { recursive: true });
  return {
    services: [
      { name: 'disk', disk: { path, writable: true } },
      {
        name: 'sink',
        worker: {
          ...platform(), modules: [{ name: 'main.mjs', esModule: embed(WORKER) }, ...modules(BUILD)],
          bindings: [{ name: 'EDGEWARD_METRICS', durableObjectNamespace: { className: 'MetricsSink', serviceName: 'sink' } }],
          durableObjectNamespaces: [{ className: 'MetricsSink', uniqueKey: 'edgeward-metrics', enableSql: true }],
          durableObjectStorage: { localDisk: 'disk' },
        },
      },
    ],
    sockets: [{ name: 'entry', address: '127.0.0.1:0', http: {}, service: 'sink' }],
  };
}
