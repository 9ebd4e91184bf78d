// What a failing issuer sends in place of its JWK Set. Wherever a body is possible it holds the true keys, so that a
// gateway which takes what it should refuse lets the token pass and is seen.
import http from 'node:http';
import { once } from 'node:events';

import { LASTING } from './client.mjs';

const DRIP_MS = 150;
const LARGE_BYTES = 10 * 1024 * 1024;

const FAULTS = {
  timeout: () => {},
  reset: (response) => response.socket.resetAndDestroy(),
  'status 500': (response, jwks) => send(response, 500, 'application/json', JSON.stringify(jwks)),
  html: (response) => send(response, 200, 'text/html', '<!doctype html><title>Sign in</title><p>{"keys":[]}</p>'),
  'empty keys': (response) => send(response, 200, 'application/json', '{"keys":[]}'),
  large: (response, jwks) => {
    const padded = JSON.stringify({ ...jwks, padding: 'x'.repeat(LARGE_BYTES) });
    send(response, 200, 'application/json', padded);
  },
  'slow drip': (response, jwks) => drip(response, JSON.stringify(jwks)),
  'too many keys': (response, jwks) => {
    const others = Array.from({ length: 65 - jwks.keys.length }, (_, n) => ({ ...jwks.keys[0], kid: `other-${n}` }));
    send(response, 200, 'application/json', JSON.stringify({ keys: [...jwks.keys, ...others] }));
  },
};

export const FAULT_KINDS = Object.keys(FAULTS);

/** `kind` is a name of FAULTS, or `{ redirect: url }`. */
export function answerFault(kind, response, jwks) {
  if (kind.redirect) return response.writeHead(302, { location: kind.redirect }).end();
  return FAULTS[kind](response, jwks);
}

/** A whole answer; a peer that hangs up meanwhile is no error. */
export function send(response, status, type, body) {
  response.on('error', () => {});
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

/** The whole body, one octet at a time: complete only long after any sensible timeout. */
export function drip(response, body, everyMs = DRIP_MS) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body[sent]);
    sent += 1;
    if (sent === body.length) response.end();
  }, everyMs);
  response.on('close', () => clearInterval(timer));
}

/** A server that counts who comes by and serves `jwks()` to everybody: the target of a redirect that must not be followed. */
export async function startDecoy(jwks) {
  const decoy = { contacts: 0 };
  const server = http.createServer(LASTING, (request, response) => {
    decoy.contacts += 1;
    send(response, 200, 'application/json', JSON.stringify(jwks()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  decoy.url = `http://127.0.0.1:${server.address().port}/jwks.json`;
  decoy.stop = () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve)));
  return decoy;
}
