// Which files the site is made from, in which order, and where each stands in it.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

import { addressesOf, headingsOf } from './markdown.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** An address that is no path of the repository. */
const IS_COMPLETE = /^(?:https?:|mailto:|#)/;

/** The sidebar: a part's title, and its files. A text beside a file is its name there, where its heading is too long or says something else. */
const PARTS = [
  ['Guides', [
    ['README.md', 'Overview'], ...inOrderOf('docs/README.md', 'docs/guides'), ['docs/README.md', 'All documents'], 'docs/deploy.md', 'docs/migration.md', ['docs/origins.md', 'Origins'],
    ['docs/sessions.md', 'How sessions work'], ['docs/revocation.md', 'How revocation works'], ['docs/registry.md', 'Registry and audit'], 'docs/playground.md', 'docs/operations.md',
    ['examples/django/README.md', 'Example: Django'], ['examples/express/README.md', 'Example: Express'],
  ]],
  ['Recipes', [['docs/recipes/README.md', 'All issuers'], ...inOrderOf('docs/recipes/README.md', 'docs/recipes')]],
  ['Reference', [
    'docs/configuration.md', ['docs/fields.md', 'Every field'], 'docs/cli.md', 'docs/errors.md', 'docs/limits.md', 'docs/storage.md',
    ['docs/openapi.yaml', 'HTTP interface (OpenAPI)'], ['pkg/README.md', 'npm package'],
    ['examples/django/edgeward_django/README.md', 'edgeward-django'], ['examples/express/edgeward-express/README.md', 'edgeward-express'], 'CHANGELOG.md',
  ]],
  ['Background', [
    'docs/request.md', 'docs/refusals.md', 'docs/performance.md', 'docs/comparison.md', ['SECURITY.md', 'Security'], 'CONTRIBUTING.md', ['tests/vectors/README.md', 'Test vectors'],
  ]],
];

/** { parts: [{ title, pages }], pages, files }: a page is { source, url, label, title, text, headings, isCode }; `files` are images as [source, url]. */
export function readSite() {
  const listed = new Set(PARTS.flatMap(([, entries]) => entries.map((entry) => [entry].flat()[0])));
  // A new document is never lost: it stands at the end until it has been given its place.
  const others = filesIn('docs').filter((source) => !listed.has(source));
  const parts = PARTS.map(([title, entries], at) => {
    const all = at === PARTS.length - 1 ? [...entries, ...others] : entries;
    return { title, pages: all.filter((entry) => existsSync(ROOT + [entry].flat()[0])).map((entry) => pageOf(...[entry].flat())) };
  });
  const pages = parts.flatMap((part) => part.pages);
  const linked = new Set(pages.flatMap(linkedFiles));
  for (const { source } of pages) linked.delete(source);
  const isImage = (source) => /\.(?:png|svg)$/.test(source);
  const code = [...linked].filter((source) => !isImage(source)).map((source) => pageOf(source));
  const images = [...linked].filter(isImage).map((source) => [source, source.replace(/^docs\//, '')]);
  return { parts, pages: [...pages, ...code], files: [...images, ['docs/openapi.yaml', 'openapi.yaml']] };
}

/** What the links of a file `source` lead to on the site, and what it is called there. */
export function linksOf({ pages, files }) {
  const urls = new Map([...pages.map(({ source, url }) => [source, url]), ...files.filter(([source]) => !source.endsWith('.yaml'))]);
  const labels = new Map(pages.map(({ source, label }) => [source, label]));
  return {
    /** Relative to the page; as it is for another host; undefined for a file that is not on the site. */
    address(source, href) {
      if (IS_COMPLETE.test(href)) return href;
      const [path, fragment] = href.split('#');
      const url = urls.get(target(source, path));
      return url && relative(urls.get(source), url) + (fragment ? `#${fragment}` : '');
    },
    label: (source, href) => IS_COMPLETE.test(href) ? undefined : labels.get(target(source, href.split('#')[0])),
  };
}

/** How a page at `from` names the file at `to`; both are paths from the site's root, wherever that is. */
export function relative(from, to) {
  return posix.relative(posix.dirname(from), to) || posix.basename(to);
}

/** The file that a link in the file `source` names. */
export function target(source, path) {
  return posix.join(posix.dirname(source), decodeURIComponent(path)).replace(/\/$/, '');
}

function pageOf(source, label) {
  const text = readFileSync(ROOT + source, 'utf8');
  const isCode = !source.endsWith('.md');
  const headings = isCode ? [] : headingsOf(text);
  const title = headings[0]?.text ?? source;
  return { source, url: urlOf(source, isCode), title: source.endsWith('.yaml') ? label : title, label: label ?? title, text, headings, isCode };
}

function urlOf(source, isCode) {
  // The start page is the README of the repository.
  if (source === 'docs/README.md') return 'all.html';
  if (isCode) return source === 'docs/openapi.yaml' ? 'openapi.html' : `files/${source.replace(/^\.+/, '')}.html`;
  return source.replace(/^docs\//, '').replace(/README\.md$/, 'index.html').replace(/\.md$/, '.html').toLowerCase();
}

/** The files of the repository that a page links to; a folder is none. */
function linkedFiles({ source, text, isCode }) {
  if (isCode) return [];
  const local = addressesOf(text).filter((address) => !IS_COMPLETE.test(address));
  return local.map((address) => target(source, address.split('#')[0])).filter((path) => /\.\w+$|LICENSE$/.test(path) && existsSync(ROOT + path));
}

function filesIn(folder) {
  if (!existsSync(ROOT + folder)) return [];
  return readdirSync(ROOT + folder).filter((name) => name.endsWith('.md') && name !== 'README.md').sort().map((name) => `${folder}/${name}`);
}

/** The files of a folder: those to which a page links in its order, and then the others. */
function inOrderOf(source, folder) {
  const files = filesIn(folder);
  const linked = addressesOf(readFileSync(ROOT + source, 'utf8')).map((address) => target(source, address.split('#')[0]));
  return [...new Set([...linked.filter((file) => files.includes(file)), ...files])];
}
