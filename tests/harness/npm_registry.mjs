// An npm registry on loopback that has a few archives and nothing else: a user's commands run as they stand, and nothing leaves the machine.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Starts it with `archives`, paths of .tgz files: { url, asked, stop() }. */
export async function startRegistry(archives) {
  const asked = [];
  const packages = new Map(archives.map((archive) => {
    const manifest = JSON.parse(execFileSync('tar', ['xzOf', archive, 'package/package.json'], { encoding: 'utf8' }));
    return [manifest.name, { archive, manifest }];
  }));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url.slice(1));
    asked.push(path);
    const file = archives.find((archive) => path === `archives/${basename(archive)}`);
    if (file) return response.end(readFileSync(file));
    const found = packages.get(path);
    if (!found) return response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(packument(found, `http://127.0.0.1:${server.address().port}`)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`, asked,
    stop: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }),
  };
}

function packument({ archive, manifest }, url) {
  const integrity = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  const { name, version } = manifest;
  return { name, 'dist-tags': { latest: version }, versions: { [version]: { ...manifest, dist: { tarball: `${url}/archives/${basename(archive)}`, integrity } } } };
}

/** An archive of a package `name` whose programs are those of the one in `home`: a package of 100 MB need not be packed. */
export function standIn(name, home, folder) {
  const { version, bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const staged = mkdtempSync(join(tmpdir(), 'edgeward-stand-in-'));
  const root = join(staged, 'package');
  mkdirSync(root);
  for (const path of Object.values(bin)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), `#!/usr/bin/env node\nrequire("child_process").spawn(process.execPath, [${JSON.stringify(join(home, path))}, ...process.argv.slice(2)], { stdio: "inherit" }).on("exit", (code) => process.exit(code ?? 1));\n`, { mode: 0o755 });
  }
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name, version, bin }));
  const archive = join(folder, `${name}-${version}.tgz`);
  execFileSync('tar', ['czf', archive, '-C', staged, 'package']);
  rmSync(staged, { recursive: true });
  return archive;
}
