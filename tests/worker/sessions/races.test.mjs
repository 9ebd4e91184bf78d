// Many clients, several isolates, and processes that die: one successor for each token, and nothing acknowledged is lost.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connections, sleep } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { giveWindow, killInTheMiddle, refreshAtOnce } from '../../harness/session_races.mjs';
import { startSessions } from '../../harness/session_stage.mjs';

const wide = connections(256);

test('200 parallel refreshes of one token from three isolates: one call, one successor, 200 equal answers', async (t) => {
  const stage = await startSessions({ gateway: { isolates: 3 } });
  t.after(() => stage.stop());
  const { auth } = stage.server;
  const real = auth.refresh;
  auth.refresh = async function slow(fields) {
    await sleep(300);
    return real.call(this, fields);
  };
  await refreshAtOnce(stage, { width: 200, agent: wide });
});

test('SIGKILL in the middle of refreshes: what was acknowledged is not lost, and nobody is ended', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-sessions-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const stage = await startSessions({ gateway: { log: folder }, refresh: { grace_seconds: 30, unused_seconds: 60 } });
  t.after(() => stage.stop());
  giveWindow(stage);
  assert.ok(await killInTheMiddle(stage, { folder, clients: 24, kills: 3, each: 60 }) >= 180);
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
