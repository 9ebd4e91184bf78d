// Bodies of requests and answers, as far as they are read.

/** The whole body; nothing where it is larger than `most`. */
export async function bodyOf(stream, most) {
  const parts = [];
  let bytes = 0;
  for await (const part of stream ?? []) {
    bytes += part.byteLength;
    if (bytes > most) return undefined;
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** An answer of the auth server that is read, at most. */
export const ANSWER_BYTES = 262_144;

/** Encodings that the platform undoes. */
const DECODED = ['identity', 'gzip', 'br', ''];

/** Whether the body of an answer is what it was before it was encoded: nobody here can read another. */
export const isDecoded = (headers) => DECODED.includes(headers.get('content-encoding') ?? 'identity');

/** Statuses whose answers have no body, by the platform's rule. */
const BODILESS = [101, 204, 205, 304];

export const bodyFor = (status, body) => (BODILESS.includes(status) ? null : body);
