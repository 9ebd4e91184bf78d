// `make dev` as a user starts it, on a port of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deadPort } from './origin.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START_TIMEOUT_MS = 60_000;

/** Starts it and waits until it is ready: { url, lines, logs(), child, stop() }, where `lines` are what it printed till then. */
export async function startDev() {
  const stores = mkdtempSync(join(tmpdir(), 'edgeward-dev-'));
  const port = await deadPort();
  const child = spawn(process.execPath, ['scripts/dev.mjs', `${port}`, stores], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(stores, { recursive: true, force: true });
  };
  try {
    let text = '';
    child.stdout.on('data', (chunk) => { text += chunk; });
    return {
      url: `http://127.0.0.1:${port}`,
      lines: await printed(child, 'Ctrl-C ends everything'),
      /** The gateway's log so far. */
      logs: () => text.split('\n').map((line) => /^(?:\[edgeward-demo\] )?(\{".*\})$/.exec(line)?.[1]).filter(Boolean).map((line) => JSON.parse(line)),
      child,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The lines on standard output up to the one with `last`. */
async function printed(child, last) {
  let text = '';
  let errors = '';
  child.stderr.on('data', (chunk) => { errors += chunk; });
  const timeout = AbortSignal.timeout(START_TIMEOUT_MS);
  const ended = once(child, 'exit', { signal: timeout }).then(() => { throw new Error(`ended before it was ready:\n${text}${errors}`); });
  const read = new Promise((resolve) => {
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes(last)) resolve(text.split('\n'));
    });
  });
  ended.catch(() => {});
  return Promise.race([read, ended]);
}
