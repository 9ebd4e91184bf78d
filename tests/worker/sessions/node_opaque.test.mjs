// A Node server whose refresh tokens are rows of a database: opaque, kept or rotated, refused with 403.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { send, sleep } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { serve } from '../../servers/serve.mjs';

const WINDOW_MS = 1000;
const SECRETS = { HANDLE_KEY: 'k'.repeat(32), OTHER_KEY: 'o'.repeat(32) };

/** The server and a gateway before it; `rotates` says whether a refresh makes a new refresh token. */
async function start(t, { rotates, handles = {} }) {
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
      refresh: { preset: 'node', grace_seconds: WINDOW_MS / 1000, unused_seconds: WINDOW_MS / 1000, ...handles },
    }],
    routes: [{ path: '/api/auth/refreshtoken', methods: ['POST'], access: 'public', handler: 'refresh' }],
  };
  const options = { config, secrets: SECRETS, kv: 'none', log: 'new' };
  const gateway = await startGateway(options);
  t.after(() => gateway.stop());
  const refresh = (refreshToken, on = gateway.url) =>
    send(`${on}/api/auth/refreshtoken`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: { refreshToken } });
  const newToken = () => {
    const token = randomUUID();
    rows.add(token);
    return token;
  };
  return { server, refresh, newToken, gateway, options };
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

describe('with handles', () => {
  const on = { handles: 'on', handle_key: 'HANDLE_KEY' };
  const isHandle = (text) => /^ewh1\.[\w-]+$/.test(text);

  test('clients never see the tokens that the server rotates, and a used one ends the session', async (t) => {
    const { server, refresh, newToken, gateway } = await start(t, { rotates: true, handles: on });
    const seen = [];
    const next = async (token) => {
      const { status, json, text } = await refresh(token);
      assert.equal(status, 200, text);
      seen.push(json.refreshToken);
      return json.refreshToken;
    };
    const first = await next(newToken());
    const second = await next(first);
    assert.ok(seen.every(isHandle), seen.join());
    assert.equal(await next(first), second, 'the same answer within the window');
    const third = await next(second);
    assert.equal(server.calls.length, 3);
    await sleep(WINDOW_MS + 200);
    assert.equal((await refresh(second)).status, 401);
    assert.equal((await refresh(third)).status, 401, 'the successor has ended, too');
    assert.equal(gateway.logs().filter(({ event }) => event === 'token_reuse').at(-1).cause, 'answer_lost');
    assert.equal(server.calls.length, 3);
  });

  test('a token that is kept stays hidden, and a handle that is changed, or of another key, is none', async (t) => {
    const { refresh, newToken } = await start(t, { rotates: false, handles: on });
    const handle = (await refresh(newToken())).json.refreshToken;
    assert.ok(isHandle(handle));
    assert.equal((await refresh(handle)).status, 200);
    assert.equal((await refresh(`${handle.slice(0, -2)}AA`)).status, 401);
    assert.equal((await refresh('ewh1.')).status, 401);
    const other = await start(t, { rotates: false, handles: { ...on, handle_key: 'OTHER_KEY' } });
    assert.equal((await other.refresh(handle)).status, 401);
  });

  test('they are drained, and their key is rotated, without a login', async (t) => {
    const { refresh, newToken, options } = await start(t, { rotates: true, handles: on });
    const handle = (await refresh(newToken())).json.refreshToken;
    const under = async (changes) => {
      const config = structuredClone(options.config);
      Object.assign(config.issuers[0].refresh, changes);
      const gateway = await startGateway({ ...options, config });
      t.after(() => gateway.stop());
      return gateway.url;
    };
    const rotated = await refresh(handle, await under({ handle_key: 'OTHER_KEY', previous_handle_key: 'HANDLE_KEY' }));
    assert.equal(rotated.status, 200, rotated.text);
    assert.ok(isHandle(rotated.json.refreshToken));
    const drained = await refresh(rotated.json.refreshToken, await under({ handles: 'drain', handle_key: 'OTHER_KEY' }));
    assert.equal(drained.status, 200, drained.text);
    assert.match(drained.json.refreshToken, /^[0-9a-f-]{36}$/);
  });
});
