// What axe-core finds in a page that is serious or critical.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// Not as a script of the page, which its policy would not let run: as the debugger's own.
const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const GRAVE = ['serious', 'critical'];

/** The list of completions is scrolled from the editor by its arrow keys, as that of a combobox: axe-core knows those by their role. */
const isExcepted = (id, html) => id === 'scrollable-region-focusable' && /^<ul id="cm-ac-[^>]* role="listbox"/.test(html);

/** Their descriptions, one for each element; `{ passes }` are how many rules found something to judge and nothing wrong. */
export async function axe(page) {
  await page.evaluate(SOURCE);
  // Without its own fetching of style sheets: the page cannot connect.
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document, { preload: false, resultTypes: ['violations', 'passes'] }));
  const found = violations.filter(({ impact }) => GRAVE.includes(impact));
  return {
    passes: passes.length,
    found: found.flatMap(({ id, impact, nodes }) => nodes.filter(({ html }) => !isExcepted(id, html)).map(({ target, failureSummary }) => `${impact} ${id} at ${target.join(' ')}: ${failureSummary}`)),
  };
}
