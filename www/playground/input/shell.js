// A command line, split into words as a POSIX shell does it, with the quoting of bash that
// "Copy as cURL" in browsers writes. Nothing is expanded: a `$name` stays as it is.

const ESCAPES = { n: '\n', r: '\r', t: '\t', a: '\x07', b: '\b', f: '\f', v: '\v', e: '\x1b' };

/** The words of a command; what follows `;`, `|`, `&` or a line's end is not part of it. */
export function words(text) {
  const reader = { text, at: 0 };
  const found = [];
  for (;;) {
    skipSpace(reader);
    if (reader.at >= text.length || ';|&\n'.includes(text[reader.at])) return found;
    found.push(word(reader));
  }
}

function skipSpace(reader) {
  const space = /(?:[ \t\r]|\\\r?\n|\^\r?\n)*/y;
  space.lastIndex = reader.at;
  space.test(reader.text);
  reader.at = space.lastIndex;
}

function word(reader) {
  const { text } = reader;
  let out = '';
  while (reader.at < text.length && !/[ \t\r\n;|&]/.test(text[reader.at])) {
    if (text.startsWith("$'", reader.at)) out += ansi(reader);
    else if (text[reader.at] === "'") out += single(reader);
    else if (text[reader.at] === '"') out += double(reader);
    else out += plain(reader);
  }
  return out;
}

function plain(reader) {
  const { text } = reader;
  if (text[reader.at] !== '\\') return text[reader.at++];
  reader.at += 2;
  return text[reader.at - 1] === '\n' ? '' : (text[reader.at - 1] ?? '');
}

function single(reader) {
  const end = closing(reader, reader.text.indexOf("'", reader.at + 1));
  const inner = reader.text.slice(reader.at + 1, end);
  reader.at = end + 1;
  return inner;
}

function double(reader) {
  let out = '';
  for (reader.at++; ; reader.at++) {
    const next = reader.text[reader.at];
    if (next === '"' || next === undefined) break;
    if (next !== '\\') out += next;
    else {
      const escaped = reader.text[++reader.at] ?? '';
      if (escaped !== '\n') out += '"\\$`'.includes(escaped) ? escaped : `\\${escaped}`;
    }
  }
  closing(reader, reader.at < reader.text.length ? reader.at : -1);
  reader.at++;
  return out;
}

/** `$'…'`. */
function ansi(reader) {
  let out = '';
  for (reader.at += 2; reader.text[reader.at] !== "'"; reader.at++) {
    closing(reader, reader.at < reader.text.length ? reader.at : -1);
    out += reader.text[reader.at] === '\\' ? escape(reader) : reader.text[reader.at];
  }
  reader.at++;
  return out;
}

function escape(reader) {
  const code = /\\(?:x([0-9a-f]{1,2})|u([0-9a-f]{1,4})|U([0-9a-f]{1,6}))/iy;
  code.lastIndex = reader.at;
  const match = code.exec(reader.text);
  if (match) {
    reader.at += match[0].length - 1;
    return String.fromCodePoint(parseInt(match[1] ?? match[2] ?? match[3], 16));
  }
  const name = reader.text[++reader.at] ?? '';
  return ESCAPES[name] ?? name;
}

function closing(reader, at) {
  if (at < 0) throw new Error(`a quote is not closed, from column ${reader.at + 1} on`);
  return at;
}
