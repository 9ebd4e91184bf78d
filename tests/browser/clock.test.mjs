// The time follows the clock until somebody moves it.
import assert from 'node:assert/strict';

import { until } from './harness/browser.mjs';
import { CONFIGURATION, useDemo } from './harness/demo.mjs';
import { openPlayground } from './harness/playground.mjs';

const demo = useDemo();

/** A scenario in a page that was opened `ago` seconds ago; `later(seconds)` moves its clock. */
const opened = (name, ago, act) => demo.opened(name, async ({ page, ...given }) => {
  await page.clock.install({ time: Date.now() - ago * 1000 });
  const p = await openPlayground(page, demo.url);
  const later = async (seconds) => {
    await page.clock.fastForward(seconds * 1000);
    await p.settled();
  };
  await act({ p, page, later, ...given });
});

const away = (page) => page.locator('.away').textContent();

opened('a page that is left open shows a token expire, with the focus where it was', 0, async ({ p, page, later }) => {
  await p.expect('forward');
  await page.locator('#step-claims summary').focus();
  await later(300);
  await p.expect('forward');
  assert.equal(await away(page), 'the present');
  assert.equal(await page.evaluate(() => document.activeElement.closest('.step')?.id), 'step-claims');
  await later(400);
  await p.expect('refuse', 'token_expired');
  assert.ok(await p.button('Passes').getAttribute('aria-pressed'), 'it is still the example');
});

opened('a token that was issued after the page was opened is not issued in the future', 900, async ({ p, later }) => {
  await later(880);
  await p.ask({ configuration: CONFIGURATION, keys: { demo: demo.keys }, method: 'GET', url: 'https://api.example.com/api/x', headers: '', token: await demo.login('ada') });
  await p.expect('forward');
});

opened('a time that was chosen stays, until the present is chosen', 0, async ({ p, page, later }) => {
  await p.slider.focus();
  await p.after(() => page.keyboard.press('Shift+ArrowLeft'));
  const chosen = await p.slider.inputValue();
  await later(1200);
  assert.equal(await p.slider.inputValue(), chosen);
  await p.expect('forward');
  await p.after(() => p.button('Present').click());
  await p.expect('refuse', 'token_expired');
  await later(60);
  await until(async () => (await away(page)) === 'the present', () => away(page));
});
