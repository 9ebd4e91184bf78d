// Tokens that an administrator registers by hand.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { until } from '../../harness/client.mjs';
import { hashOf, startRegistry } from '../../harness/registry_stage.mjs';
import { emailOf } from '../../servers/people.mjs';

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';

describe('registration by hand', () => {
  let stage;
  let admin;
  before(async () => {
    stage = await startRegistry({ config: { admin: [{ require: { role: 'admin' } }, { require: { role: 'helpdesk' }, tenants: ['acme'] }] } });
    admin = (await stage.server.login('ada')).accessToken;
  });
  after(() => stage?.stop());

  const register = (body, token = admin) => stage.ask('POST', '/.edgeward/admin/tokens', token, body);
  const list = async (query) => (await stage.ask('GET', `/.edgeward/admin/tokens?${query}`, admin)).json.tokens;

  test('tokens that the auth server gave out elsewhere are listed with user, device and tree, and can be expired', async () => {
    const { accessToken, refreshToken } = await stage.server.login('bob');
    const request = { headers: { 'user-agent': CHROME }, country: 'DE', asn: 3320 };
    const { status, json } = await register({ pairs: [{ token: refreshToken }, { token: accessToken, parent: refreshToken }], request });
    assert.deepEqual([status, json.registered], [201, 2], JSON.stringify(json));
    const tokens = await list(`family=${encodeURIComponent(json.family)}`);
    const [access, refresh] = ['access', 'refresh'].map((kind) => tokens.find((token) => token.kind === kind));
    assert.deepEqual([access.parent, refresh.parent, access.subject, access.browser], [refresh.hash, null, emailOf('bob'), 'Chrome 142']);
    assert.equal((await stage.ask('GET', '/api/x', accessToken)).status, 200);
    const expired = await stage.ask('POST', '/.edgeward/admin/tokens/expire', admin, { hash: refresh.hash, extent: 'family' });
    assert.equal(expired.json.expired, 2);
    assert.equal((await stage.ask('GET', '/api/x', accessToken)).status, 401);
  });

  test('what is registered twice, or later with its parent, stays in its family', async () => {
    const { accessToken, refreshToken } = await stage.server.login('eve');
    const first = await register({ pairs: [{ token: refreshToken }] });
    const second = await register({ pairs: [{ token: accessToken, parent: refreshToken }, { token: refreshToken }] });
    assert.equal(second.json.family, first.json.family);
    assert.equal((await list(`family=${encodeURIComponent(first.json.family)}`)).length, 2);
  });

  test('a token that the gateway cannot verify is no token, and nothing is registered', async () => {
    const { accessToken } = await stage.server.login('bob');
    const forged = `${accessToken.slice(0, -4)}AAAA`;
    const { length } = await list('limit=1000');
    for (const pairs of [[{ token: forged }], [{ token: accessToken, parent: forged }], [{ token: accessToken }, { token: 'x' }]]) {
      const { status, json } = await register({ pairs });
      assert.equal(status, 400);
      assert.match(json.detail, /^expected `pairs\[\d\]\.(token|parent)` to be a token of a configured issuer$/);
    }
    const others = await stage.server.login('eve');
    assert.match((await register({ pairs: [{ token: accessToken }, { token: others.accessToken }] })).json.detail, /one subject and tenant/);
    assert.equal((await list('limit=1000')).length, length);
  });

  test('what is asked wrongly is said, and nobody else may ask', async () => {
    const { accessToken } = await stage.server.login('bob');
    const pairs = [{ token: accessToken }];
    for (const body of [{}, { pairs: [] }, { pairs: 'x' }, { pairs: [{}] }, { pairs: [{ token: 1 }] }, { pairs: [{ token: accessToken, more: 1 }] },
      { pairs, more: 1 }, { pairs, request: 1 }, { pairs, request: { asn: -1 } }, { pairs, request: { headers: { 'a b': 'c' } } }, { pairs, request: { more: 1 } }, { pairs, request: { country: 'Germany' } }, { pairs, request: { country: 49 } }, { pairs, request: { country: ['DE'] } }, { pairs, request: { address: '1'.repeat(65) } },
      { pairs: [{ token: accessToken, parent: accessToken }] },
      { pairs: Array.from({ length: 51 }, () => ({ token: 'x' })) }]) {
      const { status, json } = await register(body);
      assert.deepEqual([status, json.code], [400, 'invalid_request'], JSON.stringify(body));
    }
    const { refreshToken } = await stage.server.login('bob');
    assert.match((await register({ pairs: [{ token: refreshToken, parent: refreshToken }] })).json.detail, /another token$/);
    assert.equal((await register({ pairs }, accessToken)).status, 403);
    assert.equal((await stage.ask('PUT', '/.edgeward/admin/tokens', admin, { pairs })).status, 405);
  });
});

describe('tokens that were registered by hand and then refreshed, which name no session', () => {
  let stage;
  let admin;
  before(async () => {
    stage = await startRegistry({ claims: { session: 'none' } });
    admin = (await stage.server.login('ada')).accessToken;
  });
  after(() => stage?.stop());

  const list = async (query) => (await stage.ask('GET', `/.edgeward/admin/tokens?${query}`, admin)).json.tokens;
  /** Registers a login that came from elsewhere, and refreshes it here: the tokens of before and of now. */
  const refreshed = async (name) => {
    const own = await stage.server.login(name);
    const pairs = [{ token: own.refreshToken }, { token: own.accessToken, parent: own.refreshToken }];
    assert.equal((await stage.ask('POST', '/.edgeward/admin/tokens', admin, { pairs })).status, 201);
    const { json } = await stage.post('/api/auth/refresh', { refreshToken: own.refreshToken });
    await until(async () => (await list(`hash=${hashOf(json.accessToken)}`)).length === 1, 'the new token in the registry', 60_000);
    return [own, json];
  };

  test('are one session, which its owner does not end with the others', async () => {
    const [, { accessToken }] = await refreshed('eve');
    assert.deepEqual((await stage.ask('DELETE', '/.edgeward/sessions?others=true', accessToken)).json, { ended: 0 });
    assert.equal((await stage.ask('GET', '/api/x', accessToken)).status, 200);
  });

  test('are shown as expired with the family that ends', async () => {
    const [own] = await refreshed('bob');
    assert.equal((await stage.ask('POST', '/.edgeward/admin/tokens/expire', admin, { hash: hashOf(own.accessToken), extent: 'family' })).status, 200);
    assert.deepEqual((await list(`subject=${emailOf('bob')}`)).map(({ state }) => state), Array(4).fill('expired'));
  });
});
