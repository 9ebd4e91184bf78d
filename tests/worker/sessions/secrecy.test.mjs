// After refreshes, replays, reuse and logout: no store, no line of the log and no header holds a token or a part of one.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSessions } from '../../harness/session_stage.mjs';

/** The longest part of a token that may be seen. */
const PART = 8;

/** All parts of a text that are one character too long. */
const parts = (text) => Array.from({ length: Math.max(0, text.length - PART) }, (_, n) => text.slice(n, n + PART + 1));

function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('no store, line of the log or header holds a token, a part of one, or a secret', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-sessions-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const stage = await startSessions({ gateway: { log: folder } });
  t.after(() => stage.stop());
  const tokens = [];
  const headers = [];
  const take = ({ headers: own, json }) => {
    headers.push(JSON.stringify(own));
    tokens.push(...[json?.accessToken, json?.refreshToken].filter(Boolean));
    return json;
  };
  const login = await stage.server.login('ada');
  tokens.push(login.accessToken, login.refreshToken);
  const first = take(await stage.refresh(login.refreshToken));
  take(await stage.refresh(login.refreshToken));
  const second = take(await stage.refresh(first.refreshToken));
  take(await stage.get('/strict/x', second.accessToken));
  take(await stage.refresh(login.refreshToken));
  const other = await stage.server.login('bob');
  tokens.push(other.accessToken, other.refreshToken);
  take(await stage.post('/api/auth/logout', { refreshToken: other.refreshToken }, { headers: { authorization: `Bearer ${other.accessToken}` } }));
  take(await stage.refresh(`${other.refreshToken}!`));
  take(await stage.refresh(`opaque-${other.refreshToken.slice(-30)}`));
  const places = {
    ...Object.fromEntries(files(folder).map((path) => [path, readFileSync(path).toString('latin1')])),
    output: stage.gateway.output(),
    headers: headers.join('\n'),
  };
  assert.ok(Object.keys(places).some((path) => path.endsWith('.sqlite')), Object.keys(places).join());
  assert.ok(tokens.length >= 8);
  const secrets = [stage.server.auth.secrets[0], ...tokens];
  // What all tokens begin with is no part of one: it says which algorithm there is.
  const common = new Set(parts(tokens[0].split('.')[0]));
  for (const [place, text] of Object.entries(places)) {
    for (const part of new Set(secrets.flatMap(parts))) assert.ok(common.has(part) || !text.includes(part), `${place} has a part of a secret`);
  }
});
