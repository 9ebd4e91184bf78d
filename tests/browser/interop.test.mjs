// Every case of tests/vectors/interop*.json as the playground's page explains it: by the same core and api, in Chromium.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { expectationOf, headersOf, interopCases } from '../harness/interop.mjs';
import { useBrowser } from './harness/browser.mjs';
import { serveFolder } from './harness/folder.mjs';

const PACKAGE = fileURLToPath(new URL('../../pkg', import.meta.url));
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const PAGE = '<!doctype html><title>cases</title>';

const browser = useBrowser();
let host;
let page;
before(async () => {
  host = await serveFolder(PACKAGE, '/', { '/': [200, { 'content-type': 'text/html', 'content-security-policy': POLICY }, PAGE] });
  page = await (await browser()).newPage();
  await page.goto(host.url);
  await page.evaluate(async () => {
    const { explain } = await import('/api.js');
    const core = await import('/dist/edgeward.js');
    await core.default({ module_or_path: new URL('/dist/edgeward.wasm', location.href) });
    globalThis.explained = explain;
  });
});
after(() => host?.stop());

/** The case as it is asked about in the page. */
const order = (one) => ({
  config: one.config,
  request: { method: one.method, url: one.url, headers: Object.entries(headersOf(one)) },
  now_seconds: one.now,
  ...one.jwks && { keys: { [one.config.issuers[0].name]: one.jwks } },
  ...one.secrets && { secrets: one.secrets },
  ...one.answer && { answer: one.answer.body ?? 'no' },
});

test('every case comes to what it says', async () => {
  const cases = interopCases();
  assert.ok(cases.length >= 50);
  const told = await page.evaluate(async (orders) => {
    const outcomes = [];
    for (const order of orders) outcomes.push(await explained(order).then(({ explanation }) => explanation.outcome, (error) => ({ failed: `${error.message} ${JSON.stringify(error.errors)}` })));
    return outcomes;
  }, cases.map(order));
  for (const [index, one] of cases.entries()) {
    const { forward, refuse, code } = expectationOf(one);
    const outcome = told[index];
    assert.equal(outcome.failed, undefined, one.id);
    assert.equal(outcome.does, forward ? 'forward' : 'refuse', `${one.id}: ${JSON.stringify(outcome)}`);
    if (refuse) assert.deepEqual([outcome.status, code ?? outcome.code], [refuse, outcome.code], one.id);
    const received = Object.fromEntries((outcome.headers ?? []).map(({ name, value }) => [name, value]));
    for (const [name, value] of Object.entries(forward ?? {})) assert.equal(received[name], value, `${one.id}: ${name}`);
  }
});
