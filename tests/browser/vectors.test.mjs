// Every vector through the gateway's own verifier inside Chromium, by the build for browsers with the feature `conformance`.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { testVectors } from '../harness/verdicts.mjs';
import { useBrowser } from './harness/browser.mjs';
import { serveFolder } from './harness/folder.mjs';

const BUILD = fileURLToPath(new URL('../../build-npm-conformance', import.meta.url));
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const PAGE = '<!doctype html><title>vectors</title>';

const browser = useBrowser();
let host;
let page;
before(async () => {
  host = await serveFolder(BUILD, '/', { '/': [200, { 'content-type': 'text/html', 'content-security-policy': POLICY }, PAGE] });
  page = await (await browser()).newPage();
  await page.goto(host.url);
  await page.evaluate(async () => {
    const core = await import('/edgeward.js');
    await core.default({ module_or_path: new URL('/edgeward.wasm', location.href) });
    // The wasm takes and gives text.
    globalThis.judge = (vector) => core.judge(JSON.stringify(vector)).then(JSON.parse);
  });
});
after(() => host?.stop());

testVectors('chromium', async (vectors) => {
  const verdicts = await page.evaluate((vectors) => Promise.all(vectors.map(judge)), vectors);
  assert.equal(await page.evaluate(() => isSecureContext), true);
  return verdicts;
});
