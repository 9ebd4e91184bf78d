// The messages between the gates and the log, as src/revocation/{ask,order}.rs have them: read, and written again with changes. What
// cannot be read to its last byte is an error, so that a plant does not lose its effect when they change.

const VERSION = 1;
const EPOCH_BYTES = 16;
const NAME_BYTES = 33;
const FINGERPRINT_BYTES = 5;
const VERDICT_BYTES = 9;
const GOES_ON = 4;

/** An order, or the answer to one: a version, and JSON. */
export const readOrder = (bytes) => JSON.parse(new TextDecoder().decode(bytes.subarray(1)));
export const writeOrder = (order) => Uint8Array.of(VERSION, ...new TextEncoder().encode(JSON.stringify(order)));

/** Reads the parts of a message one after the other. */
class Reader {
  #at = 0;
  #bytes;
  #view;

  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (this.byte() !== VERSION) throw new Error('a message of another version');
  }

  byte() { return this.#view.getUint8(this.#skip(1)); }
  count() { return this.#view.getUint32(this.#skip(4)); }
  number() { return this.#view.getBigUint64(this.#skip(8)); }
  take(length) {
    const at = this.#skip(length);
    return this.#bytes.slice(at, at + length);
  }

  /** `count` parts of `length` bytes. */
  list(count, length) { return Array.from({ length: count }, () => this.take(length)); }

  end() {
    if (this.#at !== this.#bytes.length) throw new Error(`${this.#bytes.length - this.#at} bytes of a message are not understood`);
  }

  #skip(length) {
    const at = this.#at;
    this.#at += length;
    return at;
  }
}

/** Bytes of parts: arrays, numbers from 0 to 255, and big integers of 8 bytes. */
function written(parts) {
  const number = (value) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, value);
    return [...bytes];
  };
  return Uint8Array.from(parts.flatMap((part) => (typeof part === 'bigint' ? number(part) : typeof part === 'number' ? [part] : [...part])));
}

export function readAsk(bytes) {
  const reader = new Reader(bytes);
  const ask = {
    hasEpoch: reader.byte(), epoch: reader.take(EPOCH_BYTES), start: reader.number(), head: reader.number(), seq: reader.number(), page: reader.take(4),
    names: reader.list(reader.byte(), NAME_BYTES),
  };
  reader.end();
  return ask;
}

export const writeAsk = ({ hasEpoch, epoch, start, head, seq, page, names }) =>
  written([VERSION, hasEpoch, epoch, start, head, seq, page, names.length, ...names]);

/** The question for all changes, as far as a page holds them. */
export const EVERYTHING = {
  hasEpoch: 0, epoch: new Uint8Array(EPOCH_BYTES), start: 0n, head: 0n, seq: 0n, page: Uint8Array.of(0, 0, 0x7f, 0xff), names: [],
};

export function readReply(bytes) {
  const reader = new Reader(bytes);
  const reply = {
    epoch: reader.take(EPOCH_BYTES), start: reader.number(), since: reader.number(), seq: reader.number(), head: reader.number(),
    flags: reader.byte(), states: reader.list(reader.count(), FINGERPRINT_BYTES + 4), verdicts: reader.list(reader.byte(), VERDICT_BYTES),
    oldest: reader.number(),
  };
  reader.end();
  return reply;
}

export function writeReply({ epoch, start, since, seq, head, flags, states, verdicts, oldest }) {
  const count = new Uint8Array(4);
  new DataView(count.buffer).setUint32(0, states.length);
  return written([VERSION, epoch, start, since, seq, head, flags, count, ...states, verdicts.length, ...verdicts, oldest]);
}

/** Whether a reply goes on from the change that was asked for. */
export const goesOn = ({ flags }) => (flags & GOES_ON) !== 0;

/** Whether the state of a reply says that nothing is revoked. */
export const isAbsent = (state) => state.subarray(FINGERPRINT_BYTES).every((byte) => byte === 0);
