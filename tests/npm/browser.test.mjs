// The package in a real browser: the wasm is fetched from beside the module.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { launch } from '../browser/harness/launch.mjs';
import { ISSUER, NOW, PUBLIC_KEY, SECRET_KEY, issuerOf } from './issuer.mjs';
import { install } from './package.mjs';

const TYPES = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** Serves a folder on loopback, and an empty page at `/`. */
async function serve(folder) {
  const server = createServer((request, response) => {
    const path = join(folder, normalize(request.url));
    if (request.url === '/') return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>page</title>');
    if (!existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' }).end(readFileSync(path));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`, stop: () => server.close() };
}

describe('in Chromium', () => {
  let server;
  let browser;
  let page;
  before(async () => {
    server = await serve(install().home);
    browser = await launch();
    page = await browser.newPage();
    await page.goto(server.url);
  });
  after(async () => {
    await browser?.close();
    server?.stop();
  });

  /** `name(...inputs)` of the package, or the error's code. */
  const call = (name, ...inputs) => page.evaluate(async ([name, inputs]) => {
    const edgeward = await import('/browser.js');
    return Promise.resolve().then(() => edgeward[name](...inputs)).catch(({ code, errors }) => ({ code, errors }));
  }, [name, inputs]);

  for (const alg of [...PUBLIC_KEY, ...SECRET_KEY]) {
    test(`${alg}: verified, and refused when it has expired`, async () => {
      const issuer = await issuerOf(alg);
      const token = await issuer.token();
      assert.equal((await call('verify', token, issuer.options())).claims?.sub, 'ada');
      assert.equal((await call('verify', token, issuer.options({ now_seconds: NOW + 630 }))).code, 'token_expired');
      const forged = await (await issuerOf(alg)).token({}, { kid: issuer.key?.kid });
      assert.equal((await call('verify', forged, issuer.options())).code, 'signature_invalid');
    });
  }

  test('check, schema and explain', async () => {
    const issuer = await issuerOf('ES256');
    const config = {
      origins: [{ name: 'main', url: 'https://api.example.com' }],
      issuers: [{ name: 'main', issuer: ISSUER, audiences: ['api'], algorithms: ['ES256'], verify: { jwks: 'https://a.example/jwks' } }],
      routes: [{ path: '/**', access: 'authenticated' }],
    };
    assert.deepEqual((await call('check', config)).errors, []);
    assert.equal((await call('schema')).type, 'object');
    const request = { method: 'GET', url: '/x', headers: [['authorization', `Bearer ${await issuer.token()}`]] };
    const told = await call('explain', { config, request, now_seconds: NOW, keys: { main: { keys: [issuer.key.publicJwk] } } });
    assert.equal(told.explanation?.outcome.does, 'forward');
    assert.equal((await call('explain', { config: {}, request })).code, 'configuration_invalid');
  });
});
