// What the built gateway weighs, in bytes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** By file { raw, gzip, brotli }. */
export function sizes(folder) {
  return Object.fromEntries(['index_bg.wasm', 'authority_bg.wasm', 'index.js'].map((name) => {
    const bytes = readFileSync(join(folder, name));
    return [name, { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length }];
  }));
}
