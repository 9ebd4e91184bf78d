// Clients that know nothing of the gateway: axios with an interceptor, openid-client, and a form by hand against oidc-provider.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import axios from 'axios';
import * as openid from 'openid-client';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { basicOf } from '../../harness/introspection.mjs';
import { APP, PUBLIC_APP, RESOURCE, startProvider } from '../../harness/oidc_provider.mjs';
import { startSessions } from '../../harness/session_stage.mjs';

test('axios with an interceptor refreshes once for many requests, and goes on', async (t) => {
  const stage = await startSessions({ auth: { accessSeconds: -60 } });
  t.after(() => stage.stop());
  const { auth } = stage.server;
  const { accessToken, refreshToken } = await stage.server.login('ada');
  auth.accessSeconds = 900;
  const held = { accessToken, refreshToken };
  const client = axios.create({ baseURL: stage.gateway.url });
  client.interceptors.request.use((config) => {
    config.headers.authorization = `Bearer ${held.accessToken}`;
    return config;
  });
  // As it is written in a thousand applications: each request refreshes for itself.
  client.interceptors.response.use(undefined, async (error) => {
    if (error.response?.status !== 401 || error.config.isRetried) throw error;
    const { data } = await axios.post(`${stage.gateway.url}/api/auth/refresh`, { refreshToken: held.refreshToken });
    Object.assign(held, data);
    return client.request({ ...error.config, isRetried: true });
  });
  const answers = await Promise.all(Array.from({ length: 12 }, () => client.get('/bounded/x')));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.ok(stage.refreshes() <= 2, `${stage.refreshes()} refreshes`);
  assert.equal(stage.events('token_reuse').length, 0);
});

describe('oidc-provider, whose refresh tokens are opaque', () => {
  let provider;
  let gateway;
  before(async () => {
    provider = await startProvider();
    const config = {
      origins: [{ name: 'provider', url: provider.issuer }],
      issuers: [{
        name: 'provider', issuer: provider.issuer, audiences: [RESOURCE], algorithms: ['ES256'], verify: { jwks: `${provider.issuer}/jwks` },
        refresh: { preset: 'oauth2', grace_seconds: 2, unused_seconds: 2 },
      }],
      routes: [
        { path: '/token', methods: ['POST'], access: 'public', handler: 'refresh' },
        { path: '/**', methods: ['*'], access: 'public' },
      ],
    };
    gateway = await startGateway({ config, kv: 'none', log: 'new' });
  });
  after(() => Promise.all([gateway?.stop(), provider.stop()]));

  const indicator = `${RESOURCE}/ES256`;
  const post = (url, fields, headers = {}) => send(`${url}/token`, {
    method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body: String(new URLSearchParams(fields)),
  });
  const refresh = (token, { on = gateway.url, client = PUBLIC_APP, ...more } = {}) =>
    post(on, { grant_type: 'refresh_token', refresh_token: token, resource: indicator, ...!client.secret && { client_id: client.id }, ...more },
      client.secret ? { authorization: basicOf(client) } : {});
  const logged = (name) => gateway.logs().filter(({ event }) => event === name);
  const calls = () => provider.asked.get('/token') ?? 0;

  test('a public client gets one successor, however often it asks', async () => {
    const { refresh_token: token } = await provider.login('ada', indicator, PUBLIC_APP);
    const before = calls();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(token)));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal(answers[0].status, 200, answers[0].text);
    assert.equal((await refresh(token)).text, answers[0].text);
    assert.equal(calls() - before, 1);
    assert.equal((await refresh(answers[0].json.refresh_token)).status, 200);
  });

  test('another client, scope or resource does not get the stored answer', async () => {
    const { refresh_token: token } = await provider.login('ada', indicator, PUBLIC_APP);
    assert.equal((await refresh(token)).status, 200);
    const other = await refresh(token, { scope: 'orders:read' });
    assert.deepEqual([other.status, other.json], [400, { error: 'invalid_grant' }]);
    assert.equal((await refresh(token, { client: APP })).status, 400);
  });

  test('after the windows the provider decides, in its own words', async () => {
    const { refresh_token: token } = await provider.login('ada', indicator, PUBLIC_APP);
    assert.equal((await refresh(token)).status, 200);
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const through = await refresh(token);
    const direct = await refresh(token, { on: provider.issuer });
    assert.deepEqual([through.status, through.text], [direct.status, direct.text]);
    assert.equal(through.status, 400);
  });

  test('a confidential client keeps its refresh token, and each refresh is a call', async () => {
    const { refresh_token: token } = await provider.login('ada', indicator);
    for (let n = 0; n < 2; n += 1) {
      const { status, json } = await refresh(token, { client: APP });
      assert.deepEqual([status, json.refresh_token ?? token], [200, token]);
    }
  });

  test('other grants and errors come back unchanged', async () => {
    for (const fields of [{}, { grant_type: 'refresh_token' }, { grant_type: 'client_credentials' }, { grant_type: 'refresh_token', refresh_token: 'none', client_id: PUBLIC_APP.id }]) {
      const [through, direct] = [await post(gateway.url, fields), await post(provider.issuer, fields)];
      assert.deepEqual([through.status, through.text], [direct.status, direct.text], JSON.stringify(fields));
    }
  });

  test('another grant that is answered with a refresh token is a login', async () => {
    const fields = await provider.codeGrant('ada', indicator, PUBLIC_APP);
    const { status, json } = await post(gateway.url, { ...fields, client_id: PUBLIC_APP.id });
    assert.equal(status, 200, JSON.stringify(json));
    assert.deepEqual(logged('login').map(({ outcome }) => outcome), ['accepted']);
    assert.equal((await refresh(json.refresh_token)).status, 200);
    const before = logged('login').length;
    await post(gateway.url, { grant_type: 'client_credentials' });
    assert.equal(logged('login').length, before);
  });

  test('openid-client refreshes through the gateway as it does without', async () => {
    const { refresh_token: token } = await provider.login('ada', indicator, PUBLIC_APP);
    const server = { issuer: provider.issuer, token_endpoint: `${gateway.url}/token`, jwks_uri: `${provider.issuer}/jwks` };
    const client = new openid.Configuration(server, PUBLIC_APP.id, undefined, openid.None());
    openid.allowInsecureRequests(client);
    const first = await openid.refreshTokenGrant(client, token, { resource: indicator });
    assert.ok(first.access_token);
    assert.notEqual(first.refresh_token, token);
    const second = await openid.refreshTokenGrant(client, first.refresh_token, { resource: indicator });
    assert.ok(second.access_token);
    await assert.rejects(openid.refreshTokenGrant(client, 'rubbish'), ({ error }) => error === 'invalid_grant');
  });
});
