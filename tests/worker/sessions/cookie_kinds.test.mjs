// Sessions in cookies before other kinds of auth servers and tokens: opaque ones, OAuth 2, logins by redirect; and upgrades.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { issued, startAskedServer } from '../../harness/asked_server.mjs';
import { sleep } from '../../harness/client.mjs';
import { Browser, KEY, NAMES, startCookies } from '../../harness/cookie_stage.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { PUBLIC_APP, RESOURCE, startProvider } from '../../harness/oidc_provider.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { serve } from '../../servers/serve.mjs';

const require = createRequire(import.meta.url);
const { WebSocket, WebSocketServer } = createRequire(require.resolve('miniflare'))('ws');

const headerOf = ({ headers }, wanted) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];

async function stage(t, options = {}) {
  const started = await startCookies(options);
  t.after(() => started.stop());
  return started;
}

test('an upgrade is renewed like any request, and its answer carries the cookies', async (t) => {
  const site = await stage(t);
  const sockets = new WebSocketServer({ noServer: true });
  site.origin.onUpgrade((req, socket) => sockets.handleUpgrade(req, socket, Buffer.alloc(0), (ws) => ws.send(`hello ${req.headers['x-auth-subject']}`)));
  const browser = await site.login();
  browser.jar.delete(NAMES.access);
  const ws = new WebSocket(`${site.gateway.url.replace('http', 'ws')}/app/ws`, { headers: { cookie: browser.cookie, 'sec-fetch-site': 'same-origin' }, perMessageDeflate: false });
  const upgraded = once(ws, 'upgrade');
  const [message] = await once(ws, 'message');
  const [{ headers }] = await upgraded;
  assert.equal(message.toString(), 'hello ada@example.com');
  assert.equal(headers['set-cookie'].length, 2);
  assert.equal(headerOf(site.origin.requests.at(-1), 'cookie'), undefined);
  ws.close();
  await once(ws, 'close');
});

test("the gateway's own use of a new token is not the client's: its parent still gets the answer", async (t) => {
  const site = await stage(t, { refresh: { grace_seconds: 0, unused_seconds: 600 } });
  const browser = await site.login();
  browser.jar.delete(NAMES.access);
  // The renewed request has used the new token, and its answer is lost.
  assert.equal((await browser.get('/app/a', { keep: false })).status, 200);
  await sleep(300);
  const again = await browser.get('/app/a');
  assert.equal(again.status, 200);
  assert.equal(site.refreshes(), 1);
});

test('once the client uses the new token, its parent is over', async (t) => {
  const site = await stage(t, { refresh: { grace_seconds: 0, unused_seconds: 600 }, api: { revocation: 'strict' } });
  const browser = await site.login();
  browser.jar.delete(NAMES.access);
  const parent = browser.copy();
  assert.equal((await browser.get('/app/a')).status, 200);
  assert.equal((await browser.get('/app/b')).status, 200, 'by the client itself');
  await sleep(300);
  const answer = await parent.get('/app/c');
  assert.equal(answer.status, 401);
  assert.equal(site.events('token_reuse').length, 1);
});

/** A server with opaque tokens: access tokens are asked about at /me. */
async function opaque(t, { login = {} } = {}) {
  const [rows, access] = [new Set(), new Set()];
  const server = await serve(({ path, body, headers }) => {
    if (path === '/me') {
      const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
      return access.has(token) ? { json: { sub: 'ada' } } : { status: 401, json: {} };
    }
    if (path !== '/login' && !rows.has(JSON.parse(body).refreshToken)) return { status: 403, json: { message: 'Refresh token is not in database!' } };
    const pair = { accessToken: `access-${randomUUID()}`, refreshToken: randomUUID() };
    const commit = () => {
      if (path !== '/login') rows.delete(JSON.parse(body).refreshToken);
      rows.add(pair.refreshToken);
      access.add(pair.accessToken);
    };
    if (login.redirects && path === '/login') {
      return { status: 302, headers: { location: '/home', 'set-cookie': [`at=${pair.accessToken}; Path=/`, `rt=${pair.refreshToken}; Path=/; HttpOnly`, 'csrftoken=1; Path=/'] }, type: 'text/html', text: '<a href="/home">', commit };
    }
    return { json: pair, commit };
  });
  t.after(() => server.stop());
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const route = (path, handler) => ({ path, methods: ['POST'], access: 'public', origin: 'node', handler, session: true });
  const gateway = await startGateway({
    config: {
      origins: [{ name: 'main', url: origin.url }, { name: 'node', url: server.url }],
      issuers: [{
        name: 'node', issuer: 'node', verify: { me: `${server.url}/me`, cache_seconds: 1 }, opaque: true,
        refresh: { preset: 'node', grace_seconds: 1, unused_seconds: 1, session: { key: 'SESSION_KEY' }, ...login.redirects && { access_cookie: 'at', refresh_cookie: 'rt' } },
      }],
      routes: [route('/login', 'login'), route('/refresh', 'refresh'), { path: '/app/**', methods: ['*'], access: 'authenticated', session: true, revocation: 'off' }],
    },
    secrets: { SESSION_KEY: KEY }, kv: 'none', log: 'new',
  });
  t.after(() => gateway.stop());
  const browser = new Browser(gateway.url);
  return { server, origin, gateway, browser, access, refreshes: () => server.callsTo('/refresh').length };
}

test('opaque tokens: renewed on the way, and a used one that comes back ends the session', async (t) => {
  const { browser, access, refreshes } = await opaque(t);
  assert.equal((await browser.post('/login')).status, 200);
  assert.equal((await browser.get('/app/a')).status, 200);
  const first = browser.copy();
  // The auth server forgets the access token: that is how one of them expires.
  access.clear();
  await sleep(1100);
  const tabs = Array.from({ length: 5 }, () => browser.copy());
  const answers = await Promise.all([browser, ...tabs].map((tab) => tab.get('/app/a')));
  assert.deepEqual(answers.map(({ status }) => status), Array(6).fill(200));
  assert.equal(refreshes(), 1);
  browser.jar.delete(NAMES.access);
  assert.equal((await browser.get('/app/a')).status, 200);
  await sleep(1200);
  first.jar.delete(NAMES.access);
  assert.equal((await first.get('/app/a')).status, 401, 'two refreshes behind');
  browser.jar.delete(NAMES.access);
  assert.equal((await browser.get('/app/a')).status, 401, 'and with it ends the session');
});

test('a login that answers with a redirect and cookies: the tokens in them are taken out, the rest passes', async (t) => {
  const { browser, server, origin } = await opaque(t, { login: { redirects: true } });
  const answer = await browser.post('/login');
  assert.deepEqual([answer.status, answer.headers.location], [302, '/home']);
  assert.deepEqual([...browser.jar.keys()].sort(), [NAMES.access, NAMES.refresh, 'csrftoken'].sort());
  assert.equal((await browser.get('/app/a')).status, 200);
  assert.equal(headerOf(origin.requests.at(-1), 'cookie'), 'csrftoken=1');
  browser.jar.delete(NAMES.access);
  assert.equal((await browser.get('/app/a')).status, 200);
  assert.ok(server.calls.every(({ cookies }) => !cookies.some((name) => name.startsWith('__Host-'))));
});

test('OAuth 2: the gateway refreshes as the client that it is configured as', async (t) => {
  const provider = await startProvider();
  t.after(() => provider.stop());
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const indicator = `${RESOURCE}/ES256`;
  const tokens = await provider.login('ada', indicator, PUBLIC_APP);
  // The provider's answer to a code, as a back end would pass it on.
  const back = await serve(() => ({ json: tokens }));
  t.after(() => back.stop());
  const route = (path, handler, more) => ({ path, methods: ['POST'], access: 'public', handler, session: true, ...more });
  const gateway = await startGateway({
    config: {
      origins: [{ name: 'main', url: origin.url }, { name: 'provider', url: provider.issuer }, { name: 'back', url: back.url }],
      issuers: [{
        name: 'provider', issuer: provider.issuer, audiences: [RESOURCE], algorithms: ['ES256'], verify: { jwks: `${provider.issuer}/jwks` },
        refresh: { preset: 'oauth2', session: { key: 'SESSION_KEY', client_id: PUBLIC_APP.id, resource: indicator, removed_members: ['id_token'] } },
      }],
      routes: [
        route('/login', 'login', { origin: 'back' }), route('/token', 'refresh', { origin: 'provider' }),
        { path: '/app/**', methods: ['*'], access: 'authenticated', session: true },
      ],
    },
    secrets: { SESSION_KEY: KEY }, kv: 'none', log: 'new',
  });
  t.after(() => gateway.stop());
  const browser = new Browser(gateway.url);
  const login = await browser.post('/login');
  assert.equal(login.status, 200, login.text);
  assert.ok(!/access_token|refresh_token|id_token/.test(login.text), login.text);
  const answer = await browser.post('/token');
  assert.equal(answer.status, 200, answer.text);
  assert.ok(!/eyJ|refresh_token/.test(answer.text));
});

/** A browser whose access token ended five seconds ago, which is within the leeway, and has these claims; at a gateway whose configuration was changed. */
async function ending(t, change, claims = {}, secrets = {}) {
  const site = await stage(t);
  const config = structuredClone(site.config);
  change(config);
  const gateway = await startGateway({ ...site.options, config, secrets: { ...site.options.secrets, ...secrets } });
  t.after(() => gateway.stop());
  const browser = await site.login('ada', gateway.url);
  browser.jar.set(NAMES.access, `1~${await site.server.auth.token('ada', { ...claims, exp: Math.floor(Date.now() / 1000) - 5 })}`);
  return browser;
}

test('a token that has just ended is renewed before it is exchanged for one of the origin', async (t) => {
  const asked = await startAskedServer();
  t.after(() => asked.stop());
  const endOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url')).exp;
  // An auth server has no leeway.
  asked.issue = (token) => (endOf(token) * 1000 > Date.now() ? issued('billing') : undefined);
  const exchange = { endpoint: asked.token, audience: 'billing', client_id: 'gateway', client_secret: 'CLIENT_SECRET' };
  const browser = await ending(t, ({ origins }) => Object.assign(origins[0], { exchange }), {}, { CLIENT_SECRET: 'a secret' });
  const answer = await browser.get('/app/a');
  assert.deepEqual([answer.status, answer.headers['set-cookie']?.length], [200, 2], answer.text);
});

test('a token that has just ended is renewed before its roles are compared', async (t) => {
  // The role was granted after it had been issued.
  const browser = await ending(t, (config) => {
    config.issuers[0].claims = { roles: 'organization.role' };
    config.routes.find(({ path }) => path === '/app/**').require = { role: 'admin' };
  }, { organization: { id: 'acme', role: 'guest' } });
  const answer = await browser.get('/app/a');
  assert.deepEqual([answer.status, answer.headers['set-cookie']?.length], [200, 2], answer.text);
});

test('no store, line of the log or header holds a token of a session, a part of one, or its key', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-cookies-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const site = await stage(t, { gateway: { log: folder } });
  const [browser, other] = [await site.login(), await site.login('bob')];
  const answers = [];
  const tokens = new Set();
  const ask = async (asked) => {
    const { headers: { 'set-cookie': _, ...headers }, text } = await asked;
    answers.push(JSON.stringify(headers), text);
  };
  for (let n = 0; n < 3; n += 1) {
    browser.jar.delete(NAMES.access);
    await ask(browser.get('/app/a'));
    await ask(browser.post('/web/refresh'));
    await ask(browser.get('/.edgeward/me'));
  }
  await ask(other.post('/web/logout'));
  await ask(other.get('/app/a'));
  for (const request of site.origin.requests) tokens.add(headerOf(request, 'authorization').slice('Bearer '.length));
  assert.ok(tokens.size >= 3);
  const places = Object.fromEntries(readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)).map((path) => [path, readFileSync(path).toString('latin1')]));
  assert.ok(Object.keys(places).some((path) => path.endsWith('.sqlite')));
  const secrets = [KEY, site.server.auth.secrets[0], ...tokens, ...browser.jar.values(), ...other.jar.values()];
  const parts = (text) => Array.from({ length: Math.max(0, text.length - 8) }, (_, n) => text.slice(n, n + 9));
  const common = new Set(parts([...tokens][0].split('.')[0]));
  const all = new Set(secrets.flatMap(parts));
  for (const [place, text] of Object.entries({ ...places, output: site.gateway.output(), answers: answers.join('\n') })) {
    for (const part of all) assert.ok(common.has(part) || !text.includes(part), `${place} has a part of a secret`);
  }
});
