// Where sessions can be, and where they cannot: the classes in a Worker of their own, and a gateway without handlers.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused } from '../../harness/config.mjs';
import { until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startSessions } from '../../harness/session_stage.mjs';

test('the classes may be in a Worker of their own', async (t) => {
  const stage = await startSessions({ gateway: { objects: true, isolates: 2 }, refresh: { grace_seconds: 0, unused_seconds: 0 } });
  t.after(() => stage.stop());
  const { refreshToken } = await stage.server.login('ada');
  const first = await stage.refresh(refreshToken);
  assert.equal(first.status, 200, first.text);
  assertPassed(await stage.get('/strict/x', first.json.accessToken));
  assertProblem(await stage.refresh(refreshToken, { on: stage.gateway.urls[1] }), 401, 'invalid_token');
  assertTokenRefused(await stage.get('/strict/x', first.json.accessToken));
});

test('a Worker without handlers, and one without the objects, refuse the configuration and say why', async (t) => {
  const stage = await startSessions();
  t.after(() => stage.stop());
  const alone = mkdtempSync(join(tmpdir(), 'edgeward-gate-'));
  t.after(() => rmSync(alone, { recursive: true, force: true }));
  cpSync('build', alone, { recursive: true });
  renameSync(join(alone, 'gate.js'), join(alone, 'index.js'));
  for (const options of [{ ...stage.options, build: alone, objects: true }, { ...stage.options, log: 'none', kv: 'local' }]) {
    const gateway = await startGateway(options);
    t.after(() => gateway.stop());
    const answer = await stage.refresh('x', { on: gateway.url });
    assertProblem(answer, 503, 'configuration_invalid');
    const line = await until(() => gateway.logs().find(({ event }) => event === 'configuration_invalid'), 'the reason');
    assert.ok(line.errors.some((error) => error.startsWith('issuers[0].refresh: expected the Durable Objects')), line.errors.join('\n'));
  }
});
