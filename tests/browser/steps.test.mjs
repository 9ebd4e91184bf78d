// The playground from a person's side, as `make dev` serves it: what is pasted, and what it shows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startDev } from '../worker/harness/dev.mjs';
import { scenario, until, useBrowser } from './harness/browser.mjs';
import { serveFolder } from './harness/folder.mjs';
import { openPlayground } from './harness/playground.mjs';

const CONFIGURATION = readFileSync(fileURLToPath(new URL('../../demo/gateway.toml', import.meta.url)), 'utf8');

const browser = useBrowser();
let dev;
let url;
let keys;
before(async () => {
  dev = await startDev();
  url = `${dev.url}/.edgeward/playground/`;
  keys = await (await fetch(`${dev.url}/demo/.well-known/jwks.json`)).text();
});
after(() => dev?.stop());

const login = async (user, more = {}) => {
  const answer = await fetch(`${dev.url}/demo/login`, { method: 'POST', body: JSON.stringify({ user, ...more }) });
  return (await answer.json()).access_token;
};
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

const opened = (name, act, options = {}) => scenario(browser, name, options, async (given) => {
  await act({ p: await openPlayground(given.page, url), ...given });
});

/** With the demo's configuration and keys, and a request that passes unless `more` says otherwise. */
const asking = (name, more, act) => opened(name, async (given) => {
  const token = await (more.token ?? (() => login('ada')))();
  await given.p.ask({ configuration: CONFIGURATION, keys: { demo: keys }, method: 'GET', url: 'https://api.example.com/api/admin/users', headers: '', ...more, token });
  await given.p.present();
  await act({ ...given, token });
});

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
  assert.match(await p.step('route').textContent(), /routes\[4\].*\/api\/admin\/\*\*/);
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
  await p.expect('forward');
  await p.tab('Assumptions').click();
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
  assert.ok(token);
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
  await p.ask({ configuration: CONFIGURATION, keys: { demo: keys } });
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
      // The parts of a field for dates draw their own.
      const isOfParts = element.type === 'datetime-local';
      return { name: element.labels?.[0]?.textContent || element.getAttribute('aria-label') || element.textContent.trim().slice(0, 30), seen: isOfParts || style.outlineStyle !== 'none' || style.boxShadow !== 'none' || element.tagName === 'BODY' };
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

asking('a link holds what was asked, and never the token, a secret or a credential', { headers: 'Cookie: session=c00kie\nAuthorization: Basic c2VjcmV0\nAccept: text/html' }, async ({ p, page, context, token, watched }) => {
  const configuration = CONFIGURATION.replace('verify = { jwks = "https://issuer.demo/.well-known/jwks.json", service = "ISSUER" }', 'verify = { secrets = ["JWT_SECRET"] }').replace('["RS256", "ES256", "EdDSA"]', '["HS256"]');
  assert.notEqual(configuration, CONFIGURATION);
  await p.ask({ configuration, secrets: { JWT_SECRET: 'this-secret-is-long-enough-for-hs256' } });
  await p.button('Share').click();
  const link = await page.getByRole('dialog').getByLabel('Link').inputValue();
  assert.ok(link.startsWith(`${url}#`), link.slice(0, 100));
  const other = await context.newPage();
  const shared = await openPlayground(other, link);
  await shared.settled();
  assert.equal(await shared.field('Token').inputValue(), '');
  assert.equal(await shared.field('URL').inputValue(), 'https://api.example.com/api/admin/users');
  assert.doesNotMatch(await shared.field('Headers').inputValue(), /c00kie|c2VjcmV0/);
  assert.match(await shared.field('Headers').inputValue(), /accept: text\/html/i);
  await shared.tab('Keys').click();
  assert.equal(await shared.field('Secret JWT_SECRET').inputValue(), '');
  await shared.tab('Configuration').click();
  assert.match(await shared.field('Configuration').inputValue(), /secrets = \["JWT_SECRET"\]/);
  const all = await plainOf(link);
  for (const secret of [token, token.split('.')[1], token.split('.')[2], 'this-secret', 'c00kie', 'c2VjcmV0']) assert.ok(!all.includes(secret), `${secret.slice(0, 20)} stands in the link`);
  assert.ok(watched.requests.every(({ url }) => !url.includes('#') || !url.includes(token)));
});

/** Everything that can be read out of a link: as it stands, and unpacked. */
async function plainOf(link) {
  const fragment = decodeURIComponent(new URL(link).hash);
  const texts = [fragment];
  for (const part of fragment.match(/[\w-]{40,}/g) ?? []) {
    const bytes = Buffer.from(part, 'base64url');
    texts.push(bytes.toString('latin1'));
    for (const format of ['deflate-raw', 'deflate', 'gzip']) {
      const unpacked = new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format)));
      texts.push(await unpacked.text().catch(() => ''));
    }
  }
  assert.ok(texts.some((text) => text.includes('JWT_SECRET')), 'the link could be read');
  return texts.join('\n');
}

asking('a link is the same question: with the token pasted it comes to the same', {}, async ({ p, page, context, token }) => {
  await p.expect('forward');
  await p.button('Share').click();
  const link = await page.getByRole('dialog').getByLabel('Link').inputValue();
  const shared = await openPlayground(await context.newPage(), link);
  assert.equal((await shared.said()).does, 'refuse');
  await shared.fill('Token', token);
  assert.deepEqual((await shared.outcome()).headers, await p.outcome().then(({ headers }) => headers));
});

opened('nothing that is pasted leaves the page, whatever is done with it', async ({ p, page, watched, context }) => {
  const token = await login('ada');
  const first = watched.requests.length;
  await p.ask({ configuration: CONFIGURATION, keys: { demo: keys }, method: 'POST', url: 'https://api.example.com/api/pasted-path', headers: 'X-Pasted: pasted-header', token });
  await p.present();
  await p.expect('forward');
  for (const name of ['Copy as curl', 'Copy as edgeward explain']) await p.button(name).click();
  watched.acceptDialogs();
  for (const example of ['Expired', 'Revoked']) {
    await p.after(() => p.button(example).click());
  }
  await p.button('Share').click();
  await page.getByRole('dialog').getByRole('button', { name: 'Copy link' }).click();
  await page.keyboard.press('Escape');
  const after = watched.requests.slice(first).map(({ url }) => url);
  // The editor's own code is all that is loaded later.
  assert.ok(after.every((each) => /^data:|\/editor-[A-Z0-9]+\.js$|\/chunk-[A-Z0-9]+\.js$/.test(each)), after.join('\n'));
  for (const { url, text, headers } of watched.requests) {
    for (const secret of [token, token.split('.')[1], 'pasted']) assert.ok(!`${url}${text}${JSON.stringify(headers)}`.includes(secret), url);
  }
  const kept = await page.evaluate(async () => JSON.stringify([localStorage, sessionStorage, document.cookie, await indexedDB.databases(), history.length, location.href]));
  assert.ok(!kept.includes(token.split('.')[2]) && !kept.includes('pasted'), kept);
  assert.deepEqual(await context.cookies(), []);
  // The one dialog that the page has of its own asks before it throws away what was pasted.
  watched.expect(/^a dialog: Replace/);
});

opened('the page cannot connect to anything, not even to where it came from', async ({ page, watched }) => {
  const refused = await page.evaluate(async ({ here }) => {
    const tried = {
      fetch: () => fetch(here), elsewhere: () => fetch('https://evil.example/'), beacon: () => { if (!navigator.sendBeacon(here, 'x')) throw new Error('no'); },
      socket: () => new Promise((resolve, reject) => { const socket = new WebSocket(here.replace('http', 'ws')); socket.onopen = resolve; socket.onerror = reject; }),
      events: () => new Promise((resolve, reject) => { const events = new EventSource(here); events.onopen = resolve; events.onerror = reject; }),
      image: () => new Promise((resolve, reject) => { const image = new Image(); image.onload = resolve; image.onerror = reject; image.src = 'https://evil.example/x.png'; }),
      script: () => new Promise((resolve, reject) => { const script = document.createElement('script'); script.onload = resolve; script.onerror = reject; script.src = 'https://evil.example/x.js'; document.head.append(script); }),
      frame: () => new Promise((resolve, reject) => {
        addEventListener('securitypolicyviolation', () => reject(new Error('no')), { once: true });
        document.body.append(Object.assign(document.createElement('iframe'), { src: 'https://evil.example/' }));
        setTimeout(resolve, 2000);
      }),
      form: () => new Promise((resolve, reject) => {
        addEventListener('securitypolicyviolation', () => reject(new Error('no')), { once: true });
        const form = Object.assign(document.createElement('form'), { action: 'https://evil.example/', method: 'post' });
        document.body.append(form);
        form.submit();
        setTimeout(resolve, 2000);
      }),
    };
    const outcomes = {};
    for (const [name, attempt] of Object.entries(tried)) outcomes[name] = await Promise.resolve().then(attempt).then(() => 'DONE', () => 'refused');
    return outcomes;
  }, { here: `${dev.url}/public/x` });
  // A beacon says that it was queued even when a policy then keeps it.
  delete refused.beacon;
  assert.deepEqual(new Set(Object.values(refused)), new Set(['refused']), JSON.stringify(refused));
  const left = watched.requests.filter(({ url }) => /evil|public/.test(url)).map(({ url }) => url);
  const arrived = dev.logs().filter((line) => line.event === 'passed' && line.route === '/public/**');
  assert.deepEqual(arrived, [], `of ${left}`);
  watched.expect(/policy/);
  watched.expect(/^/);
});

opened('a key set is fetched where its server allows it, by a frame that knows the address alone', async ({ p, page, watched }) => {
  const allowing = { 'content-type': 'application/json', 'access-control-allow-origin': '*' };
  const host = await serveFolder('/nowhere', '/', { '/jwks.json': [200, allowing, keys], '/closed.json': [200, { 'content-type': 'application/json' }, keys] });
  try {
    watched.allow(host.origin);
    const token = await login('ada');
    const at = (address) => CONFIGURATION.replace(/jwks = "[^"]+", service = "ISSUER"/, `jwks = "${address}"`);
    await p.ask({ configuration: at(`${host.origin}/jwks.json`), url: 'https://api.example.com/api/x', token });
    await p.present();
    await fetchKeys(p, page);
    await until(async () => (await p.field('Keys of demo').inputValue()).includes('"kid"'), () => p.field('Keys of demo').inputValue());
    await p.settled();
    await p.expect('forward');
    assert.deepEqual(host.asked.map(({ method, path }) => `${method} ${path}`), ['GET /jwks.json']);
    const [{ headers }] = host.asked;
    assert.deepEqual([headers.origin, headers.cookie, headers.authorization, headers.referer], ['null', undefined, undefined, undefined]);
  } finally {
    await host.stop();
  }
});

async function fetchKeys(p, page) {
  await p.tab('Keys').click();
  await p.button('Fetch keys of demo').click();
  const frame = page.getByRole('dialog', { name: 'Fetch a key set' }).frameLocator('iframe');
  await frame.getByRole('button', { name: 'Fetch' }).click();
}

opened('a server that does not allow it is told of in the frame', async ({ p, page, watched }) => {
  const host = await serveFolder('/nowhere', '/', { '/closed.json': [200, { 'content-type': 'application/json' }, keys] });
  try {
    watched.allow(host.origin);
    watched.expect(/the console says error.*CORS/);
    watched.expect(/a request failed: .*closed\.json|the console says error.*ERR_FAILED/);
    await p.ask({ configuration: CONFIGURATION.replace(/jwks = "[^"]+", service = "ISSUER"/, `jwks = "${host.origin}/closed.json"`) });
    await fetchKeys(p, page);
    const frame = page.getByRole('dialog', { name: 'Fetch a key set' }).frameLocator('iframe');
    await until(async () => /CORS/.test(await frame.getByRole('status').textContent()), () => frame.getByRole('status').textContent());
  } finally {
    await host.stop();
  }
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
