// The playground as a person finds it: by the roles and names of its controls.
import assert from 'node:assert/strict';

import { until } from './browser.mjs';

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
    verdict,
    field: (name) => page.getByRole('textbox', { name, exact: true }),
    button: (name) => page.getByRole('button', { name, exact: true }),
    tab: (name) => page.getByRole('tab', { name: new RegExp(`^${name}`) }),
    panel: (name) => page.getByRole('tabpanel', { name: new RegExp(`^${name}`) }),
    /** Does something that asks anew, and waits until the answer is shown. */
    async after(act) {
      const before = await runs();
      const result = await act();
      await until(async () => await runs() > before, () => 'nothing was decided');
      // What comes of several changes in a row is shown once they stand still.
      await page.waitForTimeout(150);
      return result;
    },
    /** Fills a field as by pasting. */
    async fill(name, text) {
      if (await self.field(name).inputValue() === text) return;
      await self.after(() => self.field(name).fill(text));
    },
    /** The whole question at once: configuration, keys, secrets, method, url, headers, token. */
    async ask({ configuration, keys = {}, secrets = {}, method, url, headers, token }) {
      if (configuration !== undefined) {
        await self.tab('Configuration').click();
        await self.configure(configuration);
      }
      if (Object.keys(keys).length || Object.keys(secrets).length) await self.tab('Keys').click();
      for (const [name, text] of Object.entries(keys)) await self.fill(`Keys of ${name}`, text);
      for (const [name, text] of Object.entries(secrets)) await self.after(() => page.getByLabel(`Secret ${name}`).fill(text));
      await self.tab('Request').click();
      if (method !== undefined) await self.method(method);
      for (const [name, text] of Object.entries({ URL: url, Headers: headers, Token: token })) if (text !== undefined) await self.fill(name, text);
    },
    async method(method) {
      const field = page.getByRole('combobox', { name: 'Method' });
      if (await field.inputValue() !== method) await self.after(() => field.fill(method));
    },
    /** Replaces the configuration, in whichever of field and editor is there. */
    async configure(text) {
      await self.field('Configuration').click();
      await until(() => page.locator('#editor .cm-content').count(), () => 'no editor came');
      await self.after(async () => {
        await self.field('Configuration').focus();
        await page.keyboard.press('ControlOrMeta+a');
        await page.keyboard.insertText(text);
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
    at: (seconds) => self.after(() => page.getByLabel('Time (UTC)').fill(new Date(seconds * 1000).toISOString().slice(0, 19))),
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
