// What a large configuration in KV costs: CPU of the process until it decides, beside a small one, and CPU of a decision under each.
// Run by itself: node bench/document.mjs [routes] [tenants] [rounds] [folders of builds to compare…]. Nothing else should run; where
// something does, the rounds of all builds alternate.
import { connections, send } from '../tests/harness/client.mjs';
import { startGateway } from '../tests/harness/gateway.mjs';
import { memoryKv } from '../tests/harness/memory_kv.mjs';
import { startOrigin } from '../tests/harness/origin.mjs';
import { configuration, startSigner } from '../tests/harness/signer.mjs';
import { cpuClock } from './proc.mjs';
import { median, minimum } from './statistics.mjs';

const [routes = 5_000, tenants = 500, rounds = 5] = process.argv.slice(2, 5).map(Number);
const BUILDS = process.argv.length > 5 ? process.argv.slice(5) : ['build'];
const DECISIONS = 2_000;
const SMALL = { routes: 5, tenants: 5 };
const LARGE = { routes, tenants };

const origin = await startOrigin();
const signer = await startSigner();
const token = await signer.token({ roles: ['admin', 'staff', 'user'] });
const agent = connections(1);

const route = (_, n) => ({
  path: `/service-${n % 50}/resource-${n}/**`, methods: ['GET', 'POST'], require: { any: [{ role: 'staff' }, { scope: `resource-${n}:read` }] },
});
// The one that is asked for is the first of the hosts by which loopback is known.
const tenant = (_, n) => ({
  name: `tenant-${n}`, hosts: [n === 0 ? '127.0.0.1' : `tenant-${n}.example.com`], origin: n % 2 ? `https://tenant-${n}.internal.example.com` : 'main', claim: false,
});
const document = (size) => JSON.stringify(configuration(origin, signer.issuer(), Array.from({ length: size.routes }, route), {
  tenants: Array.from({ length: size.tenants }, tenant),
}));

/** µs of CPU from the first request until its answer, then µs for each decision that is remembered. */
async function once(size, build) {
  const kv = memoryKv();
  kv.put('config', document(size));
  const gateway = await startGateway({ config: { config_from: 'kv' }, kv, build });
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

const runs = new Map();
for (let round = 0; round < rounds; round += 1) {
  for (const size of [SMALL, LARGE]) {
    for (const build of BUILDS) {
      const what = `${build}: ${size.routes} routes, ${size.tenants} tenants`;
      runs.set(what, [...(runs.get(what) ?? []), await once(size, build)]);
    }
  }
}
console.log(`document of ${LARGE.routes} routes and ${LARGE.tenants} tenants: ${(document(LARGE).length / 1e6).toFixed(2)} MB`);
for (const [what, list] of runs) {
  const figure = (name) => {
    const values = list.map((run) => run[name]);
    return `${Math.round(median(values))} (least ${Math.round(minimum(values))})`;
  };
  console.log(`${what}: first answer ${figure('load')} µs of CPU, a remembered decision ${figure('decision')} µs`);
}
agent.destroy();
await origin.stop();
