// Which issuers need keys, from where, and whose keys stay when the configuration changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CONFIGURATION, ISSUER } from '../../www/playground/demo/wrangler.js';
import { readConfiguration } from '../../www/playground/input/configuration.js';
import { demoKeysAt, issuersOf, keysBeside } from '../../www/playground/input/issuers.js';

const URL_TEXT = 'https://login.example/common/v2.0/.well-known/openid-configuration';
const of = (verify) => issuersOf({ issuers: [{ name: 'a', issuer: 'https://a.example/', verify }] })[0];

test('an issuer with discovery needs keys, whether the metadata has an address of its own or not', () => {
  const own = { keysFrom: 'discovery', address: 'https://a.example/.well-known/openid-configuration' };
  const other = { keysFrom: 'discovery', address: URL_TEXT };
  const cases = [
    [{ discovery: true }, own], [{ discovery: URL_TEXT }, other],
    [{ me: 'https://a.example/me', fallback: { discovery: URL_TEXT } }, other],
    [{ introspection: 'https://a.example/i', signed_by: { discovery: true } }, own],
    [{ jwks: 'https://a.example/jwks' }, { keysFrom: 'jwks', address: 'https://a.example/jwks' }],
    [{ discovery: false }, { keysFrom: null, address: null }], [{ me: 'https://a.example/me' }, { keysFrom: null, address: null }],
  ];
  for (const [verify, expected] of cases) {
    const { keysFrom, address } = of(verify);
    assert.deepEqual({ keysFrom, address }, expected, JSON.stringify(verify));
  }
});

test("the keys of the demo's issuer are at the gateway that serves the page, or at make dev's", () => {
  const address = 'https://issuer.demo/.well-known/jwks.json';
  assert.equal(demoKeysAt(address, new URL('http://127.0.0.1:9999/x')), 'http://127.0.0.1:9999/demo/.well-known/jwks.json');
  assert.equal(demoKeysAt(address, new URL('https://play.example/')), 'http://127.0.0.1:8787/demo/.well-known/jwks.json');
  for (const other of ['https://auth.example.com/jwks', 'https://issuer.demo.example/', 'nothing', null]) assert.equal(demoKeysAt(other, new URL('http://localhost/')), null);
});

test("the examples' keys stay with the examples' issuer alone", () => {
  const own = { ...ISSUER, text: 'made here' };
  const config = (text) => readConfiguration(text).config;
  const keys = { demo: 'made here', other: 'typed' };
  assert.deepEqual(issuersOf(config(CONFIGURATION)).map(({ name, issuer, address }) => ({ name, issuer, address })), [ISSUER]);
  assert.deepEqual(keysBeside(keys, own, config(`${CONFIGURATION}\n# mine`)), keys);
  assert.deepEqual(keysBeside(keys, own, null), keys);
  assert.deepEqual(keysBeside(keys, own, config(CONFIGURATION.replace('issuer = "https://auth.example.com"', 'issuer = "https://issuer.demo"'))), { other: 'typed' });
  assert.deepEqual(keysBeside(keys, own, config(CONFIGURATION.replace('.well-known/jwks.json', 'keys'))), { other: 'typed' });
  const typed = { demo: 'typed by somebody' };
  assert.deepEqual(keysBeside(typed, own, { issuers: [{ name: 'demo', issuer: 'https://x', verify: { jwks: 'https://x' } }] }), typed);
});
