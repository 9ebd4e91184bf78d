// HTTP/1.1 by hand: a client that sends exactly the given bytes and reads exactly one answer.
import { connect } from 'node:net';

const DEFAULT_LIMIT_MS = 30_000;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

/**
 * Sends `bytes` (a string is taken as UTF-8) to `port` on loopback; the first final answer as
 * { status, headers: Map(lower-case name → [values]), body: Buffer, text }.
 */
export function rawRequest(port, bytes, { timeoutMs = DEFAULT_LIMIT_MS } = {}) {
  const request = Buffer.from(bytes);
  const head = request.subarray(0, 5).toString('latin1') === 'HEAD ';
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    const timer = setTimeout(() => finish(reject, new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    const reader = new AnswerReader(head);
    const finish = (settle, value) => {
      clearTimeout(timer);
      socket.destroy();
      // As in client.mjs: what was printed before has been read by then.
      setImmediate(settle, value);
    };
    const advance = (ended) => {
      try {
        const answer = reader.answer(ended);
        if (answer) finish(resolve, answer);
        else if (ended) finish(reject, new Error('the connection ended before a whole answer'));
      } catch (error) {
        finish(reject, error);
      }
    };
    socket.on('data', (part) => {
      reader.push(part);
      advance(false);
    });
    socket.on('end', () => advance(true));
    socket.on('error', (error) => finish(reject, error));
  });
}

/** Text of a request: `Host` first, then `headers` ([[name, value], …]) as they are, then `body` with no framing added. */
export const requestText = (method, target, headers = [], body = '') =>
  `${method} ${target} HTTP/1.1\r\nHost: gateway.example\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`;

/** Reads one answer out of what has arrived so far. */
export class AnswerReader {
  #parts = [];
  #length = 0;
  #headOnly;

  constructor(headOnly = false) {
    this.#headOnly = headOnly;
  }

  push(part) {
    this.#parts.push(part);
    this.#length += part.length;
  }

  /** The answer, or undefined while it is incomplete. `ended`: nothing more will come. */
  answer(ended) {
    let bytes = this.#bytes();
    for (;;) {
      const at = bytes.indexOf(END_OF_HEAD);
      if (at < 0) return undefined;
      const { status, headers } = parseHead(bytes.subarray(0, at).toString('latin1'));
      const rest = bytes.subarray(at + END_OF_HEAD.length);
      if (status >= 100 && status < 200 && status !== 101) {
        bytes = rest;
        continue;
      }
      const body = this.#headOnly || status === 101 || status === 204 || status === 304
        ? Buffer.alloc(0)
        : framedBody(headers, rest, ended);
      return body && { status, headers, body, text: body.toString('utf8') };
    }
  }

  #bytes() {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts, this.#length)];
    return this.#parts[0] ?? Buffer.alloc(0);
  }
}

function parseHead(text) {
  const [first, ...lines] = text.split('\r\n');
  const [, status] = /^HTTP\/1\.[01] ([0-9]{3})/.exec(first) ?? [];
  if (!status) throw new Error(`not an HTTP answer: ${first.slice(0, 80)}`);
  const headers = new Map();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return { status: Number(status), headers };
}

function framedBody(headers, rest, ended) {
  if (headers.get('transfer-encoding')?.at(-1)?.toLowerCase() === 'chunked') return chunkedBody(rest);
  const length = headers.get('content-length')?.[0];
  if (length === undefined) return ended ? rest : undefined;
  return rest.length >= Number(length) ? rest.subarray(0, Number(length)) : undefined;
}

function chunkedBody(bytes) {
  const parts = [];
  let at = 0;
  for (;;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    const start = line + 2;
    if (bytes.length < start + size + 2) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}
