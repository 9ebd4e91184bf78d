// WebSocket upgrades through the gateway, and upgrades that are none.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

const require = createRequire(import.meta.url);
const { WebSocket, WebSocketServer } = createRequire(require.resolve('miniflare'))('ws');

let origin;
let gateway;
let token;

before(async () => {
  origin = await startOrigin();
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] });
  origin.onUpgrade((req, socket) => sockets.handleUpgrade(req, socket, Buffer.alloc(0), (ws) => {
    ws.on('message', (data, binary) => {
      if (data.toString() === 'close me') ws.close(4001, 'as asked');
      else ws.send(data, { binary });
    });
    ws.send('hello from the origin');
  }));
  const signer = await startSigner();
  const routes = [{ path: '/api/**', cors_preflight: true }, { path: '/public/**', access: 'public' }, { path: '/bound/**', origin: 'bound' }];
  const origins = [{ name: 'main', url: origin.url }, { name: 'bound', url: 'service:BACKEND' }];
  const config = configuration(origin, signer.issuer(), routes, { origins });
  gateway = await startGateway({ config, services: { BACKEND: origin.url } });
  token = await signer.token();
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** An open connection and `next()`, the next message as [text or Buffer]. */
async function open(path, { headers = { authorization: `Bearer ${token}` }, protocols = [] } = {}) {
  const ws = new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`, protocols, { headers, perMessageDeflate: false });
  const queue = [];
  const waiting = [];
  ws.on('message', (data, binary) => {
    const value = binary ? data : data.toString();
    waiting.length ? waiting.shift()(value) : queue.push(value);
  });
  const next = () => (queue.length ? Promise.resolve(queue.shift()) : new Promise((resolve) => waiting.push(resolve)));
  await once(ws, 'open');
  return { ws, next };
}

for (const path of ['/api/ws?room=1', '/bound/ws?room=1', '/public/ws?room=1']) {
  test(`text and binary messages go both ways (${path})`, async () => {
    const first = origin.requests.length;
    const { ws, next } = await open(path);
    assert.equal(await next(), 'hello from the origin');
    ws.send('text ü');
    assert.equal(await next(), 'text ü');
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    ws.send(bytes);
    assert.deepEqual(await next(), bytes);
    ws.close();
    await once(ws, 'close');
    assert.equal(origin.requests.length, first + 1);
    assert.equal(origin.requests[first].target, path);
  });
}

test('the origin of an upgraded request sees our headers and not the client\'s', async () => {
  const first = origin.requests.length;
  const headers = { authorization: `Bearer ${token}`, 'X-Auth-Subject': 'forged', X_Auth_Roles: 'forged' };
  const { ws } = await open('/api/ws', { headers });
  ws.close();
  await once(ws, 'close');
  const record = origin.requests[first];
  assert.deepEqual(valuesOf(record, 'x-auth-subject'), ['user-1']);
  assert.ok(!JSON.stringify(record.headers).includes('forged'));
});

test('the chosen subprotocol comes back', async () => {
  const { ws } = await open('/api/ws', { protocols: ['chat.v2', 'chat.v1'] });
  assert.equal(ws.protocol, 'chat.v2');
  ws.close();
  await once(ws, 'close');
});

test('the origin\'s close code and reason come through', async () => {
  const { ws } = await open('/api/ws');
  const closed = once(ws, 'close');
  ws.send('close me');
  const [code, reason] = await closed;
  assert.deepEqual([code, reason.toString()], [4001, 'as asked']);
});

test('an upgrade without a token is refused with 401 before anything is opened', async () => {
  const earlier = origin.requests.length;
  const ws = new WebSocket(`ws://127.0.0.1:${gateway.port}/api/ws`);
  const [, answer] = await once(ws, 'unexpected-response');
  assert.equal(answer.statusCode, 401);
  answer.destroy();
  ws.on('error', () => {});
  ws.terminate();
  assert.equal(origin.requests.length, earlier);
});

test('an origin that refuses the upgrade is heard', async () => {
  origin.reply(() => ({ status: 418, body: 'no sockets here' }));
  const answer = await rawRequest(gateway.port, requestText('GET', '/api/plain', [bearer(token)]));
  assert.equal(answer.status, 418);
});

for (const protocol of ['h2c', 'TLS/1.2', 'websocketx', 'h2c, websocket']) {
  test(`an upgrade to ${protocol} is not passed on`, async () => {
    origin.reply(() => ({ status: 200, body: 'plain' }));
    const first = origin.requests.length;
    const answer = await rawRequest(gateway.port, requestText('GET', '/public/a', [
      ['Connection', 'Upgrade, HTTP2-Settings'], ['Upgrade', protocol], ['HTTP2-Settings', 'AAMAAABkAARAAAAAAAIAAAAA'],
    ]));
    for (const record of origin.requests.slice(first)) {
      assert.deepEqual([valuesOf(record, 'upgrade'), valuesOf(record, 'http2-settings')], [[], []]);
    }
    assert.ok(answer.status === 200 || answer.status === 400, `status ${answer.status}`);
  });
}

// The platform's fetch makes a GET of every request with this header.
for (const [method, path, headers] of [
  ['OPTIONS', '/api/a', [['Origin', 'https://app.example'], ['Access-Control-Request-Method', 'GET']]],
  ['POST', '/public/a', [['Content-Length', '0']]],
  ['DELETE', '/public/a', [['Content-Length', '0']]],
  ['OPTIONS', '/public/a', []],
  ['POST', '/bound/a', [['Content-Length', '0']]],
]) {
  for (const upgrade of ['websocket', 'WebSocket', ' websocket ']) {
    test(`${method} ${path} with Upgrade: ${upgrade} arrives as ${method}`, async () => {
      const first = origin.requests.length;
      const all = [...headers, bearer(token), ['Connection', 'Upgrade'], ['Upgrade', upgrade]];
      const { status } = await rawRequest(gateway.port, requestText(method, path, all));
      const arrived = origin.requests.slice(first);
      assert.deepEqual(arrived.map((record) => [record.method, valuesOf(record, 'upgrade')]), [[method, []]], `status ${status}`);
    });
  }
}
