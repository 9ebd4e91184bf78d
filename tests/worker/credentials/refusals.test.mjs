// Each way to be refused: what the wire says, what the log says, and what neither may say.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { makeKey } from '../../harness/issuer.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { assertRefusal } from '../../harness/problem.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { entryName } from '../../harness/revocation_names.mjs';
import { bearer, configuration, ISSUER, startSigner } from '../../harness/signer.mjs';

const SECRET_SUBJECT = 'subject-that-no-log-may-show';
const now = () => Math.floor(Date.now() / 1000);
const INVALID = { realm: 'api', error: 'invalid_token' };
const MALFORMED = { realm: 'api', error: 'invalid_request' };

let origin;
let gateway;
let signer;
let stranger;
const kv = memoryKv();

before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  stranger = await makeKey('ES256', { kid: signer.key.kid });
  const unreachable = signer.issuer({ name: 'away', issuer: 'https://away.example', verify: { jwks: 'http://127.0.0.1:1/jwks.json' } });
  const routes = [
    { path: '/api/**' },
    { path: '/read/**', methods: ['GET'] },
    { path: '/admin/**', require: { role: 'admin' } },
    { path: '/scoped/**', require: { scope: 'things:write' } },
    { path: '/plan/**', require: { claim: 'org.plan', one_of: ['pro'] } },
    { path: '/checked/**', revocation: 'bounded' },
    { path: '/optional/**', access: 'optional' },
  ];
  const config = configuration(origin, signer.issuer({ claims: { roles: 'roles' } }), routes);
  config.issuers.push(unreachable);
  gateway = await startGateway({ config, kv });
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** Tokens by what is wrong with them, and the code that the log gives it. */
const BAD_TOKENS = {
  'is expired': ['token_expired', () => signer.token({ exp: now() - 60 })],
  'is not valid yet': ['token_not_yet_valid', () => signer.token({ nbf: now() + 600 })],
  'was issued in the future': ['issued_in_future', () => signer.token({ iat: now() + 600 })],
  'has no exp': ['claim_missing', () => signer.token({ exp: undefined })],
  'is for another audience': ['audience_mismatch', () => signer.token({ aud: 'other' })],
  'has no audience': [undefined, () => signer.token({ aud: undefined })],
  'is from an unknown issuer': [undefined, () => signer.token({ iss: 'https://unknown.example' })],
  'has no issuer': [undefined, () => signer.token({ iss: undefined })],
  'is of another type': ['token_type_refused', () => signer.token({}, { header: { typ: 'logout+jwt' } })],
  'is a refresh token': ['token_type_refused', () => signer.token({ token_type: 'refresh' })],
  'is signed with a stranger\'s key': ['signature_invalid', () => signer.token({}, { privateKey: stranger.privateKey })],
  'names a key that is not there': ['key_unknown', () => signer.token({}, { header: { kid: 'nowhere' } })],
  'is cut short': [undefined, async () => (await signer.token()).slice(0, -1)],
  'has two parts': ['token_malformed', async () => (await signer.token()).split('.').slice(0, 2).join('.')],
  'is no token': ['token_malformed', async () => 'abc'],
  'is unsigned': [undefined, async () => unsigned(await signer.token())],
  'is too large': ['token_too_large', () => signer.token({ padding: 'x'.repeat(9000) })],
};

const unsigned = (token) => [Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url'), token.split('.')[1], ''].join('.');

let count = 0;

/** Sends with an id of its own; checks that the origin saw nothing; returns the answer and its one line of the log. */
async function refused(method, target, headers, body) {
  const requestId = `refusal-${count += 1}`;
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, requestText(method, target, [...headers, ['X-Request-Id', requestId]], body));
  assert.equal(origin.requests.length, first, 'the origin was asked');
  const lines = await until(() => {
    const own = gateway.logs().filter(({ event, request_id: id }) => event === 'refused' && id === requestId);
    return own.length > 0 && own;
  }, `a line of the log for ${method} ${target}`);
  assert.equal(lines.length, 1, 'one line for each refusal');
  const [line] = lines;
  assert.equal(line.status, answer.status);
  assert.equal(typeof line.ms, 'number');
  return { answer, line, requestId };
}

function assertSilent(token) {
  const secrets = [token, ...token.split('.').slice(1).filter((part) => part.length > 20), SECRET_SUBJECT];
  for (const secret of secrets) assert.ok(!gateway.output().includes(secret), 'the log shows a part of the token');
}

describe('a credential', () => {
  test('that is missing is asked for, without an error', async () => {
    const { answer, requestId, line } = await refused('GET', '/api/a', []);
    assertRefusal(answer, { status: 401, code: 'credential_missing', challenge: { realm: 'api' }, requestId });
    assert.equal(line.code, 'credential_missing');
  });

  for (const [what, [code, make]] of Object.entries(BAD_TOKENS)) {
    for (const path of ['/api/a', '/optional/a']) {
      test(`that ${what} is invalid_token on ${path}`, async () => {
        const token = await make();
        const { answer, line, requestId } = await refused('GET', path, [bearer(token)]);
        assertRefusal(answer, { status: 401, code: 'invalid_token', challenge: INVALID, requestId });
        if (code) assert.equal(line.code, code);
        else assert.match(line.code, /^[a-z_]+$/);
        assert.ok(!answer.text.includes(token) && !answer.text.includes(line.code), 'the wire tells more than it should');
        if (token.length > 20) assertSilent(token);
      });
    }
  }

  test('that is revoked is invalid_token', async () => {
    kv.put(entryName('token', ISSUER, 'revoked-token'), '1');
    const token = await signer.token({ jti: 'revoked-token' });
    const { answer, line, requestId } = await refused('GET', '/checked/a', [bearer(token)]);
    assertRefusal(answer, { status: 401, code: 'invalid_token', challenge: INVALID, requestId });
    assert.match(line.code, /revoked/);
    assertSilent(token);
  });

  test('that is bad looks alike on the wire whatever is wrong', async () => {
    const faces = new Set();
    for (const [, make] of Object.values(BAD_TOKENS)) {
      const { answer } = await refused('GET', '/api/a', [bearer(await make())]);
      const { request_id: _, ...problem } = JSON.parse(answer.text);
      faces.add(JSON.stringify([problem, answer.headers.get('www-authenticate')]));
    }
    assert.equal(faces.size, 1, [...faces].join('\n'));
  });

  for (const [what, headers] of Object.entries({
    'two headers': (token) => [bearer(token), bearer(token)],
    'two tokens in one header': (token) => [['Authorization', `Bearer ${token}, Bearer ${token}`]],
    'no token after the scheme': () => [['Authorization', 'Bearer']],
    'a space and no token': () => [['Authorization', 'Bearer ']],
    'a quoted token': (token) => [['Authorization', `Bearer "${token}"`]],
    'something after the token': (token) => [['Authorization', `Bearer ${token} x`]],
  })) {
    test(`that is malformed (${what}) is invalid_request`, async () => {
      const token = await signer.token();
      const { answer, requestId } = await refused('GET', '/api/a', headers(token));
      assertRefusal(answer, { status: 400, code: 'invalid_request', challenge: MALFORMED, requestId });
      assertSilent(token);
    });
  }
});

describe('a caller', () => {
  const wanting = (extra = {}) => ({ realm: 'api', error: 'insufficient_scope', ...extra });

  for (const [what, target, claims, challenge] of [
    ['role', '/admin/a', { roles: ['user'] }, wanting()],
    ['role, in another letter case,', '/admin/a', { roles: ['Admin'] }, wanting()],
    ['role, where it is only a part of one,', '/admin/a', { roles: ['admins', 'x admin'] }, wanting()],
    ['scope', '/scoped/a', { scope: 'things:read' }, wanting({ scope: 'things:write' })],
    ['claim', '/plan/a', { org: { plan: 'free' } }, wanting()],
    ['claim, there being none,', '/plan/a', {}, wanting()],
  ]) {
    test(`without the ${what} is 403`, async () => {
      const token = await signer.token({ sub: SECRET_SUBJECT, ...claims });
      const { answer, requestId } = await refused('GET', target, [bearer(token)]);
      assertRefusal(answer, { status: 403, code: 'insufficient_scope', challenge, requestId });
      assertSilent(token);
    });
  }

  test('with what is required passes', async () => {
    for (const [target, claims] of [
      ['/admin/a', { roles: ['admin'] }], ['/scoped/a', { scope: 'x things:write' }], ['/plan/a', { org: { plan: 'pro' } }],
    ]) {
      const answer = await rawRequest(gateway.port, requestText('GET', target, [bearer(await signer.token(claims))]));
      assert.equal(answer.status, 200, answer.text);
    }
  });

  test('whose identity does not fit into its headers is 431', async () => {
    // 1,200 characters of two octets, each octet percent-encoded: 7,200 where 6 KiB are allowed.
    const wide = await signer.token({ sub: 'é'.repeat(1200) });
    const { answer, requestId } = await refused('GET', '/api/a', [bearer(wide)]);
    assertRefusal(answer, { status: 431, code: 'identity_too_large', requestId });
    assertSilent(wide);
  });
});

describe('a request', () => {
  test('without a route is 404, with a token or without', async () => {
    for (const headers of [[], [bearer(await signer.token())]]) {
      const { answer, requestId } = await refused('GET', '/nowhere', headers);
      assertRefusal(answer, { status: 404, code: 'route_not_found', requestId });
    }
  });

  test('with a method that no route of its path has is 405, with a token or without', async () => {
    for (const headers of [[], [bearer(await signer.token())]]) {
      const { answer, requestId } = await refused('POST', '/read/a', [...headers, ['Content-Length', '0']]);
      assertRefusal(answer, { status: 405, code: 'method_not_allowed', requestId });
      assert.deepEqual(answer.headers.get('allow'), ['GET, HEAD']);
    }
  });

  for (const target of ['/api/%2e%2e/x', '/api/a%2Fb', '/api/a%5cb', '/api/%00', '/api/a\\b', '/api/%ff', '/api/../api/a', '/api/%252e%252e/a']) {
    test(`for the ambiguous path ${target} is 400`, async () => {
      const { answer, requestId } = await refused('GET', target, [bearer(await signer.token())]);
      assertRefusal(answer, { status: 400, code: 'path_ambiguous', requestId });
    });
  }

  test('by TRACE is refused', async () => {
    const { answer } = await refused('TRACE', '/api/a', [bearer(await signer.token())]);
    assert.ok([404, 405].includes(answer.status), `status ${answer.status}`);
  });

  test('by HEAD is refused with the same head and no body', async () => {
    const { answer } = await refused('HEAD', '/api/a', []);
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.headers.get('www-authenticate'), ['Bearer realm="api"']);
    assert.equal(answer.text, '');
  });

  test('whose id cannot be used gets another one', async () => {
    const answer = await rawRequest(gateway.port, requestText('GET', '/api/a', [['X-Request-Id', 'a"b<script>']]));
    const { request_id: id } = assertRefusal(answer, { status: 401, code: 'credential_missing', challenge: { realm: 'api' } });
    assert.match(id, /^[A-Za-z0-9._-]{8,128}$/);
  });
});

describe('refusals of one kind', () => {
  test('name each its own request, whoever was refused before', async () => {
    const ask = async (id) => {
      const answer = await rawRequest(gateway.port, requestText('GET', '/api/a', id === undefined ? [] : [['X-Request-Id', id]]));
      const { request_id: named } = JSON.parse(answer.text);
      assert.deepEqual(answer.headers.get('x-request-id'), [named]);
      return named;
    };
    const own = ['of-the-first', undefined, 'of-the-third', undefined, undefined];
    const inTurn = [];
    for (const id of own) inTurn.push(await ask(id));
    const named = [...inTurn, ...await Promise.all(own.map(ask))];
    for (const [n, id] of [...own, ...own].entries()) if (id !== undefined) assert.equal(named[n], id);
    assert.equal(new Set(named).size, own.length * 2 - 2, named.join());
  });

  test('name the realm of the configuration in force', async (t) => {
    const store = memoryKv();
    const put = (realm) => store.put('config', JSON.stringify({ ...configuration(origin, signer.issuer(), [{ path: '/api/**' }]), realm }));
    put('first');
    const other = await startGateway({ config: { config_from: 'kv', config_refresh_seconds: 1 }, kv: store });
    t.after(() => other.stop());
    const challenge = async () => (await rawRequest(other.port, requestText('GET', '/api/a', []))).headers.get('www-authenticate');
    assert.deepEqual(await challenge(), ['Bearer realm="first"']);
    put('second');
    await until(async () => (await challenge())[0] === 'Bearer realm="second"', 'the other realm');
  });

  test('say what each of them says, in any order', async () => {
    const expired = await signer.token({ exp: now() - 3600 });
    for (const [path, headers, status, code] of [
      ['/api/a', [], 401, 'credential_missing'], ['/api/a', [bearer(expired)], 401, 'invalid_token'],
      ['/nowhere', [], 404, 'route_not_found'], ['/api/a%2fb', [], 400, 'path_ambiguous'],
      ['/api/a', [], 401, 'credential_missing'], ['/api/a', [bearer(expired)], 401, 'invalid_token'],
    ]) {
      const answer = await rawRequest(gateway.port, requestText('GET', path, headers));
      assert.equal(answer.status, status, code);
      assert.equal(JSON.parse(answer.text).code, code);
    }
  });
});

describe('what the gateway needs and has not', () => {
  test('the issuer\'s keys: 503 with Retry-After', async () => {
    const token = await signer.token({ iss: 'https://away.example', sub: SECRET_SUBJECT });
    const { answer, requestId } = await refused('GET', '/api/a', [bearer(token)]);
    assertRefusal(answer, { status: 503, code: 'keys_unavailable', requestId, retryAfter: true });
    assertSilent(token);
  });

  test('the revocation store: 503 with Retry-After, and only where it is asked', async () => {
    const token = await signer.token({ sub: SECRET_SUBJECT });
    kv.failing = () => true;
    try {
      const { answer, requestId } = await refused('GET', '/checked/a', [bearer(token)]);
      assertRefusal(answer, { status: 503, code: 'revocation_unavailable', requestId, retryAfter: true });
      assertSilent(token);
      assert.equal((await rawRequest(gateway.port, requestText('GET', '/api/a', [bearer(token)]))).status, 200);
    } finally {
      kv.failing = () => false;
    }
    assert.equal((await rawRequest(gateway.port, requestText('GET', '/checked/a', [bearer(token)]))).status, 200);
  });
});
