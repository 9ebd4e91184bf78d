// The site's scripts and its style sheet.
import { build } from 'esbuild';

import { ROOT } from './pages.js';

/** Bundles them into the folder `out`; `documents` become part of the search's script, which is loaded when somebody first searches. */
export async function buildAssets(out, documents) {
  await build({
    absWorkingDir: ROOT,
    entryPoints: { site: 'www/docs/client/site.js', search: 'www/docs/client/search.js', style: 'www/docs/style/style.css' },
    bundle: true,
    minify: true,
    format: 'iife',
    charset: 'utf8',
    target: ['es2022', 'chrome123', 'firefox125', 'safari17.5'],
    outdir: out,
    logLevel: 'warning',
    plugins: [{
      name: 'documents',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /^documents$/ }, () => ({ path: 'documents', namespace: 'documents' }));
        onLoad({ filter: /.*/, namespace: 'documents' }, () => ({ contents: JSON.stringify(documents), loader: 'json' }));
      },
    }],
  });
}
