import { readFileSync, watch } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

/** An editor writes a file in several steps. */
const SETTLE_MS = 100;

/** Calls `changed` when the text of `file` is another one. The folder is watched: many editors replace the file. */
export function watchFile(file, changed) {
  const path = resolve(file);
  let text = read(path);
  let timer;
  const look = () => {
    const now = read(path);
    if (now === undefined || now === text) return;
    text = now;
    changed();
  };
  const watcher = watch(dirname(path), (_, name) => {
    if (name !== null && name !== basename(path)) return;
    clearTimeout(timer);
    timer = setTimeout(look, SETTLE_MS);
  });
  return { close: () => { clearTimeout(timer); watcher.close(); } };
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
