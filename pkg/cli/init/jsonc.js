/** Columns that a line may have before a list or an object is spread over several. */
const COLUMNS = 110;

/** `value` as JSON with comments. `comments` has texts by paths such as `issuers[0].audiences`; a text stands on the lines above its member. */
export function jsonc(value, comments = {}, indent = 0) {
  return render(value, '', indent, (path) => comments[path], indent);
}

function render(value, path, indent, commentOf, column) {
  const entries = entriesOf(value, path);
  if (!entries) return JSON.stringify(value);
  const line = inline(value);
  if (column + line.length <= COLUMNS && !hasComment(value, path, commentOf)) return line;
  const inner = ' '.repeat(indent + 2);
  const isList = Array.isArray(value);
  const lines = entries.map(([name, item, place], index) => {
    const comment = (commentOf(place) ?? '').split('\n').filter(Boolean).map((text) => `${inner}// ${text}\n`).join('');
    const key = isList ? '' : `${JSON.stringify(name)}: `;
    const text = render(item, place, indent + 2, commentOf, indent + 2 + key.length);
    return `${comment}${inner}${key}${text}${index < entries.length - 1 ? ',' : ''}`;
  });
  const [open, close] = isList ? '[]' : '{}';
  return `${open}\n${lines.join('\n')}\n${' '.repeat(indent)}${close}`;
}

function entriesOf(value, path) {
  if (Array.isArray(value)) return value.map((item, index) => [index, item, `${path}[${index}]`]);
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).filter(([, item]) => item !== undefined).map(([name, item]) => [name, item, path === '' ? name : `${path}.${name}`]);
}

function inline(value) {
  const entries = entriesOf(value, '');
  if (!entries) return JSON.stringify(value);
  if (entries.length === 0) return Array.isArray(value) ? '[]' : '{}';
  if (Array.isArray(value)) return `[${entries.map(([, item]) => inline(item)).join(', ')}]`;
  return `{ ${entries.map(([name, item]) => `${JSON.stringify(name)}: ${inline(item)}`).join(', ')} }`;
}

const hasComment = (value, path, commentOf) => (entriesOf(value, path) ?? []).some(([, item, place]) => commentOf(place) || hasComment(item, place, commentOf));
