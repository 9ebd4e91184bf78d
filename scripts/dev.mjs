// `make dev`: runs the gateway with the demo's issuer and origin under wrangler, prints what to try, and on Ctrl-C or
// SIGTERM ends every process that it started: scripts/dev.mjs PORT [FOLDER FOR THE STORES].

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { lines } from './try.mjs';

const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 100;

const [port = '8787', stores = 'demo/.wrangler/state'] = process.argv.slice(2);
const gateway = `http://127.0.0.1:${port}`;

console.log(`   starting wrangler dev on ${gateway} (about 5 seconds)`);

// The playground has a wasm of its own: nobody waits for that.
const WWW = 'build/www/.edgeward/playground';
const hadPlayground = existsSync(`${WWW}/index.html`);
mkdirSync(WWW, { recursive: true });

let stopping = false;
let build;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0));

// What wrangler keeps goes into the demo's folder, not the user's home, and nothing is asked of the network.
const env = {
  ...process.env,
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_LOG_PATH: 'demo/.wrangler/logs',
  WRANGLER_REGISTRY_PATH: 'demo/.wrangler/registry',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  // The Worker that runs is not built again for the playground.
  DEVELOPMENT: '1',
};

// The tables of the registry: applied already, nothing is done.
const migrations = spawnSync(
  process.execPath,
  ['node_modules/wrangler/bin/wrangler.js', 'd1', 'migrations', 'apply', 'EDGEWARD_DB', '-c', 'demo/gateway.toml', '--local', '--persist-to', stores],
  { env: { ...env, CI: '1' }, encoding: 'utf8' },
);
if (migrations.status !== 0) {
  console.error(`   the tables of the registry could not be made:\n${migrations.stdout}${migrations.stderr}`);
  process.exit(1);
}

// A process group of its own: a signal to the group reaches wrangler, workerd and esbuild alike.
const wrangler = spawn(
  process.execPath,
  [
    'node_modules/wrangler/bin/wrangler.js', 'dev',
    ...['gateway', 'issuer', 'origin'].flatMap((name) => ['-c', `demo/${name}.toml`]),
    '--ip', '127.0.0.1', '--port', port, '--inspector-port', '0',
    '--persist-to', stores, '--show-interactive-dev-session=false',
  ],
  { env, detached: true, stdio: ['ignore', 'inherit', 'inherit'] },
);
wrangler.on('error', (error) => abandon(`wrangler did not start: ${error.message}`, 'Run: make tools'));
wrangler.on('exit', () => abandon('wrangler ended (its message is above).', 'Fix what it names, and run: make dev'));

const state = await ready();
if (state === 'ready') {
  console.log('\n   (Wrangler prints [not connected] before the demo\'s Workers have started: now they are connected.)');
  console.log(lines(gateway));
  await playground();
} else await abandon(`the gateway is not ready after ${READY_TIMEOUT_MS / 1000} s: ${state}`, 'The log above says why.');

/** Builds the playground, unless it is up to date; the gateway serves meanwhile. */
async function playground() {
  if (!hadPlayground) console.log('   The playground is compiled now (about 1 minute, once): until then its address answers 404.');
  build = spawn('scripts/www.sh', { env, stdio: ['ignore', hadPlayground ? 'ignore' : 'inherit', 'inherit'] });
  const [status] = await once(build, 'exit');
  if (stopping) return;
  if (status !== 0) console.error('   The playground was not built. -> Run: make www');
  else if (!hadPlayground) console.log(`   The playground is there: ${gateway}/.edgeward/playground/`);
}

async function ready() {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let state = 'no answer';
  while (Date.now() < deadline && !stopping) {
    state = await fetch(`${gateway}/.edgeward/ready`, { signal: AbortSignal.timeout(5_000) }).then(
      async (response) => (response.ok ? 'ready' : `${response.status} ${await response.text()}`),
      () => state,
    );
    if (state === 'ready') break;
    await sleep(POLL_MS);
  }
  return state;
}

async function abandon(what, advice) {
  if (stopping) return;
  console.error(`\n   ${what}\n   -> ${advice}\n`);
  await stop(1);
}

async function stop(status) {
  if (stopping) return;
  stopping = true;
  build?.kill('SIGTERM');
  signalGroup('SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (signalGroup(0) && Date.now() < deadline) await sleep(POLL_MS);
  signalGroup('SIGKILL');
  process.exit(status);
}

/** Whether the group still had a process to take the signal; 0 only asks. */
function signalGroup(signal) {
  try {
    return process.kill(-wrangler.pid, signal);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    throw error;
  }
}
