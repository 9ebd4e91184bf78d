// What a release is made of: scripts/release.mjs version TAG  fails where the tag is not the version of everything;
// scripts/release.mjs pack FOLDER  writes the archives of both packages and their SHA-256 into the folder.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PACKAGES = ['pkg', 'pkg-create'];
const read = (path) => readFileSync(join(ROOT, path), 'utf8');

/** Whatever says a version of its own, with what it says. */
export function versions() {
  const manifests = PACKAGES.map((name) => [`${name}/package.json`, JSON.parse(read(`${name}/package.json`))]);
  return [
    ['Cargo.toml', /^version = "(.*)"$/m.exec(read('Cargo.toml'))[1]],
    ...manifests.map(([path, { version }]) => [path, version]),
    ...manifests.filter(([, { dependencies }]) => dependencies?.edgeward).map(([path, { dependencies }]) => [`${path}: edgeward`, dependencies.edgeward]),
  ];
}

/** Packs both packages into `folder`: the archives' names with their SHA-256. */
export function pack(folder) {
  mkdirSync(folder, { recursive: true });
  return PACKAGES.map((name) => {
    const options = { cwd: join(ROOT, name), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', resolve(folder)], options));
    return [filename, createHash('sha256').update(readFileSync(join(folder, filename))).digest('hex')];
  });
}

function main([command, argument]) {
  if (command === 'pack' && argument) {
    const sums = pack(argument).map(([name, sum]) => `${sum}  ${name}\n`).join('');
    writeFileSync(join(argument, 'SHA256SUMS'), sums);
    process.stdout.write(sums);
    return 0;
  }
  if (command === 'version' && argument) {
    const wrong = versions().filter(([, version]) => `v${version}` !== argument);
    for (const [path, version] of wrong) console.error(`${path}: expected the version of the tag ${argument}, got ${version}`);
    return wrong.length > 0 ? 1 : 0;
  }
  console.error('expected: release.mjs version TAG, or release.mjs pack FOLDER');
  return 2;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main(process.argv.slice(2));
