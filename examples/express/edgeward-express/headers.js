// The encodings of identity headers, and whether a header says what the assertion says.
import { isDeepStrictEqual } from 'node:util';

const ITEM = /%"([^"]*)"|"((?:[^"\\]|\\.)*)"/g;

/** Whether the header is how the gateway writes this value. A value without a form in its encoding has no header. */
export function agrees(header, value, encoding) {
  if (header === undefined || !hasForm(value, encoding)) return header === undefined && !hasForm(value, encoding);
  try {
    return isDeepStrictEqual(...READ[encoding](header, value));
  } catch {
    // Percent-encoding or JSON that the gateway never writes.
    return false;
  }
}

/** What each encoding compares: what the header says, and what the value says. */
const READ = {
  plain: (header, value) => (Array.isArray(value) ? [header.split(' ').map(decodeURIComponent), value.map(text)] : scalar(decodeURIComponent(header), value)),
  words: (header, value) => [header.split(' ').map(decodeURIComponent), value.split(' ')],
  list: (header, value) => [items(header), listed(value).map(text)],
  json: (header, value) => [JSON.parse(Buffer.from(header, 'base64url').toString()), value],
};

/** The texts of an RFC 9651 list of strings and display strings. */
export const items = (header) =>
  [...header.matchAll(ITEM)].map(([, encoded, quoted]) => (encoded === undefined ? quoted.replace(/\\(.)/g, '$1') : decodeURIComponent(encoded)));

// One number may be written in several ways.
const scalar = (said, value) => (typeof value === 'number' ? [JSON.parse(said), value] : [said, text(value)]);

const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
const listed = (value) => (Array.isArray(value) ? value : [value]);

function hasForm(value, encoding) {
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)) return false;
  return encoding === 'json' || listed(value).every((item) => ['string', 'number', 'boolean'].includes(typeof item));
}
