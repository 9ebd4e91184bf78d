// `edgeward dev` in a project made by `init`, between an issuer and an API of the test: the whole way of a new user.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, renameSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { decisions } from '../../pkg/cli/dev/decisions.js';
import { KEY_REASONS, REASONS } from '../../pkg/cli/reasons.js';
import { send, until } from '../harness/client.mjs';
import { startIssuer } from '../harness/issuer.mjs';
import { deadPort, startOrigin, valuesOf } from '../harness/origin.mjs';
import { ROOT } from './package.mjs';
import { project } from './project.mjs';

const START_MS = 60_000;

/** Starts `edgeward dev` with `words`: { url, output(), stop() }, where stop resolves to the exit code. */
async function dev(t, place, words) {
  const port = await deadPort();
  const child = spawn(process.execPath, [join(place.home, 'cli/main.js'), 'dev', '--port', `${port}`, ...words], {
    cwd: place.folder, env: place.env, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { output += text; });
  const exited = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
    return (await exited)[0];
  };
  t.after(stop);
  await until(() => output.includes('Ctrl-C ends it') || child.exitCode !== null, 'the address', START_MS).catch(() => assert.fail(output));
  assert.equal(child.exitCode, null, output);
  return { url: `http://127.0.0.1:${port}`, child, output: () => output, stop };
}

/** Waits for what wrangler makes of a change. Its watcher may miss one on a busy machine: the file is written again until it is seen. */
async function applied(place, condition, what) {
  let written = Date.now();
  await until(async () => {
    if (await condition()) return true;
    if (Date.now() - written > 10_000) {
      change(place, '', '');
      written = Date.now();
    }
    return false;
  }, what, START_MS);
}

/** The file again, changed. */
const change = (place, from, to) => place.put('wrangler.jsonc', readFileSync(join(place.folder, 'wrangler.jsonc'), 'utf8').replace(from, to));

test('init, dev, a protected request: what passes reaches the API, and what is refused has its reason in words', async (t) => {
  const [issuer, origin] = await Promise.all([startIssuer(), startOrigin()]);
  t.after(() => Promise.all([issuer.stop(), origin.stop()]));
  const place = project();
  const made = place.run('edgeward', ['init', '--issuer', 'oidc', '--url', issuer.url, '--audience', 'api', '--origin', origin.url, '--offline', '--yes']);
  assert.equal(made.status, 0, made.stderr);
  change(place, '["RS256"]', '["ES256"]');
  const { url, output, stop } = await dev(t, place, []);
  assert.match(output(), /^wrangler\.jsonc: no errors, \d warnings?$/m);
  assert.match(output(), new RegExp(`^ {2}Playground {3}${url}/\\.edgeward/playground/$`, 'm'));
  assert.equal((await send(`${url}/.edgeward/playground/`)).status, 200);

  const passed = await send(`${url}/api/hello`, { token: await issuer.token({ sub: 'ada' }) });
  assert.deepEqual([passed.status, passed.text], [200, 'origin']);
  assert.deepEqual(valuesOf(origin.requests[0], 'x-auth-subject'), ['ada']);
  await until(() => /^ {2}200 {2}GET \/api\/hello +passed in \d+ ms$/m.test(output()), 'the line of what passed');
  assert.equal((await send(`${url}/api/hello`)).status, 401);
  await until(() => output().includes('refused: the request has no token where the route looks for one: by default behind `Bearer` in `Authorization` (credential_missing, route /api/**)'), 'the reason');
  assert.equal((await send(`${url}/api/hello`, { token: await issuer.token({ aud: 'other' }) })).status, 401);
  await until(() => output().includes('refused: the token is for another API: its `aud` is not in `audiences` (audience_mismatch, route /api/**, issuer main)'), 'the other reason');

  change(place, '"/api/**"', '"/v2/**"');
  await until(() => output().includes('wrangler.jsonc has changed.'), 'the change');
  await applied(place, async () => (await send(`${url}/v2/hello`)).status === 401, 'the new route');
  change(place, '"authenticated" }', '"authenticate" }');
  await until(() => /^wrangler\.jsonc:\d+: error: routes\[0\]\.access$/m.test(output()), 'the error with its line');
  await applied(place, async () => (await send(`${url}/v2/hello`)).status === 503, 'that nothing passes');
  change(place, '"authenticate" }', '"authenticated" }');
  await applied(place, async () => (await send(`${url}/v2/hello`)).status === 401, 'that it decides again');
  assert.equal(await stop(), 0);
  await assert.rejects(fetch(url), 'nothing serves any longer');
});

test('a file that an editor replaces by another one is applied each time', async (t) => {
  const place = project();
  place.run('edgeward', ['init', '--issuer', 'github-actions', '--audience', 'api', '--repository', 'a/b', '--origin', 'https://api.internal.example.com', '--offline', '--yes']);
  const { url } = await dev(t, place, []);
  const file = join(place.folder, 'wrangler.jsonc');
  const text = readFileSync(file, 'utf8');
  for (const realm of ['one', 'two', 'three', 'four']) {
    place.put('wrangler.jsonc~', text.replace('"realm": "api"', `"realm": "${realm}"`));
    renameSync(`${file}~`, file);
    await until(async () => (await send(`${url}/api/hello`)).headers['www-authenticate']?.includes(`"${realm}"`), `the realm ${realm}`, START_MS);
  }
});

test('a secret is named while no file has it, and never assumed', async (t) => {
  const place = project();
  const made = place.run('edgeward', ['init', '--issuer', 'jsonwebtoken', '--url', 'https://auth.example.com', '--audience', 'api', '--origin', 'https://api.internal.example.com', '--offline', '--yes']);
  assert.equal(made.status, 0, made.stderr);
  const { output } = await dev(t, place, []);
  assert.match(output(), /^ {4}secret JWT_SECRET is not in \.dev\.vars: add a line JWT_SECRET="…"$/m);
  place.put('.dev.vars', `export JWT_SECRET="${'s'.repeat(32)}"\n`);
  change(place, '"/api/**"', '"/v2/**"');
  await until(() => output().includes('wrangler.jsonc has changed.'), 'the change');
  const after = () => output().slice(output().indexOf('has changed.'));
  await until(() => /no errors/.test(after()), 'the check');
  assert.doesNotMatch(output(), /is assumed to exist/);
  assert.doesNotMatch(after(), /JWT_SECRET/);
});

test('dev --demo needs no project, and what it prints works as it stands', async (t) => {
  const place = project();
  const { url, output, stop } = await dev(t, place, ['--demo']);
  const [passes, refused] = output().split('\n').filter((line) => /^ {2}curl /.test(line));
  const shell = (line) => place.run('sh', ['-c', line]);
  assert.equal(JSON.parse(shell(passes).stdout).headers['x-auth-subject'], 'ada', passes);
  assert.match(shell(refused).stdout, /^HTTP\/1\.1 401 /);
  assert.equal((await send(`${url}/.edgeward/ready`)).status, 200);
  const file = join(place.folder, 'wrangler.edgeward-demo.json');
  assert.equal(await (await dev(t, place, ['--demo'])).stop(), 0);
  assert.ok(existsSync(file), 'the first still uses it');
  assert.equal(await stop(), 0);
  assert.ok(!existsSync(file));
});

test('dev --demo keeps the routes of a project, and believes the demo\'s issuer', async (t) => {
  const place = project();
  place.run('edgeward', ['init', '--issuer', 'github-actions', '--audience', 'api', '--repository', 'a/b', '--origin', 'https://api.internal.example.com', '--offline', '--yes']);
  const { url, output } = await dev(t, place, ['--demo']);
  assert.doesNotMatch(output(), /^ {2}# passes/m, 'no token of the demo names a repository');
  const { json: { access_token: token } } = await send(`${url}/demo/login`, { method: 'POST', body: '{"user":"ada"}' });
  assert.equal((await send(`${url}/api/hello`, { token })).json.code, 'insufficient_scope', 'the route asks for a repository');
  assert.equal((await send(`${url}/.edgeward/ready`)).status, 200);

  change(place, '"access": "authenticated"', '"access": "authenticate"');
  await until(async () => (await send(`${url}/api/hello`)).status === 503, 'that nothing passes', START_MS);
  assert.match(output(), /^ {2}The gateway refuses everything until that is fixed\./m);
  change(place, '"realm": "api",', '"realm": "api"');
  await until(() => output().includes('The gateway goes on with the file as it was.'), 'that the file cannot be read');
});

test('dev ends what it started when nobody reads its output any longer', async (t) => {
  const place = project();
  const { url, child } = await dev(t, place, ['--demo']);
  const exited = once(child, 'exit');
  child.stdout.destroy();
  child.stderr.destroy();
  // A refusal is a line to print. Everything may end before the answer has arrived.
  await send(`${url}/nowhere`).catch(() => {});
  await exited;
  await assert.rejects(fetch(url), 'nothing serves any longer');
});

test('dev ends a wrangler that does not end by itself, however often it is told to', async (t) => {
  const place = project();
  // A link to the tests' own: what is written behind it would be written there.
  unlinkSync(join(place.folder, 'node_modules/wrangler'));
  place.put('node_modules/wrangler/package.json', { name: 'wrangler', version: '4.156.0', type: 'module' });
  place.put('node_modules/wrangler/bin/wrangler.js', `import { createServer } from 'node:http';
process.on('SIGTERM', () => {});
createServer((_, response) => response.end()).listen(process.argv[process.argv.indexOf('--port') + 1], '127.0.0.1');
`);
  const { url, child, stop } = await dev(t, place, ['--demo']);
  child.kill('SIGINT');
  await sleep(300);
  assert.equal(await stop(), 0);
  await assert.rejects(fetch(url), 'nothing serves any longer');
});

describe('what dev needs is said when it is missing', () => {
  test('a configuration', () => {
    const { status, stderr } = project().run('edgeward', ['dev']);
    assert.deepEqual([status, stderr], [1, 'edgeward: expected wrangler.json, wrangler.jsonc, wrangler.toml in this folder: `edgeward init` writes a project\n']);
  });

  test('an environment', () => {
    const { status, stderr } = project({ 'wrangler.json': { vars: {} } }).run('edgeward', ['dev', '--env', 'x']);
    assert.deepEqual([status, stderr], [1, 'edgeward: wrangler.json: no environment `x` under `env`\n']);
  });

  test('a number for the port', () => {
    for (const port of ['x', '0', '65536']) assert.equal(project().run('edgeward', ['dev', '--port', port]).status, 2, port);
  });

  test('a port that is free', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    t.after(() => other.close());
    await once(other, 'listening');
    const { port } = other.address();
    const { status, output } = await project().later('edgeward', ['dev', '--demo', '--port', `${port}`]);
    assert.deepEqual([status, output], [1, `edgeward: port ${port} is in use: end what listens there, or name another port with --port\n`]);
  });

  test('a table for the demo to take its routes from', () => {
    const { status, stderr } = project({ 'wrangler.json': { name: 'gateway' } }).run('edgeward', ['dev', '--demo']);
    assert.deepEqual([status, stderr], [1, 'edgeward: the demo needs a table `vars.EDGEWARD`, or a folder without a wrangler file\n']);
  });
});

describe('lines', () => {
  const told = (...lines) => toldIn(undefined, ...lines);
  const short = (lines) => lines.map((line) => line.trim().replace(/ +/g, ' '));
  const refused = (code, status, route) => JSON.stringify({ event: 'refused', code, status, route, ms: 0 });
  const toldIn = (columns, ...lines) => {
    const log = decisions(columns);
    return lines.flatMap((line) => log.line(line));
  };

  test('give a refusal to the request that it belongs to', () => {
    const lines = told(refused('token_expired', 401), refused('route_not_found', 404), '[wrangler:info] GET /b 404 Not Found (2ms)', '[wrangler:info] GET /a 401 Unauthorized (1ms)');
    assert.deepEqual(lines.map((line) => line.replace(/ +/g, ' ')), [
      ' 404 GET /b refused: no route has this path (route_not_found)', ' 401 GET /a refused: the token has expired (token_expired)',
    ]);
  });

  test('give no request the reason of another that came at the same time', () => {
    const [expired, missing] = [refused('token_expired', 401, '/api/**'), refused('credential_missing', 401, '/api/**')];
    const answers = ['/api/a', '/api/b'].map((path) => `[wrangler:info] GET ${path} 401 Unauthorized (1ms)`);
    assert.deepEqual(short(told(expired, missing, ...answers)), [
      '401 refused: the token has expired (token_expired, route /api/**)',
      '401 refused: the request has no token where the route looks for one: by default behind `Bearer` in `Authorization` (credential_missing, route /api/**)',
      '401 GET /api/a refused by the gateway, as a line above says, in 1 ms',
      '401 GET /api/b refused by the gateway, as a line above says, in 1 ms',
    ]);
    assert.deepEqual(short(told(expired, expired, ...answers)).map((line) => line.slice(0, 36)), ['401 GET /api/a refused: the token ha', '401 GET /api/b refused: the token ha']);
  });

  test('give none to a request whose own reason stands above, nor to one of the origin a second later', () => {
    const [expired, missing, revoked] = ['token_expired', 'credential_missing', 'token_revoked'].map((code) => refused(code, 401, '/api/**'));
    const answer = (path) => `[wrangler:info] GET ${path} 401 Unauthorized (1ms)`;
    const whys = (lines) => short(lines).filter((line) => line.includes('GET')).map((line) => line.replace(/^401 GET /, '').replace(/,? in 1 ms$/, ''));
    const above = 'refused by the gateway, as a line above says';
    assert.deepEqual(whys(told(expired, missing, answer('/api/a'), revoked, answer('/api/b'), answer('/api/c'))), [`/api/a ${above}`, `/api/b ${above}`, `/api/c ${above}`]);
    let now = 0;
    const log = decisions(undefined, () => now);
    for (const line of [expired, missing, answer('/api/a')]) log.line(line);
    now = 1001;
    assert.deepEqual(whys(log.line(answer('/api/d'))), ['/api/d answered by the origin']);
  });

  test('tell reasons apart by their routes', () => {
    const other = refused('credential_missing', 401, '/files/*/raw');
    assert.deepEqual(short(told(refused('token_expired', 401, '/api/**'), other, '[wrangler:info] GET /files/1/raw?x=/api/ 401 Unauthorized (1ms)', '[wrangler:info] GET /api/b 401 Unauthorized (1ms)')), [
      '401 GET /files/1/raw?x=/api/ refused: the request has no token where the route looks for one: by default behind `Bearer` in `Authorization` (credential_missing, route /files/*/raw)',
      '401 GET /api/b refused: the token has expired (token_expired, route /api/**)',
    ]);
  });

  test('know a path with a slash at its end, or in another spelling, as the route\'s', () => {
    for (const [route, path] of [['/api/users', '/api/users/'], ['/api/users/*', '/api/users/7/?page=2'], ['/api/users/', '/api/users'], ['/api/admin/**', '/api/%61dmin/x']]) {
      const lines = short(told(refused('insufficient_scope', 403, route), `[wrangler:info] GET ${path} 403 Forbidden (1ms)`));
      assert.deepEqual(lines.map((line) => line.startsWith(`403 GET ${path} refused: the token is good`)), [true], path);
    }
    const [alone] = short(told(refused('insufficient_scope', 403, '/api/users'), '[wrangler:info] GET /api/users/a/ 403 Forbidden (1ms)'));
    assert.match(alone, /^403 refused: /, 'another path');
  });

  test('name what lets the preflight of a browser pass', () => {
    const [options] = told(refused('credential_missing', 401, '/api/**'), '[wrangler:info] OPTIONS /api/a 401 Unauthorized (1ms)');
    assert.match(options, /; a browser's preflight passes with `cors_preflight` on the route \(credential_missing, /);
    assert.doesNotMatch(told(refused('credential_missing', 401, '/api/**'), '[wrangler:info] GET /api/a 401 Unauthorized (1ms)')[0], /preflight/);
  });

  test('leave out the reason of a request that is left out', () => {
    const lines = told(refused('configuration_invalid', 503), '[wrangler:info] GET /.edgeward/ready 503 Service Unavailable (1ms)', refused('configuration_invalid', 503), '[wrangler:info] GET /a 503 Service Unavailable (1ms)');
    assert.deepEqual(short(lines).map((line) => line.slice(0, 18)), ['503 GET /a refused']);
  });

  test('show a refusal of a path that is otherwise left out, and one whose client has hung up', () => {
    const own = told(refused('token_malformed', 401, '/.edgeward/ready'), '[wrangler:info] GET /.edgeward/ready 401 Unauthorized (1ms)', '[wrangler:info] GET /.edgeward/ready 200 OK (1ms)');
    assert.deepEqual(own.map((line) => line.includes('GET /.edgeward/ready') && line.includes('token_malformed')), [true]);
    let now = 0;
    const log = decisions(undefined, () => now);
    assert.deepEqual(log.line(refused('token_expired', 401, '/api/**')), []);
    now = 1001;
    assert.deepEqual(short(log.line('[wrangler:info] GET /api/b 401 Unauthorized (1ms)')), [
      '401 refused: the token has expired (token_expired, route /api/**)', '401 GET /api/b answered by the origin in 1 ms',
    ]);
  });

  test('say that a route with a handler refused a request itself, and that an origin answered another', () => {
    const revoked = '{"event":"token_refresh","issuer":"main","request_id":"r-1","outcome":"revoked","ms":1,"reason":"reuse"}';
    const lines = told(revoked, '[wrangler:info] POST /refresh/ 401 Unauthorized (3ms)', '[wrangler:info] POST /refresh/ 401 Unauthorized (4ms)');
    assert.deepEqual(lines.map((line) => line.trim().replace(/ +/g, ' ')), [
      'token_refresh: revoked, reason reuse, issuer main, ms 1', '401 POST /refresh/ refused by the gateway, as a line above says, in 3 ms', '401 POST /refresh/ answered by the origin in 4 ms',
    ]);
  });

  test('say that the handler that ends tokens refused a body', () => {
    const lines = told('{"event":"expire","outcome":"refused","status":400,"ms":1}', '[wrangler:info] POST /expire/ 400 Bad Request (2ms)');
    assert.match(lines[1], /POST \/expire\/ +refused by the gateway/);
  });

  test('name the requirement of administrators where it was not met', () => {
    assert.match(told(refused('insufficient_scope', 403, '/.edgeward/admin/tokens'), '[wrangler:info] GET /.edgeward/admin/tokens 403 Forbidden (2ms)')[0], /does not meet `admin\.require`: `edgeward explain` says what is missing \(insufficient_scope, /);
  });

  test('are broken between words where the terminal is narrow', () => {
    const [text] = toldIn(80, refused('credential_missing', 401, '/api/**'), '[wrangler:info] GET /api/hello 401 Unauthorized (2ms)');
    assert.deepEqual(text.split('\n'), [
      '  401  GET /api/hello', '       refused: the request has no token where the route looks for one: by', '       default behind `Bearer` in `Authorization` (credential_missing, route', '       /api/**)',
    ]);
  });

  test('say what became of keys, and list the errors of a configuration', () => {
    assert.match(told('{"event":"keys_failed","issuer":"main","code":"issuer_timeout"}')[0], /keys of main: the issuer did not answer within 2 s \(issuer_timeout\)/);
    assert.match(told('{"event":"configuration_invalid","errors":["a: b"]}')[0], /everything is refused:\n +a: b$/);
    assert.match(told('{"event":"registry_unavailable","request_id":"a-1","resource":"tokens","reason":"tables_missing"}')[0], /migrations apply EDGEWARD_DB --local/);
    assert.match(told('{"event":"registry_unavailable","request_id":"a-1","resource":"tokens","reason":"database"}')[0], /registry_unavailable: reason database, resource tokens$/);
  });

  test('that are neither are left as they are, and the banner is left out', () => {
    assert.deepEqual(told('hello', '{"a":1}', '⎔ Starting local server...', '', 'env.EDGEWARD_KV   KV Namespace   local'), ['hello', '{"a":1}']);
  });
});

test('every code of the log has its words', () => {
  const text = readFileSync(join(ROOT, 'docs/errors.md'), 'utf8');
  const codes = (heading) => {
    const section = text.slice(text.indexOf(`## ${heading}\n`)).slice(heading.length);
    return [...section.slice(0, section.search(/\n## /)).matchAll(/^\| (`[a-z0-9_`, ]+) \|/gm)].flatMap(([, cell]) => [...cell.matchAll(/[a-z0-9_]+/g)].map(([code]) => code));
  };
  const refusals = new Set([...codes('Codes on the wire'), ...codes('Codes in the log')]);
  assert.ok(refusals.size > 50);
  assert.deepEqual([...refusals].filter((code) => !Object.hasOwn(REASONS, code)), []);
  assert.deepEqual(Object.keys(REASONS).filter((code) => !refusals.has(code)), []);
  assert.deepEqual(codes('Codes of key events').filter((code) => !Object.hasOwn(KEY_REASONS, code)), []);
});
