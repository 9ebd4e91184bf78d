// How the playground looks and reads, light and dark, wide and narrow: nothing that axe-core calls serious, and no sideways scrolling.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { axe } from './harness/axe.mjs';
import { isInView, scenario, until, useBrowser } from './harness/browser.mjs';
import { serveFolder } from './harness/folder.mjs';
import { openPlayground } from './harness/playground.mjs';

const BUILD = fileURLToPath(new URL('../../build/www/.edgeward/playground', import.meta.url));
const NARROW = { width: 360, height: 740 };

const browser = useBrowser();
let host;
before(async () => { host = await serveFolder(BUILD, '/playground/'); });
after(() => host?.stop());

/** Everything that the page can show, each from where the one before has left it. */
const VIEWS = {
  passes: () => {},
  'all steps open': ({ page }) => page.locator('details').evaluateAll((all) => { for (const each of all) each.open = true; }),
  expired: ({ p }) => p.after(() => p.button('Expired').click()),
  'missing role': ({ p }) => p.after(() => p.button('Missing role').click()),
  'spoofed header': ({ p }) => p.after(() => p.button('Spoofed header').click()),
  'another time': async ({ p }) => {
    await p.after(() => p.button('Passes').click());
    await p.slider.focus();
    await p.after(() => p.page.keyboard.press('ArrowRight'));
  },
  'curl dialog': ({ p }) => p.button('Paste curl').click(),
  'share dialog': async ({ p, page }) => {
    await page.keyboard.press('Escape');
    await p.button('Share').click();
    await page.getByRole('dialog').getByLabel('Link').waitFor();
  },
  keys: async ({ p, page }) => {
    await page.keyboard.press('Escape');
    await p.tab('Keys').click();
  },
  assumptions: ({ p }) => p.tab('Assumptions').click(),
  configuration: ({ p }) => p.tab('Configuration').click(),
  'configuration with errors': ({ p }) => p.configure('[vars.EDGEWARD]\nrealm = 3\nissuerss = []\n# a comment\nmode = "enforce"\n'),
  completion: async ({ p, page }) => {
    await p.field('Configuration').focus();
    await page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.press('Control+Space');
    await until(() => page.getByRole('listbox').getByRole('option').count(), () => 'no completions came');
  },
};

const each = (what, options, look) => scenario(browser, what, { limitMs: 90_000, ...options }, async (given) => {
  const p = await openPlayground(given.page, host.url);
  const faults = [];
  for (const [view, show] of Object.entries(VIEWS)) {
    await show({ p, ...given });
    for (const fault of await look({ p, view, ...given })) faults.push(`${view}: ${fault}`);
  }
  assert.deepEqual(faults, []);
});

for (const colorScheme of ['light', 'dark']) {
  each(`axe-core finds nothing serious or critical, ${colorScheme}`, { colorScheme }, async ({ page, view, picture }) => {
    await picture(`${colorScheme}, ${view}`);
    const { found, passes } = await axe(page);
    assert.ok(passes > 10, `axe-core judged by ${passes} rules only`);
    return found;
  });
}

each('nothing scrolls sideways at 360 px, and axe-core finds nothing there', NARROW, async ({ page, view, picture }) => {
  await picture(`narrow, ${view}`);
  const { wide, over } = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const isClipped = (element) => {
      for (let parent = element.parentElement ?? element.getRootNode().host; parent; parent = parent.parentElement ?? parent.getRootNode().host) {
        if (/auto|scroll|hidden|clip/.test(getComputedStyle(parent).overflowX)) return true;
      }
      return false;
    };
    const over = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > width + 1 && !isClipped(element));
    return { wide: document.scrollingElement.scrollWidth - width, over: over.map((element) => element.outerHTML.slice(0, 80)) };
  });
  const { found } = await axe(page);
  return [...wide > 0 ? [`${wide} px too wide`] : [], ...over.map((element) => `over the edge: ${element}`), ...found];
});

scenario(browser, 'a narrow page can be used: a line at the bottom tells the decision and leads to it', NARROW, async ({ page }) => {
  const p = await openPlayground(page, host.url);
  const peek = page.locator('#peek');
  await page.evaluate(() => scrollTo(0, 0));
  await until(() => peek.isVisible(), () => 'the line is not there');
  await p.after(() => p.button('Expired').click());
  await page.evaluate(() => scrollTo(0, 0));
  await until(() => peek.isVisible(), () => 'the line is not there');
  assert.match(await peek.textContent(), /REFUSE 401/);
  assert.equal(await peek.getAttribute('href'), '#decision');
  await peek.click();
  await until(async () => (await p.verdict.boundingBox()).y < 600, () => 'the decision is not in sight');
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await until(async () => await peek.isVisible() && await peek.getAttribute('data-leads') === 'up', () => 'no line leads up');
  await peek.focus();
  await page.keyboard.press('Enter');
  await until(() => isInView(p.verdict), () => 'the decision is not in sight');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'decision');
});

scenario(browser, 'the theme follows the system until one is chosen', { colorScheme: 'dark' }, async ({ page }) => {
  await openPlayground(page, host.url);
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+(?:\.\d+)?/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0));
  const theme = page.getByRole('combobox', { name: 'Theme' });
  const dark = await ground();
  await theme.selectOption('Light');
  const light = await ground();
  assert.ok(dark < 200 && light > 500, `${dark} and ${light}`);
  await theme.selectOption('Dark');
  assert.equal(await ground(), dark);
  await theme.selectOption('System');
  await page.emulateMedia({ colorScheme: 'light' });
  assert.equal(await ground(), light);
});
