// What a login, a refresh and a request cost in what the platform bills, counted while they happen.
import { until } from '../tests/harness/client.mjs';
import { emailOf, PASSWORD } from '../tests/servers/people.mjs';
import { answered } from './registry_stage.mjs';

const EACH = 50;
/** Dollars for a million, over what is included (Workers Paid): see docs/operations.md. */
const PRICES = { requests: 0.3, d1_read: 0.001, d1_written: 1, queue_operations: 0.4, kv_reads: 0.5, object_calls: 0.15, object_written: 1 };
/** A message is written, read and deleted. */
const OPERATIONS = 3;

/** Prints what each costs, by kinds of operations and in dollars for a million. */
export async function measureCosts(stage, admin) {
  await imported(stage, admin);
  const agent = { headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36' } };
  const login = async () => answered(await stage.post('/api/auth/login', { email: emailOf('ada'), password: PASSWORD }, agent));
  const request = async (path, token) => answered(await stage.ask('GET', path, token));
  const tokens = [];
  const rows = [];
  const count = async (what, work, each = EACH) => {
    await stage.counts();
    for (let n = 0; n < each; n += 1) await work(n);
    rows.push([what, perRequest(await settled(stage), each)]);
  };
  await settled(stage);
  await count('the first login of a user', async () => tokens.push(await login()), 1);
  await count('login', async () => tokens.push(await login()));
  await count('refresh', async (n) => {
    tokens[n] = answered(await stage.post('/api/auth/refresh', { refreshToken: tokens[n].refreshToken }, agent));
  });
  await count('the first request with a new access token', (n) => request('/api/x', tokens[n].accessToken));
  await count('a further request, `strict`', (n) => request('/api/x', tokens[n].accessToken));
  await count('a further request, `bounded`', (n) => request('/bounded/x', tokens[n].accessToken));
  await count(`\`GET /.edgeward/sessions\`, ${tokens.length} sessions`, () => request('/.edgeward/sessions', tokens[0].accessToken));
  print(rows);
}

/** KV has no blacklist: the log is to know, and then the gate, so that nobody reads it any more. */
async function imported(stage, admin) {
  const path = '/.edgeward/admin/revocations/import';
  await stage.ask('POST', path, admin, { pause_seconds: 0 });
  await until(async () => (await stage.ask('GET', path, admin)).json.status === 'complete', 'the import of KV', 30_000);
  await stage.ask('GET', '/api/x', admin);
}

/** What was counted, when the queue is empty and no alarm runs: when nothing was added for some time. */
async function settled(stage) {
  const all = await stage.counts();
  let quiet = 0;
  await until(async () => {
    const more = await stage.counts();
    quiet = Object.values(more).some((value) => value > 0) ? 0 : quiet + 1;
    for (const [name, value] of Object.entries(more)) all[name] += value;
    return quiet >= QUIET;
  }, 'an end of what happens behind the answers', 60_000);
  return all;
}
/** Looks, 50 ms apart: longer than a batch of the queue waits for more. */
const QUIET = 50;

function perRequest(counts, count) {
  const { d1_read, d1_written, queue_messages: messages, kv_reads, log_calls, family_calls, alarms, object_written } = counts;
  const all = {
    requests: count, d1_read, d1_written, queue_operations: messages * OPERATIONS, kv_reads,
    object_calls: log_calls + family_calls + alarms, object_written,
  };
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, value / count]));
}

function print(rows) {
  const names = Object.keys(PRICES).filter((name) => name !== 'requests');
  const figure = (value) => String(Math.round(value * 100) / 100);
  console.log(`\n| for each | ${names.join(' | ')} | dollars a million |\n|---|${names.map(() => '---|').join('')}---|`);
  for (const [what, each] of rows) {
    const dollars = Object.entries(PRICES).reduce((sum, [name, price]) => sum + each[name] * price, 0);
    console.log(`| ${what} | ${names.map((name) => figure(each[name])).join(' | ')} | ${dollars.toFixed(2)} |`);
  }
}
