// In front of servers that read more into a path than its segments: a host behind `//`, a query behind `;`, a script's own name. What
// one of them serves as a protected path does not reach it under the rule for all others.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { startGateway } from '../../harness/gateway.mjs';
import { lighttpdMissing, startLighttpd, variables } from '../../harness/lighttpd.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

const USERS = '/admin/users';

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

const READERS = {
  'a server that resolves its target as a URL, as Node\'s documentation does': {
    start: () => startServer((target) => decodeURI(new URL(target, 'http://localhost').pathname)),
    path: (answer) => answer.text,
    served: ['//x/admin/users', '///x/admin/users', '//x:80/admin/users', '//user@x/admin/users', '//x/%61dmin/users'],
  },
  'a server for which a query begins at `;`, as the router of Fastify 4 has it': {
    start: () => startServer((target) => decodeURI(target.split(/[?;#]/)[0])),
    path: (answer) => answer.text,
    served: ['/admin/users;x', '/admin/users;x/y', '/admin/users;/y/z', '/admin/%75sers;x=1/y'],
  },
  'a server that compares each letter in lower case, as Java and Spring do where case is ignored': {
    // `Character.toLowerCase` has one letter for one: U+0130 is `i`, without the dot that becomes a second letter elsewhere.
    start: () => startServer((target) => [...decodeURI(target)].map((letter) => letter.toLowerCase()[0]).join('')),
    path: (answer) => answer.text,
    served: ['/ADMIN/users', '/adm%C4%B0n/users', '/ADM%C4%B0N/USERS'],
  },
  'lighttpd with one script for all paths': {
    skip: lighttpdMissing,
    start: () => startLighttpd('front_controller.conf'),
    path: (answer) => variables(answer).find(([name]) => name === 'PATH_INFO')?.[1],
    served: ['/environment.cgi/admin/users', '/%65nvironment.cgi/admin/users', '//environment.cgi/admin/users'],
  },
};

for (const [what, { skip, start, path, served }] of Object.entries(READERS)) {
  describe(what, { skip }, () => {
    let server;
    let gateway;

    before(async () => {
      server = await start();
      const routes = [{ path: '/**', access: 'public' }, { path: USERS, require: { role: 'admin' } }];
      gateway = await startGateway({ config: configuration(server, (await startSigner()).issuer(), routes) });
    });
    after(async () => {
      await gateway?.stop();
      await server?.stop();
    });

    for (const target of served) {
      test(`serves ${target} as ${USERS}, and is not asked for it`, async () => {
        assert.equal(path(await rawRequest(server.port, requestText('GET', target))), USERS, 'by itself');
        const answer = await rawRequest(gateway.port, requestText('GET', target));
        assert.equal(answer.status, 400, answer.text);
        assert.equal(JSON.parse(answer.text).code, 'path_ambiguous');
      });
    }

    test('is asked for what it does not read differently', async () => {
      const answer = await rawRequest(gateway.port, requestText('GET', '/public/a;x'));
      assert.equal(answer.status, 200, answer.text);
    });
  });
}

test('an id that ends as a script could, a domain or an e-mail address, reaches the route that has its place', async (t) => {
  const server = await startServer((target) => target);
  t.after(() => server.stop());
  const routes = ['/users/*', '/users/*/orders'].map((path) => ({ path, access: 'public' }));
  const gateway = await startGateway({ config: configuration(server, (await startSigner()).issuer(), routes) });
  t.after(() => gateway.stop());
  for (const id of ['ada@example.com', 'jan@firma.pl', 'firma.com.py', 'rack.rb']) {
    const answer = await rawRequest(gateway.port, requestText('GET', `/users/${id}/orders`));
    assert.deepEqual([answer.status, answer.text], [200, `/users/${id}/orders`]);
  }
});

test('a script that a route names is reached by that route, unless another one guards what it serves', async (t) => {
  const server = await startServer((target) => target);
  t.after(() => server.stop());
  const routes = [
    { path: '/remote.php/**', access: 'public' }, { path: '/index.php/*/items', access: 'public' }, { path: '/admin/**', require: { role: 'admin' } },
    { path: '/remote.php/private/**', require: { role: 'admin' } },
  ];
  const gateway = await startGateway({ config: configuration(server, (await startSigner()).issuer(), routes) });
  t.after(() => gateway.stop());
  const status = async (target) => (await rawRequest(gateway.port, requestText('GET', target))).status;
  for (const target of ['/remote.php', '/remote.php/dav/files/ada', '/index.php/shop/items']) assert.equal(await status(target), 200, target);
  assert.equal(await status('/remote.php/private/x'), 401);
  for (const target of ['/remote.php/admin/users', '/remote.php/ADMIN/users', '/remote.php/private;x/y']) {
    assert.equal(await status(target), 400, target);
  }
});
