// Texts from elsewhere: how much of one is read, and how it is shown.

/** What a terminal would obey, or show as nothing: control characters, and marks that turn the direction of what follows. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A text that comes from a server, a request or a file of somebody else, as it may go to a terminal: one line, and nothing in it is obeyed. */
export const visible = (text) => `${text}`.replace(HIDDEN, (hidden) => `\\u{${hidden.codePointAt(0).toString(16)}}`);

/** The text of an answer; undefined where it has more than `most` bytes, of which no more are read. */
export async function textOf(response, most) {
  const parts = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > most) return undefined;
    parts.push(part);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}
