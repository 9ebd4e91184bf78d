// Express 4 as a team would run it behind a proxy: it trusts what the proxy says of the client, takes a method from a header, and reads
// paths as Express does, in any letter case. Every route answers with what its handler saw.
import { once } from 'node:events';
import http from 'node:http';

import express from 'express';
import methodOverride from 'method-override';

const BODY_LIMIT_BYTES = 64 * 1024;
export const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'];

/** The method that any header asks for whose name reads as one of `OVERRIDES`: other frameworks take `_` and `-` for the same. */
function overridden(request) {
  const named = Object.entries(request.headers).find(([name]) => OVERRIDES.includes(name.replace(/[^a-z0-9]/g, '-')));
  return named?.[1];
}

/** Serves on loopback: { url, port, calls, stop() }, where `calls` are method and target of what arrived. */
export async function serveExpress() {
  const calls = [];
  const app = express();
  app.set('trust proxy', 'loopback');
  app.use((request, response, next) => {
    calls.push(`${request.method} ${request.url}`);
    // A runtime may send a GET again when a kept-alive connection breaks; what is counted here are calls.
    response.set('connection', 'close');
    next();
  });
  app.use(express.raw({ type: () => true, limit: BODY_LIMIT_BYTES }));
  app.use(methodOverride(overridden));
  const saw = (route) => (request, response) => response.set('x-saw', encodeURIComponent(JSON.stringify(sight(route, request)))).end();
  app.all('/admin/users', saw('the users, for admins'));
  app.all('/tasks/:id', saw('a task, for workers'));
  app.delete('*', saw('a deletion'));
  app.all('*', saw('anything else'));
  const server = http.createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    calls,
    stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}

/** What a handler sees. It goes into a header, because an answer to HEAD has no body. */
function sight(route, request) {
  const { method, originalMethod, originalUrl, hostname, protocol, secure, ip, ips, headers } = request;
  const body = Buffer.isBuffer(request.body) ? request.body.toString() : '';
  return { route, method, originalMethod, originalUrl, hostname, protocol, secure, ip, ips, headers, body };
}
