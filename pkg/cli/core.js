// The gateway's core as wasm: it reads wrangler files, checks and explains. Files, the clock and the environment are this process's.
import { existsSync, readFileSync, readSync } from 'node:fs';

import { command, initSync, wranglerFile } from '../dist/cli.js';
import { Failure } from './terminal.js';

/** The files of which one is read where none is named. */
export const USUAL = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml'];

/** No token is longer than this; nothing endless is read. */
const INPUT_BYTES = 64 * 1024;

const NODE = {
  read: (file) => spoken(() => decoded(readFileSync(file))),
  exists: (file) => existsSync(file),
  variable: (name) => process.env[name],
  standardInput: () => spoken(standardInput),
  now: () => Date.now() / 1000,
};

const withFiles = (files) => ({ ...NODE, read: (file) => files[file] ?? NODE.read(file), exists: (file) => Object.hasOwn(files, file) });

let isReady = false;

export function core() {
  if (!isReady) initSync({ module: readFileSync(new URL('../dist/cli.wasm', import.meta.url)) });
  isReady = true;
  return {
    /** What a command prints, and how it exits: { stdout, stderr, code }. `files` has texts by names, in the place of this machine's. */
    command: async (words, files) => JSON.parse(await command(JSON.stringify(words), files ? withFiles(files) : NODE)),
    /** The wrangler file `file`, or the usual one: { file, whole }. */
    wranglerFile: (file) => {
      if (file === undefined && !USUAL.some((name) => existsSync(name))) throw new Failure(`expected ${USUAL.join(', ')} in this folder: \`edgeward init\` writes a project`);
      try {
        return JSON.parse(wranglerFile(file ?? '', NODE));
      } catch (error) {
        throw typeof error === 'string' ? new Failure(error.replace(/^edgeward: /, '').trimEnd()) : error;
      }
    },
  };
}

function standardInput() {
  const bytes = Buffer.alloc(INPUT_BYTES);
  let length = 0;
  while (length < INPUT_BYTES) {
    const read = readSync(0, bytes, length, INPUT_BYTES - length, null);
    if (read === 0) break;
    length += read;
  }
  return decoded(bytes.subarray(0, length));
}

function decoded(bytes) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('stream did not contain valid UTF-8');
  }
}

/** The core takes a text for an error, in the words that the native program gets from the system. */
function spoken(work) {
  try {
    return work();
  } catch (error) {
    if (error.code === 'EISDIR') throw 'Is a directory (os error 21)';
    const [, words] = /^E[A-Z]+: (.*?)(?:, [a-z]+(?: '.*')?)?$/s.exec(error.message) ?? [];
    throw words === undefined ? error.message : `${words[0].toUpperCase()}${words.slice(1)} (os error ${-error.errno})`;
  }
}
