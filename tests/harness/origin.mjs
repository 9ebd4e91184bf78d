// A recording origin: what it saw is kept as it came over the wire.
import { randomInt } from 'node:crypto';
import { createServer } from 'node:http';

import { LASTING } from './client.mjs';

const PLAIN = () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'origin' });
const REFUSED_UPGRADE = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n';

/**
 * Starts an origin on loopback. `requests` lists { method, target, headers: [[name, value], …], body, trailers } in order of
 * arrival, names and values as on the wire. `reply(fn)` sets the answer: `fn(req, res, record)` answers by itself, or returns
 * { status, headers, body }. With `reply(fn, { early: true })` it is called before the body has been read, and reads it itself.
 * `onUpgrade(fn)` says what to do with an upgrade: `fn(req, socket)`.
 */
export async function startOrigin({ port = 0 } = {}) {
  const requests = [];
  const sockets = new Set();
  let answer = { fn: PLAIN, early: false };
  let upgrade = (req, socket) => socket.end(REFUSED_UPGRADE);
  const record = (req) => {
    requests.push({ method: req.method, target: req.url, headers: pairs(req.rawHeaders), body: undefined, trailers: undefined });
    return requests.at(-1);
  };

  const server = createServer({ maxHeaderSize: 256 * 1024, keepAlive: true, ...LASTING }, async (req, res) => {
    const seen = record(req);
    // A peer that hangs up is what some tests are about.
    req.on('error', () => {});
    res.on('error', () => {});
    try {
      if (!answer.early) await readBody(req, seen);
      const plain = await answer.fn(req, res, seen);
      if (plain) res.writeHead(plain.status ?? 200, plain.headers ?? {}).end(plain.body);
    } catch {
      res.destroy();
    }
  });
  server.on('upgrade', (req, socket) => {
    record(req);
    socket.on('error', () => {});
    upgrade(req, socket);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    port: server.address().port,
    requests,
    reply(fn, { early = false } = {}) { answer = { fn, early }; },
    onUpgrade(fn) { upgrade = fn; },
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    }),
  };
}

async function readBody(req, record) {
  const parts = [];
  for await (const part of req) parts.push(part);
  record.body = Buffer.concat(parts);
  record.trailers = pairs(req.rawTrailers);
}

function pairs(raw) {
  const list = [];
  for (let index = 0; index < raw.length; index += 2) list.push([raw[index], raw[index + 1]]);
  return list;
}

/** The values of the record's headers called `name`, in any letter case. */
export const valuesOf = (record, name) =>
  record.headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);

/**
 * A port on which nobody listens, below those that the system hands out: a server that starts there seconds later must not find a connection
 * or another test's server on it.
 */
export async function deadPort() {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}
