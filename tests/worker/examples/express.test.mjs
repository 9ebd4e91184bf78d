// examples/express, started by its one command: an API and an auth server on Express, and the gateway before them.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { send, until } from '../../harness/client.mjs';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { Browser, NAMES } from '../../harness/cookie_stage.mjs';
import { startExpressExample } from '../../harness/express_example.mjs';
import { deadPort } from '../../harness/origin.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

const START = fileURLToPath(new URL('../../../examples/express/start.mjs', import.meta.url));
const shell = (command) => promisify(execFile)('bash', ['-c', command]).then(({ stdout }) => stdout);
const JSON_TYPE = { 'content-type': 'application/json' };
const REFRESH = '/api/auth/refresh';

let stage;
before(async () => { stage = await startExpressExample(); });
after(() => stage?.stop());

const post = (path, body, more = {}) => send(stage.url + path, { method: 'POST', body, headers: JSON_TYPE, ...more });
const get = (path, token) => send(stage.url + path, { token });
const credentials = (name) => ({ email: emailOf(name), password: PASSWORD });
const login = async (name) => (await post('/api/auth/login', credentials(name))).json;
const browse = async (name) => {
  const browser = new Browser(stage.url);
  assertPassed(await browser.post('/session/login', credentials(name)), 'the login');
  return browser;
};

test('a caller has tasks of their own, and an administrator sees everybody\'s', async () => {
  const [ada, bob] = [await login('ada'), await login('bob')];
  assert.equal((await post('/api/tasks', { text: 'own' }, { token: bob.accessToken })).status, 201);
  assert.deepEqual((await get('/api/tasks', bob.accessToken)).json, ['own']);
  assert.deepEqual((await get('/api/tasks', ada.accessToken)).json, []);
  assert.deepEqual((await get('/api/everything', ada.accessToken)).json, [{ owner: 'user-2', text: 'own' }]);
  assertProblem(await get('/api/everything', bob.accessToken), 403, 'forbidden');
});

test('the page is there for everybody, and the API for nobody without a token', async () => {
  const page = await send(`${stage.url}/`);
  assert.deepEqual([page.status, /<title>Tasks</.test(page.text)], [200, true]);
  assertProblem(await get('/api/tasks'), 401, 'credential_missing');
  assertTokenRefused(await get('/api/tasks', (await login('bob')).refreshToken), 'a refresh token');
});

test('the API believes nobody who comes past the gateway', async () => {
  const { accessToken: token } = await login('ada');
  const headers = { 'x-auth-subject': 'user-1', 'x-auth-issuer': 'https://auth.example', 'x-auth-roles': '"admin"' };
  for (const sent of [{}, headers, { ...headers, 'x-auth-assertion': token }]) {
    assertProblem(await send(`${stage.applications.api.url}/api/everything`, { token, headers: sent }), 401, 'gateway_required');
  }
});

test('a login with cookies shows no token, and the session is renewed on the way', async () => {
  const browser = await browse('bob');
  assert.deepEqual([...browser.jar.keys()].sort(), [NAMES.access, NAMES.refresh]);
  const before = stage.auth.callsTo(REFRESH).length;
  browser.jar.delete(NAMES.access);
  const answers = await Promise.all(Array.from({ length: 3 }, () => browser.get('/api/tasks')));
  for (const answer of answers) assertPassed(answer);
  assert.equal(stage.auth.callsTo(REFRESH).length, before + 1);
  assertProblem(await browser.post('/api/tasks', { text: 'forged' }, { headers: { 'sec-fetch-site': 'cross-site' } }), 403, 'cross_site_request');
});

test('while the auth server is unreachable a session that needs it is 503, and goes on afterwards', async () => {
  const browser = await browse('bob');
  browser.jar.delete(NAMES.access);
  stage.auth.fail({ kind: 'reset', times: 2, path: REFRESH });
  assertUnavailable(await browser.get('/api/tasks'), 'auth_server_unavailable');
  stage.auth.heal();
  assertPassed(await browser.get('/api/tasks'));
});

test('a logout ends the session and its access token at once', async () => {
  const [browser, tokens] = [await browse('bob'), await login('bob')];
  const access = browser.jar.get(NAMES.access).replace(/^1~/, '');
  assertPassed(await get('/api/tasks', access));
  assertPassed(await browser.post('/session/logout'));
  assert.equal(browser.jar.size, 0);
  assertTokenRefused(await get('/api/tasks', access), 'the access token of the session');
  assertPassed(await get('/api/tasks', tokens.accessToken), 'another session');
  assertPassed(await post('/api/auth/logout', { refreshToken: tokens.refreshToken }, { token: tokens.accessToken }));
  assertTokenRefused(await get('/api/tasks', tokens.accessToken), 'that one, too');
  assert.equal((await post(REFRESH, { refreshToken: tokens.refreshToken })).status, 401);
});

test('the one command starts it, prints commands that work as they stand, and ends everything on Ctrl-C', async () => {
  const [port, folder] = [await deadPort(), mkdtempSync(join(tmpdir(), 'edgeward-example-'))];
  const program = spawn(process.execPath, [START, String(port), '--free-ports', '--state', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(program, 'exit');
  let printed = '';
  program.stdout.on('data', (text) => { printed += text; });
  try {
    await until(() => printed.includes('past the gateway') || program.exitCode !== null, 'the commands', 60_000);
    const [tasks, refused] = printed.split('\n').filter((line) => line.startsWith('curl'));
    assert.equal(await shell(tasks), '[]');
    const answer = await shell(refused);
    assert.match(answer, /^HTTP\/1.1 401 /);
    program.kill('SIGINT');
    assert.deepEqual(await exited, [0, null]);
    for (const command of [tasks, refused]) await assert.rejects(send(/http:\/\/\S+/.exec(command)[0]), /ECONNREFUSED/);
  } finally {
    program.kill('SIGINT');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the one command says what is wrong with its arguments', async () => {
  for (const args of [['0'], ['70000'], ['x'], ['8787', '8788'], ['--port', '8787']]) {
    const program = spawn(process.execPath, [START, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    program.stderr.on('data', (text) => { errors += text; });
    assert.deepEqual(await once(program, 'close'), [1, null]);
    assert.match(errors, /-> Run it as: node start\.mjs/);
  }
});
