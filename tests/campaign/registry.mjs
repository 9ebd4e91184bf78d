// What tests/worker/registry/{faults,recovery}.test.mjs show, for an outage of more than a minute: `make campaign` (7 minutes). The database of the
// registry fails, or hangs, while clients go on; behind a queue, and without one. Ends with 1 if a promise was broken.
import { inParallel, sleep } from '../harness/client.mjs';
import { FAULTY, hashOf, startRegistry } from '../harness/registry_stage.mjs';
import { seriesOf } from '../harness/metrics_sink.mjs';
import { emailOf, PASSWORD } from '../servers/people.mjs';

const SOUND_MS = 10_000;
const OUTAGE_MS = 65_000;
const CLIENTS = 4;
/** So often each client logs in, uses its token, refreshes it and uses the new one. */
const ROUND_MS = 800;
/** So long the gateway waits for a statement: a request that waited for the database would take longer. */
const WRITE_MS = 5000;
/** So often somebody asks for what needs no database, to see how slow the machine is. */
const CONTROL_MS = 100;
/** By then the last message has come again: the queue waits longer each time. */
const RECOVERY_MS = 240_000;
const LOST = 'edgeward_registry_events_lost_total';

let broken = 0;
function check(holds, promise) {
  if (holds) return;
  broken += 1;
  console.log(`   BROKEN: ${promise}`);
}

/** Asks `condition` every 2 s, for asking the database takes a process of its own; whether it came true. */
async function comesTrue(condition, limitMs) {
  for (const ends = performance.now() + limitMs; performance.now() < ends; await sleep(2000)) if (await condition()) return true;
  return false;
}

/** What clients have been told: hashes of tokens, by how many answers, and how long each request took in each phase. */
const heard = () => ({ tokens: new Set(), answers: 0, failed: 0, ms: { before: [], outage: [], after: [] }, control: { before: [], outage: [], after: [] } });

/** Clients over some time. */
async function load(stage, own, phase, lasting) {
  const ends = performance.now() + lasting;
  const asked = async (request) => {
    const answer = await request.catch(({ message }) => ({ status: message, ms: WRITE_MS, json: {} }));
    own.ms[phase].push(answer.ms);
    if (answer.status !== 200) own.failed += 1;
    return answer;
  };
  const given = async (request) => {
    const { json } = await asked(request);
    for (const token of [json.accessToken, json.refreshToken]) if (token !== undefined) own.tokens.add(hashOf(token));
    own.answers += 1;
    return json;
  };
  const control = async () => {
    while (performance.now() < ends) {
      own.control[phase].push((await stage.ask('GET', '/.edgeward/health')).ms);
      await sleep(CONTROL_MS);
    }
  };
  const clients = inParallel(CLIENTS, CLIENTS, async (n) => {
    await sleep((n * ROUND_MS) / CLIENTS);
    while (performance.now() < ends) {
      const next = sleep(ROUND_MS);
      const first = await given(stage.post('/api/auth/login', { email: emailOf('bob'), password: PASSWORD }));
      await asked(stage.ask('GET', '/api/x', first.accessToken));
      const second = await given(stage.post('/api/auth/refresh', { refreshToken: first.refreshToken }));
      await asked(stage.ask('GET', '/api/x', second.accessToken));
      await next;
    }
  });
  await Promise.all([clients, control()]);
}

/** What the database has of it: how many tokens and rows of the trail, and how many of them nobody was told of. */
async function stored(stage, { tokens }) {
  const hashes = await stage.gateway.sql('SELECT hash FROM tokens');
  const ids = await stage.gateway.sql("SELECT request_id AS id FROM audit WHERE event IN ('login', 'token_refresh') AND outcome IN ('accepted', 'rotated') AND count = 1");
  const rows = { tokens: hashes.filter(({ hash }) => tokens.has(hash)).length, audit: new Set(ids.map(({ id }) => id)).size };
  return { ...rows, others: hashes.length - rows.tokens, repeated: ids.length - rows.audit };
}

const percentile = (values, share) => Math.round(values.toSorted((one, other) => one - other)[Math.ceil(values.length * share) - 1]);

const timesOf = (taken) => `${taken.length} requests, median ${percentile(taken, 0.5)} ms, 99 % within ${percentile(taken, 0.99)} ms, the slowest ${percentile(taken, 1)} ms`;

function printTimes({ ms, control }) {
  for (const [phase, taken] of Object.entries(ms)) console.log(`   ${phase}: ${timesOf(taken)}\n      beside \`health\`: ${timesOf(control[phase])}`);
}

/** How many events each line and each counter says are lost, by kind. */
async function lost(stage, admin) {
  const { text } = await stage.ask('GET', '/.edgeward/metrics', admin);
  const [logged, counted] = [{}, {}];
  for (const { event, kind } of stage.gateway.logs()) if (event === 'registry_event_lost') logged[kind] = (logged[kind] ?? 0) + 1;
  for (const [series, count] of Object.entries(seriesOf(text))) if (series.startsWith(LOST)) counted[/event="([a-z]+)"/.exec(series)[1]] = count;
  return { logged, counted };
}

async function outage(database, queue) {
  const stage = await startRegistry({
    queue, more: FAULTY,
    config: { audit: 'database', metrics: 'object', metrics_require: { role: 'admin' }, log: { refusals_per_second: 1_000_000 } },
  });
  try {
    const admin = (await stage.server.login('ada')).accessToken;
    const plant = (faults) => stage.ask('PUT', '/faults', undefined, faults);
    const own = heard();
    await load(stage, own, 'before', SOUND_MS);
    await plant({ database });
    const began = performance.now();
    await load(stage, own, 'outage', OUTAGE_MS);
    const lasted = performance.now() - began;
    await plant({});
    await load(stage, own, 'after', SOUND_MS);
    const isBack = performance.now();
    console.log(`The database ${database} for ${(lasted / 1000).toFixed(1)} s, ${queue ? 'behind a queue' : 'without a queue'}: ${own.tokens.size} tokens, ${own.answers} logins and refreshes`);
    printTimes(own);
    check(own.failed === 0, `${own.failed} requests failed`);
    check(Math.max(...own.ms.outage) < WRITE_MS, 'no request waits for the database');
    await (queue ? checkAllStored : checkLossKnown)(stage, { own, admin });
    console.log(`   settled ${((performance.now() - isBack) / 1000).toFixed(0)} s after the last request`);
  } finally {
    await stage.stop();
  }
}

async function checkAllStored(stage, { own, admin }) {
  let rows;
  const isAll = await comesTrue(async () => {
    rows = await stored(stage, own);
    return rows.tokens === own.tokens.size && rows.audit === own.answers;
  }, RECOVERY_MS);
  console.log(`   stored: ${rows.tokens} tokens, ${rows.audit} rows of the trail; ${rows.others} tokens of nobody, ${rows.repeated} rows twice`);
  check(isAll, 'everything is stored afterwards');
  check(rows.others === 0 && rows.repeated === 0, 'everything is stored once');
  const { logged, counted } = await lost(stage, admin);
  check(Object.keys(logged).length === 0 && Object.keys(counted).length === 0, `nothing is lost: ${JSON.stringify({ logged, counted })}`);
}

async function checkLossKnown(stage, { own, admin }) {
  let told;
  const isCounted = await comesTrue(async () => {
    told = await lost(stage, admin);
    return Object.keys(told.logged).length > 0 && Object.entries(told.logged).every(([kind, count]) => told.counted[kind] === count);
  }, 40_000);
  const rows = await stored(stage, own);
  const missing = { pair: (own.tokens.size - rows.tokens) / 2, audit: own.answers - rows.audit };
  console.log(`   stored: ${rows.tokens} tokens, ${rows.audit} rows of the trail; missing ${JSON.stringify(missing)}; logged ${JSON.stringify(told.logged)}; counted ${JSON.stringify(told.counted)}`);
  check(isCounted, 'what is logged as lost is counted');
  for (const kind of ['pair', 'audit']) check(missing[kind] > 0 && missing[kind] === told.logged[kind], `each lost event \`${kind}\` is logged`);
  check(rows.others === 0 && rows.repeated === 0, 'what is stored is stored once');
}

const started = performance.now();
for (const database of ['fails', 'hangs']) for (const queue of [true, false]) await outage(database, queue);
console.log(`${broken} promises broken in ${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exit(broken > 0 ? 1 : 0);
