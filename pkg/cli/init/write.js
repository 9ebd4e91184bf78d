// Puts files into a folder. What is there already is changed after a question alone, and nothing outside of the folder ever.
import { lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { Failure, say } from '../terminal.js';

/** Writes `files`; without `asker` a file that is there with another text is left as it is, unless `isForced`. Nothing is written where one of them cannot be. */
export async function write(folder, files, { asker, isForced }) {
  const left = [];
  const planned = Object.entries(files).map(([path, content]) => {
    const before = standing(folder, path);
    return { path, content, before, text: textOf(content, before, path) };
  });
  for (const { path, content, before, text } of planned) {
    if (before === text) continue;
    const isAllowed = before === undefined || isForced || (asker && await asker.confirm(`${path} is there already. ${typeof content === 'string' ? 'Overwrite it?' : 'Add to it?'}`));
    if (!isAllowed) {
      left.push(path);
      continue;
    }
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
    say(`  ${before === undefined ? 'wrote' : 'changed'} ${path}`);
  }
  for (const { path, content, before } of planned.filter(({ path }) => left.includes(path))) {
    say(`  left ${path} as it is (--force ${typeof content === 'string' ? 'overwrites' : 'adds to'} it)${lacking(content, before)}`);
  }
  return left;
}

/** The text of what is there; undefined where nothing is. A link would lead the write to another place, also one whose target is not there yet. */
function standing(folder, path) {
  const steps = path.split('/');
  for (const count of steps.keys()) {
    const place = steps.slice(0, count + 1).join('/');
    const found = lstatSync(join(folder, place), { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    const isLast = place === path;
    if (found.isSymbolicLink()) throw nothing(place, 'a symbolic link');
    if (!(isLast ? found.isFile() : found.isDirectory())) throw nothing(place, isLast ? 'something that is no file' : 'something that is no folder');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(join(folder, path)));
  } catch (error) {
    throw nothing(path, error instanceof TypeError ? 'a file that is not UTF-8' : error.code);
  }
}

const nothing = (path, got) => new Failure(`${path}: expected a file that can be written, or nothing, got ${got}; nothing was written. Move it away, or choose another folder`);

function textOf(content, before, path) {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) {
    const missing = missingOf(content, before);
    return missing.length === 0 ? before : `${before && !before.endsWith('\n') ? `${before}\n` : before ?? ''}${missing.join('\n')}\n`;
  }
  return `${JSON.stringify(before === undefined ? content : merged(tablesOf(content), parsed(before, path)), null, 2)}\n`;
}

function missingOf(lines, before = '') {
  const own = before.split(/\r?\n/);
  return lines.filter((line) => !own.includes(line));
}

const lacking = (content, before) => (Array.isArray(content) ? `. It lacks: ${missingOf(content, before).join(', ')}` : '');

/** What describes a new package, such as `type`, would make another one of a package that is there. */
const tablesOf = (content) => Object.fromEntries(Object.entries(content).filter(([, value]) => typeof value === 'object'));

function parsed(text, path) {
  let value;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    value = undefined;
  }
  if (!isTable(value)) throw new Failure(`${path}: expected a JSON object; nothing was written`);
  return value;
}

const isTable = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is there stays; what is missing is added. */
function merged(added, there) {
  const result = { ...there };
  for (const [name, value] of Object.entries(added)) {
    const own = result[name] ?? (isTable(value) ? {} : value);
    result[name] = isTable(value) && isTable(own) ? merged(value, own) : own;
  }
  return result;
}
