// A shared link holds no credential, in whatever place one was pasted.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { asCurl, asExplain } from '../../www/playground/input/command.js';
import { readHeaders, writeHeaders } from '../../www/playground/input/headers.js';
import { readFragment, shareable, writeFragment } from '../../www/playground/input/share.js';

const TOKEN = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLXRoYXQtaXMtc2VjcmV0';
const PUBLIC = '{"keys":[{"kty":"EC","crv":"P-256","x":"a","y":"b"}]}';

const state = () => ({
  method: 'GET', url: `https://user:pa55@api.example.com/a?page=2&access_token=${TOKEN}&x=${TOKEN}`, token: TOKEN,
  headers: `Accept: */*\nAuthorization: Basic c2VjcmV0LWJhc2lj\nCookie: sid=s3cr3t\nX-Api-Key: k3y\nX-Note: ${TOKEN}\nX-Csrf-Token: csrf7`,
  configuration: `realm = "api" # ${TOKEN}`, keys: { main: PUBLIC, other: '{"keys":[{"kty":"oct","k":"c3ltbWV0cmlj"}]}' },
  secrets: { JWT_SECRET: 'very-secret-text' }, answer: '{"sub":"answer-of-somebody"}', answers: 'answer',
  now: 1_790_000_000, revoked: ['token'], before: 1_780_000_000, storeDown: true,
});

const SECRETS = [TOKEN, 'c2lnbmF0dXJl', 'eyJzdWIi', 'pa55', 'c2VjcmV0LWJhc2lj', 's3cr3t', 'k3y', 'csrf7', 'very-secret', 'c3ltbWV0cmlj', 'answer-of-somebody'];

test('nothing that is a credential is shared, and each kind is named', () => {
  const { shared, left } = shareable(state());
  const text = JSON.stringify(shared);
  for (const secret of SECRETS) assert.ok(!text.includes(secret), secret);
  for (const word of ['the token', 'the secrets', '`Authorization`', '`Cookie`', '`X-Api-Key`', '`X-Note`', 'query', 'configuration', 'key sets']) {
    assert.ok(left.some((one) => one.includes(word)), word);
  }
});

test('a configuration with a private key in it is left out whole', () => {
  for (const configuration of ['keys = { keys = [{ kty = "oct", k = "c3ltbWV0cmljLXNlY3JldA" }] }', '{"keys":[{"kty":"OKP","d":"nWGxne_9WmC6hEr0kuwsxERJ"}]}']) {
    const { shared, left } = shareable({ ...state(), configuration });
    assert.equal(shared.configuration, '');
    assert.ok(left.some((one) => one.includes('private key')));
  }
  const { shared } = shareable({ ...state(), configuration: 'id = "0f2ac74b498b48028cb68387c421e279"' });
  assert.match(shared.configuration, /^id/);
});

test('what is no credential is shared as it is', () => {
  const { shared } = shareable(state());
  assert.equal(shared.url, 'https://api.example.com/a?page=2&access_token=&x=');
  assert.equal(shared.keys.main, PUBLIC);
  assert.equal(shared.now, 1_790_000_000);
  assert.deepEqual([shared.revoked, shared.storeDown], [['token'], true]);
  assert.match(shared.headers, /^Accept: \*\/\*\nAuthorization: \n/);
  const harmless = { ...state(), url: 'https://h/a', token: '', headers: 'Accept: a', configuration: 'a', keys: {}, secrets: {}, answer: '' };
  assert.deepEqual(shareable(harmless).left, []);
});

test('a link holds what was shared', async () => {
  const { shared } = shareable(state());
  const fragment = await writeFragment(shared);
  assert.match(fragment, /^s=[\w-]+$/);
  const { v, ...rest } = shared;
  assert.deepEqual(await readFragment(`#${fragment}`), { ...rest, answers: 'none' });
});

test('a link by somebody else sets no field that is not shared', async () => {
  const hostile = { v: 1, token: 'x', secrets: { A: 'b' }, method: 7, url: ['a'], keys: { main: 5 }, now: 'x', revoked: 'all', before: -1, storeDown: 'yes' };
  const read = await readFragment(await writeFragment(hostile));
  assert.deepEqual(read, { method: 'GET', url: '', headers: '', configuration: '', keys: {}, now: undefined, before: undefined, revoked: [], storeDown: false, answers: 'none' });
});

test('what is no link of ours is nothing', async () => {
  for (const fragment of ['', '#', '#s=', '#s=AAAA', '#other', '#s=%00', `#${await writeFragment({ v: 2 })}`]) {
    assert.equal(await readFragment(fragment), null, fragment);
  }
  const bomb = await writeFragment({ v: 1, url: 'a'.repeat(2 * 1024 * 1024) });
  assert.equal(await readFragment(bomb), null);
});

test('headers are read and written line by line', () => {
  assert.deepEqual(readHeaders('A: b\n\nC:d: e\n: x\nno colon\nbad name: x').headers, [['A', 'b'], ['C', 'd: e']]);
  assert.equal(readHeaders('A: b\n: x\nno').problems.length, 2);
  assert.equal(writeHeaders([['a', 'b'], ['c', '']]), 'a: b\nc: ');
});

test('copied commands name the token and other credentials, and hold none', () => {
  const { headers } = readHeaders(state().headers);
  const request = { method: 'POST', url: "https://h/a?b='c", headers };
  const given = { isJson: false, now: 5, issuers: ['main'], secrets: ['JWT_SECRET'], revoked: ['session'], storeDown: true, answers: 'no' };
  for (const command of [asCurl(request, true), asExplain(request, true, given)]) {
    for (const secret of SECRETS) assert.ok(!command.includes(secret), secret);
    assert.ok(command.includes(String.raw`'https://h/a?b='\''c'`) && command.includes('"Cookie: $cookie"'));
    assert.ok(command.includes('$token'));
  }
  assert.match(asExplain(request, true, given), /^printf %s "\$token" \| edgeward explain --config wrangler\.toml --now 5/);
});
