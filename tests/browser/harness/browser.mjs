// A real Chromium, and pages in it that are watched.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { launch } from './launch.mjs';
import { watch } from './watch.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const PICTURES = join(ROOT, 'build-browser');
const CLIPBOARD = ['clipboard-read', 'clipboard-write'];
const WAIT_MS = 60_000;

/** One browser for the tests of a file, started when it is first wanted: `browser()` resolves to it. */
export function useBrowser() {
  let starting;
  after(async () => (await starting)?.close());
  return () => {
    starting ??= launch();
    return starting;
  };
}

/**
 * A test in a context of its own: `act({ page, context, watched, picture, t })`. It fails, too, if anything happened in the page that
 * `watch` counts as a fault. `picture(name)` keeps a screenshot of the whole page. A server is stopped by `t.after`, which runs once the
 * page is closed: a page that still loads its icon counts a refused connection as a fault.
 */
export function scenario(browser, name, options, act) {
  if (typeof options === 'function') return scenario(browser, name, {}, options);
  const { limitMs = 60_000, ...how } = options;
  test(name, { timeout: limitMs }, async (t) => {
    const { width = 1280, height = 900, colorScheme = 'light', ...rest } = how;
    const context = await (await browser()).newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce', permissions: CLIPBOARD, ...rest });
    context.setDefaultTimeout(WAIT_MS);
    const watched = await watch(context);
    const page = await context.newPage();
    mkdirSync(PICTURES, { recursive: true });
    const picture = (title) => page.screenshot({ path: join(PICTURES, `${title}.png`), fullPage: true });
    try {
      await act({ page, context, watched, picture, t });
    } catch (error) {
      await picture(`failed ${name.replace(/[^\w ]/g, '')}`).catch(() => {});
      const faults = watched.faults();
      if (faults.length) error.message += `\nwatched: ${faults.join('\n')}`;
      throw error;
    } finally {
      await context.close();
    }
    assert.deepEqual(watched.faults(), []);
  });
  return undefined;
}

/** Waits until `holds()` resolves to something true, and resolves to it; `told()` says what was there instead. */
export async function until(holds, told = () => 'it does not hold', limitMs = 5_000) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await holds();
    if (found) return found;
    if (Date.now() > deadline) assert.fail(`not within ${limitMs} ms: ${await told()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether all of an element is inside the window, and nothing at its bottom lies over it. */
export function isInView(locator) {
  return locator.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    const bar = document.querySelector('#peek');
    const end = bar && bar.offsetHeight > 0 ? bar.getBoundingClientRect().top : window.innerHeight;
    return top >= -1 && bottom <= end + 1;
  });
}
