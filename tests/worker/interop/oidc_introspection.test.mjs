// The introspection endpoint of oidc-provider, a real authorization server, for opaque tokens of clients and of users.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { send, sleep } from '../../harness/client.mjs';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { APP, BATCH_JOB, GATEWAYS, OTHER_RESOURCE, RESOURCE, startProvider } from '../../harness/oidc_provider.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';

const OPAQUE = `${RESOURCE}/opaque`;
const CACHE_SECONDS = 1;

let provider, origin;
before(async () => { [provider, origin] = await Promise.all([startProvider(), startOrigin()]); });
after(() => Promise.all([provider, origin].map((each) => each?.stop())));

const seen = (name) => valuesOf(origin.requests.at(-1), `x-auth-${name}`).map(decodeURIComponent);

/** A gateway that asks the provider as `client`. */
async function start(t, { client = GATEWAYS.basic, secret = client.secret, issuer = {}, verify = {} } = {}) {
  const entry = {
    name: 'provider', issuer: provider.issuer, opaque: true, audiences: [RESOURCE], ...issuer,
    verify: {
      introspection: provider.introspection, client_id: client.id, client_secret: 'INTROSPECTION_SECRET',
      cache_seconds: CACHE_SECONDS, cache_in_kv: false, ...verify,
    },
  };
  const config = protect({ origin, issuers: [entry] });
  config.routes.unshift({ path: '/orders/**', methods: ['POST'], access: 'authenticated', require: { scope: 'orders:write' } });
  const gateway = await startGateway({ config, secrets: { INTROSPECTION_SECRET: secret } });
  t.after(() => gateway.stop());
  const refused = async (token, what) => {
    const earlier = origin.requests.length;
    assertTokenRefused(await send(`${gateway.url}/x`, { token }), what);
    assert.equal(origin.requests.length, earlier, `${what} has reached the origin`);
  };
  return {
    gateway,
    refused,
    get: (token) => send(`${gateway.url}/x`, { token }),
    order: (token) => send(`${gateway.url}/orders/7`, { method: 'POST', token }),
  };
}

const OF_CLIENTS = { claims: { subject: 'client_id' } };

for (const auth of ['basic', 'post']) {
  test(`asked by client_secret_${auth}, it says yes to a client's opaque token, with its scope, and no to what it does not know`, async (t) => {
    const { order, refused } = await start(t, { client: GATEWAYS[auth], issuer: OF_CLIENTS, verify: { client_auth: auth } });
    const token = await provider.clientToken(OPAQUE);
    assert.match(token, /^[A-Za-z0-9_-]{43}$/, 'no JWT');
    assertPassed(await order(token));
    assert.deepEqual([seen('subject'), seen('scope'), seen('issuer')], [[BATCH_JOB.id], ['orders:read orders:write'], [provider.issuer]]);
    assert.equal(provider.schemes.at(-1), auth === 'basic' ? 'Basic' : undefined);
    assertProblem(await order(await provider.clientToken(OPAQUE, 'orders:read')), 403, 'insufficient_scope', 'a token without the scope');
    await refused(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, 'another last letter');
  });
}

describe('tokens of a user', () => {
  test('the access token passes as the user, and neither the refresh token nor the ID token does', async (t) => {
    const { gateway, get, refused } = await start(t);
    const { access_token: access, refresh_token: refresh, id_token: id } = await provider.login('user-1', OPAQUE);
    assertPassed(await get(access));
    assert.deepEqual(seen('subject'), ['user-1']);
    // The provider calls a refresh token active, too; but it has no audience.
    await refused(refresh, 'the refresh token');
    assert.equal(gateway.logs().filter(({ event }) => event === 'refused').at(-1).code, 'audience_mismatch');
    // It answers 400 to every JWT: that says nothing of the token.
    assertUnavailable(await get(id), 'auth_server_unavailable', 'the ID token');
    assert.equal(gateway.logs().filter(({ event }) => event === 'auth_server_failed').at(-1).code, 'auth_server_refuses_request');
    assertPassed(await get((await provider.login('user-2', OPAQUE)).access_token), 'and it is still asked');
    assert.deepEqual(seen('subject'), ['user-2']);
  });

  test('with `any_audience`, a refresh token is refused where the type must be stated', async (t) => {
    const options = { issuer: { audiences: undefined, token_types: ['Bearer'] }, verify: { any_audience: true } };
    const { get, refused } = await start(t, options);
    const { access_token: access, refresh_token: refresh } = await provider.login('user-1', OPAQUE);
    assertPassed(await get(access));
    await refused(refresh, 'the refresh token');
  });
});

test('an active token for another audience is refused', async (t) => {
  const { get, refused } = await start(t, { issuer: OF_CLIENTS });
  await refused(await provider.clientToken(`${OTHER_RESOURCE}/opaque`), 'a token for another API');
  assertPassed(await get(await provider.clientToken(OPAQUE)));
});

test('a token is refused after it was revoked: at once when it was not seen before, else when its yes is over', async (t) => {
  const { get, refused } = await start(t, { issuer: OF_CLIENTS });
  const [unseen, known] = [await provider.clientToken(OPAQUE), await provider.clientToken(OPAQUE)];
  assertPassed(await get(known));
  for (const token of [unseen, known]) assert.equal((await provider.revoke(token)).status, 200);
  await refused(unseen, 'a token never seen before');
  await sleep(CACHE_SECONDS * 1_000 + 100);
  await refused(known, 'a token that was seen');
  assertPassed(await get(await provider.clientToken(OPAQUE)), 'a new one');
});

test('the access token of a user is refused after the app has revoked the refresh token that came with it', async (t) => {
  const { refused } = await start(t);
  const tokens = await provider.login('user-1', OPAQUE);
  assert.equal((await provider.revoke(tokens.refresh_token, APP)).status, 200);
  await refused(tokens.access_token, 'the access token');
});

test('a token is refused when it is over', async (t) => {
  const { refused } = await start(t, { issuer: OF_CLIENTS });
  const token = await provider.clientToken(`${RESOURCE}/brief`);
  await sleep(2_100);
  await refused(token, 'an expired token');
});

test('its signed answers are believed by its published keys, a no as well as a yes', async (t) => {
  const { order, refused } = await start(t, {
    issuer: { ...OF_CLIENTS, algorithms: ['ES256'] }, verify: { signed_by: { discovery: true } },
  });
  assertPassed(await order(await provider.clientToken(OPAQUE)));
  assert.deepEqual(seen('subject'), [BATCH_JOB.id]);
  await refused('unknown-to-the-provider', 'an unknown token');
  // This client is answered in JSON whatever it asks for.
  const unsigned = await start(t, {
    client: GATEWAYS.post, issuer: { ...OF_CLIENTS, algorithms: ['ES256'] }, verify: { client_auth: 'post', signed_by: { discovery: true } },
  });
  assertUnavailable(await unsigned.order(await provider.clientToken(OPAQUE)), 'auth_server_unavailable', 'an unsigned answer');
});

test('when the provider refuses the gateway\'s own secret, good tokens and bad ones are 503, and never 401', async (t) => {
  const { get } = await start(t, { secret: 'of somebody else', issuer: OF_CLIENTS });
  for (const token of [await provider.clientToken(OPAQUE), 'unknown']) {
    assertUnavailable(await get(token), 'auth_server_unavailable');
  }
});
