// What a large configuration in KV costs: CPU of the process until it decides, beside a small one, and CPU of a decision under each.
// Run by itself: node bench/document.mjs [routes] [rounds]. Nothing else should run.
import { connections, send } from '../tests/worker/harness/client.mjs';
import { startGateway } from '../tests/worker/harness/gateway.mjs';
import { memoryKv } from '../tests/worker/harness/memory_kv.mjs';
import { startOrigin } from '../tests/worker/harness/origin.mjs';
import { configuration, startSigner } from '../tests/worker/harness/signer.mjs';
import { cpuClock } from './proc.mjs';
import { median, minimum } from './statistics.mjs';

const LARGE = Number(process.argv[2] ?? 5_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const DECISIONS = 2_000;
const SMALL = 5;

const origin = await startOrigin();
const signer = await startSigner();
const token = await signer.token({ roles: ['admin', 'staff', 'user'] });
const agent = connections(1);

const route = (_, n) => ({
  path: `/service-${n % 50}/resource-${n}/**`, methods: ['GET', 'POST'], require: { any: [{ role: 'staff' }, { scope: `resource-${n}:read` }] },
});
const document = (count) => JSON.stringify(configuration(origin, signer.issuer(), Array.from({ length: count }, route)));

/** µs of CPU from the first request until its answer, then µs for each decision that is remembered. */
async function once(count) {
  const kv = memoryKv();
  kv.put('config', document(count));
  const gateway = await startGateway({ config: { config_from: 'kv' }, kv });
  try {
    const ask = () => send(`${gateway.url}/service-3/resource-3/x`, { token, agent });
    const first = cpuClock(gateway.pid);
    const { status, text } = await ask();
    if (status !== 200) throw new Error(`expected 200, got ${status} ${text}`);
    const load = first();
    for (let n = 0; n < DECISIONS; n += 1) await ask();
    const rest = cpuClock(gateway.pid);
    for (let n = 0; n < DECISIONS; n += 1) await ask();
    return { load, decision: rest() / DECISIONS };
  } finally {
    await gateway.stop();
  }
}

const runs = { [SMALL]: [], [LARGE]: [] };
for (let round = 0; round < ROUNDS; round += 1) {
  for (const count of [SMALL, LARGE]) runs[count].push(await once(count));
}
console.log(`document of ${LARGE} routes: ${(document(LARGE).length / 1e6).toFixed(2)} MB`);
for (const [count, list] of Object.entries(runs)) {
  const figure = (name) => {
    const values = list.map((run) => run[name]);
    return `${Math.round(median(values))} (least ${Math.round(minimum(values))})`;
  };
  console.log(`${count} routes: first answer ${figure('load')} µs of CPU, a remembered decision ${figure('decision')} µs`);
}
agent.destroy();
await origin.stop();
