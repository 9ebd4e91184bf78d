// The contenders in JavaScript, each bundled into one module.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const SCRIPTS = ['outside', 'counted', 'pass', 'floor', 'turned', 'jose', 'hono', 'tsndr', 'store', 'verify', 'compile', 'fill'];

/** A function from a script's name to the path of its bundle; the folder goes when this process does. */
export async function bundle() {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({
    entryPoints: SCRIPTS.map((name) => fileURLToPath(new URL(`workers/${name}.js`, import.meta.url))),
    outdir: folder,
    bundle: true,
    format: 'esm',
    // As wrangler bundles for deployment, `--minify` aside.
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:*'],
    logLevel: 'warning',
  });
  return (name) => join(folder, `${name}.js`);
}
