// The page of examples/express in a real Chromium, behind the gateway that its one command starts.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { NAMES } from '../harness/cookie_stage.mjs';
import { startExpressExample } from '../harness/express_example.mjs';
import { emailOf, PASSWORD } from '../servers/people.mjs';
import { axe } from './harness/axe.mjs';
import { until, useBrowser } from './harness/browser.mjs';

const browser = useBrowser();
let stage;
before(async () => { stage = await startExpressExample(); });
after(() => stage?.stop());

/** A page of a new context; what it logs as an error fails the test, but for statuses that are asked for. */
const inPage = (name, options, act) => test(name, { timeout: 60_000 }, async () => {
  const context = await (await browser()).newContext(options);
  context.setDefaultTimeout(10_000);
  try {
    const page = await context.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => { if (message.type() === 'error' && !/status of 401/.test(message.text())) errors.push(message.text()); });
    await page.goto(stage.url.replace('127.0.0.1', 'localhost'));
    await act(page, context);
    assert.deepEqual(errors, []);
  } finally {
    await context.close();
  }
});

async function login(page, password = PASSWORD) {
  await page.getByLabel('E-mail address').fill(emailOf('bob'));
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

const shown = (page, text) => until(async () => (await page.locator('#tasks').innerText()).includes(text), async () => page.locator('main').innerText());

inPage('somebody logs in, adds a task, and finds it after a reload; no script sees a token', {}, async (page, context) => {
  await page.getByText('Please log in.').waitFor();
  await login(page, 'wrong');
  await page.getByText('Wrong e-mail address or password.').waitFor();
  await login(page);
  await page.getByText(`Logged in as ${emailOf('bob')}`).waitFor();
  await page.getByLabel('New task').fill('<b>milk</b>');
  await page.getByRole('button', { name: 'Add' }).click();
  await shown(page, '<b>milk</b>');
  await page.reload();
  await shown(page, '<b>milk</b>');
  const kept = await page.evaluate(() => [document.cookie, localStorage.length, sessionStorage.length]);
  assert.deepEqual(kept, ['', 0, 0]);
  const own = (await context.cookies()).filter(({ name }) => name.startsWith('__Host-'));
  assert.deepEqual(own.map(({ httpOnly, secure, sameSite }) => ({ httpOnly, secure, sameSite })), Array(2).fill({ httpOnly: true, secure: true, sameSite: 'Lax' }));
});

inPage('an access token that is gone is renewed, and the page notices nothing', {}, async (page, context) => {
  await login(page);
  await page.getByText('Logged in as').waitFor();
  const before = stage.auth.callsTo('/api/auth/refresh').length;
  await context.clearCookies({ name: NAMES.access });
  await page.getByLabel('New task').fill('bread');
  await page.getByRole('button', { name: 'Add' }).click();
  await shown(page, 'bread');
  assert.equal(stage.auth.callsTo('/api/auth/refresh').length, before + 1);
});

inPage('after a logout the page shows the login, also after a reload', {}, async (page, context) => {
  await login(page);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('Logged out.').waitFor();
  assert.deepEqual((await context.cookies()).filter(({ name }) => name.startsWith('__Host-')), []);
  await page.reload();
  await page.getByRole('button', { name: 'Log in' }).waitFor();
});

for (const colorScheme of ['light', 'dark']) {
  inPage(`nothing grave for people with assistive technology, ${colorScheme}, 360 px wide`, { colorScheme, viewport: { width: 360, height: 640 } }, async (page) => {
    await page.getByText('Please log in.').waitFor();
    assert.deepEqual((await axe(page)).found, []);
    await login(page);
    await page.getByText('Logged in as').waitFor();
    assert.deepEqual((await axe(page)).found, []);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
  });
}
