// The registry with 100,000 tokens of 10,000 users: how long its answers take, what they read and write, whether walking through all of
// it stays flat in memory (it fails if not), and what logins, refreshes and requests cost. `node bench/registry.mjs [USERS]` prints Markdown.
import { loadavg } from 'node:os';
import { until } from '../tests/harness/client.mjs';
import { emailOf, PASSWORD } from '../tests/servers/people.mjs';
import { memory } from './proc.mjs';
import { measureCosts } from './registry_costs.mjs';
import { familiesOf, makeFamily } from './registry_events.mjs';
import { growth, printRegistry } from './registry_report.mjs';
import { answered, startCounted } from './registry_stage.mjs';
import { median, percentile } from './statistics.mjs';

const USERS = Number(process.argv[2] ?? 10_000);
const REPEATED = 20;
const LISTED = 50;
/** Before anything is timed: the first requests compile code. */
const WARM = 100;
const TREES = 5;
const TREE_PAIRS = 5000;
/** Users all of whose tokens are active: some are expired, some deleted. */
const FRESH = 200;
const OWN_SESSIONS = 20;
/** Ten of each user, and those of OWN_SESSIONS. */
const TOKENS = (USERS + OWN_SESSIONS) * 10;
/** What is only garbage after one walk, is gone or used again in the next ones. */
const WALKS = 3;
/** By how much the last of them may leave more than the one before. */
const MEMORY_FACTOR = 1.1;
const ARCHIVED = 20_000;

const now = () => Math.floor(Date.now() / 1000);
const ADMIN = '/.edgeward/admin';

const began = performance.now();
const stage = await startCounted({ auth: { accessSeconds: 3600 }, routes: [{ path: '/bounded/**', methods: ['*'], access: 'authenticated', revocation: 'bounded' }] });
const rows = [];
try {
  const admin = (await stage.server.login('ada')).accessToken;
  const bob = (await stage.server.login('bob')).accessToken;
  const asked = async (method, path, token = admin, body = undefined) => {
    const answer = await stage.ask(method, path, token, body);
    return { ms: answer.ms, json: answered(answer) };
  };
  const list = (query) => asked('GET', `${ADMIN}/tokens?${query}`);

  /** Times `work(n)`, which gives { ms, json }, and counts what it cost; `check(json)` says whether the answer is what it should be. */
  const timed = async (what, count, work, check = () => true) => {
    await stage.counts();
    const taken = [];
    for (let n = 0; n < count; n += 1) {
      const { ms, json } = await work(n);
      if (!check(json)) throw new Error(`${what}: got ${JSON.stringify(json).slice(0, 200)}`);
      taken.push(ms);
    }
    const each = Object.fromEntries(Object.entries(await stage.counts()).map(([name, value]) => [name, value / count]));
    rows.push({ what, count, median: median(taken), late: count < REPEATED ? Math.max(...taken) : percentile(taken, 0.95), ...each });
  };

  const { families, seconds, bytes } = await fill();
  const fresh = families.slice(-FRESH);
  const { cursors, steps, walked, walking } = await walk(list);

  for (let n = 0; n < WARM; n += 1) await asked('GET', '/.edgeward/sessions', bob);
  await timed('`GET /.edgeward/health`, for comparison', LISTED, () => asked('GET', '/.edgeward/health'));
  const of = (query, check) => timed(`tokens: \`${query.replaceAll(/=[^&]{20,}/g, '=…').replace(/cursor=\d+/, 'cursor=…')}\``, LISTED, () => list(query), check);
  await timed('tokens: the first page', LISTED, () => list(''), ({ tokens }) => tokens.length === 100);
  await timed('tokens: page 500', LISTED, () => list(`cursor=${cursors[Math.min(498, TOKENS / 100 - 3)]}`), ({ tokens }) => tokens.length === 100);
  await timed('tokens: the first page of 1,000', LISTED, () => list('limit=1000'), ({ tokens }) => tokens.length === 1000);
  await of('subject=user-7@example.com', ({ tokens }) => tokens.length === 10);
  const sessions = await stage.sql('SELECT session, family FROM tokens WHERE id = 1001');
  await of(`session=${encodeURIComponent(sessions[0].session)}`, ({ tokens }) => tokens.length === 10);
  await of(`family=${encodeURIComponent(sessions[0].family)}`, ({ tokens }) => tokens.length === 10);
  await of('state=active', ({ tokens }) => tokens.length === 100);
  await of('state=expired', ({ tokens }) => tokens.length === 100);
  await of('kind=refresh', ({ tokens }) => tokens.length === 100);
  const [{ oldest }] = await stage.sql('SELECT min(id) AS oldest FROM tokens WHERE expires_at > ?', [now()]);
  await of(`state=active&cursor=${oldest}`, ({ tokens }) => tokens.length === 0);
  await of('tenant=nobody', ({ tokens }) => tokens.length === 0);
  await timed(`sessions: mine, ${OWN_SESSIONS} of them`, LISTED, () => asked('GET', '/.edgeward/sessions', bob), ({ sessions: own }) => own.length === OWN_SESSIONS);

  const expire = (hash, extent) => asked('POST', `${ADMIN}/tokens/expire`, admin, { hash, extent });
  await timed('expire one token', REPEATED, (n) => expire(fresh[n].refresh[4], 'token'), ({ expired }) => expired === 1);
  const real = await realFamilies(list);
  await timed('expire a family of 10, with its session', REPEATED, (n) => expire(real[n], 'family'), ({ expired }) => expired === 10);
  const references = [];
  for (let n = 0; n < REPEATED; n += 1) references.push((await list(`subject=user-${USERS - 1 - n}@example.com`)).json.tokens[0].reference);
  await timed('delete a subject', REPEATED, (n) => asked('DELETE', `${ADMIN}/subjects/${references[n]}`), ({ deleted }) => deleted);
  for (const extent of ['descendants', 'family']) await trees(timed, expire, extent);
  await timed('say what the archiver would remove', REPEATED, () => asked('GET', `${ADMIN}/tokens/archive?days=30`), ({ removable }) => removable >= ARCHIVED || USERS < 10_000);
  await timed('one run of the archiver, 20,000 tokens', 1, () => asked('POST', `${ADMIN}/tokens/archive?days=30`, admin, {}), ({ removed }) => removed === ARCHIVED || USERS < 10_000);

  printRegistry({ users: USERS, tokens: TOKENS, seconds, bytes, rows, steps, walked, walking });
  await measureCosts(stage, admin);
  if (USERS >= 10_000 && growth(steps, WALKS) > MEMORY_FACTOR) process.exitCode = 1;
} finally {
  await stage.stop();
}
console.log(`\nIn ${((performance.now() - began) / 1000).toFixed(0)} s, machine load ${loadavg()[0].toFixed(1)}.`);
process.exit();

/** Fills the registry as the queue does. */
async function fill() {
  const start = performance.now();
  const families = [...familiesOf(USERS, FRESH, now())];
  await stage.write(families.flatMap(({ events }) => events));
  const own = Array.from({ length: OWN_SESSIONS }, () => makeFamily({ subject: emailOf('bob'), at: now() - 60, pairs: 5, step: 1 }));
  await stage.write(own.flatMap(({ events }) => events));
  const seconds = (performance.now() - start) / 1000;
  return { families, seconds, bytes: await stage.size() };
}

/** Walks through all tokens by cursor, 100 at a time, so many times; the cursors, and the memory of all processes of workerd on the way. */
async function walk(list) {
  const start = performance.now();
  const [cursors, steps] = [[], []];
  let walked = 0;
  const sample = (n) => steps.push({ walk: n, walked, bytes: stage.processes().map((pid) => memory(pid).resident) });
  sample(0);
  for (let n = 1; n <= WALKS; n += 1) {
    const seen = walked;
    for (let cursor = ''; cursor !== null;) {
      const { json } = await list(cursor);
      walked += json.tokens.length;
      cursors.push(json.cursor);
      cursor = json.cursor === null ? null : `cursor=${json.cursor}`;
      if ((walked - seen) % 50_000 === 0) sample(n);
    }
    if (walked - seen !== TOKENS) throw new Error(`expected to walk ${TOKENS} tokens, got ${walked - seen}`);
    sample(n);
  }
  return { cursors, steps, walked, walking: (performance.now() - start) / 1000 };
}

/** Logins and refreshes through the gateway: families that have an object. The hash of one token of each. */
async function realFamilies(list) {
  for (let n = 0; n < REPEATED; n += 1) {
    let { refreshToken } = answered(await stage.post('/api/auth/login', { email: emailOf('eve'), password: PASSWORD }));
    for (let next = 0; next < 4; next += 1) ({ refreshToken } = answered(await stage.post('/api/auth/refresh', { refreshToken })));
  }
  const query = `subject=${emailOf('eve')}&limit=1000`;
  const tokens = await until(async () => {
    const { json } = await list(query);
    return json.tokens.length === REPEATED * 10 && json.tokens;
  }, 'the tokens of logins', 30_000);
  return [...new Map(tokens.map(({ family, hash }) => [family, hash])).values()];
}

/** Trees of 10,000 tokens, one after the other: a login that was refreshed 4,999 times. */
async function trees(time, expire, extent) {
  const all = Array.from({ length: TREES }, (_, n) => makeFamily({ subject: `tree-${extent}-${n}@example.com`, at: now() - 10, pairs: TREE_PAIRS, step: 0 }));
  for (const { events } of all) await stage.write(events);
  await time(`expire a tree of 10,000 (${extent})`, TREES, (n) => expire(all[n].refresh[0], extent), ({ expired }) => expired === 2 * TREE_PAIRS);
  for (const { id } of all) await stage.sql('DELETE FROM tokens WHERE family = ?', [id]);
}
