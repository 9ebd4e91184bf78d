// What leaves the playground: nothing that is pasted, whether by a connection, by a link, or by what fetches keys.
import assert from 'node:assert/strict';

import { until } from './harness/browser.mjs';
import { CONFIGURATION, useDemo } from './harness/demo.mjs';
import { serveFolder } from './harness/folder.mjs';
import { openPlayground } from './harness/playground.mjs';

const demo = useDemo();
const { opened, asking, login } = demo;

asking('a link holds what was asked, and never the token, a secret or a credential', { headers: 'Cookie: session=c00kie\nAuthorization: Basic c2VjcmV0\nAccept: text/html' }, async ({ p, page, context, token, watched }) => {
  const configuration = CONFIGURATION.replace('verify = { jwks = "https://issuer.demo/.well-known/jwks.json", service = "ISSUER" }', 'verify = { secrets = ["JWT_SECRET"] }').replace('["RS256", "ES256", "EdDSA"]', '["HS256"]');
  assert.notEqual(configuration, CONFIGURATION);
  await p.ask({ configuration, secrets: { JWT_SECRET: 'this-secret-is-long-enough-for-hs256' } });
  await p.button('Share').click();
  const link = await page.getByRole('dialog').getByLabel('Link').inputValue();
  assert.ok(link.startsWith(`${demo.url}#`), link.slice(0, 100));
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
  await p.ask({ configuration: CONFIGURATION, keys: { demo: demo.keys }, method: 'POST', url: 'https://api.example.com/api/pasted-path', headers: 'X-Pasted: pasted-header', token });
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
  }, { here: `${demo.dev.url}/public/x` });
  // A beacon says that it was queued even when a policy then keeps it.
  delete refused.beacon;
  assert.deepEqual(new Set(Object.values(refused)), new Set(['refused']), JSON.stringify(refused));
  const left = watched.requests.filter(({ url }) => /evil|public/.test(url)).map(({ url }) => url);
  const arrived = demo.dev.logs().filter((line) => line.event === 'passed' && line.route === '/public/**');
  assert.deepEqual(arrived, [], `of ${left}`);
  watched.expect(/policy/);
  watched.expect(/^/);
});

opened('a key set is fetched where its server allows it, by a frame that knows the address alone', async ({ p, page, watched, t }) => {
  const allowing = { 'content-type': 'application/json', 'access-control-allow-origin': '*' };
  const host = await serveFolder('/nowhere', '/', { '/jwks.json': [200, allowing, demo.keys], '/closed.json': [200, { 'content-type': 'application/json' }, demo.keys] });
  t.after(() => host.stop());
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
});

opened('Escape closes the dialog from inside the frame as well, and what the frame says wraps at 360 px', async ({ p, page, watched, picture, t }) => {
  const host = await serveFolder('/nowhere', '/', { '/closed.json': [200, { 'content-type': 'application/json' }, demo.keys] });
  t.after(() => host.stop());
  watched.allow(host.origin);
  watched.expect(/the console says error.*CORS/);
  watched.expect(/a request failed: .*closed\.json|the console says error.*ERR_FAILED/);
  await p.ask({ configuration: CONFIGURATION.replace(/jwks = "[^"]+", service = "ISSUER"/, `jwks = "${host.origin}/${'a'.repeat(60)}/closed.json"`) });
  await fetchKeys(p, page);
  const dialog = page.getByRole('dialog', { name: 'Fetch a key set' });
  const status = dialog.frameLocator('iframe').getByRole('status');
  await until(async () => /CORS/.test(await status.textContent()), () => status.textContent());
  await picture('narrow, fetch dialog');
  const fits = await status.evaluate((element) => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const { right, bottom } = element.getBoundingClientRect();
    return { isWide: scrollWidth > clientWidth, isOut: right > innerWidth || bottom > innerHeight };
  });
  assert.deepEqual(fits, { isWide: false, isOut: false });
  await dialog.frameLocator('iframe').getByLabel('Address').focus();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
}, { width: 360, height: 740 });

async function fetchKeys(p, page) {
  await p.tab('Keys').click();
  await p.button('Fetch keys of demo').click();
  const frame = page.getByRole('dialog', { name: 'Fetch a key set' }).frameLocator('iframe');
  await until(() => frame.getByLabel('Address').inputValue(), () => 'the frame has no address');
  await frame.getByRole('button', { name: 'Fetch' }).click();
}

opened('a server that does not allow it is told of in the frame', async ({ p, page, watched, t }) => {
  const host = await serveFolder('/nowhere', '/', { '/closed.json': [200, { 'content-type': 'application/json' }, demo.keys] });
  t.after(() => host.stop());
  watched.allow(host.origin);
  watched.expect(/the console says error.*CORS/);
  watched.expect(/a request failed: .*closed\.json|the console says error.*ERR_FAILED/);
  await p.ask({ configuration: CONFIGURATION.replace(/jwks = "[^"]+", service = "ISSUER"/, `jwks = "${host.origin}/closed.json"`) });
  await fetchKeys(p, page);
  const frame = page.getByRole('dialog', { name: 'Fetch a key set' }).frameLocator('iframe');
  await until(async () => /CORS/.test(await frame.getByRole('status').textContent()), () => frame.getByRole('status').textContent());
});
