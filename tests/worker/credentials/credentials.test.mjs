// Tokens in cookies, headers, queries and subprotocols, on the wire.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { assertPassed, assertProblem } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

const require = createRequire(import.meta.url);
const { WebSocket, WebSocketServer } = createRequire(require.resolve('miniflare'))('ws');

let origin;
let gateway;
let token;

before(async () => {
  origin = await startOrigin();
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  origin.onUpgrade((req, socket) => sockets.handleUpgrade(req, socket, Buffer.alloc(0), (ws) => ws.send('hello')));
  const signer = await startSigner();
  const route = (path, credentials, more = {}) => ({ path, credentials, ...more });
  const routes = [
    { path: '/bearer/**' },
    route('/cookie/**', [{ cookie: '__Host-at', origins: ['https://app.example'] }]),
    route('/stripped/**', [{ cookie: '__Host-at' }], { authorization: 'strip' }),
    route('/header/**', [{ header: 'x-access-token' }], { authorization: 'strip' }),
    route('/query/**', [{ query: 'access_token' }]),
    route('/ws/**', [{ authorization: 'Bearer' }, { subprotocol: 'bearer' }]),
  ];
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes, { log: { passes: 'all' } }) });
  token = await signer.token();
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const last = () => origin.requests.at(-1);
const ask = (path, headers = {}, method = 'GET') => send(`${gateway.url}${path}`, { method, headers });

test('a token in a cookie opens the route, and its identity arrives', async () => {
  assertPassed(await ask('/cookie/a', { cookie: `a=1; __Host-at=${token}` }));
  assert.deepEqual(valuesOf(last(), 'x-auth-subject'), ['user-1']);
  assert.deepEqual(valuesOf(last(), 'cookie'), [`a=1; __Host-at=${token}`]);
  assertProblem(await ask('/bearer/a', { cookie: `__Host-at=${token}` }), 401, 'credential_missing');
});

test('strip takes one cookie away and leaves the others to the letter', async () => {
  assertPassed(await ask('/stripped/a', { cookie: `a="1";  b==; __Host-at=${token};c=%zz` }));
  assert.deepEqual(valuesOf(last(), 'cookie'), ['a="1";  b==;c=%zz']);
  assertPassed(await ask('/stripped/a', { cookie: `__Host-at=${token}` }));
  assert.deepEqual(valuesOf(last(), 'cookie'), []);
});

test('two cookies of one name are refused, in one header or in two', async () => {
  for (const headers of [
    [['Cookie', `__Host-at=${token}; __Host-at=${token}`]],
    [['Cookie', `__Host-at=${token}`], ['Cookie', `__Host-at=${token}`]],
  ]) {
    const answer = await rawRequest(gateway.port, requestText('GET', '/cookie/a', headers));
    assert.equal(answer.status, 400);
  }
});

test('a cookie changes nothing for another site', async () => {
  const cookie = `__Host-at=${token}`;
  for (const headers of [{}, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site', origin: 'null' }]) {
    const earlier = origin.requests.length;
    assertProblem(await ask('/cookie/a', { cookie, ...headers }, 'POST'), 403, 'cross_site_request');
    assert.equal(origin.requests.length, earlier);
  }
  for (const headers of [{ origin: gateway.url }, { 'sec-fetch-site': 'same-origin' }, { origin: 'https://app.example' }]) {
    assertPassed(await ask('/cookie/a', { cookie, ...headers }, 'POST'), JSON.stringify(headers));
  }
});

test('a header of its own holds the token, and no spelling of it goes on', async () => {
  assertPassed(await ask('/header/a', { 'X-Access-Token': token, x_access_token: 'other' }));
  assert.deepEqual([valuesOf(last(), 'x-access-token'), valuesOf(last(), 'x_access_token')], [[], []]);
});

test('a token in the query is taken out and stands in no log', async () => {
  assertPassed(await ask(`/query/a?x=%2f&access_token=${token}&y`));
  assert.equal(last().target, '/query/a?x=%2f&y');
  assertProblem(await ask(`/query/a?access_token=${token}&access_token=${token}`), 400, 'invalid_request');
  assert.ok(!gateway.output().includes(token.split('.')[2]));
});

test('a page gives its token among the subprotocols, and the origin chooses among the others', async () => {
  const ws = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws/a`, ['bearer', token, 'chat.v2', 'chat.v1'], { perMessageDeflate: false });
  const [[message]] = await Promise.all([once(ws, 'message'), once(ws, 'open')]);
  assert.equal(message.toString(), 'hello');
  assert.equal(ws.protocol, 'chat.v2');
  ws.close();
  await once(ws, 'close');
  assert.deepEqual(valuesOf(last(), 'sec-websocket-protocol'), ['chat.v2, chat.v1']);
  assert.deepEqual(valuesOf(last(), 'x-auth-subject'), ['user-1']);
});
