// `wrangler dev` with a configuration made here: for what only the platform's own simulation has, such as queues.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

import { platform } from './gateway.mjs';
import { deadPort } from './origin.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MIGRATIONS = join(ROOT, 'migrations');
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;

/**
 * Starts the gateway of the folder `build` under wrangler with `config` as EDGEWARD; `more` are further fields of wrangler's own. With
 * `database` the registry's D1 is there, with its migrations applied. `sql(text)` asks it. `pid` is also the number of the process group.
 */
export async function startWrangler({ config, secrets = {}, more = {}, build = 'build', database = false }) {
  const directory = mkdtempSync(join(tmpdir(), 'edgeward-wrangler-'));
  const { compatibilityDate, compatibilityFlags } = platform();
  writeFileSync(join(directory, 'wrangler.json'), JSON.stringify({
    name: 'edgeward', main: join(ROOT, build, 'index.js'), no_bundle: false, compatibility_date: compatibilityDate,
    compatibility_flags: compatibilityFlags, send_metrics: false, vars: { EDGEWARD: config, ...secrets },
    ...database && { d1_databases: [{ binding: 'EDGEWARD_DB', database_name: 'edgeward', database_id: '00000000-0000-0000-0000-000000000000', migrations_dir: MIGRATIONS }] },
    ...more,
  }));
  if (database) await migrate(directory);
  const port = await deadPort();
  const url = `http://127.0.0.1:${port}`;
  const lines = [];
  let child;
  const signal = (name) => {
    try {
      return process.kill(-child.pid, name);
    } catch {
      return false;
    }
  };
  const stop = async () => {
    const exited = child.exitCode === null ? once(child, 'exit', { signal: AbortSignal.timeout(STOP_LIMIT_MS) }).catch(() => {}) : undefined;
    signal('SIGTERM');
    await exited;
    signal('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  const start = async () => {
    child = launch(directory, port);
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => lines.push(line));
    try {
      await answers(url, child);
    } catch (error) {
      await stop();
      throw new Error(`${error.message}\n${lines.join('\n')}`);
    }
  };
  /** Kills all of it in the middle of whatever it does, and starts it anew with what is on disk. */
  const restart = async () => {
    const exited = once(child, 'exit');
    signal('SIGKILL');
    await exited;
    await start();
  };
  await start();
  return {
    url, port, stop, restart,
    get pid() { return child.pid; },
    sql: async (text) => asked(directory, text),
    /** The files of its stores, by name. */
    stores: () => Object.fromEntries(readdirSync(join(directory, 'state'), { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
      .map((entry) => [join(entry.parentPath, entry.name), readFileSync(join(entry.parentPath, entry.name))])),
    output: () => lines.join('\n'),
    /** The gateway's log: what was printed so far and is a JSON object. */
    logs: () => lines.flatMap((line) => {
      try {
        return line.startsWith('{') ? [JSON.parse(line)] : [];
      } catch {
        return [];
      }
    }),
  };
}

/** Puts the registry's database, with its migrations, among the stores of a folder. It is made once: wrangler takes seconds, a copy does not. */
async function migrate(directory) {
  const hash = createHash('sha256').update(platform().compatibilityDate);
  for (const name of readdirSync(MIGRATIONS).sort()) hash.update(name).update(readFileSync(join(MIGRATIONS, name)));
  const made = join(tmpdir(), `edgeward-migrated-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(made)) {
    const words = ['d1', 'migrations', 'apply', 'EDGEWARD_DB', '-c', join(directory, 'wrangler.json'), '--local', '--persist-to', join(directory, 'migrated')];
    await run(words, directory);
    try {
      renameSync(join(directory, 'migrated'), made);
    } catch {
      // Another process was faster.
    }
  }
  cpSync(made, join(directory, 'state'), { recursive: true });
}

/** Asks the file of the registry's database, also while wrangler runs; the rows of a SELECT. `wrangler d1 execute` takes seconds for each. */
function asked(directory, text) {
  const folder = join(directory, 'state/v3/d1/miniflare-D1DatabaseObject');
  const database = new DatabaseSync(join(folder, readdirSync(folder).find((name) => name.endsWith('.sqlite') && name !== 'metadata.sqlite')));
  try {
    database.exec(`PRAGMA busy_timeout = ${START_LIMIT_MS}`);
    if (/^\s*select\b/i.test(text)) return database.prepare(text).all().map((row) => ({ ...row }));
    database.exec(text);
    return [];
  } finally {
    database.close();
  }
}

/** A process group of its own: a signal to the group reaches wrangler and workerd alike. */
function launch(directory, port) {
  return spawn(process.execPath, [
    join(ROOT, 'node_modules/wrangler/bin/wrangler.js'), 'dev', '-c', join(directory, 'wrangler.json'), '--ip', '127.0.0.1',
    '--port', String(port), '--inspector-port', '0', '--persist-to', join(directory, 'state'), '--show-interactive-dev-session=false',
  ], {
    cwd: directory, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: join(directory, 'logs'),
      WRANGLER_REGISTRY_PATH: join(directory, 'registry'), CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    },
  });
}

/** Runs a command of wrangler; what it printed. */
async function run(words, cwd) {
  const child = spawn(process.execPath, [join(ROOT, 'node_modules/wrangler/bin/wrangler.js'), ...words], {
    cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: join(cwd, 'logs') },
  });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (text) => { out += text; });
  child.stderr.on('data', (text) => { errors += text; });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`wrangler ${words.slice(0, 3).join(' ')}: ${code}\n${out}${errors}`);
  return out;
}

async function answers(url, child) {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline && child.exitCode === null) {
    const answer = await fetch(`${url}/.edgeward/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('wrangler did not start in time');
}
