// The faults that the tests' servers commit on request, as a client meets them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { FAULT_KINDS } from '../../servers/faults.mjs';
import { startAuthServer } from '../../harness/auth_server.mjs';
import { send } from '../../harness/client.mjs';
import { conversation } from '../../harness/conversation.mjs';
import { rawRequest } from '../../harness/raw.mjs';

let server, token, truth;
before(async () => {
  server = await startAuthServer({ limit: 1000 });
  token = await server.auth.token('bob');
  truth = (await server.me(token)).text;
});
after(() => server?.stop());

const me = (options) => send(server.meUrl, { token, ...options });
const raw = () => `GET /api/auth/me HTTP/1.1\r\nHost: auth.example\r\nAuthorization: Bearer ${token}\r\n\r\n`;
const port = () => Number(new URL(server.url).port);

/** The status and true answer that come with a wrong status or type. */
const holding = (status, check = () => {}) => async () => {
  const answer = await me();
  assert.deepEqual([answer.status, answer.text], [status, truth]);
  check(answer.headers);
};

const EXPECTED = {
  timeout: () => assert.rejects(me({ timeoutMs: 300 }), /no answer/),
  reset: () => assert.rejects(me(), { code: 'ECONNRESET' }),
  'status 500': holding(500),
  'status 404': holding(404),
  'status 429': holding(429, (headers) => assert.equal(headers['retry-after'], '1')),
  'status 302': holding(302, (headers) => assert.equal(headers.location, '/elsewhere')),
  'wrong content type': holding(200, (headers) => assert.equal(headers['content-type'], 'text/html')),
  'not json': async () => {
    const answer = await me();
    assert.deepEqual([answer.status, answer.headers['content-type'], answer.json], [200, 'application/json', null]);
    assert.ok(answer.text.endsWith(truth));
  },
  'json array': async () => assert.deepEqual((await me()).json, [JSON.parse(truth)]),
  'wrong types': async () => {
    const { user } = (await me()).json;
    assert.deepEqual([user.email, user.organization.id], [['bob@example.com'], ['acme']]);
  },
  large: async () => {
    const answer = await me();
    assert.deepEqual(answer.json.user, JSON.parse(truth).user);
    assert.ok(answer.text.length > 5 * 1024 * 1024);
  },
  'slow drip': async () => {
    const slow = await conversation(port());
    await slow.write(raw());
    const body = (text) => text.split('\r\n\r\n')[1] ?? '';
    const started = performance.now();
    const sofar = body(await slow.until((text) => body(text).length >= 4));
    const ms = performance.now() - started;
    slow.close();
    assert.ok(truth.startsWith(sofar) && sofar !== truth);
    assert.ok(ms > sofar.length * 150, `${sofar.length} octets in ${ms} ms`);
  },
  'cut off': async () => {
    await assert.rejects(me(), { code: 'ECONNRESET' });
    server.fail({ kind: 'cut off' });
    const cut = await conversation(port());
    await cut.write(raw());
    const text = await cut.until((sofar) => sofar.includes(truth));
    assert.match(text, /transfer-encoding: chunked/i);
    await assert.rejects(cut.until((sofar) => sofar.endsWith('0\r\n\r\n')), /ended/);
  },
};

describe('each fault is committed once, and then all is well', () => {
  for (const kind of FAULT_KINDS) {
    test(kind, async () => {
      server.fail({ kind });
      await EXPECTED[kind]();
      assert.equal((await me()).text, truth);
      assert.ok(server.calls.some((call) => call.fault === kind));
    });
  }
});

test('times says how many calls, path which, and heal ends it', async () => {
  server.fail({ kind: 'status 500', times: 2, path: '/api/auth/me' });
  assert.notEqual((await server.post('login', {})).status, 500);
  assert.deepEqual([(await me()).status, (await me()).status, (await me()).status], [500, 500, 200]);
  server.fail({ kind: 'status 500', times: Infinity });
  assert.equal((await me()).status, 500);
  assert.equal((await me()).status, 500);
  server.heal();
  assert.equal((await me()).status, 200);
});

test('a call that goes wrong changes nothing, unless the fault commits', async () => {
  const { refreshToken } = await server.login('bob');
  server.fail({ kind: 'status 500' });
  assert.equal((await server.post('refresh', { refreshToken })).status, 500);
  const renewed = await server.post('refresh', { refreshToken });
  assert.equal(renewed.status, 200);
  server.fail({ kind: 'reset', commits: true });
  await assert.rejects(server.post('refresh', { refreshToken: renewed.json.refreshToken }));
  assert.equal((await server.post('refresh', { refreshToken: renewed.json.refreshToken })).status, 401);
});

test('a redirect says where to, and a 429 when to come back', async () => {
  server.fail({ kind: 'status 302', location: 'http://127.0.0.1:1/' });
  assert.equal((await me()).headers.location, 'http://127.0.0.1:1/');
  server.fail({ kind: 'status 429', retryAfterSeconds: 7 });
  assert.equal((await me()).headers['retry-after'], '7');
});

test('a fault that does not exist cannot be planned', () => {
  assert.throws(() => server.fail({ kind: 'status 418' }), /no fault status 418/);
});

test('a body over 64 KiB is 413', async () => {
  const text = 'x'.repeat(65 * 1024);
  const answer = await rawRequest(port(), `POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: ${text.length}\r\n\r\n${text}`);
  assert.equal(answer.status, 413);
});
