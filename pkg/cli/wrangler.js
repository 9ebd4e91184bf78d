// Wrangler, as the project has installed it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

import { Failure } from './terminal.js';

const NODE_MAJOR = 22;

/** The path of wrangler's program; a Failure says what is missing. */
export function wranglerProgram() {
  const [major] = process.versions.node.split('.');
  if (Number(major) < NODE_MAJOR) throw new Failure(`expected Node.js ${NODE_MAJOR} or later, got ${process.versions.node}: wrangler needs it. \`check\` and \`explain\` run here`);
  try {
    const manifest = createRequire(join(resolve('.'), 'noop.js')).resolve('wrangler/package.json');
    return join(dirname(manifest), 'bin/wrangler.js');
  } catch {
    throw new Failure('wrangler is not installed here. Run: npm install --save-dev wrangler');
  }
}

/** Runs a command of wrangler to its end: { code, stdout, stderr }. With `isShown` its output goes to the terminal, and questions are the user's. */
export async function wrangler(words, { isShown = false, env = {} } = {}) {
  const stdio = isShown ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  const child = spawn(process.execPath, [wranglerProgram(), ...words], { stdio, env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (text) => { stdout += text; });
  child.stderr?.on('data', (text) => { stderr += text; });
  const [code] = await once(child, 'close');
  return { code: code ?? 1, stdout, stderr };
}
