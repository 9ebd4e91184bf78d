// Refresh: one successor for each token, the same answer for honest retries, and the end of the family for a thief.
// Rows D3 to D6 of the systems that Edgeward serves.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { sleep, until } from '../../harness/client.mjs';
import { startSessions } from '../../harness/session_stage.mjs';

const GRACE_MS = 1000;
const UNUSED_MS = 3000;

let stage;
before(async () => {
  stage = await startSessions({ refresh: { grace_seconds: GRACE_MS / 1000, unused_seconds: UNUSED_MS / 1000 } });
});
after(() => stage.stop());

const pairOf = (answer) => {
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};
const assertRefused = (answer) => assertProblem(answer, 401, 'invalid_token');

test('a refresh token is exchanged once, and the same answer comes again for the same token', async () => {
  const { refreshToken } = await stage.server.login('ada');
  const before = stage.refreshes();
  const first = await stage.refresh(refreshToken);
  const { accessToken } = pairOf(first);
  const again = await stage.refresh(refreshToken);
  assert.deepEqual([again.status, again.text], [first.status, first.text]);
  assert.equal(stage.refreshes() - before, 1);
  assert.equal(again.headers['cache-control'], 'no-store');
  assert.match(first.headers['server-timing'], /^edgeward;dur=\d+, auth-server;dur=\d+$/);
  assert.equal(first.headers['edgeward-outcome'], undefined);
  assertPassed(await stage.get('/strict/x', accessToken));
});

test('parallel refreshes of one token make one call, and get one answer', async () => {
  const { refreshToken } = await stage.server.login('ada');
  const before = stage.refreshes();
  const answers = await Promise.all(Array.from({ length: 20 }, () => stage.refresh(refreshToken)));
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  pairOf(answers[0]);
  assert.equal(stage.refreshes() - before, 1);
});

test('the client goes away, and gets the answer when it comes again', async () => {
  const { refreshToken } = await stage.server.login('ada');
  const before = stage.refreshes();
  const { auth } = stage.server;
  auth.refresh = async function slow(fields) {
    delete auth.refresh;
    await sleep(400);
    return this.refresh(fields);
  };
  await assert.rejects(stage.refresh(refreshToken, { timeoutMs: 150 }));
  const { refreshToken: next } = pairOf(await stage.refresh(refreshToken));
  assert.notEqual(next, refreshToken);
  assert.equal(stage.refreshes() - before, 1);
});

describe('a used token comes back', () => {
  test('after the grace window, when its successor was used: the family ends, and all its tokens', async () => {
    const { refreshToken } = await stage.server.login('ada');
    const first = pairOf(await stage.refresh(refreshToken));
    const second = pairOf(await stage.refresh(first.refreshToken));
    assertPassed(await stage.get('/strict/x', second.accessToken));
    await sleep(GRACE_MS + 200);
    assertRefused(await stage.refresh(first.refreshToken));
    for (const token of [second.refreshToken, first.refreshToken, refreshToken]) assertRefused(await stage.refresh(token));
    assertTokenRefused(await stage.get('/strict/x', second.accessToken));
    assert.equal(stage.events('token_reuse').at(-1).cause, 'reuse');
  });

  test('two generations old, even within the windows', async () => {
    const { refreshToken } = await stage.server.login('ada');
    const first = pairOf(await stage.refresh(refreshToken));
    const second = pairOf(await stage.refresh(first.refreshToken));
    assertRefused(await stage.refresh(refreshToken));
    assertRefused(await stage.refresh(second.refreshToken));
    assert.equal(stage.events('token_reuse').at(-1).cause, 'reuse');
  });

  test('while its successor was never used: the same answer, until the second window closes', async () => {
    const { refreshToken } = await stage.server.login('ada');
    const first = await stage.refresh(refreshToken);
    await sleep(GRACE_MS + 200);
    assert.equal((await stage.refresh(refreshToken)).text, first.text);
    await sleep(UNUSED_MS - GRACE_MS);
    assertRefused(await stage.refresh(refreshToken));
    assertRefused(await stage.refresh(first.json.refreshToken));
    assert.equal(stage.events('token_reuse').at(-1).cause, 'answer_lost');
  });

  test('after the access token of its successor was seen on a route', async () => {
    const { refreshToken } = await stage.server.login('ada');
    const first = pairOf(await stage.refresh(refreshToken));
    assertPassed(await stage.get('/bounded/x', first.accessToken));
    await sleep(GRACE_MS + 200);
    assertRefused(await stage.refresh(refreshToken));
    assert.equal(stage.events('token_reuse').at(-1).cause, 'reuse');
  });

  test('the isolate that saw it refuses the tokens of the session at once on bounded routes, too', async () => {
    const { refreshToken } = await stage.server.login('ada');
    const first = pairOf(await stage.refresh(refreshToken));
    const second = pairOf(await stage.refresh(first.refreshToken));
    for (const { accessToken } of [first, second]) assertPassed(await stage.get('/bounded/x', accessToken));
    assertRefused(await stage.refresh(refreshToken));
    for (const { accessToken } of [first, second]) assertTokenRefused(await stage.get('/bounded/x', accessToken));
  });

  test('other sessions of the same user go on', async () => {
    const [one, other] = [await stage.server.login('ada'), await stage.server.login('ada')];
    const first = pairOf(await stage.refresh(one.refreshToken));
    pairOf(await stage.refresh(first.refreshToken));
    assertRefused(await stage.refresh(one.refreshToken));
    pairOf(await stage.refresh(other.refreshToken));
  });
});

describe('the auth server', () => {
  test('refuses for good: its answer is passed on, and the family lives', async () => {
    const { refreshToken } = await stage.server.login('ada');
    const before = stage.events('token_reuse').length;
    // Behind the gateway's back.
    assert.equal((await stage.server.post('logout', { refreshToken })).status, 204);
    for (let n = 0; n < 2; n += 1) {
      const refused = await stage.refresh(refreshToken);
      assert.deepEqual([refused.status, refused.json], [401, { error: 'refresh token is invalid' }]);
    }
    assert.equal(stage.events('token_refresh').at(-1).outcome, 'refused');
    assert.equal(stage.events('token_reuse').length, before);
  });

  test('fails before it has used the token up: the same token is good again', async () => {
    const { refreshToken } = await stage.server.login('ada');
    stage.server.fail({ kind: 'reset', times: 1, path: '/api/auth/refresh' });
    assertUnavailable(await stage.refresh(refreshToken), 'session_unavailable');
    pairOf(await stage.refresh(refreshToken));
  });

  test('fails after it has used the token up: its own refusal is passed on, and no reuse is claimed', async () => {
    const { refreshToken } = await stage.server.login('ada');
    const before = stage.events('token_reuse').length;
    stage.server.fail({ kind: 'reset', times: 1, path: '/api/auth/refresh', commits: true });
    assertUnavailable(await stage.refresh(refreshToken), 'session_unavailable');
    const refused = await stage.refresh(refreshToken);
    assert.deepEqual([refused.status, refused.json], [401, { error: 'refresh token is invalid' }]);
    assert.equal(stage.events('token_reuse').length, before);
  });

  test('answers 500: its answer is passed on, and the token is good again', async () => {
    const { refreshToken } = await stage.server.login('ada');
    stage.server.fail({ kind: 'status 500', times: 1, path: '/api/auth/refresh' });
    assert.equal((await stage.refresh(refreshToken)).status, 500);
    pairOf(await stage.refresh(refreshToken));
  });
});

describe('a request', () => {
  test('without a token, or with one that nobody can verify, is answered by the auth server', async () => {
    for (const body of [{}, { refreshToken: '' }, { refreshToken: 7 }, { refreshToken: 'opaque' }]) {
      const direct = await stage.post('/api/auth/refresh', body, { on: stage.server.url });
      const through = await stage.post('/api/auth/refresh', body);
      assert.deepEqual([through.status, through.text], [direct.status, direct.text], JSON.stringify(body));
    }
  });

  test('with a token in two spellings is refused before the auth server sees it', async () => {
    const { refreshToken } = await stage.server.login('ada');
    const before = stage.refreshes();
    for (const token of [`${refreshToken}=`, `${refreshToken}!`, `${refreshToken.slice(0, -4)}*${refreshToken.slice(-4)}`]) {
      assertRefused(await stage.refresh(token));
    }
    const twice = `{"refreshToken":"x","refreshToken":"${refreshToken}"}`;
    assertProblem(await stage.post('/api/auth/refresh', twice), 400, 'invalid_request');
    assertProblem(await stage.post('/api/auth/refresh', twice, { headers: { 'content-type': 'text/plain' } }), 415, 'unsupported_media_type');
    assert.equal(stage.refreshes(), before);
  });

  test('that is too large is refused', async () => {
    assertProblem(await stage.refresh('x'.repeat(70_000)), 413, 'body_too_large');
  });
});

test('a logout ends the session at once, with an expired access token, too', async () => {
  const login = pairOf(await stage.post('/api/auth/login', { email: 'ada@acme.example', password: 'x' }).then(async () => ({ status: 200, json: await stage.server.login('ada') })));
  for (const path of ['/strict/x', '/bounded/x']) assertPassed(await stage.get(path, login.accessToken));
  const answer = await stage.post('/api/auth/logout', { refreshToken: login.refreshToken }, { headers: { authorization: `Bearer ${login.accessToken}` } });
  assert.equal(answer.status, 204, answer.text);
  // The isolate that served the logout does not wait for the bound.
  for (const path of ['/bounded/x', '/strict/x']) assertTokenRefused(await stage.get(path, login.accessToken));
  assertRefused(await stage.refresh(login.refreshToken));
  assert.equal(stage.events('logout').at(-1).outcome, 'ended');
});

test('a logout ends the session of an access token behind any scheme that routes know', async () => {
  for (const scheme of ['Bearer', 'JWT', 'token', 'DPoP']) {
    const login = await stage.server.login('ada');
    await stage.post('/api/auth/logout', {}, { headers: { authorization: `${scheme} ${login.accessToken}` } });
    assertTokenRefused(await stage.get('/strict/x', login.accessToken));
    assertRefused(await stage.refresh(login.refreshToken));
  }
  const login = await stage.server.login('ada');
  await stage.post('/api/auth/logout', {}, { headers: { authorization: `Basic ${login.accessToken}` } });
  assertPassed(await stage.get('/strict/x', login.accessToken));
});

test('no token, and no part of one, stands in the log', async () => {
  await until(() => stage.events('token_refresh').length > 10, 'events');
  assert.doesNotMatch(stage.gateway.output(), /eyJ[\w-]{8}/);
});
