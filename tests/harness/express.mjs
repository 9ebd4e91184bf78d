// The Express server of tests/servers/express.mjs on loopback, and what its handlers say that they saw.
import { serveExpress } from '../servers/express.mjs';
import { rawRequest, requestText } from './raw.mjs';

/** { url, port, calls, ask(method, target, headers, body), stop() }; `ask` goes straight to it. */
export async function startExpress() {
  const server = await serveExpress();
  return {
    ...server,
    ask: async (...request) => sight(await rawRequest(server.port, requestText(...request))),
  };
}

/** What the handler saw, of Express's answer or of the gateway's that hands it on; undefined where Express did not answer. */
export function sight(answer) {
  const [text] = answer.headers.get('x-saw') ?? [];
  return text && JSON.parse(decodeURIComponent(text));
}
