// Opaque refresh tokens in the registry: a login is there before its first refresh, and what comes of it belongs to the same session.
import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { until } from '../../harness/client.mjs';
import { assertProblem } from '../../harness/config.mjs';
import { Browser, NAMES } from '../../harness/cookie_stage.mjs';
import { hashOf, startRegistry } from '../../harness/registry_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

const FIELDS = { email: emailOf('bob'), password: PASSWORD };
const opaqueHash = (token) => createHash('sha256').update(token).digest('base64url');

/** Starts the registry before a server whose refresh tokens are opaque. */
async function start(options) {
  const stage = await startRegistry(options);
  const { auth } = stage.server;
  const held = new Set();
  const pair = async () => {
    const refreshToken = randomUUID();
    held.add(refreshToken);
    return { json: { accessToken: await auth.token('bob', { jti: randomUUID() }), refreshToken } };
  };
  auth.login = pair;
  auth.refresh = async ({ refreshToken }) => (held.delete(refreshToken) ? pair() : { status: 401, json: {} });
  const admin = await auth.token('ada');
  stage.list = async (query) => (await stage.ask('GET', `/.edgeward/admin/tokens?${query}`, admin)).json.tokens;
  stage.registered = (hash) => until(async () => (await stage.list(`hash=${hash}`))[0], 'the token in the registry', 60_000);
  stage.sessions = async (token) => (await stage.ask('GET', '/.edgeward/sessions', token)).json.sessions;
  stage.login = async () => (await stage.post('/api/auth/login', FIELDS)).json;
  stage.refresh = (refreshToken) => stage.post('/api/auth/refresh', { refreshToken });
  stage.held = held;
  return stage;
}

/** The routes of the stage without those that keep tokens in cookies. */
const ROUTES = [
  { path: '/api/x', methods: ['*'], access: 'authenticated', revocation: 'strict' },
  { path: '/expire/', methods: ['POST'], access: 'public', origin: 'auth', handler: 'expire' },
  ...['login', 'refresh', 'logout'].map((handler) => ({ path: `/api/auth/${handler}`, methods: ['POST'], access: 'public', origin: 'auth', handler, ...handler === 'logout' && { forward: false } })),
];

describe('as clients hold them', () => {
  let stage;
  before(async () => {
    stage = await start();
  });
  after(() => stage?.stop());

  test('both tokens of a login are registered, with user and device', async () => {
    const { accessToken, refreshToken } = await stage.login();
    const access = await stage.registered(hashOf(accessToken));
    const refresh = await stage.registered(opaqueHash(refreshToken));
    assert.deepEqual([access.subject, access.parent, access.family], [emailOf('bob'), refresh.hash, refresh.family]);
    assert.equal(refresh.subject, emailOf('bob'));
    assert.ok(access.device);
    assert.deepEqual((await stage.sessions(accessToken)).map((own) => own.is_current), [true]);
    const next = (await stage.refresh(refreshToken)).json;
    assert.equal((await stage.registered(opaqueHash(next.refreshToken))).parent, refresh.hash);
  });
});

describe('in handles', () => {
  let stage;
  before(async () => {
    stage = await start({
      queue: true, refresh: { session: undefined, handles: 'on', handle_key: 'HANDLE_KEY' }, vars: { HANDLE_KEY: 'k'.repeat(32) }, config: { routes: ROUTES },
    });
  });
  after(() => stage?.stop());

  test('a login and its refreshes are one session, which a user ends', async () => {
    const first = await stage.login();
    const { family } = await stage.registered(hashOf(first.accessToken));
    const second = (await stage.refresh(first.refreshToken)).json;
    const access = await stage.registered(hashOf(second.accessToken));
    assert.equal(access.family, family);
    assert.equal((await stage.list(`hash=${access.parent}`))[0].kind, 'refresh');
    const other = await stage.login();
    await stage.registered(hashOf(other.accessToken));
    assert.equal((await stage.sessions(other.accessToken)).length, 2);
    assert.deepEqual((await stage.ask('DELETE', '/.edgeward/sessions?others=true', other.accessToken)).json, { ended: 1 });
    assert.equal((await stage.refresh(second.refreshToken)).status, 401);
    assert.deepEqual([(await stage.ask('GET', '/api/x', second.accessToken)).status, (await stage.refresh(other.refreshToken)).status], [401, 200]);
  });

  test('is not among the others that its user ends before the registry has heard of the refresh', async () => {
    const first = await stage.login();
    await stage.registered(hashOf(first.accessToken));
    const { accessToken, refreshToken } = (await stage.refresh(first.refreshToken)).json;
    assertProblem(await stage.ask('DELETE', '/.edgeward/sessions?others=true', accessToken), 503, 'registry_unavailable');
    await stage.registered(hashOf(accessToken));
    assert.equal((await stage.ask('DELETE', '/.edgeward/sessions?others=true', accessToken)).status, 200);
    assert.deepEqual([(await stage.ask('GET', '/api/x', accessToken)).status, (await stage.refresh(refreshToken)).status], [200, 200]);
  });

  test('a handle that was changed is a token that is over to the handler `expire`', async () => {
    const { refreshToken } = await stage.login();
    const changed = `${refreshToken.slice(0, -4)}${refreshToken.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    const { status, json } = await stage.post('/expire/', { token: changed });
    assert.deepEqual([status, json], [400, { token: ['Token is not longer valid.'] }]);
    assert.equal((await stage.refresh(refreshToken)).status, 200);
  });

  test('a login whose handle was never used ends with its access token', async () => {
    const { accessToken, refreshToken } = await stage.login();
    await stage.registered(hashOf(accessToken));
    assert.equal((await stage.post('/api/auth/logout', { refreshToken })).status, 204);
    assert.deepEqual([(await stage.ask('GET', '/api/x', accessToken)).status, (await stage.refresh(refreshToken)).status], [401, 401]);
    await until(async () => (await stage.list(`hash=${hashOf(accessToken)}`))[0].state === 'expired', 'the end in the registry', 60_000);
  });
});

describe('in cookies', () => {
  let stage;
  before(async () => {
    stage = await start({ queue: true });
  });
  after(() => stage?.stop());

  test('a login and its refreshes are one session', async () => {
    const browser = new Browser(stage.gateway.url);
    await browser.post('/web/login', FIELDS);
    const { family } = await stage.registered(hashOf(browser.access));
    const before = browser.access;
    browser.jar.delete(NAMES.access);
    assert.equal((await browser.post('/web/refresh')).status, 200);
    assert.notEqual(browser.access, before);
    assert.equal((await stage.registered(hashOf(browser.access))).family, family);
    assert.deepEqual((await browser.get('/.edgeward/sessions')).json.sessions.map((own) => own.is_current), [true]);
  });

  test('is not among the others that its user ends before the registry has heard of the refresh', async () => {
    const browser = new Browser(stage.gateway.url);
    await browser.post('/web/login', FIELDS);
    await stage.registered(hashOf(browser.access));
    assert.equal((await browser.post('/web/refresh')).status, 200);
    assertProblem(await browser.send('/.edgeward/sessions?others=true', { method: 'DELETE' }), 503, 'registry_unavailable');
    assert.equal((await browser.post('/web/refresh')).status, 200);
  });
});
