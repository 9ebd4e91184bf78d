// `edgeward init` and `npm create edgeward`, from the archives of both packages.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { COMPATIBILITY_DATE } from '../../pkg/cli/init/configuration.js';
import { discover, metadataUrl } from '../../pkg/cli/init/discovery.js';
import { OBJECTS } from '../../pkg/cli/objects.js';
import { ROOT } from './package.mjs';
import { project } from './project.mjs';

const AUTH0 = ['--issuer', 'auth0', '--domain', 'example.eu.auth0.com', '--audience', 'https://api.example.com'];
const ORIGIN = ['--origin', 'https://api.internal.example.com'];
const WRITTEN = ['.github/workflows/check.yml', '.gitignore', 'README.md', 'package.json', 'src/index.js', 'wrangler.jsonc'];

let place;
before(() => { place = project(); });
const init = (folder, words, more) => place.run('edgeward', ['init', ...words, '--offline', folder], more);
const read = (...path) => readFileSync(join(place.folder, ...path), 'utf8');

describe('init', () => {
  test('writes a project that its own check accepts, and wrangler deploys', () => {
    const { status, stdout, stderr } = init('whole', [...AUTH0, ...ORIGIN, '--yes']);
    assert.equal(status, 0, stderr);
    assert.deepEqual([...stdout.matchAll(/^ {2}wrote (.*)$/gm)].map(([, path]) => path).sort(), WRITTEN);
    const cwd = join(place.folder, 'whole');
    assert.equal(place.run('edgeward', ['check', '--strict'], { cwd }).status, 0);
    assert.match(read('whole/.github/workflows/check.yml'), /npm run check/);
    symlinkSync(join(place.folder, 'node_modules'), join(cwd, 'node_modules'));
    const dry = place.run('wrangler', ['deploy', '--dry-run'], { cwd });
    assert.equal(dry.status, 0, dry.stderr);
    assert.match(dry.stdout, /env\.EDGEWARD_KV/);
  });

  test('writes the gate alone, without objects', () => {
    assert.equal(init('gate', [...AUTH0, ...ORIGIN, '--gate', '--yes']).status, 0);
    assert.equal(read('gate/src/index.js'), 'export { default } from "edgeward/gate";\n');
    assert.doesNotMatch(read('gate/wrangler.jsonc'), /durable_objects|migrations/);
  });

  test('names what is missing, with an example, and writes nothing', () => {
    for (const [words, expected] of [
      [[], '--issuer, such as --issuer auth0'], [['--issuer', 'auth0'], '--origin, such as --origin https://api.internal.example.com'],
      [['--issuer', 'auth0', ...ORIGIN], '--domain, such as --domain example.eu.auth0.com'], [[...AUTH0, '--origin', 'http://api.example.com'], 'expected https (http is for loopback hosts)'],
      [['--issuer', 'auth00', ...ORIGIN], 'expected one of auth0, okta'], [[...AUTH0, ...ORIGIN, '--domain', 'https://x.auth0.com'], 'expected a host in lower case, without https://'],
      [[...AUTH0, ...ORIGIN, '--audience', 'a"b'], 'expected a text without spaces'], [[...AUTH0, ...ORIGIN, 'one'], 'expected one folder'],
    ]) {
      const { status, stderr } = init('nothing', [...words, '--yes']);
      assert.equal(status, 2, stderr);
      assert.ok(stderr.includes(expected), stderr);
    }
    assert.ok(!existsSync(join(place.folder, 'nothing')));
  });

  test('asks for what is not given, and again after an answer that cannot be', () => {
    const answers = ['auth0', 'api.example.com', 'https://api.internal.example.com', 'django', 'example.eu.auth0.com', 'https://api.example.com'];
    const { status, stderr } = init('asked', [], { input: `${answers.join('\n')}\n` });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /expected an address such as https:\/\/api\.internal\.example\.com/);
    assert.match(read('asked/README.md'), /HTTP_X_AUTH_SUBJECT/);
    assert.match(read('asked/wrangler.jsonc'), /"issuer": "https:\/\/example\.eu\.auth0\.com\/"/);
  });

  test('ends with a message where standard input ends before the answers', () => {
    const { status, stderr } = init('ended', [], { input: 'auth0\n' });
    assert.deepEqual([status, existsSync(join(place.folder, 'ended'))], [1, false]);
    assert.match(stderr, /expected an answer, and standard input has ended/);
  });

  test('overwrites no file without a yes, and adds to lists and to package.json without taking anything away', () => {
    mkdirSync(join(place.folder, 'there'));
    writeFileSync(join(place.folder, 'there/wrangler.jsonc'), '{ "name": "mine" }\n');
    writeFileSync(join(place.folder, 'there/.gitignore'), 'own/');
    writeFileSync(join(place.folder, 'there/package.json'), '{ "name": "mine", "scripts": { "dev": "own" } }\n');
    const left = init('there', [...AUTH0, ...ORIGIN, '--yes']);
    assert.equal(left.status, 1, 'there is no configuration of the gateway');
    assert.match(left.stdout, /left wrangler\.jsonc as it is/);
    assert.equal(read('there/wrangler.jsonc'), '{ "name": "mine" }\n');
    assert.equal(read('there/.gitignore'), 'own/');
    assert.match(left.stdout, /left package\.json as it is \(--force adds to it\)/);
    assert.match(left.stdout, /^ {2}package\.json must have both packages: npm install edgeward/m);
    const asked = init('there', [...AUTH0, ...ORIGIN, '--framework', 'other'], { input: 'n\ny\ny\n' });
    assert.equal(read('there/wrangler.jsonc'), '{ "name": "mine" }\n', asked.stderr);
    assert.match(read('there/.gitignore'), /^own\/\nnode_modules\/\n/);
    const { name, scripts, dependencies, ...rest } = JSON.parse(read('there/package.json'));
    assert.deepEqual([name, scripts.dev, scripts.deploy], ['mine', 'own', 'edgeward deploy']);
    assert.deepEqual(Object.keys(rest), ['devDependencies'], 'a CommonJS package stays one');
    assert.ok(dependencies.edgeward);
    assert.equal(init('there', [...AUTH0, ...ORIGIN, '--force', '--yes']).status, 0);
    assert.match(read('there/wrangler.jsonc'), /EDGEWARD_KV/);
  });

  test('says what a .gitignore lacks that is left, and that secrets must not be committed', () => {
    mkdirSync(join(place.folder, 'django'));
    writeFileSync(join(place.folder, 'django/.gitignore'), '*.pyc\r\nnode_modules/\r\n');
    const { status, stdout } = init('django', ['--issuer', 'simplejwt', '--url', 'https://auth.example.com', ...ORIGIN, '--yes']);
    assert.equal(status, 0);
    assert.match(stdout, /^ {2}left \.gitignore as it is \(--force adds to it\)\. It lacks: \.wrangler\/, .*\.dev\.vars\*/m);
    assert.match(stdout, /^Add `\.dev\.vars\*` to \.gitignore/m);
    assert.equal(read('django/.gitignore'), '*.pyc\r\nnode_modules/\r\n');
  });

  test('fails where the source is another Worker\'s, and says which line it must have', () => {
    mkdirSync(join(place.folder, 'other/src'), { recursive: true });
    writeFileSync(join(place.folder, 'other/src/index.js'), 'export default {};\n');
    const { status, stdout } = init('other', [...AUTH0, ...ORIGIN, '--yes']);
    assert.deepEqual([status, read('other/src/index.js')], [1, 'export default {};\n']);
    assert.ok(stdout.includes('src/index.js must have this line: export { default, RevocationLog, SessionFamily, MetricsSink } from "edgeward/worker";'), stdout);
  });

  test('writes nothing beside another wrangler file', () => {
    for (const file of ['wrangler.toml', 'wrangler.json']) {
      mkdirSync(join(place.folder, `beside-${file}`));
      writeFileSync(join(place.folder, `beside-${file}`, file), '');
      const { status, stderr } = init(`beside-${file}`, [...AUTH0, ...ORIGIN, '--yes']);
      assert.equal(status, 1);
      assert.ok(stderr.startsWith(`edgeward: ${file} is there already`), stderr);
      assert.deepEqual(readdirSync(join(place.folder, `beside-${file}`)), [file]);
    }
  });

  test('binds an API that is a Worker', () => {
    const { status, stderr } = init('bound', [...AUTH0, '--origin', 'service:SHOP_API', '--yes']);
    assert.equal(status, 0, stderr);
    assert.match(read('bound/wrangler.jsonc'), /"services": \[\{ "binding": "SHOP_API", "service": "shop-api" \}\]/);
    assert.doesNotMatch(read('bound/README.md'), /doctor/);
  });

  test('refuses an option that the issuer does not take', () => {
    const { status, stderr } = init('none', ['--issuer', 'simplejwt', '--url', 'https://auth.example.com', '--audience', 'api', ...ORIGIN, '--yes']);
    assert.deepEqual([status, stderr], [2, 'edgeward: --audience: simplejwt takes --url; see `edgeward --help`\n']);
  });

  test('is told of every recipe by --list', () => {
    const { stdout } = place.run('edgeward', ['init', '--list']);
    assert.match(stdout, /^auth0 +Auth0: --domain --audience$/m);
    assert.equal(stdout.trim().split('\n').length, 18);
  });

  test('writes secrets as an example alone', () => {
    assert.equal(init('secrets', ['--issuer', 'jsonwebtoken', '--url', 'https://auth.example.com', '--audience', 'api', ...ORIGIN, '--yes']).status, 0);
    assert.match(read('secrets/.dev.vars.example'), /^JWT_SECRET="change-me/);
    assert.ok(!existsSync(join(place.folder, 'secrets/.dev.vars')));
    assert.match(read('secrets/README.md'), /`x-auth-roles` is a list/);
    assert.match(read('secrets/.gitignore'), /^\.dev\.vars\*$/m);
  });
});

describe('the discovery document', () => {
  const issuer = (url) => ({ issuer: url, verify: { discovery: true } });
  const answering = (t, answer) => new Promise((resolve) => {
    const server = createServer((request, response) => answer(response, `http://127.0.0.1:${server.address().port}`, request));
    t.after(() => server.close());
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`));
  });

  test('gives the algorithms', async (t) => {
    const url = await answering(t, (response, own, { url: path }) => {
      assert.equal(path, '/.well-known/openid-configuration');
      response.end(JSON.stringify({ issuer: own, jwks_uri: `${own}/jwks`, id_token_signing_alg_values_supported: ['none', 'HS256', 'ES256', 'PS256'] }));
    });
    assert.deepEqual(await discover(issuer(url)), { note: `${metadataUrl(issuer(url))}: read.`, algorithms: ['ES256', 'PS256'] });
  });

  test('that names another issuer is said, and not taken', async (t) => {
    const url = await answering(t, (response, own) => response.end(JSON.stringify({ issuer: `${own}/`, jwks_uri: `${own}/jwks` })));
    const { note, algorithms } = await discover(issuer(url));
    assert.ok(note.includes(`it says that the issuer is "${url}/", not "${url}"`), note);
    assert.equal(algorithms, undefined);
  });

  test('that is none is no reason to fail', async (t) => {
    for (const [answer, why] of [
      [(response) => response.writeHead(404).end(), 'expected status 200, got 404'], [(response) => response.end('<html>'), 'expected JSON'],
      [(response) => response.end('[]'), 'expected a member `jwks_uri`'], [(response) => response.end('x'.repeat(200_000)), 'expected at most 128 KiB'],
      [(response) => response.writeHead(302, { location: '/x' }).end(), 'expected status 200, got 302'], [(response) => response.destroy(), 'it cannot be reached'],
    ]) {
      const { note, algorithms } = await discover(issuer(await answering(t, answer)));
      assert.ok(note.includes(why), note);
      assert.equal(algorithms, undefined);
    }
    assert.deepEqual(await discover({ issuer: 'x', verify: { jwks: 'https://x' } }), {});
  });
});

test('npm create edgeward makes the same project in a new folder', () => {
  const folder = join(place.folder, 'create');
  const home = join(place.folder, 'node_modules/create-edgeward');
  for (const path of [folder, home]) mkdirSync(path);
  const options = { cwd: join(ROOT, 'pkg-create'), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: place.env };
  const [{ filename, files }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', place.folder], options));
  assert.deepEqual(files.map(({ path }) => path).sort(), ['LICENSE', 'README.md', 'main.js', 'package.json']);
  execFileSync('tar', ['xzf', join(place.folder, filename), '--strip-components=1', '-C', home]);
  const main = join(home, 'main.js');
  const words = [...AUTH0, ...ORIGIN, '--offline', '--yes'];
  const { status, stderr } = place.run(process.execPath, [main, ...words], { cwd: folder });
  assert.equal(status, 0, stderr);
  init('create/other', [...words, '--name', 'gateway']);
  for (const path of WRITTEN) assert.equal(read('create/gateway', path), read('create/other', path), path);
  assert.equal(place.run(process.execPath, [main, '--what'], { cwd: folder }).status, 2);
});

test('both packages have the version of the crate, and one needs the other', () => {
  const [own, create] = ['pkg', 'pkg-create'].map((name) => JSON.parse(readFileSync(join(ROOT, name, 'package.json'), 'utf8')));
  assert.deepEqual([create.version, create.dependencies.edgeward], [own.version, own.version]);
});

test('the Worker exports the classes that init binds, and no others', () => {
  const { exports } = JSON.parse(readFileSync(join(place.home, 'package.json'), 'utf8'));
  const text = readFileSync(join(place.home, exports['./worker'].default), 'utf8');
  const [, names] = /export\{([^}]*)\};?\s*(?:\/\*|$)/.exec(text.slice(text.lastIndexOf('export{')));
  const exported = names.split(',').map((name) => name.split(' as ').at(-1));
  assert.deepEqual(exported.sort(), ['default', ...OBJECTS.map(({ className }) => className)].sort());
  const types = readFileSync(join(place.home, 'worker.d.ts'), 'utf8');
  for (const { className } of OBJECTS) assert.ok(types.includes(`export const ${className}: ObjectClass;`), className);
});

test('init writes the compatibility date that the Worker is tested with', () => {
  assert.ok(readFileSync(join(ROOT, 'wrangler.toml'), 'utf8').includes(`compatibility_date = "${COMPATIBILITY_DATE}"`));
});

