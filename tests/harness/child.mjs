// A server that is another process, with a temporary folder of its own: neither outlives the tests.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const STOP_LIMIT_MS = 3_000;

/**
 * Starts the server `name`: `command(directory)` gives [program, args, options of spawn], `ready(child)` resolves once it listens.
 * What comes of it: { ready, lines, stop() }, with what `ready` resolved to and the lines of stderr.
 */
export async function startChild(name, command, ready) {
  const directory = mkdtempSync(join(tmpdir(), `edgeward-${name}-`));
  const [program, args, options] = command(directory);
  const child = spawn(program, args, options);
  child.stdin.on('error', () => {});
  const exited = once(child, 'exit');
  const remove = () => rmSync(directory, { recursive: true, force: true });
  process.once('exit', remove);
  const lines = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const stop = async () => {
    // It ends when nobody holds its stdin any longer, so it outlives no test, however that ends.
    child.stdin.end();
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(late);
    process.off('exit', remove);
    remove();
  };
  try {
    return { ready: await ready(child), lines, stop };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${lines.join('\n')}`);
  }
}
