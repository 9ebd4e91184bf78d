// A proxy that tells the truth until it is told not to: any server behind it gets the faults of faults.mjs.
import http from 'node:http';

// Hop by hop, or written anew on each side.
const OWN = new Set(['host', 'connection', 'keep-alive', 'content-length', 'transfer-encoding', 'expect']);

const kept = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !OWN.has(name)));

/** For `serve`: answers as the server at `url` does. With a fault that does not commit, that server never hears of the call. */
export function relayTo(url) {
  return ({ method, target, headers, body, fault }) => {
    if (fault && !fault.commits) return { status: 200, json: { relayed: false } };
    return new Promise((resolve, reject) => {
      const onward = http.request(url + target, { method, headers: { ...kept(headers), 'content-length': body.length } });
      onward.on('error', reject);
      onward.on('response', (response) => read(response).then(resolve, reject));
      onward.end(body);
    });
  };
}

async function read(response) {
  const parts = [];
  for await (const part of response) parts.push(part);
  const { 'content-type': type, ...headers } = kept(response.headers);
  return { status: response.statusCode, text: Buffer.concat(parts), type, headers };
}
