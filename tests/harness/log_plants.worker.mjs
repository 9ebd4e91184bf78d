// Faults that the history checker has to find, planted between the gates and the log: what clients see is what they would see if the
// gate or the log had them. A plant replaces methods: `(message, call, context)`, with `call(method, message)` to the log itself.
import { EVERYTHING, goesOn, isAbsent, readAsk, readOrder, readReply, writeAsk, writeOrder, writeReply } from './log_messages.worker.mjs';

const CACHED_MS = 1000;
/** How long an answer takes: well under the gate's limit of 500 ms, so that a slow machine does not turn it into no answer. */
const LATE_MS = 150;
/** How old what an answer says is when it comes: almost the bound. */
const OLD_MS = 900;
/** How often is looked what has changed, at most. */
const PIECE_MS = 50;

/** The same order about what nobody has: its answer has the right form. */
function decoy(message) {
  const order = readOrder(message);
  const hash = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
  const other = (name) => name.replace(/[^:]*$/, hash().replace(/\+/g, '-').replace(/\//g, '_').replace(/=*$/, ''));
  return writeOrder({ ...order, entries: order.entries.map((entry) => ({ ...entry, name: other(entry.name) })) });
}

/** What has changed in the log, in pieces, each up to the change `head`. */
const pieces = [];
let taking = Promise.resolve();

/** Takes the next piece, if the last one is of a while ago. */
async function takePiece(call) {
  const [at, last] = [Date.now(), pieces.at(-1)];
  if (last !== undefined && at - last.at < PIECE_MS) return;
  const question = last === undefined ? EVERYTHING : { ...EVERYTHING, ...last, hasEpoch: 1, seq: last.head };
  const { epoch, start, head, states } = readReply(await call('ask', writeAsk(question)));
  pieces.push({ at, epoch, start, head, states });
}

/** The reply with the changes as they were a while ago. */
function asBefore(message, bytes) {
  const [ask, reply] = [readAsk(message), readReply(bytes)];
  if (!goesOn(reply)) return bytes;
  const news = pieces.filter(({ at, head }) => Date.now() - at >= OLD_MS && head > ask.head);
  const head = news.at(-1)?.head ?? ask.head;
  return writeReply({ ...reply, seq: head, head, states: news.flatMap(({ states }) => states) });
}

const cached = new Map();

export const PLANTS = {
  /** The answer about a token is given again for a second. */
  cached_verdict: {
    async ask(message, call) {
      const { names } = readAsk(message);
      if (names.length === 0) return call('ask', message);
      const [key, at] = [names.join(), Date.now()];
      const known = cached.get(key);
      if (known !== undefined && at - known.at < CACHED_MS) return known.reply;
      const reply = await call('ask', message);
      cached.set(key, { at, reply });
      return reply;
    },
  },

  /** Answers say what the log held a while ago, and the gate takes them for new, as if it counted their age from when they came. */
  age_from_answer: {
    async ask(message, call) {
      taking = taking.then(() => takePiece(call));
      await taking;
      await scheduler.wait(LATE_MS);
      return asBefore(message, await call('ask', message));
    },
  },

  /** A revocation is acknowledged, and written 0.3 s later. */
  early_acknowledgement: {
    async order(message, call, context) {
      if (readOrder(message).command !== 'append') return call('order', message);
      context.waitUntil(scheduler.wait(300).then(() => call('order', message)));
      return call('order', decoy(message));
    },
  },

  /** A cut-off replaces the one before, although that is later. */
  cutoff_moves_back: {
    async order(message, call) {
      const order = readOrder(message);
      const isCutoff = order.command === 'append' && order.entries.some(({ before }) => typeof before === 'number');
      if (isCutoff) await call('order', writeOrder({ ...order, command: 'lift' }));
      return call('order', message);
    },
  },

  /** A lift is acknowledged, and never written. */
  lost_lift: {
    order: (message, call) => call('order', readOrder(message).command === 'lift' ? decoy(message) : message),
  },

  /** Orders fail, and questions are answered. */
  no_orders: {
    order() {
      throw new Error('planted: no orders');
    },
  },

  /** What was confirmed as revoked stays so in the copy: the changes to "absent" do not reach it. */
  kept_confirmation: {
    async ask(message, call) {
      const reply = readReply(await call('ask', message));
      return writeReply({ ...reply, states: reply.states.filter((state) => !isAbsent(state)) });
    },
  },
};
