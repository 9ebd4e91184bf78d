// What the revocation log learns of a logout: for how long, and of which tenant.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { SignJWT } from 'jose';
import { send } from '../../harness/client.mjs';
import { assertPassed, assertTokenRefused } from '../../harness/config.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { ADMIN_PATH, now } from '../../harness/revocation_stage.mjs';
import { tokenEntry } from '../../harness/revocation_names.mjs';
import { startSessions } from '../../harness/session_stage.mjs';
import { serve } from '../../servers/serve.mjs';

/** The greatest leeway, and a minute for clocks that differ: docs/revocation.md promises it for every entry. */
const RETENTION = 360;

let stage;
let gateway;
before(async () => {
  stage = await startSessions({ routes: [{ path: '/blacklist', methods: ['POST'], access: 'public', handler: 'blacklist', origin: 'main' }] });
  const [issuer] = stage.config.issuers;
  const config = {
    ...stage.config,
    issuers: [{ ...issuer, claims: { tenant: 'tenant' } }],
    admin: [{ require: { role: 'admin' } }, { require: { role: 'acme-admin' }, tenants: ['acme'] }],
  };
  gateway = await startGateway({ ...stage.options, config });
});
after(() => Promise.all([gateway.stop(), stage.stop()]));

function mint(claims) {
  const { issuer: iss, audience: aud, secrets } = stage.server.auth;
  const all = { iss, aud, sub: randomUUID(), jti: randomUUID(), iat: now(), exp: now() + 600, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(secrets[0]));
}
const logout = (access, refreshToken) => stage.post('/api/auth/logout', { refreshToken }, { on: gateway.url, headers: { authorization: `Bearer ${access}` } });
async function listed(role = 'admin') {
  const { json } = await send(gateway.url + ADMIN_PATH, { token: await mint({ roles: [role] }) });
  return json.entries;
}

test('a logged-out token stays in the log for six minutes longer than it lives, whatever part of a second its exp has', async () => {
  const exp = now() + 100.9;
  const access = await mint({ exp });
  await logout(access);
  const entry = (await listed()).find((one) => one.entry === tokenEntry(access));
  assert.equal(entry.expires_at, Math.floor(exp) + RETENTION);
});

test('a logout with the tokens of two tenants is listed for each tenant with its own token', async () => {
  const [access, refresh] = [await mint({ tenant: 'acme' }), await mint({ tenant: 'beta', token_type: 'refresh' })];
  await logout(access, refresh);
  const tenants = Object.fromEntries((await listed()).map(({ entry, tenant }) => [entry, tenant]));
  assert.deepEqual([tenants[tokenEntry(access)], tenants[tokenEntry(refresh)]], ['acme', 'beta']);
  assert.deepEqual((await listed('acme-admin')).map(({ entry }) => entry), [tokenEntry(access)]);
});

test('the isolate that served a blacklisting refuses the tokens of the session at once on bounded routes, too', async () => {
  const { refreshToken } = await stage.server.login('ada');
  const { accessToken, refreshToken: next } = (await stage.refresh(refreshToken)).json;
  assertPassed(await stage.get('/bounded/x', accessToken));
  assert.equal((await stage.post('/blacklist', { refreshToken: next })).status, 200);
  assertTokenRefused(await stage.get('/bounded/x', accessToken));
});

test('an opaque access token stays in the log for thirty days: its auth server may move the end of it', async (t) => {
  const server = await serve(() => ({ json: { active: true, sub: 'ada', scope: 'admin', exp: now() + 60 } }));
  t.after(() => server.stop());
  const asked = await startGateway({
    config: {
      origins: [{ name: 'main', url: server.url }],
      issuers: [{
        name: 'main', issuer: 'https://auth.example', any_audience: true, opaque: true, refresh: { preset: 'node' },
        verify: { introspection: `${server.url}/introspect`, client_id: 'gateway', client_secret: 'SECRET' },
      }],
      admin: { require: { scope: 'admin' } },
      routes: ['refresh', 'logout'].map((handler) => ({ path: `/${handler}`, methods: ['POST'], access: 'public', handler, ...handler === 'logout' && { forward: false } })),
    },
    secrets: { SECRET: 's'.repeat(32) }, kv: 'none', log: 'new',
  });
  t.after(() => asked.stop());
  const answer = await send(`${asked.url}/logout`, { method: 'POST', token: 'opaque-of-ada', headers: { 'content-type': 'application/json' }, body: {} });
  assert.equal(answer.status, 204, answer.text);
  const [entry] = (await send(asked.url + ADMIN_PATH, { token: 'opaque-of-an-administrator' })).json.entries;
  assert.ok(entry.expires_at >= now() + 30 * 86_400 - 60, JSON.stringify(entry));
});

test('the entry of a session ends with its refresh tokens, also where the access token is presented, too, or later', async (t) => {
  const pair = async (sid) => ({ accessToken: await mint({ sid, token_type: 'access' }), refreshToken: await mint({ sid, token_type: 'refresh', exp: now() + 5000 }) });
  const server = await serve(async ({ body }) => ({ json: await pair(JSON.parse(body).sid) }));
  t.after(() => server.stop());
  const [issuer] = stage.config.issuers;
  const own = await startGateway({
    ...stage.options,
    config: {
      origins: [{ name: 'auth', url: server.url }], issuers: [issuer], admin: { require: { role: 'admin' } },
      routes: ['login', 'refresh', 'logout'].map((handler) => ({ path: `/${handler}`, methods: ['POST'], access: 'public', handler, ...handler === 'logout' && { forward: false } })),
    },
  });
  t.after(() => own.stop());
  const end = ({ accessToken, refreshToken }) => stage.post('/logout', { refreshToken }, { on: own.url, headers: { authorization: `Bearer ${accessToken}` } });
  const known = (await stage.post('/login', { sid: 'seen' }, { on: own.url })).json;
  const unknown = await pair('unseen');
  for (const tokens of [known, unknown, known, unknown, { accessToken: known.accessToken }]) assert.equal((await end(tokens)).status, 204);
  const { entries } = (await send(own.url + ADMIN_PATH, { token: await mint({ roles: ['admin'] }) })).json;
  const ends = entries.filter(({ kind }) => kind === 'session').map(({ expires_at: until }) => until !== null && until < now() + 6000);
  assert.deepEqual(ends, [true, true]);
});
