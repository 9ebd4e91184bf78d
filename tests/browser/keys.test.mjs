// Keys: whose they are, where they come from, and what the page says of both.
import assert from 'node:assert/strict';

import { CONFIGURATION, useDemo } from './harness/demo.mjs';

const demo = useDemo();
const { opened, login } = demo;

opened("a request of make dev's own is looked at: its configuration, its keys, its token", async ({ p, page }) => {
  await p.expect('forward');
  await p.tab('Configuration').click();
  await p.configure(CONFIGURATION);
  await p.fillAll('Request', { URL: 'https://api.example.com/api/hello', Token: await login('bob') });
  await p.expect('refuse', 'keys_unavailable');
  await p.tab('Keys').click();
  assert.equal(await p.field('Keys of demo').inputValue(), '', "the example's key is not the demo's");
  const keys = `${demo.dev.url}/demo/.well-known/jwks.json`;
  assert.match(await p.panel('Keys').textContent(), new RegExp(`exists beside make dev alone; its keys are at ${keys} then`));
  await p.button('Fetch keys of demo').click();
  const frame = page.getByRole('dialog', { name: 'Fetch a key set' }).frameLocator('iframe');
  await p.after(() => frame.getByRole('button', { name: 'Fetch' }).click());
  await p.expect('forward');
});

opened('an issuer with the URL of its metadata has a field for its keys, which names the metadata', async ({ p }) => {
  const metadata = 'https://login.example/common/v2.0/.well-known/openid-configuration';
  await p.tab('Configuration').click();
  for (const verify of [`{ discovery = "${metadata}" }`, `{ introspection = "https://a.example/i", client_id = "x", client_secret = "S", fallback = { discovery = "${metadata}" } }`]) {
    await p.configure(CONFIGURATION.replace(/verify = \{ jwks.*\}/, `verify = ${verify}`));
    const field = p.page.locator('.field', { has: p.page.locator('#keys-demo') });
    assert.match(await field.textContent(), new RegExp(`The JWK Set that the metadata at ${metadata} names as jwks_uri\\.`));
    assert.doesNotMatch(await field.textContent(), /published at/);
  }
});
