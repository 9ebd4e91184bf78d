// A Worker that uses the installed package, bundled as wrangler does it: one module, and each wasm beside it.
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';

import { build } from 'esbuild';

/** Bundles `entry` (a file, or `{ text }`) with the package of `place` into a folder for `startGateway`. */
export async function bundled(entry, place, name = 'worker') {
  const folder = join(place.folder, name);
  mkdirSync(folder, { recursive: true });
  const wasm = {
    name: 'wasm',
    setup(building) {
      building.onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
        copyFileSync(join(resolveDir, path), join(folder, basename(path)));
        return { path: `./${basename(path)}`, external: true };
      });
    },
  };
  const source = typeof entry === 'string' ? { entryPoints: [entry] } : { stdin: { contents: entry.text, resolveDir: place.folder } };
  await build({
    ...source, bundle: true, format: 'esm', outfile: join(folder, 'index.js'), plugins: [wasm], logLevel: 'error', external: ['cloudflare:workers'],
    conditions: ['workerd', 'worker'], nodePaths: [join(place.folder, 'node_modules')],
  });
  return folder;
}
