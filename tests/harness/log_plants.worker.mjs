// Faults that the history checker has to find, planted between the gates and the log: what clients see is what they would see if the
// gate or the log had them. A plant replaces methods: `(message, call, context)`, with `call(method, message)` to the log itself.

const CACHED_MS = 1000;
const LATE_MS = 400;
/** How often is looked what has changed, at most. */
const PIECE_MS = 50;

const VERSION = 1;
// Where the parts of the messages begin, as src/revocation/ask.rs has them.
const ASKED_EPOCH_AT = 1 + 1;
const ASKED_SEQ_AT = ASKED_EPOCH_AT + 16;
const ASKED_NAMES_AT = ASKED_SEQ_AT + 8;
const SINCE_AT = 1 + 16;
const SEQ_AT = SINCE_AT + 8;
const HEAD_AT = SEQ_AT + 8;
const STATES_AT = HEAD_AT + 8 + 1;
const STATE_BYTES = 9;
const CODE_AT = 5;

const json = (message) => JSON.parse(new TextDecoder().decode(message.subarray(1)));
const toMessage = (value) => Uint8Array.of(VERSION, ...new TextEncoder().encode(JSON.stringify(value)));
const hasNames = (ask) => ask[ASKED_NAMES_AT] > 0;
const namesOf = (ask) => ask.subarray(ASKED_NAMES_AT).toString();

/** The same order about what nobody has: its answer has the right form. */
function decoy(message) {
  const order = json(message);
  const hash = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
  const other = (name) => name.replace(/[^:]*$/, hash().replace(/\+/g, '-').replace(/\//g, '_').replace(/=*$/, ''));
  return toMessage({ ...order, entries: order.entries.map((entry) => ({ ...entry, name: other(entry.name) })) });
}

/** Where the states of a reply end, and the verdicts begin. */
const endOfStates = (reply) => STATES_AT + 4 + new DataView(reply.buffer, reply.byteOffset).getUint32(STATES_AT) * STATE_BYTES;

/** A reply without the changes to "absent": the copy learns of no lift. */
function withoutLifts(reply) {
  const view = new DataView(reply.buffer, reply.byteOffset);
  const end = endOfStates(reply);
  const kept = [];
  for (let at = STATES_AT + 4; at < end; at += STATE_BYTES) {
    if (view.getUint32(at + CODE_AT) !== 0) kept.push(...reply.subarray(at, at + STATE_BYTES));
  }
  const counted = new Uint8Array(4);
  new DataView(counted.buffer).setUint32(0, kept.length / STATE_BYTES);
  return Uint8Array.from([...reply.subarray(0, STATES_AT), ...counted, ...kept, ...reply.subarray(end)]);
}

/** What has changed in the log, in pieces: { at, to, states }, each up to the change `to`. */
const pieces = [];
let taking = Promise.resolve();

/** Takes the next piece, if the last one is of a while ago. */
async function takePiece(call) {
  const [at, last] = [Date.now(), pieces.at(-1)];
  if (last !== undefined && at - last.at < PIECE_MS) return;
  const message = new Uint8Array(ASKED_NAMES_AT + 1);
  message[0] = VERSION;
  if (last !== undefined) {
    message[1] = 1;
    message.set(last.epoch, ASKED_EPOCH_AT);
    new DataView(message.buffer).setBigUint64(ASKED_SEQ_AT, last.to);
  }
  const reply = await call('ask', message);
  const view = new DataView(reply.buffer, reply.byteOffset);
  pieces.push({ at, epoch: reply.slice(1, 17), to: view.getBigUint64(HEAD_AT), states: reply.slice(STATES_AT + 4, endOfStates(reply)) });
}

/** The reply with the changes as they were a while ago. */
function asBefore(message, reply) {
  const since = new DataView(message.buffer, message.byteOffset).getBigUint64(ASKED_SEQ_AT);
  const known = pieces.filter(({ at }) => Date.now() - at >= 2 * LATE_MS);
  const news = known.filter(({ to }) => to > since);
  const states = news.flatMap((piece) => [...piece.states]);
  const changed = Uint8Array.from([...reply.subarray(0, STATES_AT + 4), ...states, ...reply.subarray(endOfStates(reply))]);
  const view = new DataView(changed.buffer);
  const to = news.at(-1)?.to ?? since;
  for (const [at, number] of [[SINCE_AT, since], [SEQ_AT, to], [HEAD_AT, to]]) view.setBigUint64(at, number);
  view.setUint32(STATES_AT, states.length / STATE_BYTES);
  return changed;
}

const cached = new Map();

export const PLANTS = {
  /** The answer about a token is given again for a second. */
  cached_verdict: {
    async ask(message, call) {
      if (!hasNames(message)) return call('ask', message);
      const known = cached.get(namesOf(message));
      if (known !== undefined && Date.now() - known.at < CACHED_MS) return known.reply;
      const at = Date.now();
      const reply = await call('ask', message);
      cached.set(namesOf(message), { at, reply });
      return reply;
    },
  },

  /** Answers take 0.4 s, and their age counts from when they come: what a gate takes for new is as old as what this says then. */
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
      if (json(message).command !== 'append') return call('order', message);
      context.waitUntil(scheduler.wait(300).then(() => call('order', message)));
      return call('order', decoy(message));
    },
  },

  /** A cut-off replaces the one before, although that is later. */
  cutoff_moves_back: {
    async order(message, call) {
      const order = json(message);
      const isCutoff = order.command === 'append' && order.entries.some(({ before }) => typeof before === 'number');
      if (isCutoff) await call('order', toMessage({ ...order, command: 'lift' }));
      return call('order', message);
    },
  },

  /** A lift is acknowledged, and never written. */
  lost_lift: {
    order: (message, call) => call('order', json(message).command === 'lift' ? decoy(message) : message),
  },

  /** What was confirmed as revoked stays so in the copy, whatever the log says later. */
  kept_confirmation: {
    ask: async (message, call) => withoutLifts(await call('ask', message)),
  },
};
