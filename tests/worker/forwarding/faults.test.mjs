// An origin that is down, silent or slow.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';

import { sleep } from '../../harness/client.mjs';
import { conversation } from '../../harness/conversation.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { deadPort, startOrigin } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

const LIMIT_MS = 600;

let origin;
let gateway;
let token;
let severing;

before(async () => {
  origin = await startOrigin();
  severing = createServer((socket) => { socket.on('error', () => {}); socket.once('data', () => socket.destroy()); });
  await new Promise((resolve) => severing.listen(0, '127.0.0.1', resolve));
  const signer = await startSigner();
  const routes = [
    { path: '/api/**' },
    { path: '/down/**', origin: 'down' },
    { path: '/severing/**', origin: 'severing' },
    { path: '/bound/**', origin: 'bound' },
    { path: '/patient/**', origin: 'patient' },
    { path: '/nowhere/**', origin: 'nowhere' },
  ];
  const origins = [
    { name: 'main', url: origin.url, timeout_ms: LIMIT_MS },
    { name: 'down', url: `http://127.0.0.1:${await deadPort()}` },
    { name: 'severing', url: `http://127.0.0.1:${severing.address().port}` },
    { name: 'bound', url: 'service:BACKEND', timeout_ms: LIMIT_MS },
    { name: 'patient', url: origin.url, timeout_ms: 0 },
    { name: 'nowhere', url: `http://127.0.0.1:${await deadPort()}`, timeout_ms: 0 },
  ];
  const config = configuration(origin, signer.issuer(), routes, { origins });
  gateway = await startGateway({ config, services: { BACKEND: origin.url } });
  token = await signer.token();
  await rawRequest(gateway.port, requestText('GET', '/api/warm', [bearer(token)]));
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
  severing?.close();
});

const get = async (target) => {
  const started = performance.now();
  const answer = await rawRequest(gateway.port, requestText('GET', target, [bearer(token)]));
  return { ...answer, ms: performance.now() - started };
};

function assertProblem(answer, status, code) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers.get('content-type')[0], /^application\/problem\+json/);
  assert.equal(JSON.parse(answer.text).code, code);
  assert.equal(answer.headers.get('www-authenticate'), undefined);
}

test('an origin that is down is 502 origin_unreachable', async () => {
  assertProblem(await get('/down/a'), 502, 'origin_unreachable');
});

test('an origin that hangs up instead of answering is 502 origin_unreachable', async () => {
  assertProblem(await get('/severing/a'), 502, 'origin_unreachable');
});

test('an origin without a timeout is waited for', async () => {
  origin.reply(async () => {
    await sleep(LIMIT_MS * 2);
    return { status: 200, body: 'at last' };
  });
  assert.equal((await get('/patient/late')).text, 'at last');
});

test('an origin without a timeout that is down is 502 origin_unreachable', async () => {
  assertProblem(await get('/nowhere/a'), 502, 'origin_unreachable');
});

for (const prefix of ['/api', '/bound']) {
  test(`an origin that does not answer within timeout_ms is 504 origin_timeout (${prefix})`, async () => {
    origin.reply(async () => {
      await sleep(LIMIT_MS * 4);
      return { status: 200, body: 'late' };
    });
    const answer = await get(`${prefix}/late`);
    assertProblem(answer, 504, 'origin_timeout');
    assert.ok(answer.ms >= LIMIT_MS - 20 && answer.ms < LIMIT_MS * 2.5, `${answer.ms} ms`);
  });

  test(`a slow body after a quick head is not cut (${prefix})`, async () => {
    origin.reply(async (req, res) => {
      res.writeHead(200, { 'content-type': 'text/plain' });
      for (let part = 0; part < 5; part += 1) {
        res.write(`part ${part}\n`);
        await sleep(LIMIT_MS / 2);
      }
      res.end('end');
    });
    const answer = await get(`${prefix}/slow`);
    assert.equal(answer.status, 200);
    assert.equal(answer.text, 'part 0\npart 1\npart 2\npart 3\npart 4\nend');
    assert.ok(answer.ms > LIMIT_MS * 2);
  });

  test(`an answer just inside the limit passes (${prefix})`, async () => {
    origin.reply(async () => {
      await sleep(LIMIT_MS / 2);
      return { status: 200, body: 'in time' };
    });
    assert.equal((await get(`${prefix}/in-time`)).text, 'in time');
  });
}

test('an upload that takes longer than timeout_ms, but keeps coming, is not cut', async () => {
  origin.reply((req, res, record) => ({ status: 200, body: `received ${record.body.length}` }));
  const client = await conversation(gateway.port);
  await client.write(requestText('POST', '/api/upload', [bearer(token), ['Content-Length', '12']]));
  for (let sent = 0; sent < 12; sent += 1) {
    await sleep(LIMIT_MS / 4);
    await client.write('x');
  }
  const text = await client.until((received) => received.includes('\r\n\r\n'));
  client.close();
  assert.match(text, /^HTTP\/1\.1 200 /);
});

test('after these faults the gateway serves as before', async () => {
  origin.reply(() => ({ status: 200, body: 'well' }));
  assert.equal((await get('/api/a')).text, 'well');
});

test('each fault left one line in the log that names its code', async () => {
  const codes = gateway.logs().filter(({ event }) => event === 'refused').map(({ code, status }) => `${status} ${code}`);
  for (const wanted of ['502 origin_unreachable', '504 origin_timeout']) assert.ok(codes.includes(wanted), `${wanted} in ${codes}`);
});
