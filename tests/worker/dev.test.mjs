// `make dev` as a user meets it: the printed commands are run by a shell as they stand, then Ctrl-C.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const START_TIMEOUT_MS = 45_000;
const STOP_TIMEOUT_MS = 10_000;

const run = promisify(execFile);

let stores;
let dev;
let commands;

before(async () => {
  stores = mkdtempSync(join(tmpdir(), 'edgeward-dev-'));
  dev = spawn(process.execPath, ['scripts/dev.mjs', `${await freePort()}`, stores], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  commands = (await printed(dev, 'Ctrl-C ends everything')).filter((line) => /^(curl|token=)/.test(line));
});

after(async () => {
  if (dev?.exitCode === null) {
    dev.kill('SIGTERM');
    await once(dev, 'exit');
  }
  rmSync(stores, { recursive: true, force: true });
});

describe('what make dev prints', { concurrency: false }, () => {
  test('three commands are printed', () => assert.equal(commands.length, 3));

  test('the first passes, and the origin sees who called', async () => {
    const received = JSON.parse(await shell(commands[0]));
    assert.equal(received.headers['x-auth-subject'], 'ada');
    assert.equal(received.headers['x-auth-roles'], '"admin"');
    assert.equal(new URL(received.url).pathname, '/api/hello');
  });

  test('the second is refused for want of a token', async () => {
    const answer = await shell(commands[1]);
    assert.match(answer, /^HTTP\/1\.1 401 /);
    assert.equal(problem(answer).code, 'credential_missing');
  });

  test('the third revokes a token and then is refused with it', async () => {
    const [revocation, answer] = (await shell(commands[2])).split(/\n(?=HTTP\/1\.1 )/);
    assert.match(JSON.parse(revocation).entry, /^revoked:token:/);
    assert.match(answer, /^HTTP\/1\.1 401 /);
    assert.equal(problem(answer).code, 'invalid_token');
  });

  test('the token of the third would pass, were it not revoked', async () => {
    const unrevoked = commands[2].replace(/; curl -s \S+revocations .*; echo;/, ';');
    assert.notEqual(unrevoked, commands[2]);
    assert.match(await shell(unrevoked), /^HTTP\/1\.1 200 /);
  });

  test('Ctrl-C ends every process', async () => {
    const started = descendants(dev.pid);
    assert.ok(started.length >= 3, `expected wrangler and workerd among ${started}`);
    dev.kill('SIGINT');
    const [status] = await once(dev, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
    assert.equal(status, 0);
    assert.deepEqual(started.filter(alive), []);
  });
});

async function shell(command) {
  return (await run('bash', ['-c', command], { timeout: 20_000 })).stdout;
}

function problem(answer) {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
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

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function descendants(pid) {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const rows = table.map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent) => rows.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid).filter(alive);
}

function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
