// What an issuer's `refresh` may ask for besides: a limit, the end of other access tokens, and that unknown tokens are refused.
// Rows D9 and E5 of the systems that Edgeward serves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from '../../harness/client.mjs';
import { assertPassed, assertProblem, assertTokenRefused } from '../../harness/config.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';
import { startSessions } from '../../harness/session_stage.mjs';

async function start(t, options) {
  const stage = await startSessions(options);
  t.after(() => stage.stop());
  return stage;
}

test('so many refreshes of one session pass, and no more; others are not limited by it', async (t) => {
  const stage = await start(t, { refresh: { limit: { requests: 2, seconds: 60 } } });
  const [one, other] = [await stage.server.login('ada'), await stage.server.login('ada')];
  let token = one.refreshToken;
  for (let n = 0; n < 2; n += 1) token = (await stage.refresh(token)).json.refreshToken;
  const limited = await stage.refresh(token);
  assertProblem(limited, 429, 'rate_limited');
  assert.ok(Number(limited.headers['retry-after']) >= 1 && Number(limited.headers['retry-after']) <= 60);
  assert.equal((await stage.refresh(other.refreshToken)).status, 200);
});

test('parallel refreshes of one token are one, and use up the limit once', async (t) => {
  const stage = await start(t, { refresh: { limit: { requests: 2, seconds: 60 } } });
  const { auth } = stage.server;
  auth.refresh = async function slow(fields) {
    delete auth.refresh;
    await sleep(500);
    return this.refresh(fields);
  };
  const { refreshToken } = await stage.server.login('ada');
  const answers = await Promise.all(Array.from({ length: 8 }, () => stage.refresh(refreshToken)));
  assert.deepEqual([...new Set(answers.map(({ status, text }) => `${status} ${text}`))], [`200 ${answers[0].text}`]);
  const next = await stage.refresh(answers[0].json.refreshToken);
  assert.equal(next.status, 200, 'the second');
  assertProblem(await stage.refresh(next.json.refreshToken), 429, 'rate_limited');
});

test('expire_tree_on_refresh ends the access tokens before, and not the new one', async (t) => {
  const stage = await start(t, { refresh: { expire_tree_on_refresh: true } });
  const { refreshToken } = await stage.server.login('ada');
  const first = (await stage.refresh(refreshToken)).json;
  assertPassed(await stage.get('/strict/x', first.accessToken));
  const second = (await stage.refresh(first.refreshToken)).json;
  assertTokenRefused(await stage.get('/strict/x', first.accessToken));
  assertPassed(await stage.get('/strict/x', second.accessToken));
});

test('unknown = "refuse" takes what a login or a refresh here has shown, and nothing else', async (t) => {
  const stage = await start(t, { refresh: { unknown: 'refuse' } });
  const elsewhere = await stage.server.login('ada');
  assertProblem(await stage.refresh(elsewhere.refreshToken), 401, 'invalid_token');
  assertProblem(await stage.refresh('opaque'), 401, 'invalid_token');
  const here = await stage.post('/api/auth/login', { email: emailOf('ada'), password: PASSWORD });
  assert.equal(here.status, 200, here.text);
  const next = await stage.refresh(here.json.refreshToken);
  assert.equal(next.status, 200, next.text);
  assert.equal((await stage.refresh(next.json.refreshToken)).status, 200);
});

test('adopted sessions do not fall back behind a newer token of theirs', async (t) => {
  const stage = await start(t);
  const { refreshToken } = await stage.server.login('ada');
  // A refresh behind the gateway's back, a second later.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const newer = (await stage.server.post('refresh', { refreshToken })).json;
  assert.equal((await stage.refresh(newer.refreshToken)).status, 200);
  assertProblem(await stage.refresh(refreshToken), 401, 'invalid_token');
});

test('a refresh token that was revoked is refused, and the auth server is not asked', async (t) => {
  const stage = await start(t);
  const { refreshToken } = await stage.server.login('ada');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const revoked = await stage.post('/.edgeward/token/revoke', `token=${refreshToken}`, { headers: form });
  assert.equal(revoked.status, 200, revoked.text);
  const before = stage.refreshes();
  assertProblem(await stage.refresh(refreshToken), 401, 'invalid_token');
  assert.equal(stage.refreshes(), before);
});

test('a token that is revoked while the auth server is called gets no successor', async (t) => {
  const stage = await start(t);
  const { auth } = stage.server;
  const { refreshToken } = await stage.server.login('ada');
  auth.refresh = async function revoking(fields) {
    delete auth.refresh;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    assert.equal((await stage.post('/.edgeward/token/revoke', `token=${refreshToken}`, { headers: form })).status, 200);
    const answer = await this.refresh(fields);
    stage.born = answer.json;
    return answer;
  };
  assertProblem(await stage.refresh(refreshToken), 401, 'invalid_token');
  assertTokenRefused(await stage.get('/strict/x', stage.born.accessToken));
  assertProblem(await stage.refresh(stage.born.refreshToken), 401, 'invalid_token');
});
