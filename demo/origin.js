// An origin to try the gateway with: it tells what reached it. The last segment of the path chooses something else:
// …/redirect, …/events (server-sent events), …/socket (a WebSocket that repeats what it hears).

const EVENTS = 5;
const EVENT_INTERVAL_MS = 200;

const ANSWERS = { redirect, events, socket };

export default {
  fetch(request) {
    const name = new URL(request.url).pathname.split('/').at(-1);
    return (Object.hasOwn(ANSWERS, name) ? ANSWERS[name] : echo)(request);
  },
};

async function echo(request) {
  const received = {
    method: request.method,
    url: request.url,
    headers: Object.fromEntries(request.headers),
    body_length: await lengthOf(request.body),
  };
  return new Response(`${JSON.stringify(received, null, 2)}\n`, {
    headers: { 'content-type': 'application/json' },
  });
}

function redirect() {
  return new Response(null, { status: 302, headers: { location: '/public/redirected' } });
}

function events(request) {
  const { readable, writable } = new TransformStream();
  // A client that goes away breaks the pipe: that ends the stream, it is not an error.
  sendEvents(writable.getWriter(), request.signal).catch(() => {});
  return new Response(readable, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
  });
}

async function sendEvents(writer, signal) {
  const encoder = new TextEncoder();
  for (let id = 1; id <= EVENTS && !signal.aborted; id += 1) {
    await writer.write(encoder.encode(`id: ${id}\ndata: event ${id} of ${EVENTS}\n\n`));
    await new Promise((resolve) => setTimeout(resolve, EVENT_INTERVAL_MS));
  }
  await writer.close();
}

function socket(request) {
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    return new Response('this path speaks WebSocket\n', { status: 426, headers: { upgrade: 'websocket' } });
  }
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.addEventListener('message', ({ data }) => server.send(data));
  server.addEventListener('close', ({ code, reason }) => server.close(code === 1005 ? 1000 : code, reason));
  return new Response(null, { status: 101, webSocket: client });
}

async function lengthOf(body) {
  let length = 0;
  if (body) for await (const chunk of body) length += chunk.byteLength;
  return length;
}
