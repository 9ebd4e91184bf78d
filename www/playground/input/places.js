// Where each part of a TOML or JSON text stands: a map from paths (`routes[2].require`) to offsets.
// The text was parsed before, or could not be; so this reads loosely and never throws.

/** Offsets of keys and items, by path. */
export function places(text, isJson) {
  return read(text, isJson).found;
}

/**
 * What may be written at the end of a text that breaks off: `{ kind: 'key' | 'value' | 'header', path }`,
 * a key of the table at `path`, a value at `path`, or the rest of a table's header.
 */
export function whereItEnds(text, isJson) {
  return read(text, isJson).end;
}

function read(text, isJson) {
  const reader = { text, at: 0, found: new Map(), isJson, end: { kind: isJson ? 'value' : 'key', path: '' } };
  try {
    if (isJson) value(reader, '');
    else document(reader);
  } catch (error) {
    if (error !== END) throw error;
  }
  return reader;
}

/** Notes what stands at the reader's place, in case the text ends before the next note. */
function expect(reader, kind, path) {
  reader.end = { kind, path };
}

/** The offset of a path, or of the nearest part of it that is there; 0 when nothing is. */
export function placeOf(map, path) {
  for (let rest = path; rest; rest = rest.replace(/(?:\.?[^.[\]]+|\[\d+\])$/, '')) {
    if (map.has(rest)) return map.get(rest);
  }
  return 0;
}

const END = new Error('the text ends');

export const join = (path, key) => (path ? `${path}.${key}` : key);

function document(reader) {
  let table = '';
  const counts = new Map();
  for (;;) {
    const before = reader.at;
    space(reader, true);
    if (reader.text.slice(before, reader.at).includes('\n')) expect(reader, 'key', table);
    if (reader.at >= reader.text.length) return;
    const start = reader.at;
    if (reader.text[start] === '[') table = header(reader, counts);
    else pair(reader, table);
    if (reader.at === start) reader.at++;
  }
}

/** `[a.b]` or `[[a.b]]`: each array of tables that it leads through is at its last item. */
function header(reader, counts) {
  const start = reader.at;
  const isItem = reader.text.startsWith('[[', start);
  expect(reader, 'header', '');
  reader.at += isItem ? 2 : 1;
  const keys = dotted(reader);
  reader.at = lineEnd(reader);
  let path = '';
  keys.forEach(({ key }, index) => {
    path = join(path, key);
    const isLast = index === keys.length - 1;
    if (isLast && isItem) counts.set(path, (counts.get(path) ?? -1) + 1);
    if (!reader.found.has(path)) reader.found.set(path, start);
    if (counts.has(path)) path = `${path}[${counts.get(path)}]`;
    if (!reader.found.has(path) || isLast) reader.found.set(path, start);
  });
  return path;
}

function pair(reader, table) {
  let path = table;
  expect(reader, 'key', table);
  for (const { key, at } of dotted(reader)) {
    path = join(path, key);
    if (!reader.found.has(path)) reader.found.set(path, at);
  }
  space(reader, false);
  if (reader.text[reader.at] !== '=') {
    reader.at = lineEnd(reader);
    return;
  }
  reader.at++;
  value(reader, path);
}

function dotted(reader) {
  const keys = [];
  for (;;) {
    space(reader, false);
    const at = reader.at;
    const key = /^["']/.test(reader.text[at] ?? '') ? string(reader) : bare(reader);
    keys.push({ key, at });
    space(reader, false);
    if (reader.text[reader.at] !== '.') return keys;
    reader.at++;
  }
}

function bare(reader) {
  const word = /[^\s.=\]#,{}[]*/y;
  word.lastIndex = reader.at;
  const [text] = word.exec(reader.text);
  reader.at += text.length;
  return text;
}

function value(reader, path) {
  expect(reader, 'value', path);
  space(reader, reader.isJson);
  const first = reader.text[reader.at];
  if (first === '[') array(reader, path);
  else if (first === '{') table(reader, path);
  else if (first === '"' || first === "'") string(reader);
  else scalar(reader);
}

function scalar(reader) {
  const word = /[^\n,\]}#]*/y;
  word.lastIndex = reader.at;
  reader.at += word.exec(reader.text)[0].length;
}

function array(reader, path) {
  reader.at++;
  for (let index = 0; ; index++) {
    expect(reader, 'value', `${path}[${index}]`);
    space(reader, true);
    if (ends(reader, ']')) return;
    reader.found.set(`${path}[${index}]`, reader.at);
    value(reader, `${path}[${index}]`);
    space(reader, true);
    if (reader.text[reader.at] === ',') reader.at++;
    else if (!ends(reader, ']')) throw END;
    else return;
  }
}

function table(reader, path) {
  reader.at++;
  for (;;) {
    expect(reader, 'key', path);
    space(reader, true);
    if (ends(reader, '}')) return;
    if (reader.isJson) member(reader, path);
    else pair(reader, path);
    space(reader, true);
    if (reader.text[reader.at] === ',') reader.at++;
    else if (!ends(reader, '}')) throw END;
    else return;
  }
}

function member(reader, path) {
  const at = reader.at;
  if (reader.text[at] !== '"') throw END;
  const inner = join(path, string(reader));
  reader.found.set(inner, at);
  space(reader, true);
  if (reader.text[reader.at] !== ':') throw END;
  reader.at++;
  value(reader, inner);
}

function ends(reader, mark) {
  if (reader.at >= reader.text.length) throw END;
  if (reader.text[reader.at] !== mark) return false;
  reader.at++;
  return true;
}

/** A string in any of the quotes, as it is meant where that is simple. */
function string(reader) {
  const { text, at } = reader;
  const quote = ['"""', "'''", '"', "'"].find((mark) => text.startsWith(mark, at));
  let end = at + quote.length;
  while (!text.startsWith(quote, end)) {
    if (end >= text.length) throw END;
    end += text[end] === '\\' && quote[0] === '"' ? 2 : 1;
  }
  reader.at = end + quote.length;
  const inner = text.slice(at + quote.length, end);
  if (quote !== '"') return inner;
  try {
    return JSON.parse(`"${inner}"`);
  } catch {
    return inner;
  }
}

function space(reader, lines) {
  const blank = lines ? /(?:\s|#[^\n]*)*/y : /[ \t\r]*/y;
  blank.lastIndex = reader.at;
  blank.test(reader.text);
  reader.at = Math.min(blank.lastIndex, reader.text.length);
}

function lineEnd(reader) {
  const end = reader.text.indexOf('\n', reader.at);
  return end < 0 ? reader.text.length : end;
}
