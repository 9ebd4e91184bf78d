// The gateway's own paths answer themselves and never reach an origin.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startGateway } from '../../harness/gateway.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { assertRefusal } from '../../harness/problem.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, ISSUER, startSigner } from '../../harness/signer.mjs';

let origin;
let gateway;
let signer;
const kv = memoryKv();

before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  // A route for everything: were the own paths not taken first, the origin would have them.
  const routes = [{ path: '/**', access: 'public' }, { path: '/api/**', revocation: 'bounded' }];
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes), kv });
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** Asks and checks that the origin was not. */
async function own(method, target, headers = []) {
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, requestText(method, target, headers));
  assert.equal(origin.requests.length, first, 'the origin was asked');
  return answer;
}

const json = (answer) => {
  assert.match(answer.headers.get('content-type')[0], /^application\/json/);
  assert.deepEqual(answer.headers.get('cache-control'), ['no-store']);
  return JSON.parse(answer.text);
};

describe('health', () => {
  test('says that it is alive, to anyone', async () => {
    const answer = await own('GET', '/.edgeward/health');
    assert.equal(answer.status, 200);
    assert.deepEqual(json(answer), { status: 'alive' });
  });

  test('answers HEAD without a body', async () => {
    const answer = await own('HEAD', '/.edgeward/health');
    assert.deepEqual([answer.status, answer.text], [200, '']);
  });
});

describe('ready', () => {
  test('is 200 when everything is there, and tells anyone no more than that', async () => {
    const answer = await own('GET', '/.edgeward/ready');
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(json(answer), { status: 'ready' });
  });

  test('tells an administrator what was checked and what is wrong', async () => {
    const admin = { require: { role: 'admin' } };
    const store = memoryKv();
    const other = await startGateway({ config: configuration(origin, signer.issuer(), [{ path: '/api/**' }], { admin }), kv: store });
    const ask = async (roles) => {
      const answer = await rawRequest(other.port, requestText('GET', '/.edgeward/ready', [bearer(await signer.token({ roles }))]));
      return [answer.status, json(answer)];
    };
    try {
      const [status, { checks }] = await ask(['admin']);
      assert.deepEqual([status, checks], [200, { 'keys:main': 'fresh', store: 'ok' }]);
      assert.deepEqual(await ask(['user']), [200, { status: 'ready' }]);
      // The entry that the readiness check reads, and no other: an administrator must still be let in.
      store.failing = (names) => names.includes('ready');
      const [failed, { checks: found }] = await ask(['admin']);
      assert.deepEqual([failed, found], [503, { 'keys:main': 'fresh', store: 'unavailable' }]);
    } finally {
      await other.stop();
    }
  });

  test('is 503 when the store fails, and 200 again after it', async () => {
    kv.failing = () => true;
    const answer = await own('GET', '/.edgeward/ready').finally(() => { kv.failing = () => false; });
    assert.equal(answer.status, 503, answer.text);
    assert.equal((await own('GET', '/.edgeward/ready')).status, 200);
  });

  test('is 503 when an issuer\'s keys cannot be had', async () => {
    const issuer = signer.issuer({ verify: { jwks: 'http://127.0.0.1:1/jwks.json' } });
    const config = configuration(origin, issuer, [{ path: '/api/**' }]);
    const other = await startGateway({ config });
    try {
      const answer = await rawRequest(other.port, requestText('GET', '/.edgeward/ready'));
      assert.equal(answer.status, 503, answer.text);
      assert.ok(!answer.text.includes('127.0.0.1'), 'the address of the issuer is nobody\'s business');
    } finally {
      await other.stop();
    }
  });
});

describe('me', () => {
  test('shows the caller their own claims', async () => {
    const claims = { sub: 'user-1', email: 'ü@example.com', roles: ['user'], org: { id: 'acme' } };
    const answer = await own('GET', '/.edgeward/me', [bearer(await signer.token(claims))]);
    assert.equal(answer.status, 200, answer.text);
    const text = JSON.stringify(json(answer));
    for (const value of [ISSUER, 'user-1', 'ü@example.com', 'user', 'acme']) assert.ok(text.includes(value), `${value} in ${text}`);
  });

  test('asks for a token', async () => {
    assertRefusal(await own('GET', '/.edgeward/me'), { status: 401, code: 'credential_missing', challenge: { realm: 'api' } });
  });

  test('refuses a bad token', async () => {
    const token = await signer.token({ exp: 1_000_000_000 });
    assertRefusal(await own('GET', '/.edgeward/me', [bearer(token)]), {
      status: 401, code: 'invalid_token', challenge: { realm: 'api', error: 'invalid_token' },
    });
  });

  test('refuses a revoked token, and when it cannot know', async () => {
    kv.failing = () => true;
    const answer = await own('GET', '/.edgeward/me', [bearer(await signer.token())]).finally(() => { kv.failing = () => false; });
    assertRefusal(answer, { status: 503, code: 'revocation_unavailable', retryAfter: true });
  });
});

describe('any other', () => {
  for (const path of ['/.edgeward', '/.edgeward/', '/.edgeward/nothing', '/.edgeward/health/x', '/.edgeward/admin/revocations']) {
    test(`${path} is 404`, async () => {
      for (const method of ['GET', 'POST']) {
        const answer = await own(method, path, [bearer(await signer.token()), ['Content-Length', '0']]);
        assert.equal(answer.status, 404, `${method} ${path}: ${answer.text}`);
      }
    });
  }

  for (const path of ['/.edgeward/health', '/.edgeward/ready', '/.edgeward/me']) {
    test(`method of ${path} is 405 with Allow`, async () => {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
        const answer = await own(method, path, [bearer(await signer.token()), ['Content-Length', '0']]);
        assertRefusal(answer, { status: 405, code: 'method_not_allowed' });
        assert.match(answer.headers.get('allow')[0], /GET/);
      }
    });
  }

  for (const path of [
    '/%2eedgeward/health', '/.edgewar%64/me', '//.edgeward/me', '/.edgeward//me', '/.edgeward;a/me', '/.edgeward/me;a', '/./.edgeward/me',
    '/x/../.edgeward/me', '/%2f.edgeward/me', '/.edgeward%2fme', '/.edgeward\\me',
  ]) {
    test(`spelling ${path} does not bring an own path to the origin`, async () => {
      const answer = await own('GET', path);
      assert.ok([200, 400, 401, 404].includes(answer.status), `status ${answer.status}`);
    });
  }

  test('path beside them goes to the origin', async () => {
    for (const path of ['/.edgewardx', '/edgeward/health', '/a/.edgeward/health']) {
      const first = origin.requests.length;
      assert.equal((await rawRequest(gateway.port, requestText('GET', path))).status, 200);
      assert.equal(origin.requests[first].target, path);
    }
  });
});
