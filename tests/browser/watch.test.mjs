// The watch itself: each thing that must not go unnoticed in a page does not.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { scenario, until, useBrowser } from './harness/browser.mjs';
import { serveFolder } from './harness/folder.mjs';

const HTML = { 'content-type': 'text/html' };
const STRICT = { ...HTML, 'content-security-policy': "default-src 'none'; connect-src 'self'" };
const PAGE = '<!doctype html><link rel="icon" href="data:,"><title>x</title>';

const browser = useBrowser();
let host;
let other;
before(async () => {
  const pages = { '/quiet': [200, HTML, PAGE], '/strict': [200, STRICT, '<!doctype html><title>x</title>'] };
  [host, other] = await Promise.all([serveFolder('/nowhere', '/', pages), serveFolder('/nowhere', '/', { '/': [200, { 'access-control-allow-origin': '*' }, 'x'] })]);
});
after(() => Promise.all([host?.stop(), other?.stop()]));

scenario(browser, 'a page in which nothing happens has no faults', async ({ page }) => {
  await page.goto(`${host.url}quiet`);
  await page.evaluate(() => console.log('this is none'));
});

const noticed = (what, path, pattern, act) => scenario(browser, `${what} is noticed`, async ({ page, watched }) => {
  await page.goto(host.url + path);
  assert.deepEqual(watched.faults(), []);
  await page.evaluate(act, { host: host.url, other: other.url });
  await until(() => watched.faults().some((fault) => pattern.test(fault)), () => watched.faults().join('\n'));
  watched.expect(/^/);
});

noticed('a request elsewhere', 'quiet', /left the page's origin: GET/, ({ other }) => fetch(other).then((answer) => answer.text()));
noticed('a beacon elsewhere', 'quiet', /left the page's origin: POST/, ({ other }) => navigator.sendBeacon(other, 'x'));
noticed('a request that is answered with an error', 'quiet', /answered with 404/, ({ host }) => fetch(`${host}missing`).then(() => {}));
noticed('a WebSocket', 'quiet', /^a WebSocket: /, ({ host }) => { new WebSocket(`${host.replace('http', 'ws')}x`); });
noticed('a violated policy', 'strict', /a policy was violated: connect-src/, ({ other }) => fetch(other).catch(() => {}));
noticed('an inline style', 'strict', /a policy was violated: style-src/, () => {
  document.head.append(Object.assign(document.createElement('style'), { textContent: 'a {}' }));
});
noticed('an error of the console', 'quiet', /^the console says error: oh/, () => console.error('oh'));
noticed('a warning of the console', 'quiet', /^the console says warning: oh/, () => console.warn('oh'));
noticed('an error that nobody catches', 'quiet', /^an error: oh/, () => { setTimeout(() => { throw new Error('oh'); }); });
noticed('a rejection that nobody handles', 'quiet', /^an error: oh/, () => { Promise.reject(new Error('oh')); });
noticed('a dialog', 'quiet', /^a dialog: oh/, () => { setTimeout(() => alert('oh')); });
