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

/**
 * A body of JSON as the wasm reads it: without the byte-order mark that some servers begin it with (RFC 8259 §8.1), and without halves of
 * surrogate pairs, which JavaScript and Python write where a text was cut in the middle of an emoji (§8.2).
 */
export function legible(body) {
  const own = MARK.every((byte, n) => body[n] === byte) ? body.subarray(MARK.length) : body;
  const text = new TextDecoder().decode(own);
  if (!/\\u[dD][89a-fA-F]/.test(text)) return own;
  return new TextEncoder().encode(text.replace(ESCAPES, (escape, half) => (half === undefined ? escape : '\\ufffd')));
}
const MARK = [0xef, 0xbb, 0xbf];
/** Each escape with all that belongs to it; half a pair stands in the group. */
const ESCAPES = /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\(u[dD][89a-fA-F][\da-fA-F]{2})|\\[^]/g;

/** Statuses whose answers have no body, by the platform's rule. */
const BODILESS = [101, 204, 205, 304];

export const bodyFor = (status, body) => (BODILESS.includes(status) ? null : body);

/** A JSON text; nothing where it is none. Its numbers stay as they are written: some have more digits than JavaScript keeps. */
export function parsed(text) {
  try {
    return JSON.parse(text, (_, value, { source } = {}) => (typeof value === 'number' ? JSON.rawJSON(source) : value));
  } catch {
    return undefined;
  }
}

/** The object in which a member at a dotted path stands, and its name there. */
export function memberAt(whole, path) {
  const names = path.split('.');
  const last = names.pop();
  const parent = names.reduce((object, name) => (isObject(object) ? object[name] : undefined), whole);
  return [isObject(parent) ? parent : undefined, last];
}
const isObject = (value) => typeof value === 'object' && value !== null;

/** A body without the members at these dotted paths, and whether there was one; what is no JSON stays as it is. */
export function withoutMembers(body, paths) {
  const whole = parsed(new TextDecoder().decode(body));
  if (!isObject(whole)) return [body, false];
  const removed = paths.map((path) => remove(whole, path)).some(Boolean);
  return [new TextEncoder().encode(JSON.stringify(whole)), removed];
}

/** Whether a body has a member at one of these paths. */
export const hasMember = (body, paths) => withoutMembers(body, paths)[1];

/** Removes a member: of each item of a list, and first under a name that holds the points itself. */
function remove(value, path) {
  if (Array.isArray(value)) return value.map((item) => remove(item, path)).some(Boolean);
  if (!isObject(value)) return false;
  if (Object.hasOwn(value, path)) return delete value[path];
  const at = path.indexOf('.');
  return at > 0 && Object.hasOwn(value, path.slice(0, at)) && remove(value[path.slice(0, at)], path.slice(at + 1));
}
