// The playground from a person's side, as `make dev` serves it: what is pasted, and what it shows.
import assert from 'node:assert/strict';

import { until } from './harness/browser.mjs';
import { CONFIGURATION, claimsOf, useDemo } from './harness/demo.mjs';

const demo = useDemo();
const { opened, asking, login } = demo;

opened('opens with an example that passes, decided in the page', async ({ p, page, picture }) => {
  await p.expect('forward');
  assert.match(await page.title(), /Edgeward/);
  assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Edgeward playground');
  await picture('playground, passes');
});

asking('what passes is shown to the end: every step, and the headers that the origin receives', {}, async ({ p, token, picture }) => {
  await p.expect('forward');
  const steps = await p.steps();
  assert.ok(steps.every((step) => !step.endsWith('STOP')), steps.join());
  const order = ['request', 'path', 'route', 'credential', 'token', 'issuer', 'algorithm', 'key', 'signature', 'claims', 'revocation', 'requirement', 'identity'];
  assert.deepEqual(steps.filter((step) => order.includes(step)), order);
  const { headers } = await p.outcome();
  const claims = claimsOf(token);
  assert.deepEqual([headers['x-auth-subject'], headers['x-auth-email'], headers['x-auth-roles']], ['ada', 'ada@example.com', '"admin"']);
  assert.deepEqual([headers['x-auth-session'], headers['x-auth-token-id'], headers['x-auth-issuer']], [claims.sid, claims.jti, 'https://issuer.demo']);
  await picture('playground, the demo');
});

asking('which route matched, and of each other one why it did not', {}, async ({ p }) => {
  assert.match(await p.step('route').textContent(), /routes\[5\].*\/api\/admin\/\*\*/);
  const others = await p.rows(p.step('route').locator('table'));
  for (const path of ['/demo/**', '/public/**', '/optional/**', '/api/**']) {
    const why = others.find((cells) => cells.some((cell) => cell.includes(path)));
    assert.ok(why && why.at(-1).length > 5, `${path}: ${JSON.stringify(others)}`);
  }
});

asking('which key, and that the signature holds by it', { token: () => login('ada', { alg: 'ES256' }) }, async ({ p, token }) => {
  const { kid } = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
  assert.match(await p.step('key').textContent(), new RegExp(kid.slice(0, 12)));
  assert.match(await p.step('signature').textContent(), /ES256/);
});

asking('each claim, with expected and got', { token: () => login('ada', { audience: 'other' }) }, async ({ p, picture }) => {
  await p.expect('refuse', 'audience_mismatch');
  const rows = await p.rows(p.step('claims').locator('table'));
  const of = (name) => rows.find((cells) => cells.includes(name));
  assert.ok(of('aud')?.some((cell) => cell.includes('other')) && of('aud').some((cell) => cell.includes('demo-api')), JSON.stringify(rows));
  for (const name of ['exp', 'iat', 'iss']) assert.ok(of(name), `${name}: ${JSON.stringify(rows)}`);
  assert.match((await p.steps()).at(-1), /^claims STOP$/);
  await picture('playground, wrong audience');
});

asking('the policy tree: what held and what failed', { token: () => login('bob') }, async ({ p, page, picture }) => {
  await p.expect('refuse', 'insufficient_scope');
  const rows = await p.step('requirement').locator('tbody tr').evaluateAll((rows) => rows.map((row) => [row.dataset.holds, row.textContent]));
  assert.ok(rows.some(([holds, text]) => holds === 'no' && /role.*admin/.test(text)), JSON.stringify(rows));
  const outcome = await p.outcome();
  assert.deepEqual([outcome.status, outcome.body.code], [403, 'insufficient_scope']);
  assert.equal(outcome.headers['content-type'], 'application/problem+json');
  assert.match(outcome.headers['www-authenticate'], /error="insufficient_scope"/);
  assert.equal(await page.getByRole('table', { name: 'Headers that the origin receives' }).count(), 0);
  await picture('playground, missing role');
});

opened('a requirement of several levels is shown as a tree', async ({ p }) => {
  await p.after(() => p.button('Missing role').click());
  const rows = await p.step('requirement').locator('tbody tr').evaluateAll((rows) => rows.map((row) => [row.dataset.holds, row.querySelector('th').textContent.trim()]));
  assert.ok(rows.length >= 4, JSON.stringify(rows));
  assert.ok(rows.some(([holds]) => holds === 'no'), JSON.stringify(rows));
});

asking('revocation as it is assumed', {}, async ({ p, page, token }) => {
  const { iat } = claimsOf(token);
  await p.expect('forward');
  await p.tab('Assumptions').click();
  const before = (seconds) => p.after(() => p.field('Issued before (UTC)').fill(new Date(seconds * 1000).toISOString()));
  // A cut-off refuses what was issued before it, and not what was issued at it.
  await before(iat);
  await p.after(() => page.getByRole('checkbox', { name: 'subject' }).check());
  await p.expect('forward');
  await before(iat + 1);
  await p.expect('refuse', 'token_revoked');
  await p.after(() => page.getByRole('checkbox', { name: 'subject' }).uncheck());
  for (const kind of ['token', 'session', 'subject', 'issuer']) {
    const box = page.getByRole('group', { name: 'Revoked' }).getByRole('checkbox', { name: kind });
    await p.after(() => box.check());
    await p.expect('refuse', 'token_revoked');
    await p.after(() => box.uncheck());
    await p.expect('forward');
  }
  const down = page.getByRole('checkbox', { name: 'The revocation store does not answer' });
  await p.after(() => down.check());
  await p.expect('refuse', 'revocation_unavailable');
  const { status, headers } = await p.outcome();
  assert.equal(status, 503);
  assert.match(headers['retry-after'], /^\d+$/);
  await p.after(() => down.uncheck());
  await p.expect('forward');
});

asking('a header that could pass for the gateway\'s is shown as removed', { headers: 'X-Auth-Subject: root\nX_Auth_Roles: "x"\nAccept: text/html' }, async ({ p }) => {
  await p.expect('forward');
  const { headers } = await p.outcome();
  assert.deepEqual([headers['x-auth-subject'], headers.accept], ['ada', 'text/html']);
  const removed = (await p.rows(p.table('Headers removed'))).map((cells) => cells[1]);
  assert.deepEqual(removed.sort(), ['x-auth-subject', 'x_auth_roles']);
});

opened('a curl command is read: method, URL, headers and token', async ({ p, page }) => {
  const token = await login('ada');
  await p.ask({ configuration: CONFIGURATION, keys: { demo: demo.keys } });
  await p.tab('Request').click();
  await p.button('Paste curl').click();
  await page.getByRole('dialog').getByLabel('curl command').fill(
    `curl 'https://api.example.com/api/things?x=1' \\\n  -X POST -H 'Content-Type: application/json' -H "Authorization: Bearer ${token}" --data-raw '{"a":"it'\\''s"}'`);
  await p.after(() => page.getByRole('dialog').getByRole('button', { name: 'Read' }).click());
  assert.equal(await p.field('Method').inputValue(), 'POST');
  assert.equal(await p.field('URL').inputValue(), 'https://api.example.com/api/things?x=1');
  assert.equal(await p.field('Token').inputValue(), token);
  assert.match(await p.field('Headers').inputValue(), /^content-type: application\/json$/im);
  assert.doesNotMatch(await p.field('Headers').inputValue(), /authorization/i);
  if (await page.getByRole('dialog').isVisible()) await page.keyboard.press('Escape');
  await p.present();
  await p.expect('forward');
});

opened('a curl command that is pasted into the URL is read as well', async ({ p }) => {
  await p.tab('Request').click();
  await p.field('URL').focus();
  await p.field('URL').selectText();
  await p.after(() => p.paste("curl -X DELETE 'https://acme.example.com/api/things/7' -H 'X-Reason: test'"));
  assert.deepEqual([await p.field('Method').inputValue(), await p.field('URL').inputValue()], ['DELETE', 'https://acme.example.com/api/things/7']);
  assert.match(await p.field('Headers').inputValue(), /^x-reason: test$/im);
});

opened('the editor completes, and marks what is wrong, from the schema', async ({ p, page, picture }) => {
  await p.tab('Configuration').click();
  await p.configure('[vars.EDGEWARD]\nrealm = "demo"\nleeway_secs = 3\n');
  await p.expect('invalid', 'configuration_invalid');
  const problems = page.getByRole('list', { name: 'Problems' });
  const first = problems.getByRole('button', { name: /leeway_secs.*unknown field/ });
  assert.match(await first.textContent(), /line 3/);
  await first.click();
  await until(() => page.evaluate(() => document.querySelector('#editor').firstElementChild?.shadowRoot?.activeElement?.getAttribute('aria-label') === 'Configuration'));
  await page.keyboard.press('ControlOrMeta+End');
  await page.keyboard.type('lee');
  await page.keyboard.press('Control+Space');
  const offers = page.getByRole('listbox').getByRole('option');
  await until(async () => (await offers.allTextContents()).some((text) => text.includes('leeway_seconds')), async () => (await offers.allTextContents()).join());
  await picture('playground, completion');
  await page.keyboard.press('Enter');
  await until(async () => /leeway_seconds = /.test(await p.field('Configuration').textContent()), () => p.field('Configuration').textContent());
});

opened('what is wrong with a configuration is told all at once, and mended it decides again', async ({ p, page }) => {
  await p.ask({ configuration: CONFIGURATION.replace('access = "public"', 'access = "open"').replace('realm', 'reamls'), keys: {} });
  await p.expect('invalid', 'configuration_invalid');
  await p.tab('Configuration').click();
  const texts = await page.getByRole('list', { name: 'Problems' }).getByRole('listitem').allTextContents();
  assert.ok(texts.some((text) => /routes\[0\]\.access/.test(text)) && texts.some((text) => /reamls/.test(text)), texts.join('\n'));
  await p.configure(CONFIGURATION);
  assert.notEqual((await p.said()).does, 'invalid');
});

asking('the slider shows a token come into force and expire, by the keyboard', {}, async ({ p, token, page, picture }) => {
  const { iat, exp } = claimsOf(token);
  await p.expect('forward');
  await p.slider.focus();
  const move = async (key, times = 1) => {
    for (let n = 0; n < times; n += 1) await page.keyboard.press(key);
    await page.waitForTimeout(150);
    await p.settled();
  };
  await move('PageDown');
  await move('PageUp');
  const now = async () => Number(await p.slider.inputValue());
  await p.at(exp + 29);
  await p.expect('forward');
  await p.at(exp + 30);
  await p.expect('refuse', 'token_expired');
  await p.slider.focus();
  await move('Shift+ArrowLeft');
  assert.equal(await now(), exp + 29);
  await p.expect('forward');
  await move('Shift+ArrowRight');
  await p.expect('refuse', 'token_expired');
  assert.match(await p.slider.getAttribute('aria-valuetext'), /expired/);
  await picture('playground, expired by the slider');
  await p.at(iat - 31);
  assert.equal((await p.said()).does, 'refuse');
  await p.at(iat - 30);
  await p.expect('forward');
});

asking('the slider moves by the mouse', {}, async ({ p, page }) => {
  await p.expect('forward');
  const box = await p.slider.boundingBox();
  await p.after(async () => {
    await page.mouse.click(box.x + box.width - 2, box.y + box.height / 2);
  });
  await p.expect('refuse', 'token_expired');
  await p.after(() => p.button('Present').click());
  await p.expect('forward');
});

asking('everything is reached and done by the keyboard alone', {}, async ({ p, page }) => {
  await page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0); });
  const visited = [];
  for (let n = 0; n < 80; n += 1) {
    await page.keyboard.press('Tab');
    visited.push(await page.evaluate(() => {
      const element = document.activeElement;
      const style = getComputedStyle(element);
      return { name: element.labels?.[0]?.textContent || element.getAttribute('aria-label') || element.textContent.trim().slice(0, 30), seen: style.outlineStyle !== 'none' || style.boxShadow !== 'none' || element.tagName === 'BODY' };
    }));
    if (visited.at(-1).name === '' && n > 10) break;
  }
  const names = visited.map(({ name }) => name);
  for (const name of ['Passes', 'Request', 'Method', 'URL', 'Token', 'Headers', 'Paste curl', 'Share', 'Now']) {
    assert.ok(names.some((each) => each.trim().startsWith(name)), `${name} among ${names.join(' | ')}`);
  }
  assert.deepEqual(visited.filter(({ seen, name }) => !seen && name).map(({ name }) => name), [], 'the focus is seen on each');
  await p.tab('Request').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await p.tab('Keys').getAttribute('aria-selected'), 'true');
  await page.keyboard.press('Home');
  assert.equal(await p.tab('Request').getAttribute('aria-selected'), 'true');
  await p.button('Share').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Share link' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Share link' }).waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Share');
});

asking('the outcome is announced in words', { token: () => login('bob') }, async ({ page }) => {
  const place = page.getByTestId('announced');
  assert.equal(await place.getAttribute('role'), 'status');
  await until(async () => /refused with 403/i.test(await place.textContent()), () => place.textContent());
});

opened('an auth server that is asked answers as it is assumed', async ({ p, page }) => {
  const configuration = CONFIGURATION.replace(/audiences = .*\n/, '').replace(/algorithms = .*\n/, '').replace(/verify = \{ jwks.*\}/, 'verify = { me = "https://auth.example.com/api/me/" }\nopaque = true\nclaims = { subject = "id" }');
  await p.ask({ configuration, method: 'GET', url: 'https://api.example.com/api/x', headers: '', token: 'an-opaque-token' });
  await p.tab('Assumptions').click();
  assert.match((await p.said()).code, /^auth_server_/);
  await p.after(() => page.getByRole('radio', { name: 'says no' }).check());
  await p.expect('refuse', 'refused_by_auth_server');
  await p.after(() => p.field('Answer').fill('{"id": "user-9", "email": "nine@example.com"}'));
  await p.expect('forward');
  assert.equal((await p.outcome()).headers['x-auth-subject'], 'user-9');
});
