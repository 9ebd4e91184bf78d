// Finds a Chromium for the tests in a browser, or installs one, and writes its path to .tools/chromium: scripts/browser.mjs.
// Every attempt is bounded in time: a machine may reach its packages and nothing else.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const NOTE = '.tools/chromium';
const DOWNLOADS = resolve('.tools/browsers');
const OLDEST = 120;

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = [
  '/usr/bin/chromium', '/usr/lib/chromium/chromium', '/snap/bin/chromium', '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const ATTEMPTS = [
  { is: isDebianRoot, says: 'Chromium: apt-get installs the package (about 1 minute, once)', run: apt },
  { is: () => true, says: 'Chromium: playwright downloads it into .tools/browsers (about 1 minute, once)', run: download },
];

mkdirSync('.tools', { recursive: true });
const found = find() ?? await install();
if (found === undefined) fail('no Chromium, and none could be installed.', 'Install Chromium or Chrome (Debian: apt-get install chromium; '
  + 'macOS: brew install --cask google-chrome), or name one in CHROMIUM, and run make again.');
writeFileSync(NOTE, `${found.path}\n`);
console.log(`   ${found.version}: ${found.path}`);

function find() {
  const named = process.env.CHROMIUM;
  if (named) {
    const { is, why } = tried(named);
    return is ?? fail(`CHROMIUM names ${named}: ${why}.`, 'Name a Chromium or Chrome, or leave CHROMIUM unset.');
  }
  const noted = existsSync(NOTE) ? [readFileSync(NOTE, 'utf8').trim()] : [];
  const onPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  for (const path of new Set([...noted, ...onPath, ...PLACES, ...downloaded()])) {
    const { is } = existsSync(path) ? tried(path) : {};
    if (is) return is;
  }
  return undefined;
}

async function install() {
  for (const { is, says, run } of ATTEMPTS) {
    if (!is()) continue;
    console.log(`   ${says}`);
    await run();
    const found = find();
    if (found) return found;
  }
  return undefined;
}

/** A browser that starts and is new enough, or why it is none. */
function tried(path) {
  const { status, stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' });
  if (status !== 0) return { why: error?.code === 'ENOENT' ? 'no such program' : 'it does not start' };
  const version = /Chrom\S*.*? (\d+)\./.exec(stdout);
  if (!version) return { why: 'no Chromium' };
  if (Number(version[1]) < OLDEST) return { why: `expected version ${OLDEST} or later, got ${version[1]}` };
  return { is: { path, version: stdout.trim() } };
}

/** What playwright has put there before. */
function downloaded() {
  if (!existsSync(DOWNLOADS)) return [];
  const files = readdirSync(DOWNLOADS, { recursive: true }).map((name) => join(DOWNLOADS, name));
  return files.filter((path) => /\/(?:chrome|headless_shell|chrome-headless-shell|Google Chrome for Testing|Chromium)$/.test(path));
}

function isDebianRoot() {
  return process.platform === 'linux' && process.getuid() === 0 && spawnSync('apt-get', ['--version']).status === 0;
}

async function apt() {
  const get = (...words) => bounded('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=60', ...words], 240, { DEBIAN_FRONTEND: 'noninteractive' });
  const add = () => get('install', '-y', '--no-install-recommends', 'chromium');
  // A fresh machine has no lists of packages, or such as name files that are gone.
  return await add() || (await get('update') && await add());
}

function download() {
  return bounded(process.execPath, ['node_modules/playwright-core/cli.js', 'install', '--only-shell', 'chromium'], 240, {
    PLAYWRIGHT_BROWSERS_PATH: DOWNLOADS, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000',
  });
}

/** Whether the program ended well within so many seconds; with everything that it started it ends in any case. */
function bounded(program, words, seconds, env) {
  const child = spawn(program, words, { env: { ...process.env, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { said = (said + text).slice(-2000); });
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(`no end within ${seconds} s`), seconds * 1000);
    const end = (fault) => {
      clearTimeout(timer);
      try { process.kill(-child.pid, 'SIGKILL'); } catch { /* it has ended */ }
      if (fault) console.error(`   ${said.trim().split('\n').slice(-5).join('\n   ')}\n   ${fault}`);
      resolve(!fault);
    };
    child.on('error', (error) => end(error.message));
    child.on('exit', (code) => end(code === 0 ? undefined : `${program} ended with ${code}`));
  });
}

function fail(what, advice) {
  console.error(`\n   ${what}\n   -> ${advice}\n`);
  process.exit(1);
}
