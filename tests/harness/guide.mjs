// A guide as its reader works through it: command blocks in one shell, `edgeward dev` in another terminal, configuration into wrangler.jsonc.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { send, until } from './client.mjs';
import { deadPort } from './origin.mjs';

const START_MS = 90_000;
const COMMAND_MS = 60_000;
const END = 'end-of-block';

/** The blocks of a page in order: [{ language, text }]. */
export const blocksOf = (page) => [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language, text }));

/**
 * Works through `page` in `cwd`: `sh` is run, `jsonc` replaces members of the table EDGEWARD, and the lines of `text` must stand, in this order, in what
 * was printed last or in what `dev` prints. `replaced` are texts of the page that mean another thing here, [[from, to]]; `t` ends all that was started.
 */
export async function workThrough(t, page, { cwd, env, replaced = [] }) {
  const shell = startShell(t, { cwd, env });
  const port = await deadPort();
  const here = (text) => [...replaced, ['127.0.0.1:8787', `127.0.0.1:${port}`], ['localhost:8787', `localhost:${port}`]].reduce((now, [from, to]) => now.replaceAll(from, to), text);
  let terminal;
  let printed = '';
  for (const { language, text } of blocksOf(page)) {
    if (language === 'sh' && text.startsWith('npx edgeward dev')) {
      await terminal?.stop();
      terminal = await startDev(t, `${text.trim()} --port ${port}`, { cwd: await shell.folder(), env });
    } else if (language === 'sh') {
      printed = await shell.run(here(text));
    } else if (language === 'jsonc') {
      configure(await shell.folder(), here(text));
      await terminal?.reread(`http://127.0.0.1:${port}`);
    } else if (language === 'text') {
      await assertShown(here(text), printed, terminal);
    }
  }
  await terminal?.stop();
}

/** One shell for all blocks, so that variables and functions stay. */
function startShell(t, { cwd, env }) {
  const child = spawn('sh', [], { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { output += text; });
  t.after(() => child.stdin.end());
  let count = 0;
  const run = async (text) => {
    const from = output.length;
    const mark = `${END}-${count += 1}`;
    // A command must not read the next block as its input.
    child.stdin.write(`{ ${text}\n} </dev/null 2>&1\necho ${mark}\n`);
    await until(() => output.slice(from).includes(`${mark}\n`), `the end of:\n${text}`, COMMAND_MS).catch((error) => assert.fail(`${error.message}\n${output.slice(from)}`));
    return output.slice(from, output.indexOf(`${mark}\n`, from));
  };
  return { run, folder: async () => (await run('pwd')).trim() };
}

/** `edgeward dev` in its own terminal: { output(), reread(url), stop() }. */
async function startDev(t, line, { cwd, env }) {
  const child = spawn('sh', ['-c', `exec ${line}`], { cwd, env, detached: true });
  const exited = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { output += text; });
  const stop = async () => {
    // As Ctrl-C in a terminal, which reaches npx and what it started.
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGINT');
    await exited;
  };
  t.after(stop);
  await until(() => output.includes('Ctrl-C ends it') || child.exitCode !== null, 'the address', START_MS).catch(() => assert.fail(output));
  assert.equal(child.exitCode, null, output);
  let read = 0;
  /** Resolves when the changed file decides. */
  const reread = async (url) => {
    await until(() => output.indexOf(' has changed.', read) >= 0, 'that dev sees the change', START_MS).catch(() => assert.fail(output));
    const from = output.indexOf(' has changed.', read);
    read = from + 1;
    await until(async () => {
      await send(`${url}/.edgeward/health`).catch(() => {});
      return /configuration read:|configuration has errors/.test(output.slice(from));
    }, 'the new configuration', START_MS).catch(() => assert.fail(output));
  };
  return { output: () => output, reread, stop };
}

function configure(folder, members) {
  const file = join(folder, 'wrangler.jsonc');
  const json = (text) => JSON.parse(text.replace(/^\s*\/\/.*$/gm, ''));
  const whole = json(readFileSync(file, 'utf8'));
  Object.assign(whole.vars.EDGEWARD, json(`{${members}}`));
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
}

async function assertShown(expected, printed, terminal) {
  if (missing(expected, printed) === undefined) return;
  const isThere = () => missing(expected, terminal?.output() ?? '') === undefined;
  // What `dev` prints about a request may come after the answer.
  if (terminal && await until(isThere, 'the lines', 5_000).then(() => true, () => false)) return;
  assert.fail(`expected the line\n${missing(expected, printed)}\nin\n${printed}`);
}

/** The first of the lines that is not there behind the one before, or undefined. */
function missing(expected, printed) {
  let at = 0;
  return expected.trim().split('\n').map((line) => line.trim()).find((line) => {
    // A status is the end of a line: 200 stands in many other texts.
    const found = /^\d+$/.test(line) ? printed.slice(at).search(new RegExp(`(?<!\\d)${line}$`, 'm')) : printed.slice(at).indexOf(line);
    at += found + line.length;
    return found < 0;
  });
}
