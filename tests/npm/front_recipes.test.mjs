// Each recipe in real workerd: the configuration that `init` writes, between a provider in its recorded shape and an API.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { Miniflare, Response, convertV4MiniflareOptions } from 'miniflare';

import { page } from '../../scripts/recipes.mjs';
import { until } from '../harness/client.mjs';
import { NAMES, provider } from '../harness/recipes.mjs';
import { ROOT } from './package.mjs';
import { project } from './project.mjs';

const ORIGIN = 'https://api.internal.example.com';
const now = () => Math.floor(Date.now() / 1000);
const pageOf = (name) => readFileSync(join(ROOT, 'docs/recipes', `${name}.md`), 'utf8');
/** The command of a page, as words. */
const command = (name) => /^npx edgeward (init .*)$/m.exec(pageOf(name))[1].split(' ');

let place;
before(() => { place = project(); });

/** The table that the page's own command writes into a project. */
function initialised(name) {
  const folder = `recipe-${name}`;
  if (name === 'simplejwt-rs256') place.put('public.pem', publicKey(name));
  const { status, stderr } = place.run('edgeward', [...command(name), '--offline', folder]);
  assert.equal(status, 0, stderr);
  const whole = readFileSync(join(place.folder, folder, 'wrangler.jsonc'), 'utf8');
  return { folder: join(place.folder, folder), table: JSON.parse(whole.replace(/^\s*\/\/.*$/gm, '')).vars.EDGEWARD };
}

function publicKey(name) {
  const { key } = provider(name).answers;
  return `${createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })}`;
}

/** The gateway with `table`, which reaches the provider and the API, and nothing else. */
async function gateway(name, table) {
  const { shape, jwks, secrets } = provider(name);
  const arrived = [];
  const asked = [];
  const build = join(ROOT, 'pkg/dist/worker');
  const logged = [];
  const worker = new Miniflare(convertV4MiniflareOptions({
    modulesRoot: build,
    modules: [
      { type: 'ESModule', path: join(build, 'index.js') }, { type: 'CompiledWasm', path: join(build, 'index_bg.wasm') },
      { type: 'CompiledWasm', path: join(build, 'authority_bg.wasm') },
    ],
    compatibilityDate: '2026-10-01', bindings: { EDGEWARD: table, ...secrets }, kvNamespaces: ['EDGEWARD_KV'],
    durableObjects: {
      EDGEWARD_REVOCATION_LOG: { className: 'RevocationLog', useSQLite: true }, EDGEWARD_SESSIONS: { className: 'SessionFamily', useSQLite: true },
      EDGEWARD_METRICS: { className: 'MetricsSink', useSQLite: true },
    },
    handleStructuredLogs: ({ message }) => logged.push(message),
    outboundService: (request) => {
      if (request.url.startsWith(`${ORIGIN}/`)) {
        arrived.push([...request.headers]);
        return new Response('from the API');
      }
      asked.push(request.url);
      if (request.url === shape.metadata_url) return Response.json(shape.metadata);
      if (request.url === shape.jwks_url) return Response.json(jwks);
      return new Response('not here', { status: 404 });
    },
  }));
  await worker.ready;
  return { worker, arrived, asked, logged };
}

for (const name of NAMES) {
  describe(name, () => {
    test('the page is what the recipe says', async () => {
      assert.equal(pageOf(name), await page(name), 'run: node scripts/recipes.mjs');
      assert.ok(pageOf(name).split('\n').length <= 65, 'one screen');
    });

    test('the page\'s command writes the page\'s lines, into a project that passes its own check', () => {
      const { folder, table } = initialised(name);
      const shown = JSON.parse(`{${/^```jsonc\n(.*?)^```$/ms.exec(pageOf(name))[1].replace(/^\s*\/\/.*$/gm, '')}}`);
      assert.deepEqual({ ...table, ...shown }, table);
      const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const { status, stdout } = place.run('edgeward', scripts.check.split(' ').slice(1), { cwd: folder });
      assert.equal(status, 0, stdout);
    });

    test('the right token passes, the mistaken one is refused', async (t) => {
      const { table } = initialised(name);
      const { token, mistaken, headers, shape } = provider(name);
      const { worker, arrived, asked, logged } = await gateway(name, { ...table, realm: 'recipe' });
      t.after(() => worker.dispose());
      const get = async (sent) => worker.dispatchFetch('https://gateway.example.com/api/hello', { headers: headers(sent) });
      const passed = await get(await token(now()));
      assert.deepEqual([passed.status, await passed.text()], [200, 'from the API']);
      const shown = /receives, besides the request itself:\n\n```\n(.*?)\n```/s.exec(pageOf(name))[1].split('\n');
      const identity = arrived[0].filter(([field]) => field.startsWith('x-auth-')).map(([field, value]) => `${field}: ${value}`);
      assert.deepEqual(identity.sort(), shown.sort());
      const refused = await get(await mistaken(now()));
      assert.equal(refused.status, 401);
      assert.equal((await refused.json()).code, 'invalid_token');
      assert.equal(arrived.length, 1, 'the API sees nothing of it');
      assert.deepEqual(asked, [shape.metadata_url, shape.jwks_url].filter(Boolean), 'each document is asked for once');
      await until(() => logged.some((line) => line.includes(`"code":"${shape.mistake.code}"`)), `${shape.mistake.code} in the log:\n${logged.join('\n')}`);
      assert.match(pageOf(name), new RegExp(`^STOP .*${shape.mistake.code}: `, 'm'));
    });
  });
}
