// The playground's files: how much they weigh, and that any static host will do.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { scenario, until, useBrowser } from './harness/browser.mjs';
import { serveFolder } from './harness/folder.mjs';
import { openPlayground } from './harness/playground.mjs';

const BUILD = fileURLToPath(new URL('../../build/www/.edgeward/playground', import.meta.url));
const PATH = '/some/where/else/';
const FIRST_VIEW_BYTES = 100_000;
const WASM_BYTES = 334_000;

/** As Cloudflare compresses what a Worker answers: quickly. */
const MEASURES = {
  gzip: (bytes) => gzipSync(bytes, { level: 6 }).length,
  brotli: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }).length,
};

const browser = useBrowser();
let host;
before(async () => { host = await serveFolder(BUILD, PATH); });
after(() => host?.stop());

scenario(browser, 'it works from a plain static host, at any path, to the decision and into the editor', async ({ page, watched }) => {
  const p = await openPlayground(page, host.url);
  await p.expect('forward');
  await p.after(() => p.button('Expired').click());
  await p.expect('refuse', 'token_expired');
  await p.tab('Configuration').click();
  await p.configure('[vars.EDGEWARD]\n');
  await p.expect('invalid', 'configuration_invalid');
  const outside = watched.requests.filter(({ url }) => !url.startsWith(host.url) && !url.startsWith('data:'));
  assert.deepEqual(outside, [], 'every file is named from where the page stands');
});

scenario(browser, 'what it names from its own address is there: the frame that fetches keys, too', async ({ page }) => {
  const p = await openPlayground(page, host.url);
  await p.tab('Keys').click();
  await p.button('Fetch keys of demo').click();
  const frame = page.getByRole('dialog', { name: 'Fetch a key set' }).frameLocator('iframe');
  await until(async () => /^https:/.test(await frame.getByLabel('Address').inputValue()), () => frame.getByLabel('Address').inputValue());
});

scenario(browser, 'the first view is small, and so is the wasm', async ({ page, watched, t }) => {
  await openPlayground(page, host.url);
  const names = watched.requests.map(({ url }) => url.slice(host.url.length) || 'index.html').filter((name) => !name.startsWith('data:'));
  assert.ok(names.includes('index.html') && names.some((name) => name.endsWith('.js')) && names.some((name) => name.endsWith('.wasm')), names.join());
  assert.ok(!names.some((name) => name.startsWith('editor')), 'the editor comes when it is wanted');
  for (const [measure, of] of Object.entries(MEASURES)) {
    const sizes = names.map((name) => [name, of(readFileSync(join(BUILD, name)))]);
    const sum = (isWasm) => sizes.filter(([name]) => name.endsWith('.wasm') === isWasm).reduce((total, [, bytes]) => total + bytes, 0);
    t.diagnostic(`${measure}: first view ${sum(false)} bytes besides the wasm, wasm ${sum(true)} bytes`);
    assert.ok(sum(false) < FIRST_VIEW_BYTES, `${measure}: ${JSON.stringify(sizes)}`);
    assert.ok(sum(true) < WASM_BYTES, `${measure}: ${sum(true)}`);
  }
});

scenario(browser, 'without its wasm it says that the core could not be loaded', async ({ page, watched }) => {
  await page.route('**/*.wasm', (route) => route.fulfill({ status: 404, body: '' }));
  watched.expect(/./);
  await page.goto(host.url);
  await until(async () => /could not be loaded/i.test(await page.locator('#verdict-box').textContent()), () => page.locator('#verdict-box').textContent());
});
