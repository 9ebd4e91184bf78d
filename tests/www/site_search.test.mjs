// The search of the documentation's site, as its built script answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';

runInThisContext(readFileSync(fileURLToPath(new URL('../../build/www/.edgeward/docs/search.js', import.meta.url)), 'utf8'));
const search = (query) => globalThis.searchDocumentation(query).best;
const urls = (query) => search(query).map(({ url }) => url);
const excerptOf = ({ excerpt }) => excerpt.map(([text]) => text).join('');

test('the section whose heading is asked for comes first', () => {
  for (const [query, url] of [['shadow mode', 'configuration.html#shadow-mode'], ['Keycloak', 'recipes/keycloak.html'], ['refresh', 'configuration.html#refresh']]) {
    assert.equal(urls(query)[0], url, query);
  }
});

test('a code, a field or a header that is typed in full comes before sections that have its words apart', () => {
  for (const query of ['configuration_invalid', 'bound_seconds', 'x-auth-subject']) {
    const found = search(query);
    const asTyped = found.map((result) => result.excerpt.some(([text, isMatch]) => isMatch && text.toLowerCase() === query));
    assert.ok(asTyped[0], `${query}: ${excerptOf(found[0])}`);
  }
});

test('the beginning of a word is enough, and one letter may be wrong in a long one', () => {
  assert.ok(urls('revoc').some((url) => url.startsWith('revocation.html')));
  assert.ok(search('audiance').some((result) => /audience/i.test(excerptOf(result))));
});

test('every word must be there', () => {
  assert.deepEqual(urls('keycloak zzyzxqqq'), []);
});

test('signs of regular expressions are no fault, and no word at all finds nothing', () => {
  for (const query of ['[[vars', 'a(b', '/api/**', '\\d+ $', '<id>', 'x|y', '.*?{2}']) assert.ok(Array.isArray(search(query)), query);
  for (const query of ['', '   ', '*', '\\']) assert.deepEqual(search(query), [], query);
});
