// A connection that stays open: for streams, where what comes back matters before all has been said.
import { connect } from 'node:net';

const DEFAULT_LIMIT_MS = 30_000;

/**
 * An open connection: what is written goes out as it is, and `until(test)` waits for enough to have come back. With `keep` only so
 * many of the first octets are kept; `octets()` counts them all.
 */
export async function conversation(port, { keep = Infinity } = {}) {
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let received = Buffer.alloc(0);
  let octets = 0;
  let ended = false;
  let wake = () => {};
  socket.on('data', (part) => {
    octets += part.length;
    if (received.length < keep) received = Buffer.concat([received, part.subarray(0, keep - received.length)]);
    wake();
  });
  for (const event of ['end', 'error', 'close']) socket.on(event, () => { ended = true; wake(); });
  return {
    socket,
    octets: () => octets,
    text: () => received.toString('latin1'),
    /** Writes and waits until the socket takes more, or is gone. */
    write: (bytes) => new Promise((resolve) => {
      if (socket.write(bytes) || ended) return resolve();
      const on = () => {
        socket.off('drain', on).off('close', on);
        resolve();
      };
      socket.once('drain', on).once('close', on);
    }),
    /** Resolves with the text so far once `test(text)` holds. */
    async until(test, timeoutMs = DEFAULT_LIMIT_MS) {
      const deadline = Date.now() + timeoutMs;
      while (!test(received.toString('latin1'))) {
        if (ended) throw new Error(`the connection ended: ${received.toString('latin1').slice(-200)}`);
        if (Date.now() > deadline) throw new Error(`not there in ${timeoutMs} ms: ${received.toString('latin1').slice(-200)}`);
        await new Promise((resolve) => { wake = resolve; setTimeout(resolve, 50); });
      }
      return received.toString('latin1');
    },
    close: () => socket.destroy(),
  };
}
