// One workerd process: writes its configuration, starts it, learns its ports, reads what it prints, ends it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const START_LIMIT_MS = 60_000;

/** Values in a workerd configuration that are not plain data. */
class Literal {
  constructor(text) {
    this.text = text;
  }
}
export const embed = (path) => new Literal(`embed ${quote(path)}`);
export const VOID = new Literal('void');

const quote = (text) => {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new Error('only visible ASCII stands in a configuration; embed the rest');
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
};

/** Cap'n Proto text of plain data: objects are structs, arrays are lists. */
function capnp(value) {
  if (value instanceof Literal) return value.text;
  if (Array.isArray(value)) return `[${value.map(capnp).join(', ')}]`;
  if (typeof value === 'string') return quote(value);
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `(${fields.map(([name, field]) => `${name} = ${capnp(field)}`).join(', ')})`;
}

/** Starts workerd on `describe(directory)`, which returns { services, sockets, extensions }; `args` are further flags. */
export async function startWorkerd(describe, { args = [] } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'edgeward-'));
  try {
    const config = describe(directory);
    writeFileSync(join(directory, 'config.capnp'), configuration(config));
    return await run(directory, config.sockets.length, args);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

const configuration = (config) =>
  `using Workerd = import "/workerd/workerd.capnp";\nconst config :Workerd.Config = ${capnp(config)};\n`;

async function run(directory, sockets, args) {
  const binary = require('workerd').default;
  const child = spawn(binary, ['serve', '--experimental', '--control-fd=3', ...args, '-I', '/', join(directory, 'config.capnp')], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const end = () => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', end);
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line));
  }
  const exited = once(child, 'exit');
  const stop = async () => {
    process.off('exit', end);
    end();
    await exited;
    // Once more: the process may have written until it was gone.
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    return { pid: child.pid, ports: await listening(child, sockets), lines, stop };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${lines.join('\n')}`);
  }
}

/** Waits until every socket is open; a map from socket name to port. */
function listening(child, sockets) {
  const ports = new Map();
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('workerd did not start in time')), START_LIMIT_MS);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`workerd ended with ${code} before it listened`)));
    createInterface({ input: child.stdio[3] }).on('line', (line) => {
      const message = JSON.parse(line);
      if (message.event === 'listen') ports.set(message.socket, message.port);
      if (ports.size < sockets) return;
      clearTimeout(late);
      resolve(ports);
    });
  });
}
