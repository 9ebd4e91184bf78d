// The page as it is built: small enough, and nothing in it that its own policy would have to allow.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const FOLDER = fileURLToPath(new URL('../../build/www/.edgeward/playground/', import.meta.url));
const FIRST_VIEW_BYTES = 100_000;
const WASM_BYTES = 334_000;

const read = (name) => readFileSync(`${FOLDER}${name}`);
const packed = (name) => gzipSync(read(name), { level: 9 }).length;

/** What the browser loads before anybody does anything, but for the wasm. */
function firstView() {
  const html = read('index.html').toString();
  const found = new Set(['index.html', ...[...html.matchAll(/(?:href|src)="([^"#]+)"/g)].map(([, name]) => name)]);
  for (const name of found) {
    if (!name.endsWith('.js')) continue;
    for (const [, imported] of read(name).toString().matchAll(/(?:from|import)"\.\/([^"]+)"/g)) found.add(imported);
  }
  return [...found];
}

test('the first view is under 100 kB compressed, and the wasm under 334 kB', () => {
  const files = firstView();
  assert.ok(files.some((name) => name.startsWith('chunk-')) && !files.some((name) => name.startsWith('editor-')), files.join());
  const bytes = files.reduce((sum, name) => sum + packed(name), 0);
  assert.ok(bytes < FIRST_VIEW_BYTES, `${bytes} bytes`);
  assert.ok(packed('edgeward.wasm') < WASM_BYTES, `${packed('edgeward.wasm')} bytes`);
});

test('no page has a script, a style or a handler in its markup, and each has a policy', () => {
  for (const name of ['index.html', 'fetch.html']) {
    const html = read(name).toString();
    assert.doesNotMatch(html, /\s(?:style|on[a-z]+)=|<style|<script(?![^>]*\ssrc=)/i, name);
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(html)[1];
    assert.match(policy, /^default-src 'none'; script-src 'self'/, name);
    assert.doesNotMatch(policy, /'unsafe-inline'|'unsafe-eval'/, name);
  }
});

test('every address in the page is relative', () => {
  for (const name of readdirSync(FOLDER).filter((file) => /\.(?:html|css)$/.test(file))) {
    assert.doesNotMatch(read(name).toString(), /(?:href|src)="(?:https?:|\/)|url\((?!["']?data:)|@import/, name);
  }
});

test('the page may connect to its own origin, to load its wasm, and the frame alone to others', () => {
  const connects = (name) => /connect-src ([^;"]+)/.exec(read(name).toString())[1];
  assert.equal(connects('index.html'), "'self'");
  assert.match(connects('fetch.html'), /^https: /);
});
