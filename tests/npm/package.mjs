// The package as npm packs it, installed into a folder of its own: what the file list forgets is missing here, too.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGE = join(ROOT, 'pkg');

/** What `npm pack` says it would put into the archive. */
export function packed(...more) {
  const options = { cwd: PACKAGE, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, npm_config_offline: 'true' } };
  const [report] = JSON.parse(execFileSync('npm', ['pack', '--json', ...more], options));
  return report;
}

/** A folder in which `edgeward` is installed; it goes when the process ends. */
export function install() {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-npm-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { filename } = packed('--pack-destination', folder);
  const home = join(folder, 'node_modules', 'edgeward');
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['xzf', join(folder, filename), '--strip-components=1', '-C', home]);
  return { folder, home };
}

/** The module `edgeward` as a program in such a folder imports it. */
export async function imported({ folder } = install()) {
  const path = join(folder, 'all.mjs');
  writeFileSync(path, "export * from 'edgeward';\n");
  return import(pathToFileURL(path));
}

/** The error of a promise or function, which must have one. */
export async function errorOf(work) {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error('expected an error');
}
