// A real issuer that is not ours: oidc-provider on loopback, with discovery, JWKS, and tokens of clients and of users.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused, protect } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { ALGORITHMS, APP, BATCH_JOB, OTHER_RESOURCE, RESOURCE, startProvider } from '../../harness/oidc_provider.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';

let provider, origin, gateway;
before(async () => {
  provider = await startProvider();
  origin = await startOrigin();
  const config = protect({ origin, issuers: [entry({ token_types: ['at+jwt'] })] });
  config.routes.unshift({ path: '/orders/**', methods: ['POST'], access: 'authenticated', require: { scope: 'orders:write' } });
  gateway = await startGateway({ config });
});
after(() => Promise.all([gateway, provider, origin].map((each) => each?.stop())));

const entry = (more) => ({
  name: 'provider', issuer: provider.issuer, audiences: [RESOURCE], algorithms: ALGORITHMS, verify: { discovery: true }, ...more,
});
const accessToken = (alg, scope) => provider.clientToken(`${RESOURCE}/${alg}`, scope);
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

for (const alg of ALGORITHMS) {
  test(`${alg}: an access token of the provider passes with its subject and scope`, async () => {
    const token = await accessToken(alg, 'orders:read orders:write');
    const header = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
    assert.deepEqual([header.alg, header.typ, header.kid], [alg, 'at+jwt', alg]);
    assertPassed(await send(`${gateway.url}/orders/7`, { method: 'POST', token }));
    const seen = origin.requests.at(-1);
    assert.deepEqual(valuesOf(seen, 'x-auth-subject'), [BATCH_JOB.id]);
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

test('a user\'s access token passes, and the ID token that came with it does not, by its audience and by its type', async (t) => {
  // Where the app is an audience, too, nothing but the type tells the two.
  const wide = entry({ audiences: [RESOURCE, APP.id], token_types: ['at+jwt'] });
  const typed = await startGateway({ config: protect({ origin, issuers: [wide] }) });
  t.after(() => typed.stop());
  const { access_token: access, id_token: id } = await provider.login('user-1', `${RESOURCE}/ES256`);
  assert.deepEqual([claimsOf(id).aud, claimsOf(id).iss], [APP.id, provider.issuer]);
  for (const { url } of [gateway, typed]) {
    assertPassed(await send(`${url}/x`, { token: access }));
    assert.deepEqual(valuesOf(origin.requests.at(-1), 'x-auth-subject'), ['user-1']);
    const passed = origin.requests.length;
    assertTokenRefused(await send(`${url}/x`, { token: id }), 'the ID token');
    assert.equal(origin.requests.length, passed);
  }
  const refusals = [gateway, typed].map((each) => each.logs().filter(({ event }) => event === 'refused').at(-1).code);
  assert.deepEqual(refusals, ['audience_mismatch', 'token_type_refused']);
});

test('an access token for another audience of the same provider is refused', async () => {
  const token = await provider.clientToken(`${OTHER_RESOURCE}/ES256`);
  const { iss, aud } = claimsOf(token);
  assert.deepEqual([iss, aud], [provider.issuer, OTHER_RESOURCE]);
  assertTokenRefused(await send(`${gateway.url}/x`, { token }));
});

test('an opaque access token of the provider is refused where keys verify', async () => {
  assertTokenRefused(await send(`${gateway.url}/x`, { token: await provider.clientToken(`${RESOURCE}/opaque`) }));
});

test('one discovery document and one key set served each gateway of these tests', () => {
  const asked = [...provider.asked].filter(([path]) => !/^\/(token|auth|interaction)\b/.test(path));
  assert.deepEqual(asked, [['/.well-known/openid-configuration', 2], ['/jwks', 2]]);
});
