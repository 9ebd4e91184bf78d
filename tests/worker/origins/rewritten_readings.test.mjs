// A rewritten path has no reading that the client's path had not: no host at its beginning, and no way out of the prefix or the base that
// the gateway puts before it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { posix } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { startGateway } from '../../harness/gateway.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

/** Serves on loopback, and answers with the path that `read` makes of a request's target. */
async function startServer(read) {
  const server = createServer((request, response) => response.writeHead(200, { connection: 'close' }).end(read(request.url)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address();
  return {
    url: `http://127.0.0.1:${port}`, port,
    stop: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}

/** Decodes a target, and drops parameters, spaces and letters that show nothing. */
const decoded = (target) => decodeURIComponent(target).normalize('NFKC').replace(/;[^/]*/g, '').replace(/[\u00ad\u200b]/g, '').replace(/ +(?=\/|$)/g, '');

const refused = async (gateway, target) => {
  const answer = await rawRequest(gateway.port, requestText('GET', target));
  return [answer.status, answer.status === 400 ? JSON.parse(answer.text).code : answer.text];
};

describe('with strip_prefix, before a server that resolves what it has decoded as a URL', () => {
  let server;
  let gateway;
  before(async () => {
    server = await startServer((target) => new URL(decoded(target), 'http://localhost').pathname);
    const routes = [
      { path: '/app/**', access: 'public', strip_prefix: '/app', encoded_slashes: 'keep' },
      { path: '/app/admin/**', strip_prefix: '/app', require: { role: 'admin' } },
    ];
    gateway = await startGateway({ config: configuration(server, (await startSigner()).issuer(), routes) });
  });
  after(() => Promise.all([gateway, server].map((each) => each?.stop())));

  for (const rest of ['/%2Fx/admin/users', '/;y/x/admin/users', '/%20/x/admin/users', '/%E2%80%8B/x/admin/users', '/%C2%AD/x/admin/users']) {
    test(`/app${rest} is not asked for: without the prefix it begins with a host there`, async () => {
      assert.equal((await rawRequest(server.port, requestText('GET', rest))).text, '/admin/users', 'by itself');
      assert.deepEqual(await refused(gateway, `/app${rest}`), [400, 'path_ambiguous']);
    });
  }

  test('other paths with such segments are asked for', async () => {
    for (const [rest, read] of [['/a%2Fb/c', '/a/b/c'], ['/a;y/b', '/a/b'], ['/a/%20', '/a/'], ['/', '/']]) {
      assert.deepEqual(await refused(gateway, `/app${rest}`), [200, read]);
    }
  });
});

describe('before a server that reads a dot segment out of what is none', () => {
  const BASE = '/of/acme';
  let server;
  const gateways = {};
  before(async () => {
    server = await startServer((target) => posix.normalize(decoded(target)));
    const issuer = (await startSigner()).issuer();
    const start = (url, route) => startGateway({
      config: configuration(server, issuer, [{ path: '/**', access: 'public', ...route }], { origins: [{ name: 'main', url }] }),
    });
    gateways['the base of the origin'] = await start(server.url + BASE, {});
    gateways.add_prefix = await start(server.url, { add_prefix: BASE });
  });
  after(() => Promise.all([...Object.values(gateways), server].map((each) => each?.stop())));

  for (const what of ['the base of the origin', 'add_prefix']) {
    test(`no path leads out of ${what}`, async () => {
      assert.deepEqual(await refused(gateways[what], '/x'), [200, `${BASE}/x`]);
      for (const path of ['/..%20/beta/x', '/%E2%80%A5/beta/x', '/%EF%BC%8E%EF%BC%8E/beta/x', '/..%C2%AD/beta/x', '/.%E2%80%8B./beta/x', '/a/..%20/..%20/beta/x']) {
        assert.equal((await rawRequest(server.port, requestText('GET', BASE + path))).text, '/of/beta/x', `${path} by itself`);
        assert.deepEqual(await refused(gateways[what], path), [400, 'path_ambiguous'], path);
      }
    });
  }
});
