// The guides: every command block works as it is printed, in its order, and what a guide shows is what is printed.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { pack } from '../../scripts/release.mjs';
import { startCloudflareApi } from '../harness/cloudflare_api.mjs';
import { startDjango, STOCK } from '../harness/django.mjs';
import { blocksOf, workThrough } from '../harness/guide.mjs';
import { lighttpdMissing, tlsMissing } from '../harness/lighttpd.mjs';
import { standIn, startRegistry } from '../harness/npm_registry.mjs';
import { deadPort } from '../harness/origin.mjs';
import { PASSWORD } from '../servers/people.mjs';
import { ROOT } from './package.mjs';
import { ENVIRONMENT, project } from './project.mjs';

const GUIDES = join(ROOT, 'docs/guides');
const NAMES = readdirSync(GUIDES).map((name) => name.replace(/\.md$/, ''));
const page = (name) => readFileSync(join(GUIDES, `${name}.md`), 'utf8');

/** The project at the end of the first guide: { cwd, env }. */
function started(more = {}) {
  const place = project();
  const bin = join(place.folder, 'node_modules/.bin');
  // A link to the repository's own, which has no `edgeward`.
  rmSync(bin);
  mkdirSync(bin);
  symlinkSync(join(place.home, 'cli/main.js'), join(bin, 'edgeward'));
  symlinkSync(join(ROOT, 'node_modules/wrangler/bin/wrangler.js'), join(bin, 'wrangler'));
  const [create] = blocksOf(page('start'));
  const [, words] = /my-gateway -- (.*) --yes$/m.exec(create.text);
  const made = place.run('edgeward', ['init', '--name', 'my-gateway', ...words.split(' '), '--offline', '--yes']);
  assert.equal(made.status, 0, made.stderr);
  return { cwd: place.folder, env: { ...place.env, ...more } };
}

/** A server that answers everything with 200 and `body`: { url }. */
async function ready(t, body = '') {
  const server = createServer((_, response) => response.end(body));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => { server.closeAllConnections(); server.close(); });
  return { url: `http://127.0.0.1:${server.address().port}` };
}

for (const name of NAMES.filter((other) => !['start', 'sessions', 'go-live'].includes(other))) {
  test(`${name} works as printed`, (t) => workThrough(t, page(name), started()));
}

test('start works as printed, from an empty folder', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-guide-'));
  const archives = [...pack(folder).map(([archive]) => join(folder, archive)), standIn('wrangler', join(ROOT, 'node_modules/wrangler'), folder)];
  const registry = await startRegistry(archives);
  t.after(() => registry.stop().then(() => rmSync(folder, { recursive: true, force: true })));
  const { npm_config_offline: offline, ...environment } = ENVIRONMENT;
  const env = { ...environment, npm_config_registry: registry.url, npm_config_cache: join(folder, 'cache'), npm_config_audit: 'false', npm_config_fund: 'false', HOME: folder };
  await workThrough(t, page('start'), { cwd: folder, env });
});

test('sessions works as printed, in front of Django with SimpleJWT', async (t) => {
  const django = await startDjango({ ...STOCK, secret: randomBytes(48).toString('base64') });
  t.after(django.stop);
  await workThrough(t, page('sessions'), { ...started({ JWT_SECRET: django.secret, PASSWORD }), replaced: [['http://127.0.0.1:8000', django.url]] });
});

test('go-live works as printed, against an API of Cloudflare\'s kind', async (t) => {
  const [api, { url }] = await Promise.all([startCloudflareApi(), ready(t)]);
  t.after(api.stop);
  // No address of Cloudflare's can be reached from here: what `deploy` waits for is at another one.
  const replaced = [['npx edgeward deploy --yes', `npx edgeward deploy --yes --url ${url}`], ['Ready: https://', `Ready: ${url}`]];
  await workThrough(t, page('go-live'), { ...started(api.env), replaced });
});

test('plain-http-auth-server: the gateway asks a plain server by way of the reverse proxy', { skip: lighttpdMissing || tlsMissing }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-guide-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [{ url }, port] = await Promise.all([ready(t, '{"sub":"ada"}'), deadPort()]);
  const [certificate, key] = ['auth.pem', 'auth.key'].map((name) => join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  const blocks = blocksOf(page('plain-http-auth-server'));
  const { text } = blocks.find(({ language }) => language === 'lighttpd');
  const here = [['= 443', `= ${port}`], ['/etc/ssl/auth.example.com.pem', certificate], ['/etc/ssl/auth.example.com.key', key], ['8000', new URL(url).port], ['/var/empty', folder]];
  const file = join(folder, 'lighttpd.conf');
  writeFileSync(file, here.reduce((now, [from, to]) => now.replace(from, to), text));
  const child = spawn('/usr/sbin/lighttpd', ['-D', '-f', file], { stdio: 'ignore' });
  t.after(() => child.kill());

  const token = [{ alg: 'RS256' }, { iss: 'https://auth.example.com' }, 'unchecked'].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const { text: issuers } = blocks.findLast(({ language }) => language === 'jsonc');
  const block = (language, lines) => `\`\`\`${language}\n${lines.trimEnd()}\n\`\`\`\n`;
  const asked = (status) => [
    block('jsonc', issuers.replace('https://auth.example.com/api/me/', `https://localhost:${port}/api/me/`)), block('jsonc', `"origins": [{ "name": "main", "url": "${url}" }]`), block('sh', 'npx edgeward dev'),
    block('sh', `curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:8787/api/hello -H "Authorization: Bearer ${token}"`), block('text', status),
  ].join('\n');
  // The certificate is the test's own: workerd refuses it, unless it is told to believe it as it would a public one.
  await workThrough(t, asked('503'), started());
  await workThrough(t, asked('200'), started({ NODE_EXTRA_CA_CERTS: certificate }));
});

describe('codes that a guide names', () => {
  const reference = ['errors', 'operations', 'configuration', 'sessions'].map((name) => readFileSync(join(ROOT, `docs/${name}.md`), 'utf8')).join('\n');
  for (const name of NAMES) {
    test(`in ${name} are those of the reference`, () => {
      const codes = [...page(name).matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, code]) => code);
      assert.deepEqual(codes.filter((code) => !reference.includes(`\`${code}\``)), []);
    });
  }
});
