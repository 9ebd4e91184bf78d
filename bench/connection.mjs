// One kept-alive HTTP/1.1 connection that spends as little as can be: what the load costs, it takes from the contenders on a
// small machine. It knows requests without a body, and answers with a Content-Length; nothing else is sent or taken.
import { connect } from 'node:net';

const TIMEOUT_MS = 20_000;
const HEAD_END = '\r\n\r\n';

/** workerd closes what is idle for 5 s; a request must not cross with that. */
const IDLE_MS = 2000;
const LENGTH = /\r\ncontent-length: *(\d+)\r\n/i;

export class Connection {
  #socket;
  #received = '';
  #waiting = null;
  #used = performance.now();

  constructor(port) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.setTimeout(TIMEOUT_MS);
    this.#socket.on('data', (text) => this.#take(text));
    this.#socket.on('timeout', () => this.#waiting && this.#fail(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  get isUsable() {
    return !this.#socket.destroyed && performance.now() - this.#used < IDLE_MS;
  }

  /** Sends a request's text; resolves with the status once the whole answer is there. */
  ask(text) {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) throw new Error('the connection was closed between two requests');
      this.#waiting = { resolve, reject };
      this.#socket.write(text, 'latin1');
    });
  }

  close() {
    this.#socket.destroy();
  }

  #take(text) {
    this.#received += text;
    const end = this.#received.indexOf(HEAD_END);
    if (end < 0) return;
    const head = this.#received.slice(0, end + 2);
    const length = LENGTH.exec(head);
    if (!length) return this.#fail(new Error(`expected an answer with Content-Length, got\n${head}`));
    const bytes = end + HEAD_END.length + Number(length[1]);
    if (this.#received.length < bytes) return;
    this.#received = this.#received.slice(bytes);
    const { resolve } = this.#waiting;
    this.#waiting = null;
    this.#used = performance.now();
    // The status stands after `HTTP/1.1 `.
    resolve(Number(head.slice(9, 12)));
  }

  #fail(error) {
    this.#socket.destroy();
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}
