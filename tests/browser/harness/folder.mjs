// A plain static host: a folder under some path, and no header that it would not have anywhere.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
  '.json': 'application/json', '.map': 'application/json', '.txt': 'text/plain',
};

/** Serves `folder` under `path`, which ends in a slash; `extra` maps further paths to [status, headers, text]. `asked` is what was asked for. */
export async function serveFolder(folder, path = '/', extra = {}) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    asked.push({ method: request.method, path: request.url, headers: request.headers });
    const own = extra[pathname];
    if (own) return response.writeHead(own[0], own[1]).end(own[2]);
    const name = normalize(pathname.slice(path.length) + (pathname.endsWith('/') ? 'index.html' : ''));
    const isInside = pathname.startsWith(path) && !name.startsWith('..') && !name.startsWith(sep);
    const bytes = isInside && await readFile(join(folder, name)).catch(() => undefined);
    if (!bytes) return response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    return response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(bytes);
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    url: origin + path,
    asked,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
