// The load, in a process of its own so that its CPU time is nobody's: mints tokens, keeps them, and sends them. Commands come
// over IPC: { id, command, … }, and are answered with { id, result } or { id, error }.
import { Connection } from './connection.mjs';
import { percentile } from './statistics.mjs';
import { mint } from './tokens.mjs';

const pools = new Map();
const lines = new Map();

const COMMANDS = { mint: fill, send: sendAll, pace: sendAtRate, drop, hangUp };

process.on('message', async ({ id, command, ...order }) => {
  try {
    process.send({ id, result: await COMMANDS[command](order) });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});
process.on('disconnect', () => process.exit());

/** Adds to the pool `name` until it holds `count` tokens. */
async function fill({ name, key, count, ...how }) {
  const pool = pools.get(name) ?? [];
  pools.set(name, pool);
  if (pool.length < count) pool.push(...(await mint(key, { ...how, count: count - pool.length })));
}

/** Forgets a pool. */
function drop({ name }) {
  pools.delete(name);
}

/** Sends `count` requests, `width` at once, with the tokens of a pool from number `from` on, again and again. */
async function sendAll({ port, pool, from = 0, count, width, expected, inCookie = false, times = false }) {
  const spent = [];
  let next = 0;
  const lane = async (connection) => {
    while (next < count) {
      const n = from + next++;
      const began = times ? performance.now() : 0;
      await ask(connection, pool, n, expected, inCookie);
      if (times) spent.push(performance.now() - began);
    }
  };
  const began = performance.now();
  await Promise.all(connections(port, Math.min(width, count)).map(lane));
  const ms = performance.now() - began;
  return times ? { ms, ...spread(spent) } : { ms };
}

/**
 * Sends `rate` requests a second for `seconds`. A request that had to wait for a connection counts from when it was due; one that
 * only this process's timer held up, from when it went.
 */
async function sendAtRate({ port, pool, from = 0, rate, seconds, width, expected }) {
  const count = Math.round(rate * seconds);
  const spent = [];
  const began = performance.now();
  let next = 0;
  const lane = async (connection) => {
    while (next < count) {
      const n = next++;
      const due = began + (n * 1000) / rate;
      const early = due - performance.now();
      if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
      const start = early > 0 ? performance.now() : due;
      await ask(connection, pool, from + n, expected);
      spent.push(performance.now() - start);
    }
  };
  await Promise.all(connections(port, width).map(lane));
  return spread(spent);
}

/** Closes what is open to a port. */
function hangUp({ port }) {
  for (const connection of lines.get(port) ?? []) connection.close();
  lines.delete(port);
}

const spread = (spent) => ({
  p50: percentile(spent, 0.5), p99: percentile(spent, 0.99), max: percentile(spent, 1),
});

function connections(port, width) {
  const [open, old] = [[], []];
  for (const connection of lines.get(port) ?? []) (connection.isUsable ? open : old).push(connection);
  for (const connection of old) connection.close();
  lines.set(port, open);
  while (open.length < width) open.push(new Connection(port));
  return open.slice(0, width);
}

async function ask(connection, pool, n, expected, inCookie = false) {
  const status = await connection.ask(request(pools.get(pool), n, inCookie));
  if (status !== expected) throw new Error(`expected ${expected}, got ${status}`);
}

/** What a usual client sends besides the token. */
function request(tokens, n, inCookie) {
  const token = tokens?.[n % tokens.length];
  const authorization = !tokens ? '' : inCookie ? `cookie: __Host-refresh=${SEALED}; __Host-access=1~${token}\r\n` : `authorization: Bearer ${token}\r\n`;
  return `GET /api/r${(n * 7) % 500}/items/42 HTTP/1.1\r\nhost: api.example\r\naccept: application/json\r\ncf-connecting-ip: 203.0.113.7\r\n` +
    `user-agent: bench/1.0\r\naccept-encoding: gzip, deflate\r\n${authorization}\r\n`;
}

/** As long as a sealed refresh token of 600 bytes. */
const SEALED = `1~1.00000000.${'A'.repeat(1000)}`;
