// Prints what a build weighs: scripts/size.mjs FOLDER [FILES], those of a Worker unless said otherwise. Cloudflare limits the
// gzip sum of a Worker (3 MB free, 10 MB paid).

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const [folder, ...named] = process.argv.slice(2);
const files = (named.length ? named : ['index_bg.wasm', 'authority_bg.wasm', 'index.js']).map((name) => [name, readFileSync(join(folder, name))]);

const measures = {
  raw: (bytes) => bytes.length,
  gzip: (bytes) => gzipSync(bytes, { level: 9 }).length,
  brotli: (bytes) => brotliCompressSync(bytes).length,
};

for (const [name, bytes] of files) {
  const sizes = Object.entries(measures).map(([measure, of]) => `${measure} ${kB(of(bytes))}`);
  console.log(`   ${join(folder, name).padEnd(32)} ${sizes.join('   ')}`);
}

function kB(bytes) {
  return `${(bytes / 1000).toFixed(1).padStart(7)} kB`;
}
