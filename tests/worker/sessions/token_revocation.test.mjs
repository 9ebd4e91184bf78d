// RFC 7009 §2.1: a refresh token that is revoked ends its session, whatever stands for it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { send } from '../../harness/client.mjs';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startSessions } from '../../harness/session_stage.mjs';
import { serve } from '../../servers/serve.mjs';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const revokeAt = (url, token) => send(`${url}/.edgeward/token/revoke`, { method: 'POST', headers: FORM, body: String(new URLSearchParams({ token })) });
const assertDone = (answer) => assert.deepEqual([answer.status, answer.json], [200, {}], answer.text);

describe('with refresh tokens that the gateway verifies', () => {
  let stage;
  before(async () => { stage = await startSessions(); });
  after(() => stage.stop());
  const revoke = (token) => revokeAt(stage.gateway.url, token);
  const refreshed = async () => {
    const { refreshToken } = await stage.server.login('ada');
    const answer = await stage.refresh(refreshToken);
    assert.equal(answer.status, 200, answer.text);
    return { ...answer.json, used: refreshToken };
  };

  test('the session ends: its refresh token and its access token are refused, and the auth server is not asked', async () => {
    const { accessToken, refreshToken } = await refreshed();
    assertPassed(await stage.get('/strict/x', accessToken));
    const calls = stage.refreshes();
    assertDone(await revoke(refreshToken));
    assertTokenRefused(await stage.get('/bounded/x', accessToken));
    assertProblem(await stage.refresh(refreshToken), 401, 'invalid_token');
    assert.equal(stage.refreshes(), calls);
    assert.equal(stage.events('session_ended').at(-1).reason, 'revoked');
  });

  test('a used refresh token ends it, too', async () => {
    const { refreshToken, used } = await refreshed();
    assertDone(await revoke(used));
    assertProblem(await stage.refresh(refreshToken), 401, 'invalid_token');
  });

  test('one that the gateway has never seen is refused from then on', async () => {
    const { refreshToken } = await stage.server.login('bob');
    assertDone(await revoke(refreshToken));
    assertProblem(await stage.refresh(refreshToken), 401, 'invalid_token');
  });

  test('an access token ends itself alone', async () => {
    const { accessToken, refreshToken } = await refreshed();
    assertDone(await revoke(accessToken));
    assertTokenRefused(await stage.get('/strict/x', accessToken));
    assert.equal((await stage.refresh(refreshToken)).status, 200);
  });

  test('it ends no other session of the same user, and a second time changes nothing', async () => {
    const [one, other] = [await refreshed(), await refreshed()];
    assertDone(await revoke(one.refreshToken));
    const count = stage.events('session_ended').length;
    assertDone(await revoke(one.refreshToken));
    assert.equal(stage.events('session_ended').length, count);
    assertPassed(await stage.get('/strict/x', other.accessToken));
    assert.equal((await stage.refresh(other.refreshToken)).status, 200);
  });

  test('a text that looks like a handle, and a token with another signature, end nothing', async () => {
    const { refreshToken } = await refreshed();
    for (const text of ['ewh1.', 'ewh1.AAAA', `ewh1.${refreshToken}`, `${refreshToken.slice(0, -4)}AAAA`]) assertDone(await revoke(text));
    assert.equal((await stage.refresh(refreshToken)).status, 200);
  });
});

test('where the log does not answer, nothing is said to have ended: not the second time either', async (t) => {
  const stage = await startSessions({ gateway: { faulty: true } });
  t.after(() => stage.stop());
  const { refreshToken } = await stage.server.login('ada');
  const { refreshToken: next, accessToken } = (await stage.refresh(refreshToken)).json;
  await stage.gateway.faults.set({ isSilent: true });
  assertUnavailable(await revokeAt(stage.gateway.url, next), 'revocation_unavailable');
  assertUnavailable(await revokeAt(stage.gateway.url, next), 'revocation_unavailable');
  await stage.gateway.faults.set();
  assertDone(await revokeAt(stage.gateway.url, next));
  assertTokenRefused(await stage.get('/strict/x', accessToken));
  assertProblem(await stage.refresh(next), 401, 'invalid_token');
});

describe('with handles', () => {
  const secrets = { HANDLE_KEY: 'k'.repeat(32), OTHER_KEY: 'o'.repeat(32) };
  let server;
  let gateway;
  before(async () => {
    const rows = new Set(['first']);
    server = await serve(({ path, body }) => {
      if (path === '/me') return { status: 401 };
      const { refreshToken } = JSON.parse(body || '{}');
      if (path !== '/login' && !rows.has(refreshToken)) return { status: 401, json: { message: 'unknown' } };
      const next = randomUUID();
      return { json: { accessToken: `access-${randomUUID()}`, refreshToken: next }, commit: () => { rows.delete(refreshToken); rows.add(next); } };
    });
    gateway = await startGateway({ config: configOf(), secrets, kv: 'none', log: 'new' });
  });
  after(() => Promise.all([gateway?.stop(), server?.stop()]));
  const configOf = (handles = { handles: 'on', handle_key: 'HANDLE_KEY' }) => ({
    origins: [{ name: 'node', url: server.url }],
    issuers: [{ name: 'node', issuer: 'node', verify: { me: `${server.url}/me` }, opaque: true, refresh: { preset: 'node', ...handles } }],
    routes: ['login', 'refresh'].map((handler) => ({ path: `/${handler}`, methods: ['POST'], access: 'public', handler })),
  });
  const post = (path, body, on = gateway) => send(on.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const handle = async () => (await post('/login', {})).json.refreshToken;
  const refresh = (refreshToken) => post('/refresh', { refreshToken });

  test('the handle of a login is refused once it was revoked, and so is what came of it', async () => {
    const fresh = await handle();
    assertDone(await revokeAt(gateway.url, fresh));
    assert.equal((await refresh(fresh)).status, 401);
    const first = await handle();
    const second = (await refresh(first)).json.refreshToken;
    assertDone(await revokeAt(gateway.url, first));
    assert.equal((await refresh(second)).status, 401);
  });

  test('a handle under another key ends nothing', async (t) => {
    const other = await startGateway({ config: configOf({ handles: 'on', handle_key: 'OTHER_KEY' }), secrets, kv: 'none', log: 'new' });
    t.after(() => other.stop());
    const own = await handle();
    assertDone(await revokeAt(other.url, own));
    assertDone(await revokeAt(gateway.url, own.replace(/.$/, (letter) => (letter === 'A' ? 'B' : 'A'))));
    assert.equal((await refresh(own)).status, 200);
  });
});
