// A real issuer that is not ours: oidc-provider on loopback, with discovery, JWKS and client-credentials tokens.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { exportJWK } from 'jose';
import Provider from 'oidc-provider';
import { assertPassed, assertProblem, assertTokenRefused, protect } from './harness/config.mjs';
import { send } from './harness/client.mjs';
import { startGateway } from './harness/gateway.mjs';
import { makeKey } from './harness/issuer.mjs';
import { startOrigin, valuesOf } from './harness/origin.mjs';

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const RESOURCE = 'https://api.example';
const CLIENT = { client_id: 'batch-job/1', client_secret: 'a secret of the batch job', scope: 'orders:read orders:write' };

let provider, origin, gateway;
before(async () => {
  provider = await startProvider();
  origin = await startOrigin();
  const issuer = {
    name: 'provider', issuer: provider.issuer, audiences: [RESOURCE], algorithms: ALGORITHMS,
    verify: { discovery: true }, token_types: ['at+jwt'],
  };
  const config = protect({ origin, issuers: [issuer] });
  config.routes.unshift({ path: '/orders/**', methods: ['POST'], access: 'authenticated', require: { scope: 'orders:write' } });
  gateway = await startGateway({ config });
});
after(() => Promise.all([gateway, provider, origin].map((each) => each?.stop())));

async function startProvider() {
  const server = http.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const asked = new Map();
  const handle = new Provider(issuer, await settings()).callback();
  server.on('request', (request, response) => {
    asked.set(request.url, (asked.get(request.url) ?? 0) + 1);
    handle(request, response);
  });
  const stop = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
  return { issuer, asked, stop };
}

async function settings() {
  const keys = [];
  for (const alg of ALGORITHMS) keys.push({ ...(await exportJWK((await makeKey(alg)).privateKey)), kid: alg, alg, use: 'sig' });
  const getResourceServerInfo = (ctx, indicator) => ({
    scope: 'orders:read orders:write', audience: RESOURCE, accessTokenTTL: 300, accessTokenFormat: 'jwt',
    // The last part of the indicator asks for an algorithm: one provider shows them all.
    jwt: { sign: { alg: indicator.split('/').at(-1) } },
  });
  return {
    clients: [{ ...CLIENT, grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
    scopes: ['orders:read', 'orders:write'],
    jwks: { keys },
    ttl: { ClientCredentials: 300 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo },
    },
  };
}

/** A client-credentials access token signed with `alg`. */
async function accessToken(alg, scope) {
  const basic = Buffer.from([CLIENT.client_id, CLIENT.client_secret].map((text) => encodeURIComponent(text).replaceAll('%20', '+')).join(':')).toString('base64');
  const answer = await send(`${provider.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: `${RESOURCE}/${alg}`, scope }).toString(),
  });
  assert.equal(answer.status, 200, answer.text);
  return answer.json.access_token;
}

for (const alg of ALGORITHMS) {
  test(`${alg}: an access token of the provider passes with its subject and scope`, async () => {
    const token = await accessToken(alg, 'orders:read orders:write');
    const header = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
    assert.deepEqual([header.alg, header.typ, header.kid], [alg, 'at+jwt', alg]);
    assertPassed(await send(`${gateway.url}/orders/7`, { method: 'POST', token }));
    const seen = origin.requests.at(-1);
    assert.deepEqual(valuesOf(seen, 'x-auth-subject'), [CLIENT.client_id]);
    assert.deepEqual(valuesOf(seen, 'x-auth-scope').map(decodeURIComponent), ['orders:read orders:write']);
    assert.deepEqual(valuesOf(seen, 'x-auth-issuer'), [provider.issuer]);
  });

  test(`${alg}: an altered access token is refused`, async () => {
    const token = await accessToken(alg, 'orders:write');
    const [header, claims, signature] = token.split('.');
    const more = { ...JSON.parse(Buffer.from(claims, 'base64url')), scope: 'orders:write admin' };
    const forged = [header, Buffer.from(JSON.stringify(more)).toString('base64url'), signature].join('.');
    assertTokenRefused(await send(`${gateway.url}/orders/7`, { method: 'POST', token: forged }));
  });
}

test('an access token without the route\'s scope: 403', async () => {
  const token = await accessToken('ES256', 'orders:read');
  assertProblem(await send(`${gateway.url}/orders/7`, { method: 'POST', token }), 403, 'insufficient_scope');
  assertPassed(await send(`${gateway.url}/elsewhere`, { token }));
});

test('one discovery document and one key set served all of these tests', () => {
  const asked = [...provider.asked].filter(([path]) => !path.startsWith('/token'));
  assert.deepEqual(asked, [['/.well-known/openid-configuration', 1], ['/jwks', 1]]);
});
