// Bodies flow through in both directions: nothing is collected on the way, and nothing waits for the end.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { sleep } from '../../harness/client.mjs';
import { conversation } from '../../harness/conversation.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { residentMiB, watchMemory } from '../../harness/process.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

const MIB = 1024 * 1024;
const UPLOAD = 100 * MIB;
const GROWTH_MIB = 60;

let origin;
let gateway;
let token;

before(async () => {
  origin = await startOrigin();
  const signer = await startSigner();
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), [{ path: '/api/**' }]) });
  token = await signer.token();
  await rawRequest(gateway.port, requestText('GET', '/api/warm', [bearer(token)]));
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const piece = Buffer.alloc(256 * 1024, 'edgeward');

/** Sends `total` octets of body with what `framing` says; `progress.sent` is how far it is. */
async function upload(framing, total, progress) {
  const client = await conversation(gateway.port);
  const chunked = framing[0] === 'Transfer-Encoding';
  await client.write(requestText('POST', '/api/upload', [bearer(token), framing]));
  for (progress.sent = 0; progress.sent < total; progress.sent += piece.length) {
    await client.write(chunked ? Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]) : piece);
  }
  if (chunked) await client.write('0\r\n\r\n');
  const text = await client.until((received) => received.includes('\r\n\r\n') && received.includes('received '), 30_000);
  client.close();
  return text;
}

for (const framing of [['Content-Length', String(UPLOAD)], ['Transfer-Encoding', 'chunked']]) {
  test(`an upload of 100 MiB with ${framing[0]} streams: the origin reads while the client still sends, and memory stays`, async (t) => {
    const progress = { sent: 0, atFirstOctet: undefined, whilePaused: undefined };
    let octets = 0;
    const hash = createHash('sha256');
    origin.reply(async (req, res) => {
      await once(req, 'readable');
      progress.atFirstOctet = progress.sent;
      // An origin that does not read for a while: the client must be held up, not the gateway filled.
      await sleep(1000);
      progress.whilePaused = progress.sent;
      for await (const part of req) {
        octets += part.length;
        hash.update(part);
      }
      res.end(`received ${octets}`);
    }, { early: true });
    const earlier = residentMiB(gateway.pid);
    const memory = watchMemory(gateway.pid);
    const text = await upload(framing, UPLOAD, progress);
    const growth = memory.stop() - earlier;
    t.diagnostic(`memory grew by ${growth.toFixed(1)} MiB`);
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.equal(octets, UPLOAD);
    const expected = createHash('sha256');
    for (let sent = 0; sent < UPLOAD; sent += piece.length) expected.update(piece);
    assert.equal(hash.digest('hex'), expected.digest('hex'));
    assert.ok(progress.atFirstOctet < UPLOAD / 2, `the origin saw the first octet after ${progress.atFirstOctet} were sent`);
    assert.ok(progress.whilePaused < UPLOAD / 2, `${progress.whilePaused} octets were taken while the origin did not read`);
    assert.ok(growth < GROWTH_MIB, `memory grew by ${growth.toFixed(1)} MiB`);
  });
}

test('a download of 100 MiB to a slow client streams, and memory stays', async (t) => {
  let sent = 0;
  origin.reply(async (req, res) => {
    res.writeHead(200, { 'content-length': UPLOAD });
    for (; sent < UPLOAD; sent += piece.length) {
      if (!res.write(piece)) await once(res, 'drain');
    }
    res.end();
  });
  const earlier = residentMiB(gateway.pid);
  const memory = watchMemory(gateway.pid);
  const client = await conversation(gateway.port, { keep: 1024 });
  await client.write(requestText('GET', '/api/download', [bearer(token)]));
  await client.until((text) => text.includes('\r\n\r\n'));
  client.socket.pause();
  await sleep(1000);
  const whilePaused = sent;
  client.socket.resume();
  await client.until(() => client.octets() >= UPLOAD, 30_000);
  client.close();
  const growth = memory.stop() - earlier;
  t.diagnostic(`memory grew by ${growth.toFixed(1)} MiB`);
  assert.ok(whilePaused < UPLOAD / 2, `${whilePaused} octets were taken while the client did not read`);
  assert.ok(growth < GROWTH_MIB, `memory grew by ${growth.toFixed(1)} MiB`);
});

test('a client that waits for 100 Continue, and then sends, is served', async () => {
  origin.reply((req, res, record) => ({ status: 200, body: `received ${record.body.length}` }));
  const client = await conversation(gateway.port);
  await client.write(requestText('POST', '/api/upload', [bearer(token), ['Content-Length', '5'], ['Expect', '100-continue']]));
  await client.until((text) => text.startsWith('HTTP/1.1 100'), 1000).catch(() => {});
  await client.write('hello');
  const text = await client.until((received) => received.includes('received 5'));
  assert.match(text, /HTTP\/1\.1 200 /);
  client.close();
});

test('a server-sent event arrives before the origin has ended', async () => {
  let end;
  origin.reply((req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    res.write('data: first\n\n');
    end = () => res.end('data: last\n\n');
  });
  const client = await conversation(gateway.port);
  await client.write(requestText('GET', '/api/events', [bearer(token), ['Accept', 'text/event-stream']]));
  const early = await client.until((text) => text.includes('data: first'));
  assert.match(early, /content-type: text\/event-stream/i);
  assert.ok(!early.includes('data: last'));
  end();
  await client.until((text) => text.includes('data: last'));
  client.close();
});

test('the head arrives before the body has begun', async () => {
  let end;
  origin.reply((req, res) => {
    res.writeHead(200, { 'x-early': 'yes' }).flushHeaders();
    end = () => res.end('body');
  });
  const client = await conversation(gateway.port);
  await client.write(requestText('GET', '/api/slow', [bearer(token)]));
  await client.until((text) => /x-early: yes/i.test(text));
  end();
  await client.until((text) => text.includes('body'));
  client.close();
});

test('a client that leaves ends the request at the origin', async () => {
  let left;
  const gone = new Promise((resolve) => { left = resolve; });
  origin.reply((req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: first\n\n');
    // The runtime notices with the next part that it cannot hand over.
    const more = setInterval(() => res.write('data: more\n\n'), 50);
    res.on('close', () => {
      clearInterval(more);
      left();
    });
  });
  const client = await conversation(gateway.port);
  await client.write(requestText('GET', '/api/events', [bearer(token)]));
  await client.until((text) => text.includes('data: first'));
  client.close();
  await Promise.race([gone, sleep(5000).then(() => assert.fail('the origin is still being read after 5 s'))]);
});

test('an origin that breaks off in the middle of a body breaks the answer off too', async () => {
  origin.reply((req, res) => {
    res.writeHead(200, { 'content-length': '1000' });
    res.write('half');
    setTimeout(() => res.destroy(), 50);
  });
  await assert.rejects(rawRequest(gateway.port, requestText('GET', '/api/broken', [bearer(token)])), /ended before a whole answer|ECONNRESET/);
});
