// The gateway of an example, under wrangler: its edgeward.toml as it stands, but for addresses that differ on this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { parse } from 'smol-toml';

const WRANGLER = fileURLToPath(new URL('../../node_modules/wrangler/bin/wrangler.js', import.meta.url));
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const POLL_MS = 100;

/**
 * Starts it on `port`, with its stores in `folder`. `moved` are pairs of an address in the file and the one to use; with `database` the
 * registry's tables are made first. What comes of it: { url, config, logs(), output(), command(...words), stop() }.
 */
export async function startGateway({ file, folder, port, secrets, moved = [], database = false, show = () => {} }) {
  const main = resolve(dirname(file), '../../build/index.js');
  if (!existsSync(main)) throw new Error('the Worker is not built; run: make build');
  const config = readConfig(file, moved);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'wrangler.json'), JSON.stringify(config));
  writeFileSync(join(folder, '.dev.vars'), Object.entries(secrets).map(([name, text]) => `${name}='${text}'\n`).join(''), { mode: 0o600 });
  // What wrangler keeps goes into this folder, not the user's home, and nothing is asked of the network.
  const env = {
    ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: join(folder, 'logs'), WRANGLER_REGISTRY_PATH: join(folder, 'registry'),
    CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  };
  const command = (...words) => run([...words, '-c', join(folder, 'wrangler.json'), '--local', '--persist-to', join(folder, 'state')], folder, { ...env, CI: '1' });
  if (database) await command('d1', 'migrations', 'apply', 'EDGEWARD_DB');
  const wrangler = startProcess(folder, port, env, show);
  const url = `http://127.0.0.1:${port}`;
  try {
    await answers(url, wrangler);
  } catch (error) {
    await wrangler.stop();
    throw new Error(`${error.message}\n${wrangler.lines.join('\n')}`);
  }
  return {
    url, config: config.vars.EDGEWARD, command, stop: wrangler.stop,
    output: () => wrangler.lines.join('\n'),
    /** The gateway's log: what was printed so far and is a JSON object. */
    logs: () => wrangler.lines.flatMap(logLine),
  };
}

function readConfig(file, moved) {
  const text = moved.reduce((all, [from, to]) => all.replaceAll(from, to), readFileSync(file, 'utf8'));
  const config = parse(text);
  const here = (path) => resolve(dirname(file), path);
  config.main = here(config.main);
  for (const each of config.d1_databases ?? []) each.migrations_dir = here(each.migrations_dir);
  if (config.assets) config.assets.directory = here(config.assets.directory);
  return config;
}

function startProcess(folder, port, env, show) {
  // A process group of its own: a signal to the group reaches wrangler, workerd and esbuild alike.
  const child = spawn(process.execPath, [
    WRANGLER, 'dev', '-c', join(folder, 'wrangler.json'), '--ip', '127.0.0.1', '--port', String(port), '--inspector-port', '0',
    '--persist-to', join(folder, 'state'), '--show-interactive-dev-session=false',
  ], { cwd: folder, detached: true, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => { lines.push(line); show('gateway', line); });
  const exited = once(child, 'exit').catch(() => {});
  const signal = (name) => {
    try {
      return process.kill(-child.pid, name);
    } catch {
      return false;
    }
  };
  const stop = async () => {
    signal('SIGTERM');
    await Promise.race([exited, sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
    signal('SIGKILL');
  };
  return { child, lines, stop };
}

async function answers(url, { child }) {
  const deadline = Date.now() + START_LIMIT_MS;
  let last = 'no answer';
  while (Date.now() < deadline && child.exitCode === null) {
    last = await fetch(`${url}/.edgeward/ready`, { signal: AbortSignal.timeout(5_000) }).then(async (answer) => (answer.ok ? '' : answer.text()), () => last);
    if (last === '') return;
    await sleep(POLL_MS);
  }
  throw new Error(`the gateway was not ready in ${START_LIMIT_MS} ms: ${last}`);
}

/** Runs a command of wrangler to its end; what it printed. */
async function run(words, cwd, env) {
  const child = spawn(process.execPath, [WRANGLER, ...words], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (text) => { out += text; });
  child.stderr.on('data', (text) => { errors += text; });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`wrangler ${words.slice(0, 3).join(' ')}: ${code}\n${out}${errors}`);
  return out;
}

function logLine(line) {
  try {
    return line.startsWith('{') ? [JSON.parse(line)] : [];
  } catch {
    return [];
  }
}
