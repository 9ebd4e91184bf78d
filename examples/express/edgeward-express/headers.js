// The encodings of identity headers, and whether a header says what the assertion says.
import { isDeepStrictEqual } from 'node:util';

const ITEM = /%"([^"]*)"|"((?:[^"\\]|\\.)*)"/g;

/** Whether the header is how the gateway writes this claim. A claim that the assertion does not have (undefined) has no header. */
export function agrees(header, value, encoding) {
  if (header === undefined || value === undefined) return header === value;
  try {
    return READ[encoding](header, value);
  } catch {
    // Percent-encoding or JSON that the gateway never writes.
    return false;
  }
}

/** Whether both say the same, in each encoding. */
const READ = {
  plain: (header, value) => (Array.isArray(value) ? isPlainList(header, value) : isScalar(decodeURIComponent(header), value)),
  // The assertion has the text of the header.
  words: (header, value) => header === value,
  list: (header, value) => areItems(items(header), Array.isArray(value) ? value : [value]),
  json: (header, value) => isDeepStrictEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), value),
};

/** The texts of an RFC 9651 list of strings and display strings. */
export const items = (header) =>
  [...header.matchAll(ITEM)].map(([, encoded, quoted]) => (encoded === undefined ? quoted.replace(/\\(.)/g, '$1') : decodeURIComponent(encoded)));

const areItems = (texts, values) => texts.length === values.length && texts.every((text, index) => isScalar(text, values[index]));

// Nothing is written for no item, and for one that is empty.
const isPlainList = (header, values) => (header === '' ? values.length === 0 || (values.length === 1 && values[0] === '') : areItems(header.split(' ').map(decodeURIComponent), values));

function isScalar(text, value) {
  if (typeof value === 'string') return text === value;
  if (typeof value === 'boolean') return text === String(value);
  // One number may be written in several ways.
  return typeof value === 'number' && JSON.parse(text) === value;
}
