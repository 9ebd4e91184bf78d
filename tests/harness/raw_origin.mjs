// An origin on a bare socket: what reached it is kept to the byte, head and body, and no parser has had a say.
import { createServer } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

/**
 * Starts an origin on loopback that answers each connection once. `requests` lists { line, headers: [[name, value], …], body } in
 * order of arrival, every byte one letter (latin1); the body has all that came after the head, framing included.
 */
export async function startRawOrigin() {
  const requests = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    let text = '';
    let record;
    let isAnswered = false;
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    socket.on('data', (part) => {
      text += part.toString('latin1');
      const end = text.indexOf(END_OF_HEAD);
      if (end < 0) return;
      if (record === undefined) requests.push(record = head(text.slice(0, end)));
      record.body = text.slice(end + END_OF_HEAD.length);
      if (isAnswered || !isWhole(record)) return;
      isAnswered = true;
      socket.end(ANSWER);
    });
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    }),
  };
}

function head(text) {
  const [line, ...fields] = text.split('\r\n');
  const pair = (field) => [field.slice(0, field.indexOf(':')), field.slice(field.indexOf(':') + 1).replace(/^ /, '')];
  return { line, headers: fields.map(pair), body: '' };
}

/** Whether the body is there that the head announces. */
function isWhole({ headers, body }) {
  const value = (name) => headers.find(([each]) => each.toLowerCase() === name)?.[1];
  if (value('transfer-encoding') !== undefined) return body.endsWith(LAST_CHUNK);
  return body.length >= Number(value('content-length') ?? 0);
}
