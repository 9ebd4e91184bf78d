// The playground as a person finds it: by the roles and names of its controls.
import assert from 'node:assert/strict';

import { until } from './browser.mjs';

/** Longer than the page waits for somebody to type on. */
const QUIET_MS = 100;

const named = (prefix, texts) => Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${prefix} ${name}`, text]));

/** Opens it, and waits for its first decision. */
export async function openPlayground(page, url) {
  await page.goto(url);
  await page.waitForFunction(() => document.documentElement.dataset.ready === 'true');
  return playground(page);
}

export function playground(page) {
  const verdict = page.getByTestId('verdict');
  const runs = () => page.evaluate(() => Number(document.documentElement.dataset.run ?? 0));
  const self = {
    page,
    verdict,
    field: (name) => page.getByLabel(name, { exact: true }),
    button: (name) => page.getByRole('button', { name, exact: true }),
    tab: (name) => page.getByRole('tab', { name: new RegExp(`^${name}`) }),
    panel: (name) => page.getByRole('tabpanel', { name: new RegExp(`^${name}`) }),
    /** Does something that asks anew, and waits until the answer is shown. */
    async after(act) {
      const before = await runs();
      const result = await act();
      await until(async () => await runs() > before, () => 'nothing was decided');
      await self.settled();
      return result;
    },
    /** Waits until no more answers come: what is typed is asked about when it stands still. */
    async settled() {
      let before;
      do {
        before = await runs();
        await page.waitForTimeout(QUIET_MS);
      } while (await runs() !== before);
    },
    /** Pastes where the focus is, by the clipboard. */
    async paste(text) {
      await page.evaluate((text) => navigator.clipboard.writeText(text), text);
      await page.keyboard.press('ControlOrMeta+v');
    },
    /** Fills a field as by pasting. */
    fill: (name, text) => self.after(() => self.field(name).fill(text)),
    /** The whole question at once: configuration, keys, secrets, method, url, headers, token. */
    async ask({ configuration, keys = {}, secrets = {}, method, url, headers, token }) {
      if (configuration !== undefined) {
        await self.tab('Configuration').click();
        await self.configure(configuration);
      }
      await self.fillAll('Keys', { ...named('Keys of', keys), ...named('Secret', secrets) });
      await self.fillAll('Request', { Method: method, URL: url, Headers: headers, Token: token });
    },
    /** Fills fields of a tab, those that are given. */
    async fillAll(tab, fields) {
      const given = Object.entries(fields).filter(([, text]) => text !== undefined);
      if (given.length === 0) return;
      await self.tab(tab).click();
      for (const [name, text] of given) await self.field(name).fill(text);
      await page.waitForTimeout(QUIET_MS);
      await self.settled();
    },
    /** Replaces the configuration, in whichever of field and editor is there. */
    async configure(text) {
      await self.field('Configuration').click();
      await until(() => page.locator('#editor .cm-content').count(), () => 'no editor came');
      await self.after(async () => {
        await self.field('Configuration').focus();
        await page.keyboard.press('ControlOrMeta+a');
        await self.paste(text);
      });
    },
    /** { does, code, text } of the headline. */
    said: () => verdict.evaluate((heading) => ({ does: heading.dataset.does, code: heading.dataset.code || null, text: heading.textContent.trim() })),
    async expect(does, code = null) {
      const said = await self.said();
      assert.deepEqual([said.does, said.code], [does, code], said.text);
      return said.text;
    },
    step: (stage) => page.getByTestId(`step-${stage}`),
    /** The names of the steps taken, in order, each with whether it held. */
    steps: () => page.locator('[data-testid^="step-"]').evaluateAll((steps) =>
      steps.map((step) => `${step.dataset.testid.slice(5)}${step.dataset.holds === 'true' ? '' : ' STOP'}`)),
    /** The rows of a table as texts of their cells, hidden ones included. */
    rows: (table) => table.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()))),
    table: (name) => page.getByRole('table', { name }),
    slider: page.getByRole('slider', { name: 'Now' }),
    /** Moves the time to a moment, in seconds. */
    at: (seconds) => self.after(() => page.getByLabel('Time (UTC)').fill(new Date(seconds * 1000).toISOString())),
    /** Moves the time to now, which may be where it is. Without a token there is no time to move. */
    async present() {
      if (await page.locator('#time').isHidden()) return;
      await self.button('Present').click();
      await page.waitForTimeout(QUIET_MS);
      await self.settled();
    },
    outcome: () => outcome(self),
  };
  return self;
}

/** What the page says would happen: { does, status, code, body, headers } where headers are name → value. */
async function outcome(self) {
  const { does, code, text } = await self.said();
  if (does === 'forward') {
    const rows = await self.rows(self.table('Headers that the origin receives'));
    return { does, headers: Object.fromEntries(rows.map(([, name, value]) => [name, value])), set: rows.filter(([tag]) => tag === 'set').map(([, name]) => name) };
  }
  if (does !== 'refuse') return { does, code, text };
  const rows = await self.rows(self.table('Response headers'));
  const body = JSON.parse(await self.table('Response headers').page().getByTestId('response-body').textContent());
  return { does, code, status: Number(/\d{3}/.exec(text)[0]), headers: Object.fromEntries(rows), body };
}
