// What a person is led to: the keys that are missing, an example's point, and the decision on a small screen.
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { CONFIGURATION } from '../../www/playground/demo/wrangler.js';
import { isInView, scenario, until, useBrowser } from './harness/browser.mjs';
import { serveFolder } from './harness/folder.mjs';
import { openPlayground } from './harness/playground.mjs';

const BUILD = fileURLToPath(new URL('../../build/www/.edgeward/playground', import.meta.url));
const NARROW = { width: 360, height: 740 };

const browser = useBrowser();
let host;
before(async () => { host = await serveFolder(BUILD, '/playground/'); });
after(() => host?.stop());

const opened = (name, options, act) => scenario(browser, name, options, async (given) => act({ p: await openPlayground(given.page, host.url), ...given }));

const choose = (p, name) => p.after(() => p.button(name).click());

async function withoutKeys(p) {
  await p.fillAll('Keys', { 'Keys of demo': '' });
  await p.tab('Request').click();
}

opened('a refusal names the role, the scope and the claim that are missing, and what the caller has', {}, async ({ p, page }) => {
  await choose(p, 'Missing role');
  const why = page.locator('#verdict-why');
  assert.match(await why.textContent(), /^Requirement: needs role admin \(has member\) and either scope users:write \(has users:read\) or claim org\.plan/);
  await until(async () => /Needs role admin/.test(await page.getByTestId('announced').textContent()), () => page.getByTestId('announced').textContent());
  await choose(p, 'Other tenant');
  assert.match(await why.textContent(), /^Membership: needs tenant globex; has acme\./);
  await choose(p, 'Wrong audience');
  assert.match(await why.textContent(), /^Claims: needs aud: api; has billing, reports\./);
});

opened('a decision without keys marks the Keys tab, and leads to the field for them', {}, async ({ p, page, picture }) => {
  const tab = page.getByRole('tab', { name: /^Keys ?, 1 missing$/ });
  assert.equal(await tab.count(), 0);
  await withoutKeys(p);
  await p.expect('refuse', 'keys_unavailable');
  await until(async () => /No keys of demo/i.test(await page.getByTestId('announced').textContent()), () => page.getByTestId('announced').textContent());
  assert.ok(await tab.isVisible() && await p.tab('Keys').locator('.count').isVisible());
  assert.match(await page.locator('#verdict-why').textContent(), /no keys of demo are given here\. Give them under Keys$/);
  await picture('light, keys missing');
  await page.getByRole('link', { name: 'Give them under Keys' }).focus();
  await page.keyboard.press('Enter');
  assert.equal(await p.tab('Keys').getAttribute('aria-selected'), 'true');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'keys-demo');
  await choose(p, 'Passes');
  assert.equal(await tab.count(), 0);
  assert.equal(await page.getByRole('tab', { name: 'Keys', exact: true }).count(), 1);
});

/** example → where it leads to. */
const POINTS = {
  'Missing role': '#step-requirement .head', Revoked: '#step-revocation .head', 'Spoofed header': '#removed caption', 'No token': '#step-credential', Passes: '#verdict-box',
};

for (const [size, hasRoom] of [[{ width: 1280, height: 900 }, true], [{ width: 1280, height: 500 }, false], [NARROW, true]]) {
  opened(`an example, once chosen, brings its point into view, ${size.width} × ${size.height} px`, size, async ({ p, page }) => {
    for (const [name, point] of Object.entries(POINTS)) {
      for (const from of [0, 5000]) {
        await p.after(() => p.button(name).evaluate((button) => button.click()));
        await page.evaluate((top) => scrollTo(0, top), from);
        await p.after(() => p.button(name).evaluate((button) => button.click()));
        await until(() => isInView(page.locator(point)), () => `${point} is not in view`);
        if (hasRoom) assert.ok(await isInView(p.verdict), `${name}, from ${from}: the verdict is in view as well`);
      }
    }
    await page.evaluate(() => scrollTo(0, 0));
    await p.after(() => p.field('Method').evaluate((field) => {
      field.value = 'PUT';
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }));
    assert.equal(await page.evaluate(() => scrollY), 0, 'what is typed scrolls nothing');
  });
}

for (const [reducedMotion, behavior] of [['reduce', 'auto'], ['no-preference', 'smooth']]) {
  opened(`choosing an example scrolls as the system says of motion: ${reducedMotion}`, { ...NARROW, reducedMotion }, async ({ p, page }) => {
    await page.evaluate(() => {
      const own = Element.prototype.scrollIntoView;
      globalThis.scrolled = [];
      Element.prototype.scrollIntoView = function record(options) {
        globalThis.scrolled.push(options.behavior);
        own.call(this, options);
      };
    });
    await choose(p, 'Expired');
    await until(() => page.evaluate(() => globalThis.scrolled.length), () => 'nothing was scrolled');
    assert.deepEqual(await page.evaluate(() => globalThis.scrolled), [behavior]);
    await until(() => isInView(page.locator('#step-claims .head')), () => 'the step is not in view');
  });
}

opened('on a narrow page the steps that passed are one line, which the keyboard opens', NARROW, async ({ p, page }) => {
  await choose(p, 'Missing role');
  const steps = page.locator('#steps > li');
  assert.deepEqual(await steps.evaluateAll((all) => all.map((each) => each.innerText.split('\n')[0])), ['13 steps passed', 'stopped:', 'It stops here: no later step was taken.']);
  assert.ok(await p.step('requirement').isVisible() && !await p.step('route').isVisible());
  await page.locator('.fold > summary').focus();
  await page.keyboard.press('Enter');
  await until(() => p.step('route').isVisible(), () => 'the steps are not there');
  await choose(p, 'Passes');
  assert.ok(await p.step('route').isVisible(), 'it stays open');
  await page.locator('.fold > summary').focus();
  await page.keyboard.press('Space');
  await until(async () => !await p.step('route').isVisible(), () => 'the steps are still there');
  await page.setViewportSize({ width: 1280, height: 900 });
  await until(() => p.step('route').isVisible(), () => 'a wide page does not show every step');
  assert.equal(await page.locator('.fold').count(), 0);
});

opened('no label of a tab is cut off at 360 px, with its marks as well', NARROW, async ({ p, page, picture }) => {
  const isCut = () => page.getByRole('tab').evaluateAll((tabs) => tabs.filter((tab) => {
    const [own, list] = [tab.getBoundingClientRect(), tab.parentElement.getBoundingClientRect()];
    return tab.scrollWidth > tab.clientWidth || own.left < list.left || own.right > list.right || own.bottom > list.bottom + 1;
  }).map((tab) => tab.textContent));
  assert.deepEqual(await isCut(), []);
  await withoutKeys(p);
  await p.tab('Configuration').click();
  await p.configure(`${CONFIGURATION}\n[[vars.EDGEWARD.origins]]\nname = "spare"\nurl = "https://spare.example.com"\n`);
  await picture('narrow, tabs with marks');
  assert.equal(await page.getByRole('tab').locator('.count:visible').count(), 2);
  assert.deepEqual(await isCut(), []);
});

opened('every time in the page is ISO 8601 in UTC, in any language', { locale: 'en-US' }, async ({ p, page }) => {
  assert.equal(await page.locator('input[type="datetime-local"]').count(), 0);
  for (const name of ['Passes', 'Expired', 'Revoked']) {
    await choose(p, name);
    await until(() => page.locator('.stretch').count(), () => 'no band came');
    await page.waitForTimeout(300);
    const texts = await page.evaluate(() => [document.body.innerText, ...[...document.querySelectorAll('input, [title], [aria-valuetext]')].map((each) => [each.value, each.title, each.getAttribute('aria-valuetext')].join(' '))].join('\n'));
    const rest = texts.replace(/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/g, '');
    assert.match(texts, /\d{4}-\d{2}-\d{2}T/);
    assert.doesNotMatch(texts, /\[object|undefined/, name);
    assert.doesNotMatch(rest, /\d{4}-\d{2}-\d{2}|\d{1,2}:\d{2}\b|\b\d{9,11}(?:\.\d+)? s\b/, name);
  }
});

opened('a time that is typed is taken once it is one, and left as none it gives way', {}, async ({ p, page }) => {
  const field = p.field('Time (UTC)');
  const before = await field.inputValue();
  await field.fill('yesterday');
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  await field.blur();
  assert.deepEqual([await field.inputValue(), await field.getAttribute('aria-invalid')], [before, null]);
  await p.after(() => field.fill('2020-01-01T02:00:00+02:00'));
  await p.expect('refuse', 'issued_in_future');
  await field.blur();
  assert.equal(await field.inputValue(), '2020-01-01T00:00:00Z');
  assert.ok(await page.locator('#time').isVisible());
});

opened('without a token there is no time to choose', {}, async ({ p, page }) => {
  const time = page.locator('#time');
  assert.ok(await time.isVisible());
  for (const name of ['No token', 'Spoofed header']) {
    await choose(p, name);
    assert.ok(!await time.isVisible(), name);
    assert.equal(await p.slider.count(), 0);
  }
  await choose(p, 'Expired');
  assert.ok(await time.isVisible());
});
