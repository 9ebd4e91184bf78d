// What a pasted curl command says about the request.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readCurl } from '../../www/playground/input/curl.js';
import { words } from '../../www/playground/input/shell.js';

test('words are split as a shell splits them', () => {
  assert.deepEqual(words(`curl 'a b' "c \\" $d" e\\ f g'h'"i"`), ['curl', 'a b', 'c " $d', 'e f', 'ghi']);
  assert.deepEqual(words('curl \\\n  -H x \\\r\n y\nother line'), ['curl', '-H', 'x', 'y']);
  assert.deepEqual(words(String.raw`curl $'it\'s\x41\u00e9\n' | jq .`), ['curl', "it'sAé\n"]);
  assert.deepEqual(words(`curl ''`), ['curl', '']);
});

test('a quote that is not closed is told', () => {
  for (const text of [`curl 'a`, `curl "a`, `curl $'a`]) assert.throws(() => words(text), /not closed/);
});

test('method, URL and headers are read, and the token goes to its own place', () => {
  const command = `curl -sS -X DELETE 'https://api.example.com/a?b=1#c' -H 'Accept: */*' -H "authorization: Bearer abc.def.ghi"`;
  assert.deepEqual(readCurl(command), {
    method: 'DELETE', url: 'https://api.example.com/a?b=1', headers: [['accept', '*/*']], token: 'abc.def.ghi', notes: [],
  });
});

test('options in short and long form mean the same', () => {
  for (const command of ['curl -XPUT -HA:b https://h/', 'curl --request PUT --header A:b --url https://h/', 'curl -kXPUT -HA:b https://h/ -o out']) {
    const { method, headers, url } = readCurl(command);
    assert.deepEqual([method, headers, url], ['PUT', [['a', 'b']], 'https://h/']);
  }
});

test('data makes a POST with its type, unless something else is said', () => {
  const read = (rest) => {
    const { method, url, headers } = readCurl(`curl https://h/ ${rest}`);
    return [method, url, Object.fromEntries(headers)['content-type'] ?? null];
  };
  assert.deepEqual(read('-d a=1'), ['POST', 'https://h/', 'application/x-www-form-urlencoded']);
  assert.deepEqual(read(`--json '{}' -X PATCH`), ['PATCH', 'https://h/', 'application/json']);
  assert.deepEqual(read(`-d '{}' -H 'Content-Type: text/plain'`), ['POST', 'https://h/', 'text/plain']);
  assert.deepEqual(read('-F a=@b'), ['POST', 'https://h/', 'multipart/form-data']);
  assert.deepEqual(read('-T file'), ['PUT', 'https://h/', null]);
  assert.deepEqual(read('-G -d a=1 -d b=2'), ['GET', 'https://h/?a=1&b=2', null]);
  assert.deepEqual(read('-I'), ['HEAD', 'https://h/', null]);
});

test('credentials of other forms are headers', () => {
  const headers = (rest) => readCurl(`curl https://h/ ${rest}`).headers;
  assert.deepEqual(headers('-u ada:pw'), [['authorization', 'Basic YWRhOnB3']]);
  assert.deepEqual(headers('-b sid=1'), [['cookie', 'sid=1']]);
  assert.equal(readCurl('curl https://h/ --oauth2-bearer abc').token, 'abc');
});

test('two Authorization headers stay headers: the gateway refuses them, and the page must show that', () => {
  const { headers, token } = readCurl(`curl https://h/ -H 'Authorization: Bearer a' -H 'Authorization: Bearer b'`);
  assert.equal(token, '');
  assert.equal(headers.length, 2);
});

test('what is no curl command is told', () => {
  assert.throws(() => readCurl('wget https://h/'), /begins with `curl`/);
  assert.throws(() => readCurl('curl -s'), /expected a URL/);
  assert.throws(() => readCurl('curl https://h/ -H'), /a value after `-H`/);
});

test('a second URL and files are named as left out', () => {
  assert.match(readCurl('curl https://h/ https://i/').notes.join(), /only the first URL/);
  assert.match(readCurl('curl https://h/ -H @file').notes.join(), /file file is not read/);
  assert.equal(readCurl('curl h.example/x').url, 'http://h.example/x');
});
