// `edgeward dev`: checks, then `wrangler dev` with decisions that can be read.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { USUAL, core } from './core.js';
import { decisions } from './dev/decisions.js';
import { DEMO_WORKERS, demo, demoLines } from './dev/demo.js';
import { watchFile } from './dev/watch.js';
import { Failure, UsageError, say } from './terminal.js';
import { wranglerProgram } from './wrangler.js';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 100;
const OPTIONS = { port: { type: 'string', default: '8787' }, env: { type: 'string' }, config: { type: 'string' }, demo: { type: 'boolean' } };

/** Wrangler's watcher loses a file that is replaced twice, as many editors save it; one that looks at the name again and again does not. */
const POLLING = { CHOKIDAR_USEPOLLING: '1', CHOKIDAR_INTERVAL: '200' };

export async function run(words) {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const { values } = parseArgs({ args: words.slice(0, end), options: OPTIONS });
  if (!/^\d{1,5}$/.test(values.port) || values.port < 1 || values.port > 65_535) throw new UsageError(`--port: expected a number from 1 to 65535, got ${values.port}`);
  const project = projectOf(values);
  const program = wranglerProgram();
  await assertFree(values.port);
  if (project.file) await check({ ...project, env: values.env });
  return serve(program, { ...values, ...project, more: words.slice(end + 1) });
}

/** The wrangler file, and what is in it; neither for the demo without a project. */
function projectOf({ config, env, demo: isDemo }) {
  if (isDemo && config === undefined && !USUAL.some((name) => existsSync(name))) return {};
  const { file, whole } = core().wranglerFile(config);
  if (env !== undefined && whole.env?.[env] === undefined) throw new Failure(`${file}: no environment \`${env}\` under \`env\``);
  return { file, whole };
}

/** Another gateway at this port would answer in the place of this one, until wrangler says that the port is in use. */
async function assertFree(port) {
  const server = createServer().listen(Number(port), '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new Failure(error.code === 'EADDRINUSE' ? `port ${port} is in use: end what listens there, or name another port with --port` : `port ${port}: ${error.code}`);
  }
  server.close();
  await once(server, 'close');
}

async function check({ file, env }) {
  const words = ['check', ...(env === undefined ? [] : ['--env', env])];
  const { stdout, stderr, code } = await core().command([...words, file]);
  // Here nothing is assumed: a secret is there, or a line below says that it is not.
  say((stdout.replace(/^ {4}secret \S+ is assumed to exist .*\n/gm, '') + stderr).trimEnd());
  const { stdout: json } = await core().command([...words, '--json', file]);
  for (const name of missingSecrets(file, env, JSON.parse(json).assumed_secrets)) say(`    secret ${name} is not in .dev.vars: add a line ${name}="…"`);
  say();
  if (code !== 0) say('  The gateway refuses everything until that is fixed. It is read again when the file is saved.\n');
}

/** The names that stand in none of the files that wrangler reads: the environment's own, else `.dev.vars`, else `.env` and the like. */
function missingSecrets(file, env, names) {
  const there = (list) => list.map((name) => join(dirname(resolve(file)), name)).filter((path) => existsSync(path));
  const own = env === undefined ? [] : [`.dev.vars.${env}`];
  const [vars] = there([...own, '.dev.vars']);
  const further = env === undefined ? [] : [`.env.${env}`, `.env.${env}.local`];
  const text = (vars === undefined ? there(['.env', '.env.local', ...further]) : [vars]).map((path) => readFileSync(path, 'utf8')).join('\n');
  return names.filter((name) => !new RegExp(`^\\s*(export\\s+)?${name}\\s*=`, 'm').test(text) && process.env[name] === undefined);
}

async function serve(program, options) {
  const { port, file, env, more } = options;
  const url = `http://127.0.0.1:${port}`;
  const staged = options.demo ? demo(options.whole, file, env) : undefined;
  const files = staged ? [staged.file, ...DEMO_WORKERS] : [file];
  const child = spawn(process.execPath, [
    program, 'dev', ...files.flatMap((name) => ['-c', name]), ...(env === undefined ? [] : ['--env', env]), '--ip', '127.0.0.1', '--port', port,
    '--inspector-port', '0', '--show-interactive-dev-session=false', ...(staged ? ['--persist-to', join(dirname(staged.file), '.wrangler/state')] : []), ...more,
    // A process group of its own: one signal reaches wrangler, workerd and esbuild.
  ], { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...POLLING, ...process.env, FORCE_COLOR: '0' } });
  const log = decisions();
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => log.line(line).forEach((text) => say(text)));
  const ending = new AbortController();
  // More than once: npx hands on the signal that the terminal sends, too, and without a handler the next one would leave wrangler behind.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => ending.abort());
  // Nobody reads any longer: wrangler must not outlive this process.
  process.stdout.once('error', () => ending.abort());
  const watcher = file && watchFile(file, () => changed(options));
  const exited = once(child, 'exit');
  try {
    await Promise.race([exited, aborted(ending.signal), announce(url, child, staged)]);
    await Promise.race([exited, aborted(ending.signal)]);
  } finally {
    watcher?.close();
    await stop(child);
    staged?.remove();
  }
  if (ending.signal.aborted) return 0;
  throw new Failure('wrangler has ended; its message is above');
}

const aborted = (signal) => (signal.aborted ? Promise.resolve() : once(signal, 'abort'));

/** Wrangler itself reloads the file; the demo's is made anew from it. */
async function changed(options) {
  say(`\n${options.file} has changed.`);
  try {
    const { whole } = core().wranglerFile(options.file);
    await check(options);
    if (options.demo) demo(whole, options.file, options.env);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(`  ${error.message}\n\n  The gateway goes on with the file as it was. It is read again when the file is saved.\n`);
  }
}

async function announce(url, child, staged) {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let status;
  while (child.exitCode === null && Date.now() < deadline) {
    status = await fetch(`${url}/.edgeward/ready`, { signal: AbortSignal.timeout(POLL_MS * 50) }).then((response) => response.status, () => undefined);
    if (status !== undefined) break;
    await sleep(POLL_MS);
  }
  if (status === undefined) return;
  say(`\n  ${status === 200 ? 'Ready     ' : 'Not ready '}   ${url}${status === 200 ? '' : '   (the lines before or after this say why)'}`);
  say(`  Playground   ${url}/.edgeward/playground/`);
  if (staged) say(`\n${demoLines(url, staged.table)}`);
  say('\n  Ctrl-C ends it. Decisions:\n');
}

async function stop(child) {
  const signal = (name) => {
    try {
      return process.kill(-child.pid, name);
    } catch (error) {
      if (error.code === 'ESRCH') return false;
      throw error;
    }
  };
  signal('SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (signal(0) && Date.now() < deadline) await sleep(POLL_MS);
  signal('SIGKILL');
}
