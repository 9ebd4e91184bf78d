// After logins, refreshes, renewals, refusals and orders: no store, no message of the queue, no metric and no line of the log holds a token or a
// part of one, and the subject is in the table of subjects alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../../harness/client.mjs';
import { Browser, KEY } from '../../harness/cookie_stage.mjs';
import { FAULTY, startRegistry } from '../../harness/registry_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

/** The longest part of a token that may be seen. */
const PART = 8;
/** All parts of a text that are one character too long. */
const parts = (text) => Array.from({ length: Math.max(0, text.length - PART) }, (_, n) => text.slice(n, n + PART + 1));

test('no store, message, metric or line of the log holds a token, a part of one, or a secret', async (t) => {
  const stage = await startRegistry({ queue: true, config: { audit: 'database', metrics: 'object' }, more: FAULTY });
  t.after(() => stage.stop());
  const tokens = [];
  const take = ({ json }) => {
    tokens.push(...[json?.accessToken, json?.refreshToken].filter(Boolean));
    return json;
  };
  const admin = take({ json: await stage.server.login('ada') }).accessToken;
  const pair = take(await stage.post('/api/auth/login', { email: emailOf('bob'), password: PASSWORD }));
  const next = take(await stage.post('/api/auth/refresh', { refreshToken: pair.refreshToken }));
  await stage.post('/api/auth/refresh', { refreshToken: `${pair.refreshToken}!` });
  await stage.ask('GET', '/api/x', `${next.accessToken.slice(0, -4)}AAAA`);
  await stage.ask('GET', '/.edgeward/admin/tokens', next.accessToken);
  const browser = new Browser(stage.gateway.url);
  assert.equal((await browser.post('/web/login', { email: emailOf('eve'), password: PASSWORD })).status, 200);
  await stage.ask('POST', '/.edgeward/admin/tokens', admin, { pairs: [{ token: take({ json: await stage.server.login('eve') }).accessToken }] });
  await stage.ask('POST', '/.edgeward/admin/revocations', admin, { token: next.accessToken });
  await stage.post('/api/auth/logout', { refreshToken: next.refreshToken }, { headers: { authorization: `Bearer ${next.accessToken}` } });
  await until(async () => (await stage.gateway.sql("SELECT count(*) AS n FROM audit WHERE event = 'logout'"))[0].n > 0, 'the last event', 20_000);
  await fetch(`${stage.gateway.url}/cdn-cgi/handler/scheduled`);
  const metrics = await until(async () => {
    const { text } = await stage.ask('GET', '/.edgeward/metrics', admin);
    return text.includes('edgeward_refresh_total') && text;
  }, 'the metrics', 20_000);
  const messages = await (await fetch(`${stage.gateway.url}/messages`)).text();
  const cookies = [...browser.jar.values()];
  const places = {
    ...Object.fromEntries(Object.entries(stage.gateway.stores()).map(([name, bytes]) => [name, bytes.toString('latin1')])),
    messages, metrics, log: stage.gateway.logs().map((line) => JSON.stringify(line)).join('\n'),
  };
  assert.ok(Object.keys(places).filter((name) => name.endsWith('.sqlite')).length >= 3, Object.keys(places).join());
  assert.ok(tokens.length >= 7 && cookies.length >= 2 && messages.includes('"audit"') && messages.includes('"pair"'));
  const common = new Set(parts(tokens[0].split('.')[0]));
  const secrets = new Set([stage.server.auth.secrets[0], KEY, ...tokens, ...cookies].flatMap(parts));
  for (const [place, text] of Object.entries(places)) {
    for (const part of secrets) assert.ok(common.has(part) || !text.includes(part), `${place} has a part of a secret`);
  }
  for (const place of ['metrics', 'log']) assert.ok(!places[place].includes(emailOf('bob')), `${place} has a subject`);
});
