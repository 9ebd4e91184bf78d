// The documentation's site in Chromium, served with the headers that the gateway gives its pages: how it looks, and that its search works.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { page as gatewayPage } from '../../src/edge/pages.js';
import { axe } from './harness/axe.mjs';
import { scenario, until, useBrowser } from './harness/browser.mjs';
import { serveFolder } from './harness/folder.mjs';

const SITE = fileURLToPath(new URL('../../build/www/.edgeward/docs/', import.meta.url));
const BASE = '/.edgeward/docs/';
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png' };
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 360, height: 740 };
const VIEWS = { start: 'index.html', 'long page': 'configuration.html', 'wide table': 'fields.html', recipe: 'recipes/auth0.html', 'file of code': 'files/wrangler.toml.html' };

const browser = useBrowser();
let host;
before(async () => { host = await serveAsGateway(); });
after(() => host?.stop());

/** The site under the path of the gateway's own pages, answered by the gateway's own code. */
async function serveAsGateway() {
  const files = {
    async fetch(url) {
      const { pathname } = new URL(url);
      const bytes = pathname.startsWith(BASE) && await readFile(SITE + pathname.slice(BASE.length)).catch(() => undefined);
      return bytes ? new Response(bytes, { headers: { 'content-type': TYPES[extname(pathname)] ?? 'application/octet-stream' } }) : new Response(null, { status: 404 });
    },
  };
  const server = createServer(async ({ url, method, headers }, response) => {
    const answer = await gatewayPage(files, new URL(url, 'http://localhost').pathname, { method, headers: new Headers(headers) });
    if (!answer) return response.writeHead(404).end();
    return response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}${BASE}`,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

/** What is wider than the page and not inside something that scrolls. */
const overflow = (page) => page.evaluate(() => {
  const width = document.documentElement.clientWidth;
  const isClipped = (element) => {
    for (let parent = element; parent && parent !== document.body; parent = parent.parentElement) {
      if (/auto|scroll|hidden|clip/.test(getComputedStyle(parent).overflowX)) return true;
    }
    return false;
  };
  const over = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > width + 1 && !isClipped(element));
  const wide = document.scrollingElement.scrollWidth - width;
  return [...wide > 0 ? [`${wide} px too wide`] : [], ...over.map((element) => `over the edge: ${element.outerHTML.slice(0, 80)}`)];
});

async function search(page, text) {
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('searchbox').fill(text);
  const results = page.locator('#site-results a');
  await until(() => results.count(), () => `nothing was found for ${text}`);
  return results;
}

for (const colorScheme of ['light', 'dark']) {
  for (const [size, box] of Object.entries({ wide: WIDE, narrow: NARROW })) {
    scenario(browser, `start page, long page, wide table, recipe, code and search, ${colorScheme} and ${size}: axe-core finds nothing serious, nothing scrolls sideways`, { ...box, colorScheme, limitMs: 120_000 }, async ({ page }) => {
      const faults = [];
      const look = async (view) => {
        await page.screenshot({ path: fileURLToPath(new URL(`../../build-browser/site, ${colorScheme}, ${size}, ${view}.png`, import.meta.url)) });
        const { found, passes } = await axe(page);
        assert.ok(passes > 10, `axe-core judged by ${passes} rules only`);
        faults.push(...[...found, ...await overflow(page)].map((fault) => `${view}: ${fault}`));
      };
      for (const [view, name] of Object.entries(VIEWS)) {
        await page.goto(host.url + name);
        await look(view);
      }
      await page.goto(`${host.url}configuration.html`);
      await search(page, 'revoked token');
      await look('search');
      await page.keyboard.press('Escape');
      if (size === 'narrow') {
        await page.getByRole('button', { name: 'Menu' }).click();
        await page.getByRole('navigation', { name: 'Documentation' }).waitFor();
        await look('menu');
      }
      assert.deepEqual(faults, []);
    });
  }
}

scenario(browser, 'the search finds a code of an error, shows where it stands, and leads there', WIDE, async ({ page }) => {
  await page.goto(`${host.url}recipes/auth0.html`);
  const results = await search(page, 'configuration_invalid');
  assert.ok(await page.locator('#site-results mark').count() > 0, 'no match is marked');
  assert.match(await page.getByRole('status').textContent(), /^(?:\d+ sections?|The best 30 of \d+ sections)$/);
  const address = await results.first().getAttribute('href');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), address);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname.startsWith(BASE) && !url.pathname.endsWith('auth0.html'));
  assert.match(await page.locator('main').textContent(), /configuration_invalid/);
});

scenario(browser, 'the slash opens the search, Escape closes it, and what is not there is said to be not there', WIDE, async ({ page }) => {
  await page.goto(host.url);
  await page.keyboard.press('/');
  await page.getByRole('searchbox').fill('zzyzxqqq');
  await until(async () => await page.getByRole('status').textContent() === 'Nothing found', () => 'nothing is said');
  await page.keyboard.press('Escape');
  await until(() => page.getByRole('dialog').isHidden(), () => 'the dialog stays open');
});

scenario(browser, 'a result on the same page closes the dialog and goes to its heading', WIDE, async ({ page }) => {
  await page.goto(`${host.url}configuration.html`);
  const results = await search(page, 'shadow mode');
  await results.and(page.locator('[href$="configuration.html#shadow-mode"]')).click();
  await until(() => page.getByRole('dialog').isHidden(), () => 'the dialog stays open');
  const heading = page.getByRole('heading', { name: /^Shadow mode/ });
  await until(async () => { const { y } = await heading.boundingBox(); return y >= 0 && y < 300; }, () => 'the heading is not in sight');
});

scenario(browser, 'a chosen theme holds on the next page', { ...WIDE, colorScheme: 'light' }, async ({ page }) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.goto(host.url);
  const light = await ground();
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('Dark');
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.getByRole('link', { name: 'Deploy', exact: true }).first().click();
  await page.waitForURL(/deploy\.html$/);
  assert.equal(await ground(), dark);
});

scenario(browser, 'a narrow page has its sidebar behind a button, which leads to other pages', NARROW, async ({ page }) => {
  await page.goto(host.url);
  const sidebar = page.getByRole('navigation', { name: 'Documentation' });
  assert.equal(await sidebar.count(), 0, 'the sidebar lies open');
  await page.getByRole('button', { name: 'Menu' }).click();
  await sidebar.getByRole('link', { name: 'Revocation', exact: true }).click();
  await page.waitForURL(/revocation\.html$/);
  assert.equal(await sidebar.count(), 0, 'the sidebar lies open');
});

scenario(browser, 'any host serves it under any path', WIDE, async ({ page, t }) => {
  const plain = await serveFolder(SITE, '/some/where/');
  t.after(() => plain.stop());
  await page.goto(plain.url);
  const results = await search(page, 'keycloak');
  await results.first().click();
  await page.waitForURL(/\/some\/where\/recipes\/keycloak\.html/);
});

scenario(browser, 'it is read, and searched, from a folder on disk', WIDE, async ({ page }) => {
  await page.goto(`${pathToFileURL(SITE)}index.html`);
  const results = await search(page, 'keycloak');
  await results.first().click();
  await page.waitForURL(/recipes\/keycloak\.html/);
});

scenario(browser, 'without scripts the pages and the menu work, and no dead button is shown', { ...NARROW, javaScriptEnabled: false }, async ({ page }) => {
  await page.goto(host.url);
  assert.equal(await page.getByRole('button', { name: 'Search' }).count(), 0);
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('navigation', { name: 'Documentation' }).getByRole('link', { name: 'Deploy' }).click();
  await page.waitForURL(/deploy\.html$/);
});
