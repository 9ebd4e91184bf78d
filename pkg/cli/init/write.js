// Puts files into a folder. What is there already is changed after a question alone.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { Failure, say } from '../terminal.js';

/** Writes `files`; without `asker` a file that is there with another text is left as it is, unless `isForced`. */
export async function write(folder, files, { asker, isForced }) {
  const left = [];
  for (const [path, content] of Object.entries(files)) {
    const at = join(folder, path);
    const before = existsSync(at) ? readFileSync(at, 'utf8') : undefined;
    const text = textOf(content, before, path);
    if (before === text) continue;
    const isAllowed = before === undefined || isForced || (asker && await asker.confirm(`${path} is there already. ${typeof content === 'string' ? 'Overwrite it?' : 'Add to it?'}`));
    if (!isAllowed) {
      left.push(path);
      continue;
    }
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
    say(`  ${before === undefined ? 'wrote' : 'changed'} ${path}`);
  }
  for (const path of left) say(`  left ${path} as it is (--force ${typeof files[path] === 'string' ? 'overwrites' : 'adds to'} it)`);
  return left;
}

function textOf(content, before, path) {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) {
    const own = (before ?? '').split('\n');
    const missing = content.filter((line) => !own.includes(line));
    return missing.length === 0 ? before : `${before && !before.endsWith('\n') ? `${before}\n` : before ?? ''}${missing.join('\n')}\n`;
  }
  return `${JSON.stringify(before === undefined ? content : merged(tablesOf(content), parsed(before, path)), null, 2)}\n`;
}

/** What describes a new package, such as `type`, would make another one of a package that is there. */
const tablesOf = (content) => Object.fromEntries(Object.entries(content).filter(([, value]) => typeof value === 'object'));

function parsed(text, path) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure(`${path}: expected JSON`);
  }
}

/** What is there stays; what is missing is added. */
function merged(added, there) {
  const result = { ...there };
  for (const [name, value] of Object.entries(added)) {
    const isTable = typeof value === 'object' && value !== null && typeof (result[name] ?? {}) === 'object';
    result[name] = isTable ? merged(value, result[name] ?? {}) : result[name] ?? value;
  }
  return result;
}
