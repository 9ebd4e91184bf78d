// Sessions while the revocation log is away, or knows too little.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../harness/client.mjs';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { NAMES, setCookies, withCookies } from '../../harness/cookie_stage.mjs';
import { entryName } from '../../harness/revocation_names.mjs';
import { startSessions } from '../../harness/session_stage.mjs';

async function start(t, options) {
  const stage = await startSessions(options);
  t.after(() => stage.stop());
  return stage;
}

test('a log that fails while the auth server is called ends nothing: the answer is kept, and given when the log is back', async (t) => {
  const stage = await start(t, { gateway: { faulty: true } });
  const { auth } = stage.server;
  const login = await stage.server.login('ada');
  const real = auth.refresh;
  let given;
  auth.refresh = async function refresh(fields) {
    await stage.gateway.faults.set({ isSilent: true });
    given = await real.call(this, fields);
    return given;
  };
  assertUnavailable(await stage.refresh(login.refreshToken), 'session_unavailable');
  assert.equal(stage.events('token_refresh').at(-1).reason, 'revocation_log');
  await stage.gateway.faults.set();
  const again = await stage.refresh(login.refreshToken);
  assert.deepEqual([again.status, again.json], [200, given.json]);
  assert.equal(stage.refreshes(), 1);
  assert.equal(stage.events('session_ended').length, 0);
  assertPassed(await stage.get('/strict/x', again.json.accessToken));
});

test('a log that is away before the call is 503, and the auth server is not asked', async (t) => {
  const stage = await start(t, { gateway: { faulty: true } });
  const { refreshToken } = await stage.server.login('ada');
  await stage.gateway.faults.set({ isSilent: true });
  assertUnavailable(await stage.refresh(refreshToken), 'session_unavailable');
  assert.equal(stage.refreshes(), 0);
});

test('while KV is not imported, it is read beside the log: what was revoked there is not refreshed, and the rest is', async (t) => {
  const stage = await start(t, { gateway: { kv: 'local' } });
  const { refreshToken } = await stage.server.login('ada');
  const { sid } = JSON.parse(Buffer.from(refreshToken.split('.')[1], 'base64url'));
  await stage.gateway.kv.put(entryName('session', stage.server.auth.issuer, sid), '{}');
  const refused = await stage.refresh(refreshToken);
  assert.equal(refused.status, 401, refused.text);
  assert.equal(stage.events('token_refresh').at(-1).outcome, 'revoked');
  assert.equal(stage.refreshes(), 0);
  assert.equal((await stage.refresh((await stage.server.login('bob')).refreshToken)).status, 200);
});

test('a logout that the log does not acknowledge is told it later, because the browser has no cookie to come again with', async () => {
  await withCookies({ gateway: { faulty: true } }, async (stage) => {
    const browser = stage.open();
    const token = await stage.server.auth.token('ada');
    browser.jar.set(NAMES.access, `1~${token}`);
    assertPassed(await browser.get('/app/x'));
    await stage.gateway.faults.set({ isSilent: true });
    const answer = await browser.post('/web/logout');
    assertUnavailable(answer, 'session_unavailable');
    assert.ok(setCookies(answer).some((line) => line.startsWith(`${NAMES.access}=;`)));
    await stage.gateway.faults.set();
    await until(async () => (await stage.get('/strict/x', token)).status === 401, 'the end of the token', 5000);
    assertTokenRefused(await stage.get('/strict/x', token));
  });
});
