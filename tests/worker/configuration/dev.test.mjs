// `make dev` as a user meets it: the printed commands are run by a shell as they stand, then Ctrl-C.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { startDev } from '../../harness/dev.mjs';
import { until } from '../../harness/client.mjs';

const STOP_TIMEOUT_MS = 10_000;

const run = promisify(execFile);

let dev;
let commands;
let playground;

before(async () => {
  dev = await startDev();
  commands = dev.lines.filter((line) => /^(curl|token=|sleep)/.test(line));
  playground = dev.lines.find((line) => line.startsWith('http'));
});

after(() => dev?.stop());

describe('what make dev prints', { concurrency: false }, () => {
  test('five commands are printed', () => assert.equal(commands.length, 5));

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

  test('the third revokes a token and then is refused with it, on a strict route and on a bounded one', async () => {
    const [revocation, ...answers] = (await shell(commands[2])).split(/\n(?=HTTP\/1\.1 )/);
    assert.match(JSON.parse(revocation).entry, /^revoked:token:/);
    assert.equal(answers.length, 2);
    for (const answer of answers) {
      assert.match(answer, /^HTTP\/1\.1 401 /);
      assert.equal(problem(answer).code, 'invalid_token');
    }
  });

  test('the token of the third would pass, were it not revoked', async () => {
    const unrevoked = commands[2].replace(/; curl -s \S+revocations .*; echo;/, ';');
    assert.notEqual(unrevoked, commands[2]);
    const answers = (await shell(unrevoked)).split(/\n(?=HTTP\/1\.1 )/);
    assert.deepEqual(answers.map((answer) => answer.slice(0, 13)), ['HTTP/1.1 200 ', 'HTTP/1.1 200 ']);
  });

  test('the fourth shows the revocation in the audit trail', async () => {
    const { events } = JSON.parse(await shell(commands[3]));
    assert.ok(events.some(({ event, actor }) => event === 'revoked' && actor !== null), JSON.stringify(events));
  });

  test('the fifth shows how many requests were refused', async () => {
    assert.match(await shell(commands[4]), /^edgeward_refusals_total\{code="credential_missing"\} [1-9]/m);
  });

  test('the address is that of the playground, which the gateway serves', async () => {
    const answer = await fetch(playground);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^text\/html/);
    assert.match(answer.headers.get('content-security-policy'), /^default-src 'none'/);
    assert.match(await answer.text(), /<title>/);
  });

  test('no file answers before the gateway', async () => {
    const post = await fetch(`${playground}index.html`, { method: 'POST' });
    assert.equal((await post.json()).code, 'method_not_allowed');
    const { origin } = new URL(playground);
    for (const path of ['/index.html', '/playground/index.html', '/nothing']) {
      assert.equal((await (await fetch(origin + path)).json()).code, 'route_not_found', path);
    }
  });

  test('Ctrl-C ends every process', async () => {
    const started = descendants(dev.child.pid);
    assert.ok(started.length >= 3, `expected wrangler and workerd among ${started}`);
    dev.child.kill('SIGINT');
    const [status] = await once(dev.child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
    assert.equal(status, 0);
    await until(() => started.filter(alive).length === 0, 'the end of every process', 60_000);
  });
});

async function shell(command) {
  return (await run('bash', ['-c', command], { timeout: 20_000 })).stdout;
}

function problem(answer) {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
}

function descendants(pid) {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const rows = table.map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent) => rows.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...below(child)]);
  return below(pid).filter(alive);
}

/** Whether a process runs; one that has ended, and that nobody has asked about since, does not. */
function alive(pid) {
  try {
    return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim().startsWith('Z') === false;
  } catch {
    return false;
  }
}
