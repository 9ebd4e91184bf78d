// Attacks on a developer by what the command line reads: a folder of somebody else, and the answers of servers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { deployed } from '../../pkg/cli/deploy/state.js';
import { issuerKeys, token } from '../../pkg/cli/doctor/checks.js';
import { decisions } from '../../pkg/cli/dev/decisions.js';
import { demo } from '../../pkg/cli/dev/demo.js';
import { discover } from '../../pkg/cli/init/discovery.js';
import { visible } from '../../pkg/cli/text.js';
import { project } from './project.mjs';

const INIT = ['init', '--issuer', 'auth0', '--domain', 'example.eu.auth0.com', '--audience', 'https://api.example.com', '--origin', 'https://api.internal.example.com', '--offline', '--yes'];
/** Clears the screen, names the window, colours by one character, turns the direction, and ends the line. */
const EVIL = '\u001b[2J\u001b]0;x\u0007\u009b31m\u202e\r\n ok   all is well';
const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/;

let place;
before(() => { place = project(); });
const at = (...path) => join(place.folder, ...path);

/** A server that answers each path by `answer(path, its own URL)`, an object, or "endless" for a document without an end. */
async function server(t, answer, host = '127.0.0.1') {
  const requests = [];
  const listening = createServer((request, response) => {
    requests.push(request);
    const own = `http://${host}:${listening.address().port}`;
    const content = answer(request.url, own);
    if (content === undefined) response.writeHead(404).end();
    else if (content === 'endless') pour(response);
    else response.end(JSON.stringify(content));
  });
  t.after(() => { listening.closeAllConnections(); listening.close(); });
  listening.listen(0, host);
  await once(listening, 'listening');
  return { url: `http://${host}:${listening.address().port}`, requests };
}

/** Writes for as long as somebody reads. */
function pour(response) {
  while (!response.destroyed && response.write(' '.repeat(65_536)));
  if (!response.destroyed) response.once('drain', () => pour(response));
}

describe('init in a folder of somebody else', () => {
  const outside = () => readdirSync(at('outside'));
  before(() => mkdirSync(at('outside')));

  test('follows no link out of it, not even one to a file that is not there yet, and writes nothing', () => {
    for (const [name, link, target] of [['file', 'README.md', 'new'], ['folder', '.github', '.'], ['source', 'src', 'gone']]) {
      mkdirSync(at(name));
      symlinkSync(at('outside', target), at(name, link));
      for (const more of [[], ['--force']]) {
        const { status, stderr } = place.run('edgeward', [...INIT, ...more, name]);
        assert.deepEqual([status, stderr], [1, `edgeward: ${link}: expected a file that can be written, or nothing, got a symbolic link; nothing was written. Move it away, or choose another folder\n`]);
        assert.deepEqual([readdirSync(at(name)), outside()], [[link], []]);
      }
    }
  });

  test('changes no package.json that is no object, and nothing that is no file or no text', () => {
    const cases = [
      ['null', 'expected a JSON object'], ['[1]', 'expected a JSON object'], ['"x"', 'expected a JSON object'], ['{', 'expected a JSON object'],
      [Buffer.from([0x7b, 0xff, 0x7d]), 'a file that is not UTF-8'], [undefined, 'something that is no file'],
    ];
    for (const [n, [content, expected]] of cases.entries()) {
      const file = at(`package${n}`, 'package.json');
      mkdirSync(content === undefined ? file : at(`package${n}`), { recursive: true });
      if (content !== undefined) writeFileSync(file, content);
      const { status, stderr } = place.run('edgeward', [...INIT, '--force', `package${n}`]);
      assert.equal(status, 1);
      assert.ok(stderr.startsWith('edgeward: package.json: ') && stderr.includes(expected) && stderr.includes('nothing was written'), stderr);
      assert.deepEqual(readdirSync(at(`package${n}`)), ['package.json']);
      if (content !== undefined) assert.deepEqual(readFileSync(file), Buffer.from(content));
    }
  });

  test('leaves what a package.json has in other forms', () => {
    mkdirSync(at('forms'));
    writeFileSync(at('forms/package.json'), '\ufeff{"scripts":["x"],"dependencies":{"edgeward":"file:own"}}');
    assert.equal(place.run('edgeward', [...INIT, '--force', 'forms']).status, 0);
    const { scripts, dependencies, type } = JSON.parse(readFileSync(at('forms/package.json'), 'utf8'));
    assert.deepEqual([scripts, dependencies.edgeward, type], [['x'], 'file:own', undefined]);
  });

  test('dev --demo writes through no link', () => {
    mkdirSync(at('demo'));
    writeFileSync(at('outside/kept'), 'mine');
    symlinkSync(at('outside/kept'), at('demo/wrangler.edgeward-demo.json'));
    const { remove } = demo(undefined, at('demo/wrangler.json'));
    assert.equal(readFileSync(at('outside/kept'), 'utf8'), 'mine');
    remove();
    assert.ok(!existsSync(at('demo/wrangler.edgeward-demo.json')) && existsSync(at('outside/kept')));
  });
});

describe('the answers of an issuer', () => {
  const issuer = (url) => ({ name: 'main', issuer: url, verify: { discovery: true } });
  const saying = (t, more, paths = {}) => server(t, (path, own) => (path === '/.well-known/openid-configuration' ? { issuer: own, ...more(own) } : paths[path]));

  test('cannot write to the terminal of doctor, nor forge one of its lines', async (t) => {
    const { url } = await server(t, (path, own) => (path === '/.well-known/openid-configuration' ? { issuer: own, jwks_uri: `${own}/keys` } : path === '/keys' ? { keys: { length: [`\r\n ok   7`] } } : { status: 'alive' }));
    place.put('wrangler.json', { vars: { EDGEWARD: { issuers: [{ ...issuer(url), name: EVIL }] } } });
    const { output } = await place.later('edgeward', ['doctor', url]);
    assert.match(output, /^FAIL issuer \\u\{1b\}\[2J.*: no keys$/m);
    assert.doesNotMatch(output, HIDDEN);
    assert.doesNotMatch(output, /^ ok/m);
  });

  test('that name no address for keys, or one that the gateway would not ask, are a problem', async (t) => {
    for (const address of [undefined, EVIL, { a: 1 }, 'data:application/json,{"keys":[1]}', 'file:///etc/passwd', 'http://keys.example/']) {
      const { url } = await saying(t, () => ({ jwks_uri: address }));
      const [[level, what], ...more] = await issuerKeys(issuer(url));
      assert.deepEqual([level, more], ['fail', []], `${address}`);
      assert.match(what, /expected `jwks_uri` with an https address$/);
    }
  });

  test('lead doctor to no address on this machine, unless the issuer is there itself', async (t) => {
    const { url, requests } = await server(t, () => ({ keys: [1] }));
    const elsewhere = await server(t, () => ({ jwks_uri: `${url}/shutdown` }), '127.0.0.2');
    const [[level]] = await issuerKeys({ name: 'main', issuer: 'https://x', verify: { discovery: elsewhere.url } });
    assert.deepEqual([level, requests.length], ['fail', 0]);
  });

  test('are read up to 128 KiB, and what has no end is not waited for', async (t) => {
    const { url } = await server(t, () => 'endless');
    assert.match((await discover(issuer(url))).note, /expected at most 128 KiB, got more/);
    assert.match((await issuerKeys({ name: 'main', issuer: url, verify: { jwks: url } }))[0][1], /: no keys$/);
  });

  test('give each algorithm once, and never so many', async (t) => {
    const { url } = await saying(t, (own) => ({ jwks_uri: own, id_token_signing_alg_values_supported: Array(5000).fill('ES256') }));
    assert.deepEqual((await discover(issuer(url))).algorithms, ['ES256']);
  });
});

test('doctor sends no token unencrypted to another machine', async (t) => {
  const { url, requests } = await server(t, () => ({}), '127.0.0.2');
  assert.deepEqual(await token(url, 'secret'), [['fail', 'the token was not sent: the address is not https', 'use https']]);
  assert.equal(requests.length, 0);
});

test('the lines of dev obey nothing that a client has sent', () => {
  const log = decisions();
  for (const line of [EVIL, JSON.stringify({ event: 'limit_unavailable', kid: EVIL }), JSON.stringify({ event: 'keys_failed', issuer: EVIL, code: 'x' }), JSON.stringify({ event: 'other', kid: '\u009b31m' })]) {
    const told = log.line(line);
    assert.equal(told.length, 1);
    assert.doesNotMatch(told[0], HIDDEN);
  }
  assert.equal(visible('a\u001b\n\u202eé😀'), 'a\\u{1b}\\u{a}\\u{202e}é😀');
});

test('deploy takes no other failure of wrangler for a Worker that is not there, and names no command that deletes one', async () => {
  const own = process.cwd();
  mkdirSync(at('broken/node_modules/wrangler/bin'), { recursive: true });
  writeFileSync(at('broken/node_modules/wrangler/package.json'), '{}');
  const says = (text) => writeFileSync(at('broken/node_modules/wrangler/bin/wrangler.js'), `console.error(${JSON.stringify(text)}); process.exit(1);`);
  process.chdir(at('broken'));
  try {
    says('The file "redirected.json" does not exist.');
    await assert.rejects(deployed([]), /wrangler could not list what is deployed/);
    says('This Worker does not exist on your account. [code: 10007]');
    assert.equal(await deployed([]), undefined);
  } finally {
    process.chdir(own);
  }
});
