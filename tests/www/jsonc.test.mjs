// A wrangler.jsonc is read as wrangler reads it, and a document for KV strictly.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readConfiguration } from '../../www/playground/input/configuration.js';
import { looksLikeJson, toJson } from '../../www/playground/input/jsonc.js';

test('comments and trailing commas become spaces, and nothing moves', () => {
  const cases = [
    ['{"a":1}', '{"a":1}'],
    ['{ // a\n"a": 1, /* b\n */ }', '{     \n"a": 1      \n    }'],
    ['[[1,],]', '[[1 ] ]'],
    ['{"a":"// no, /* comment */,",}', '{"a":"// no, /* comment */," }'],
    ['["a\\"//",]', '["a\\"//" ]'],
    ['[1, // a,\n // b,\n]', '[1       \n      \n]'],
  ];
  for (const [text, json] of cases) assert.equal(toJson(text), json);
  for (const text of ['[1,,]', '{"a" /* open', '"open', '/', '[1 2,]']) assert.throws(() => JSON.parse(toJson(text)), text);
});

test('a text is JSON by its first brace, whatever comments stand before it', () => {
  for (const text of ['{', ' // a [b]\n{', '/* a\n{ */ {']) assert.ok(looksLikeJson(text), text);
  for (const text of ['', 'a = 1', '[a]', '# {\n', '// {', '/* {']) assert.ok(!looksLikeJson(text), text);
});

const WRANGLER = `// The gateway.
{
  "name": "gateway", /* its name */
  "vars": { "EDGEWARD": {
    // Where it goes.
    "origins": [{ "name": "main", "url": "https://a.example" },],
    "routes": [],
  } },
}`;

test('a wrangler.jsonc is read, and its lines are those of the text', () => {
  const { config, problems, line } = readConfiguration(WRANGLER);
  assert.deepEqual([problems, config.origins[0].name], [[], 'main']);
  assert.deepEqual([line('origins[0].url'), line('routes')], [6, 7]);
});

test('a document for KV has no comments and no trailing commas', () => {
  for (const [text, line] of [['{\n"routes": [], // none\n"origins": []}', 2], ['{"routes": [],\n"origins": [],\n}', 2]]) {
    const { config, problems } = readConfiguration(text);
    assert.equal(config, null);
    assert.deepEqual(problems, [{ line, message: 'expected no comments and no trailing commas: a document for KV is strict JSON' }]);
  }
  assert.deepEqual(readConfiguration('{"routes": [], "origins": []}').problems, []);
});
