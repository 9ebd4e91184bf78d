// What the Node servers of the tests have in common: a socket on loopback, a record of calls, faults on request.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';

import { commitFault, Faults } from './faults.mjs';

const BODY_LIMIT_BYTES = 64 * 1024;

/** SHA-256 in hex: what is kept of a token. */
export const fingerprint = (text) => (text === undefined ? undefined : createHash('sha256').update(text).digest('hex'));

/**
 * Serves `answer({ method, path, target, headers, body, call, fault })`, which returns { status, json } or { status, type, text },
 * with `headers` where there are any, and with `commit()` to change what the call changes: left out when the call goes wrong.
 */
export async function serve(answer) {
  const calls = [];
  const faults = new Faults();
  const server = http.createServer((request, response) => {
    // A peer that hangs up is what some tests are about.
    for (const stream of [request, response]) stream.on('error', () => {});
    // A runtime may send a GET again when a kept-alive connection breaks; what is counted here are calls.
    response.setHeader('connection', 'close');
    handle(request, response, { answer, calls, faults }).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /**
     * { method, path, authorization, cookies, status, fault } in order of arrival. Credentials are kept as SHA-256, cookies by their
     * names; `status` is that of the true answer, also where a fault took its place.
     */
    calls,
    callsTo: (path) => calls.filter((call) => call.path === path),
    fail: (fault) => faults.plan(fault),
    heal: () => faults.clear(),
    stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}

async function handle(request, response, { answer, calls, faults }) {
  const { method, url: target, headers } = request;
  const [path] = target.split('?');
  const fault = faults.take(path);
  const cookies = (headers.cookie ?? '').split(';').map((part) => part.split('=')[0].trim()).filter((name) => name !== '');
  const call = { method, path, authorization: fingerprint(headers.authorization), cookies, fault: fault?.kind };
  calls.push(call);
  const body = await readBody(request);
  const given = body ? await answer({ method, path, target, headers, body, call, fault }) : refusal(413, 'body too large');
  const { status, text, type } = whole(given);
  call.status = status;
  if (!fault || fault.commits) await given.commit?.();
  for (const [name, value] of Object.entries(given.headers ?? {})) response.setHeader(name, value);
  if (fault) return commitFault(fault, response, { type: type ?? 'application/json', text, value: given.json });
  if (type) response.setHeader('content-type', type);
  response.writeHead(status).end(text);
}

export const refusal = (status, error, headers) => ({ status, json: { error }, headers });

function whole({ status = 200, json, text = json === undefined ? '' : JSON.stringify(json), type }) {
  return { status, text, type: type ?? (json === undefined ? undefined : 'application/json') };
}

/** The body, or null when it is longer than anybody needs here. */
async function readBody(request) {
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length <= BODY_LIMIT_BYTES) parts.push(part);
  }
  return length <= BODY_LIMIT_BYTES ? Buffer.concat(parts) : null;
}
