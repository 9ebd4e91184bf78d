// A user's project: a folder in which the packages are installed from their archives, and wrangler beside them. There is no cargo on its PATH.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { ROOT, install } from './package.mjs';

const MODULES = join(ROOT, 'node_modules');
const NPM = dirname(spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim());

/** What the commands of a project have in their environment, and nothing of the repository's. */
export const ENVIRONMENT = {
  PATH: [dirname(process.execPath), NPM, '/usr/bin', '/bin'].join(':'), HOME: process.env.HOME, CI: '1', NO_COLOR: '1',
  WRANGLER_SEND_METRICS: 'false', CLOUDFLARE_CF_FETCH_ENABLED: 'false', npm_config_offline: 'true',
};

/** Makes a project with `files`, texts by their paths: { folder, home, put(path, text), run(program, words, options), later(…) }; `later` is a promise. */
export function project(files = {}) {
  const place = install();
  // Wrangler is in the tests' own dependencies: a link saves a download of 100 MB for each project.
  for (const name of readdirSync(MODULES)) {
    const at = join(place.folder, 'node_modules', name);
    if (!existsSync(at)) symlinkSync(join(MODULES, name), at);
  }
  const put = (path, text) => {
    mkdirSync(dirname(join(place.folder, path)), { recursive: true });
    writeFileSync(join(place.folder, path), typeof text === 'string' ? text : JSON.stringify(text, null, 2));
  };
  for (const [path, text] of Object.entries(files)) put(path, text);
  const env = { ...ENVIRONMENT, WRANGLER_LOG_PATH: join(place.folder, '.wrangler/logs'), WRANGLER_REGISTRY_PATH: join(place.folder, '.wrangler/registry') };
  const bins = { wrangler: join(MODULES, 'wrangler/bin/wrangler.js'), edgeward: join(place.home, 'cli/main.js') };
  const command = (program, words) => (bins[program] ? [process.execPath, [bins[program], ...words]] : [program, words]);
  const run = (program, words, { input = '', more = {}, cwd = place.folder } = {}) => {
    const { status, stdout, stderr } = spawnSync(...command(program, words), { cwd, encoding: 'utf8', input, env: { ...env, ...more } });
    return { status, stdout, stderr };
  };
  // For what talks to servers of this process.
  const later = async (program, words, { input = '', more = {} } = {}) => {
    const child = spawn(...command(program, words), { cwd: place.folder, env: { ...env, ...more } });
    child.stdin.end(input);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { output += text; });
    const [status] = await once(child, 'close');
    return { status, output };
  };
  return { ...place, env, put, run, later };
}
