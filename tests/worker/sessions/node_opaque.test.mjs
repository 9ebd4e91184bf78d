// A Node server whose refresh tokens are rows of a database: opaque, kept or rotated, refused with 403.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { send, sleep } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { serve } from '../../servers/serve.mjs';

const WINDOW_MS = 1000;

/** The server and a gateway before it; `rotates` says whether a refresh makes a new refresh token. */
async function start(t, { rotates }) {
  const rows = new Set();
  const server = await serve(({ body }) => {
    const { refreshToken } = JSON.parse(body);
    if (!refreshToken) return { status: 403, json: { message: 'Refresh Token is required!' } };
    if (!rows.has(refreshToken)) return { status: 403, json: { message: 'Refresh token is not in database!' } };
    const next = rotates ? randomUUID() : refreshToken;
    return {
      json: { accessToken: `access-${randomUUID()}`, refreshToken: next },
      commit: () => { rows.delete(refreshToken); rows.add(next); },
    };
  });
  t.after(() => server.stop());
  const config = {
    origins: [{ name: 'node', url: server.url }],
    issuers: [{
      name: 'node', issuer: 'node', verify: { me: `${server.url}/me` }, opaque: true,
      refresh: { preset: 'node', grace_seconds: WINDOW_MS / 1000, unused_seconds: WINDOW_MS / 1000 },
    }],
    routes: [{ path: '/api/auth/refreshtoken', methods: ['POST'], access: 'public', handler: 'refresh' }],
  };
  const gateway = await startGateway({ config, kv: 'none', log: 'new' });
  t.after(() => gateway.stop());
  const refresh = (refreshToken, on = gateway.url) =>
    send(`${on}/api/auth/refreshtoken`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: { refreshToken } });
  const newToken = () => {
    const token = randomUUID();
    rows.add(token);
    return token;
  };
  return { server, refresh, newToken };
}

test('a token that is rotated is exchanged once, and its answer comes again within the windows', async (t) => {
  const { server, refresh, newToken } = await start(t, { rotates: true });
  const token = newToken();
  const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(token)));
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  assert.equal(answers[0].status, 200, answers[0].text);
  assert.equal((await refresh(token)).text, answers[0].text);
  assert.equal(server.calls.length, 1);
  await sleep(WINDOW_MS + 200);
  const [through, direct] = [await refresh(token), await refresh(token, server.url)];
  assert.deepEqual([through.status, through.text], [direct.status, direct.text]);
  assert.equal(through.status, 403);
  assert.equal((await refresh(answers[0].json.refreshToken)).status, 200);
});

test('a token that is kept is good again and again', async (t) => {
  const { server, refresh, newToken } = await start(t, { rotates: false });
  const token = newToken();
  const texts = [await refresh(token), await refresh(token)].map(({ status, text }) => `${status} ${text}`);
  assert.equal(new Set(texts).size, 2);
  assert.ok(texts.every((text) => text.startsWith('200 ')));
  assert.equal(server.calls.length, 2);
});

test('what is unknown, or no token, is refused with the same bytes', async (t) => {
  const { server, refresh } = await start(t, { rotates: true });
  for (const token of ['none', '', undefined, 7]) {
    const [through, direct] = [await refresh(token), await refresh(token, server.url)];
    assert.deepEqual([through.status, through.text], [direct.status, direct.text], String(token));
  }
});
