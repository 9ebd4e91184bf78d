// The documentation's links, as GitHub reads the files and as the built site has them; and that the site asks nobody else for anything.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'parse5';

import { addressesOf, headingsOf } from '../../www/docs/markdown.js';
import { readSite, target } from '../../www/docs/pages.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SITE = `${ROOT}build/www/.edgeward/docs/`;
const IS_OUTSIDE = /^(?:https?|mailto):/;
const LOADING = { script: 'src', img: 'src', source: 'src', iframe: 'src', audio: 'src', video: 'src', embed: 'src', object: 'data', link: 'href', use: 'href' };

/** Every Markdown file that people read. */
const MARKDOWN = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')), 'pkg/README.md', 'pkg-create/README.md', 'tests/vectors/README.md',
  ...['docs', 'examples'].flatMap((folder) => readdirSync(ROOT + folder, { recursive: true }).filter((name) => /\.md$/.test(name) && !/node_modules|dist-info/.test(name)).map((name) => `${folder}/${name}`)),
];
const FILES = readdirSync(SITE, { recursive: true }).filter((name) => statSync(SITE + name).isFile()).map((name) => name.replaceAll('\\', '/'));
const PAGES = FILES.filter((name) => name.endsWith('.html')).map((name) => ({ name, elements: elementsOf(readFileSync(SITE + name, 'utf8')) }));
const IDS = new Map(PAGES.map(({ name, elements }) => [name, elements.flatMap(({ attrs }) => attrs.id ?? [])]));

function elementsOf(html) {
  const found = [];
  const walk = (node) => {
    if (node.tagName) found.push({ tag: node.tagName, attrs: Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])), node });
    for (const child of node.childNodes ?? []) walk(child);
  };
  walk(parse(html));
  return found;
}

test('every link of a Markdown file leads to a file of the repository, and to a heading that is there', () => {
  const faults = [];
  let links = 0;
  for (const source of MARKDOWN) {
    for (const address of addressesOf(readFileSync(ROOT + source, 'utf8')).filter((address) => !IS_OUTSIDE.test(address))) {
      links += 1;
      const [path, fragment] = address.split('#');
      const file = path ? target(source, path) : source;
      if (file.startsWith('..') || !existsSync(ROOT + file)) faults.push(`${source}: ${address}: no such file`);
      else if (fragment && !headingsOf(readFileSync(ROOT + file, 'utf8')).some(({ id }) => id === fragment)) faults.push(`${source}: ${address}: no such heading`);
    }
  }
  assert.ok(links > 300, `${links} links only`);
  assert.deepEqual(faults, []);
});

test('every document of docs/ and every example stands in the sidebar', () => {
  const listed = readSite().parts.flatMap(({ pages }) => pages.map(({ source }) => source));
  assert.deepEqual(MARKDOWN.filter((name) => /^(?:docs|examples)\//.test(name) && !listed.includes(name)), []);
  assert.deepEqual(listed.filter((name, at) => listed.indexOf(name) !== at), [], 'listed twice');
});

test('every link of the site leads to a file that is there, and to an anchor that is there once', () => {
  const faults = [];
  let links = 0;
  for (const { name, elements } of PAGES) {
    for (const { tag, attrs } of elements) {
      const address = attrs.href ?? attrs.src;
      if (address === undefined || IS_OUTSIDE.test(address)) continue;
      links += 1;
      const [path, fragment] = address.split('#');
      const file = path ? posix.join(posix.dirname(name), decodeURIComponent(path)) : name;
      if (!FILES.includes(file)) faults.push(`${name}: <${tag}> ${address}: no such file`);
      else if (fragment && !IDS.get(file)?.includes(decodeURIComponent(fragment))) faults.push(`${name}: ${address}: no such anchor`);
    }
    const ids = IDS.get(name);
    faults.push(...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => `${name}: #${id} is there twice`));
  }
  assert.ok(PAGES.length > 40 && links > 2000, `${PAGES.length} pages, ${links} links`);
  assert.deepEqual(faults, []);
});

test('every page can be reached from the start page', () => {
  const reached = new Set(['index.html']);
  for (const name of reached) {
    for (const { tag, attrs } of PAGES.find((page) => page.name === name).elements) {
      if (tag !== 'a' || IS_OUTSIDE.test(attrs.href)) continue;
      const file = posix.join(posix.dirname(name), attrs.href.split('#')[0] || posix.basename(name));
      if (file.endsWith('.html')) reached.add(file);
    }
  }
  assert.deepEqual(PAGES.map(({ name }) => name).filter((name) => !reached.has(name)), []);
});

test('no page loads anything from another host, and every address in it is relative', () => {
  const faults = PAGES.flatMap(({ name, elements }) => elements.flatMap(({ tag, attrs }) => {
    const loaded = [attrs[LOADING[tag]], attrs.srcset, attrs.poster, attrs.ping].filter(Boolean);
    const led = tag === 'a' && !IS_OUTSIDE.test(attrs.href) ? [attrs.href] : [];
    return [...loaded, ...led].filter((address) => /^(?:[a-z]+:|\/)/i.test(address)).map((address) => `${name}: <${tag}> ${address}`);
  }));
  assert.deepEqual(faults, []);
  for (const name of FILES.filter((file) => file.endsWith('.css'))) assert.doesNotMatch(readFileSync(SITE + name, 'utf8'), /url\(|@import/, name);
});

test('no page has a script, a style or a handler in its markup, and each has a policy that allows none', () => {
  for (const { name, elements } of PAGES) {
    for (const { tag, attrs, node } of elements) {
      assert.ok(tag !== 'style' && !(tag === 'script' && node.childNodes.length > 0), `${name}: <${tag}>`);
      assert.deepEqual(Object.keys(attrs).filter((attribute) => attribute === 'style' || attribute.startsWith('on')), [], `${name}: <${tag}>`);
    }
    const policy = elements.find(({ attrs }) => attrs['http-equiv'] === 'Content-Security-Policy').attrs.content;
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';/, name);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/, name);
  }
});

test('every file has a name that the gateway serves', () => {
  // As src/edge/pages.js has it.
  assert.deepEqual(FILES.filter((name) => !/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(name)), []);
});
