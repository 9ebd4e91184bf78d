// An application of an example: another process on loopback, which ends when nobody holds its stdin any longer.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 3_000;

/** Starts it. Its first line of output is JSON with its `port`. `show(name, line)` gets the others, and its errors. */
export async function startApplication(name, program, args, { cwd, env, show = () => {} }) {
  // Nothing of the caller's environment decides how it behaves.
  const child = spawn(program, args, { cwd, env: { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', ...env }, stdio: 'pipe' });
  child.stdin.on('error', () => {});
  const lines = [];
  createInterface({ input: child.stderr }).on('line', (line) => { lines.push(line); show(name, line); });
  const exited = once(child, 'exit').catch(() => {});
  const stop = async () => {
    child.stdin.end();
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(late);
  };
  try {
    const { port } = JSON.parse(await firstLine(child, name));
    return { url: `http://127.0.0.1:${port}`, pid: child.pid, output: () => lines.join('\n'), stop };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${lines.join('\n')}`);
  }
}

function firstLine(child, name) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${name} did not start in ${START_LIMIT_MS} ms`)), START_LIMIT_MS);
    const end = (settle) => (value) => { clearTimeout(late); settle(value); };
    child.once('error', end(reject));
    child.once('exit', end((code) => reject(new Error(`${name} ended with ${code} before it listened`))));
    createInterface({ input: child.stdout }).once('line', end(resolve));
  });
}
