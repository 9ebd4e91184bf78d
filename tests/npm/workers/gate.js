// A Worker with the gate in front: what passes is told as it arrives.
import { createGate } from 'edgeward/gate';

/** A queue whose consumer is this Worker, which consumes nothing. */
const QUEUE = { send: async () => {} };

let gate;
let calls = 0;

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === '/calls') return Response.json(calls);
    if (pathname === '/second-gate') return Response.json(attempt(() => createGate({})));
    if (pathname === '/wrong-gates') return Response.json([undefined, [], { config_from: 'kv' }, { origins: {} }].map((config) => attempt(() => createGate(config))));
    gate ??= createGate(JSON.parse(env.GATE));
    try {
      return await gate.fetch(request, Object.create(env, { EDGEWARD_SYNC: { value: QUEUE } }), context, next);
    } catch (error) {
      return Response.json({ thrown: error.message }, { status: 418 });
    }
  },
};

async function next(request) {
  calls += 1;
  if (request.headers.get('upgrade') === 'websocket') return echo(request.headers);
  if (request.url.endsWith('/throws')) throw new Error('of the Worker itself');
  const { method, url } = request;
  return Response.json({ method, url, headers: [...request.headers], body: await request.text() }, { headers: { 'x-from': 'next' } });
}

/** A WebSocket that says who is there, and then everything back. */
function echo(headers) {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  server.addEventListener('message', ({ data }) => server.send(data));
  server.send(`subject ${headers.get('x-auth-subject')}`);
  const protocol = headers.get('sec-websocket-protocol');
  return new Response(null, { status: 101, webSocket: client, headers: { 'sec-websocket-protocol': protocol } });
}

function attempt(work) {
  try {
    work();
    return 'made';
  } catch ({ code, errors }) {
    return { code, path: errors?.[0]?.path };
  }
}
