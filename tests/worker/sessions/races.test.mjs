// Many clients, several isolates, and processes that die: one successor for each token, and nothing acknowledged is lost.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connections, inParallel, sleep } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startSessions } from '../../harness/session_stage.mjs';

const wide = connections(256);

test('200 parallel refreshes of one token from three isolates: one call, one successor, 200 equal answers', async (t) => {
  const stage = await startSessions({ gateway: { isolates: 3 } });
  t.after(() => stage.stop());
  const { auth } = stage.server;
  const { refreshToken } = await stage.server.login('ada');
  const real = auth.refresh;
  auth.refresh = async function slow(fields) {
    await sleep(300);
    return real.call(this, fields);
  };
  const answers = await Promise.all(Array.from({ length: 200 }, (_, n) =>
    stage.refresh(refreshToken, { on: stage.gateway.urls[n % 3], agent: wide })));
  const texts = new Set(answers.map(({ status, text }) => `${status} ${text}`));
  assert.equal(texts.size, 1, [...texts].map((text) => text.slice(0, 200)).join('\n'));
  assert.equal(answers[0].status, 200, answers[0].text);
  assert.equal(stage.refreshes(), 1);
});

test('SIGKILL in the middle of refreshes: what was acknowledged is not lost, and nobody is ended', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-sessions-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const stage = await startSessions({ gateway: { log: folder }, refresh: { grace_seconds: 30, unused_seconds: 60 } });
  t.after(() => stage.stop());
  const { auth } = stage.server;
  // As servers with a window of their own: a token that was just used is good again, and gets the same answer.
  const given = new Map();
  const real = auth.refresh;
  auth.refresh = async function withWindow(fields) {
    const known = given.get(fields.refreshToken);
    if (known !== undefined) return known;
    const answer = await real.call(this, fields);
    given.set(fields.refreshToken, answer);
    return answer;
  };
  const clients = await inParallel(24, 8, async () => ({ token: (await stage.server.login('ada')).refreshToken, kept: 0 }));
  for (let round = 0; round < 3; round += 1) {
    let isOver = false;
    const running = Promise.all(clients.map(async (client) => {
      while (!isOver) {
        const answer = await stage.refresh(client.token).catch(() => undefined);
        if (answer?.status === 200) {
          Object.assign(client, { token: answer.json.refreshToken, kept: client.kept + 1 });
        } else if (answer !== undefined) {
          assert.ok(answer.status >= 500, `${answer.status} ${answer.text}`);
        }
      }
    }));
    await sleep(700);
    await stage.gateway.stop();
    isOver = true;
    await running;
    stage.gateway = await startGateway({ ...stage.options, log: folder });
    t.after(() => stage.gateway.stop());
    // Each of them holds the current token, or one whose answer was lost.
    for (const client of clients) {
      const answer = await stage.refresh(client.token);
      assert.equal(answer.status, 200, `${client.kept} refreshes, then ${answer.text}`);
      client.token = answer.json.refreshToken;
    }
  }
  assert.ok(clients.reduce((sum, { kept }) => sum + kept, 0) > 100);
  assert.equal(stage.events('token_reuse').length, 0);
});

test('after a restart a used token still counts as used', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-sessions-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const stage = await startSessions({ gateway: { log: folder }, refresh: { grace_seconds: 0, unused_seconds: 0 } });
  t.after(() => stage.stop());
  const { refreshToken } = await stage.server.login('ada');
  const first = (await stage.refresh(refreshToken)).json;
  await stage.gateway.stop();
  stage.gateway = await startGateway({ ...stage.options, log: folder });
  t.after(() => stage.gateway.stop());
  assert.equal((await stage.refresh(refreshToken)).status, 401);
  assert.equal((await stage.refresh(first.refreshToken)).status, 401);
});
