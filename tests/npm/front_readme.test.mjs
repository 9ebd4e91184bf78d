// The README and the documents: what is printed works as it stands, in the order in which it stands there, and links lead somewhere.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, test } from 'node:test';

import { lines } from '../../pkg/cli/init/configuration.js';
import { pack } from '../../scripts/release.mjs';
import { send, until } from '../harness/client.mjs';
import { startCloudflareApi } from '../harness/cloudflare_api.mjs';
import { standIn, startRegistry } from '../harness/npm_registry.mjs';
import { deadPort } from '../harness/origin.mjs';
import { provider } from '../harness/recipes.mjs';
import { ROOT } from './package.mjs';
import { ENVIRONMENT } from './project.mjs';

const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const README = read('README.md');
const blocks = (text, language) => [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block]) => block);
const START_MS = 60_000;

test('the README has less than 8 kB, and the configuration that init writes', () => {
  assert.ok(Buffer.byteLength(README) < 8_000);
  const { recipe, answers } = provider('auth0');
  const shown = JSON.parse(`{${blocks(README, 'jsonc')[0]}}`).EDGEWARD;
  assert.deepEqual(shown.issuers, JSON.parse(`{${lines(recipe, answers).replace(/^\s*\/\/.*$/gm, '')}}`).issuers);
});

test('the commands of the README run in order, from an empty folder and an empty cache', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-readme-'));
  const archives = [...pack(folder).map(([name]) => join(folder, name)), standIn('wrangler', join(ROOT, 'node_modules/wrangler'), folder)];
  const [registry, api] = await Promise.all([startRegistry(archives), startCloudflareApi()]);
  t.after(() => Promise.all([registry.stop(), api.stop()]).then(() => rmSync(folder, { recursive: true, force: true })));
  const { npm_config_offline: offline, ...environment } = ENVIRONMENT;
  const env = { ...environment, ...api.env, npm_config_registry: registry.url, npm_config_cache: join(folder, 'cache'), npm_config_audit: 'false', npm_config_fund: 'false', HOME: folder };
  let cwd = folder;
  const begin = (line) => {
    const child = spawn('sh', ['-c', `exec ${line}`], { cwd, env, detached: true });
    const run = { child, output: '' };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { run.output += text; });
    return run;
  };
  const end = async (line, input = '') => {
    const run = begin(line);
    run.child.stdin.end(input);
    const [status] = await once(run.child, 'close');
    return { status, output: run.output };
  };

  const [start, deploy] = blocks(README, 'sh').map((block) => block.trim().split('\n'));
  assert.deepEqual(start.map((line) => line.split(' ').slice(0, 3).join(' ')), ['npm create edgeward@latest', 'cd my-gateway', 'npm install', 'npx edgeward check', 'npx edgeward dev']);
  const [create, , install, check, dev] = start;
  const created = await end(create);
  assert.equal(created.status, 0, created.output);
  cwd = join(folder, 'my-gateway');
  const installed = await end(install);
  assert.equal(installed.status, 0, installed.output);
  const checked = await end(check);
  assert.deepEqual([checked.status, checked.output], [0, 'wrangler.jsonc: no errors, no warnings\n']);

  // Its usual port may be taken on the machine that runs the tests.
  const port = await deadPort();
  const running = begin(`${dev} --port ${port}`);
  // As Ctrl-C in a terminal, which reaches npx and what it started.
  const interrupt = () => {
    try {
      process.kill(-running.child.pid, 'SIGINT');
    } catch {
      // It has ended.
    }
  };
  t.after(interrupt);
  await until(() => running.output.includes('Ctrl-C ends it'), 'the address', START_MS).catch(() => assert.fail(running.output));
  assert.equal((await send(`http://127.0.0.1:${port}/.edgeward/ready`)).status, 200);
  const [passes, refused] = running.output.split('\n').filter((line) => /^ {2}curl /.test(line));
  const shell = async (line) => (await end(`sh -c '${line.replaceAll('\'', '\'\\\'\'')}'`)).output;
  assert.match(await shell(passes), /"x-auth-subject": "ada"/);
  assert.match(await shell(refused), /^HTTP\/1\.1 401 /m);
  const closed = once(running.child, 'close');
  interrupt();
  await closed;

  const [first, second] = deploy;
  // No address of Cloudflare's can be reached from here: what it waits for is at another one.
  const ready = createServer((_, response) => response.end());
  ready.listen(0, '127.0.0.1');
  await once(ready, 'listening');
  t.after(() => { ready.closeAllConnections(); ready.close(); });
  const deployed = await end(`${first} --url http://127.0.0.1:${ready.address().port}`, 'y\n');
  assert.equal(deployed.status, 0, deployed.output);
  assert.match(deployed.output, /^To go back: npx wrangler delete/m);
  const examined = await end(second);
  assert.match(examined.output, /^FAIL https:\/\/my-gateway\.example\.workers\.dev does not answer: /m, 'there is no such gateway');
  assert.ok(registry.asked.every((path) => /^(archives\/|edgeward$|create-edgeward$|wrangler$)/.test(path)), `${registry.asked}`);
});

describe('links', () => {
  const folders = ['docs', 'docs/guides', 'docs/recipes'];
  const pages = ['README.md', 'CONTRIBUTING.md', 'pkg/README.md', ...folders.flatMap((folder) => readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.md')).map((name) => `${folder}/${name}`))];
  const slug = (heading) => heading.trim().toLowerCase().replace(/[`*]/g, '').replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
  const anchors = (path) => new Set([...readFileSync(path, 'utf8').replace(/^```.*?^```/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slug(heading)));

  for (const page of pages) {
    test(`of ${page} lead somewhere`, () => {
      const text = read(page).replace(/^```.*?^```/gms, '').replace(/`[^`\n]*`/g, '');
      for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [path, anchor] = target.split('#');
        const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
        assert.ok(existsSync(file), target);
        if (anchor && file.endsWith('.md')) assert.ok(anchors(file).has(anchor), target);
      }
    });
  }
});
