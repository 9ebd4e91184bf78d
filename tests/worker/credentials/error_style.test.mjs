// The body of a 401 as clients of an auth server know it, to the byte, for every style, of all routes and of one; nothing else changes.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { inParallel, sleep } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { makeKey } from '../../harness/issuer.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { assertRefusal } from '../../harness/problem.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { entryName } from '../../harness/revocation_names.mjs';
import { bearer, configuration, ISSUER, startSigner } from '../../harness/signer.mjs';

const now = () => Math.floor(Date.now() / 1000);
const problem = (code, title) => (id) =>
  `{"type":"urn:edgeward:problem:${code}","title":"${title}","status":401,"code":"${code}","request_id":"${id}"}`;
const simplejwt = (message) => () =>
  `{"detail":"Given token not valid for any token type","code":"token_not_valid","messages":[{"token_class":"AccessToken","token_type":"access","message":"${message}"}]}`;
const text = (whole) => () => whole;
const NOBODY = text('{"detail":"Authentication credentials were not provided."}');
const INVALID = text('{"error":"invalid_token","error_description":"the token is not valid"}');

/** What each style says, by request id, of no token, of an expired one, and of one that is invalid for another reason. */
const STYLES = {
  problem: {
    missing: problem('credential_missing', 'a bearer token is required'),
    expired: problem('invalid_token', 'the token is not valid'),
    invalid: problem('invalid_token', 'the token is not valid'),
  },
  simplejwt: { missing: NOBODY, expired: simplejwt('Token is expired'), invalid: simplejwt('Token is invalid') },
  'simplejwt-5.4': {
    missing: NOBODY, expired: simplejwt('Token is invalid or expired'), invalid: simplejwt('Token is invalid or expired'),
  },
  oauth2: {
    missing: text('{"error":"invalid_request","error_description":"a bearer token is required"}'), expired: INVALID, invalid: INVALID,
  },
};
const contentType = (style) => (style === 'problem' ? 'application/problem+json' : 'application/json');
const CHALLENGES = { missing: 'Bearer realm="api"', expired: 'Bearer realm="api", error="invalid_token"' };
CHALLENGES.invalid = CHALLENGES.expired;

let origin;
let signer;
const gateways = {};
const kv = memoryKv();
/** By what is wrong with it: what a style calls that, and the token. */
const cases = {};

before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  const stranger = await makeKey('ES256', { kid: signer.key.kid });
  kv.put(entryName('token', ISSUER, 'revoked-token'), '{}');
  Object.assign(cases, {
    'no token': ['missing'],
    'an expired token': ['expired', await signer.token({ exp: now() - 60 })],
    'an expired token of a stranger': ['invalid', await signer.token({ exp: now() - 60 }, { privateKey: stranger.privateKey })],
    'a wrong signature': ['invalid', await signer.token({}, { privateKey: stranger.privateKey })],
    'a revoked token': ['invalid', await signer.token({ jti: 'revoked-token' })],
    'another audience': ['invalid', await signer.token({ aud: 'other' })],
    'an issuer that is not known': ['invalid', await signer.token({ iss: 'https://unknown.example' })],
    'a token that is not valid yet': ['invalid', await signer.token({ nbf: now() + 600 })],
    'a text that is no token': ['invalid', 'a.b.c'],
  });
  const away = { name: 'away', issuer: 'https://away.example', audiences: ['api'], algorithms: ['ES256'], verify: { jwks: 'http://127.0.0.1:9/jwks.json' } };
  const route = (path, more) => ({ path, revocation: 'bounded', ...more });
  for (const style of Object.keys(STYLES)) {
    const routes = [
      route('/rooted/**'),
      route('/admin/**', { require: { role: 'admin' } }),
      route('/step-up/**', { require: { acr: ['phr'] } }),
      route('/cors/**', { cors_preflight: true }),
      route('/read/**', { methods: ['GET'] }),
      ...Object.keys(STYLES).map((own) => route(`/${own}/**`, { error_style: own })),
    ];
    const config = configuration(origin, signer.issuer(), routes, { leeway_seconds: 0, ...(style === 'problem' ? {} : { error_style: style }) });
    config.issuers.push(away);
    gateways[style] = await startGateway({ config, kv });
  }
});

after(async () => {
  for (const gateway of Object.values(gateways)) await gateway.stop();
  await origin?.stop();
});

let count = 0;

/** Asks under an id of its own; the answer and the id. */
async function ask(gateway, path, token, { headers = [], method = 'GET' } = {}) {
  const id = `styled-${count += 1}`;
  const fields = [['X-Request-Id', id], ...headers, ...(token === undefined ? [] : [bearer(token)])];
  return { id, answer: await rawRequest(gateway.port, requestText(method, path, fields)) };
}

/** The answer is, to the byte and header by header, what `style` says of such a token. */
function assertStyled({ id, answer }, style, reason, what) {
  assert.deepEqual([answer.status, answer.text], [401, STYLES[style][reason](id)], what);
  const { 'content-length': length, ...headers } = Object.fromEntries([...answer.headers].map(([name, values]) => [name, values.join('|')]));
  assert.equal(length, `${answer.body.length}`);
  assert.deepEqual(headers, {
    'content-type': contentType(style), 'cache-control': 'no-store', 'cloudflare-cdn-cache-control': 'no-store', 'www-authenticate': CHALLENGES[reason], 'x-request-id': id,
  }, what);
}

for (const rooted of Object.keys(STYLES)) {
  describe(`with ${rooted} for all routes`, () => {
    for (const [path, style] of [['rooted', rooted], ...Object.keys(STYLES).map((own) => [own, own])]) {
      test(`a 401 on ${path === 'rooted' ? 'a route that says nothing' : `a route with ${path}`} is written as ${style}`, async () => {
        for (const [what, [reason, token]] of Object.entries(cases)) {
          assertStyled(await ask(gateways[rooted], `/${path}/a`, token), style, reason, what);
        }
      });
    }

    test('everything else stays a problem document', async () => {
      const good = await signer.token();
      const realm = 'api';
      const acr = { realm, error: 'insufficient_user_authentication', acr_values: 'phr' };
      for (const [status, code, challenge, path, token, options] of [
        [401, 'insufficient_user_authentication', acr, '/step-up/a', good],
        [403, 'insufficient_scope', { realm, error: 'insufficient_scope' }, '/admin/a', good],
        [404, 'route_not_found', undefined, '/nowhere', undefined],
        [405, 'method_not_allowed', undefined, '/read/a', undefined, { method: 'DELETE' }],
        [400, 'path_ambiguous', undefined, '/rooted/a%2fb', undefined],
        [400, 'invalid_request', { realm, error: 'invalid_request' }, '/rooted/a', 'not one token'],
        [503, 'keys_unavailable', undefined, '/rooted/a', await signer.token({ iss: 'https://away.example' })],
        [401, 'credential_missing', { realm }, '/.edgeward/me', undefined],
      ]) {
        const { id, answer } = await ask(gateways[rooted], path, token, options);
        assertRefusal(answer, { status, code, challenge, requestId: id, retryAfter: status === 503 });
      }
    });

    test('a 503 of the store stays a problem document', async () => {
      kv.failing = (names) => names.some((name) => name.startsWith('revoked:'));
      const { id, answer } = await ask(gateways[rooted], '/rooted/a', await signer.token()).finally(() => { kv.failing = () => false; });
      assertRefusal(answer, { status: 503, code: 'revocation_unavailable', challenge: undefined, requestId: id, retryAfter: true });
    });

    test('a page reads the same body where it may', async () => {
      const { answer } = await ask(gateways[rooted], '/cors/a', undefined, { headers: [['Origin', 'https://app.example']] });
      assert.equal(answer.text.replace(/"request_id":"[^"]*"/, '"request_id":"x"'), STYLES[rooted].missing('x'));
      assert.deepEqual(answer.headers.get('access-control-allow-origin'), ['https://app.example']);
    });

    test('HEAD is told the same but the body', async () => {
      const { answer } = await ask(gateways[rooted], '/rooted/a', undefined, { method: 'HEAD' });
      assert.deepEqual([answer.status, answer.headers.get('content-type'), answer.text], [401, [contentType(rooted)], '']);
    });
  });
}

test('a token that expires between two requests is told so by the second', async () => {
  const exp = now() + 3;
  const token = await signer.token({ exp });
  for (const style of Object.keys(STYLES)) assert.equal((await ask(gateways.problem, `/${style}/a`, token)).answer.status, 200, style);
  await sleep(exp * 1000 - Date.now() + 50);
  for (const style of Object.keys(STYLES)) assertStyled(await ask(gateways.problem, `/${style}/a`, token), style, 'expired', style);
});

describe('refusals of several styles', () => {
  const all = () => Object.keys(STYLES).flatMap((style) => Object.values(cases).map(([reason, token]) => ({ style, reason, token })));

  test('one after the other keep their style, and each has its own id', async () => {
    const list = all();
    // Every style comes after every other one.
    for (const step of [11, 25]) {
      for (let n = 0; n < list.length; n += 1) {
        const { style, reason, token } = list[(n * step) % list.length];
        assertStyled(await ask(gateways.simplejwt, `/${style}/a`, token), style, reason, `${style} ${reason}`);
      }
    }
  });

  test('at once keep their style, and each has its own id', async () => {
    const list = all();
    await inParallel(300, 24, async (n) => {
      const { style, reason, token } = list[(n * 5) % list.length];
      assertStyled(await ask(gateways.oauth2, `/${style}/a`, token), style, reason, `${style} ${reason}`);
    });
  });

  test('have ids that the gateway has made, each its own, where the client says none', async () => {
    const ids = [];
    for (const style of [...Object.keys(STYLES), ...Object.keys(STYLES)]) {
      const answer = await rawRequest(gateways.problem.port, requestText('GET', `/${style}/a`));
      const [id] = answer.headers.get('x-request-id');
      assert.equal(answer.text, STYLES[style].missing(id));
      ids.push(id);
    }
    assert.equal(new Set(ids).size, ids.length, ids.join());
  });
});
