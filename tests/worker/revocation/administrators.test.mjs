// Administrators of some issuers and tenants: what they may revoke, lift and see.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { ADMIN_PATH, startStage } from '../../harness/revocation_stage.mjs';

const role = (name, more = {}) => ({ require: { role: name }, ...more });

/** More than a query of the log's storage has parameters. */
const MANY = Array.from({ length: 150 }, (_, n) => `tenant-${n}`);

let stage;
before(async () => {
  const routes = [{ path: '/**', methods: ['*'], access: 'authenticated', revocation: 'strict' }];
  const admin = [role('admin'), role('acme-admin', { tenants: ['acme'] }), role('beta-admin', { tenants: ['beta'] }), role('main-admin', { issuers: ['main'] }), role('many-admin', { tenants: MANY })];
  stage = await startStage({ log: 'new', kv: 'none', routes, admin });
});
after(() => stage.stop());

async function call(roles, method, order, query = '') {
  const token = await stage.issuer.token({ roles, sub: roles.join() });
  const body = order && JSON.stringify(order);
  const headers = body ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  return send(stage.gateway.url + ADMIN_PATH + query, { method, token, headers, body });
}
const of = (tenant, more) => stage.issuer.token({ jti: randomUUID(), org: { id: tenant }, ...more });
const refused = (answer, what) => assertProblem(answer, 403, 'insufficient_scope', what);

describe('an administrator of one tenant', () => {
  test('revokes a good token of the tenant, and no other tenant\'s', async () => {
    const [own, other, nobodys] = [await of('acme'), await of('beta'), await stage.issuer.token({ jti: randomUUID() })];
    assert.equal((await call(['acme-admin'], 'POST', { token: own })).status, 201);
    assertTokenRefused(await stage.get(own));
    refused(await call(['beta-admin'], 'DELETE', { token: own }));
    assert.equal((await call(['acme-admin'], 'DELETE', { token: own })).json.was_revoked, true);
    assertPassed(await stage.get(own));
    for (const token of [other, nobodys]) {
      refused(await call(['acme-admin'], 'POST', { token }));
      assertPassed(await stage.get(token));
    }
  });

  test('cannot show a tenant by a token that is not verified', async () => {
    const good = await of('acme');
    const forged = `${good.slice(0, good.lastIndexOf('.'))}.${'A'.repeat(86)}`;
    assertTokenRefused(await call(['acme-admin'], 'POST', { token: forged }));
    assertPassed(await stage.get(good));
  });

  test('cuts off the tenant, and lifts that again', async () => {
    const tenant = { issuer: 'main', tenant: 'acme' };
    const token = await of('acme', { iat: Math.floor(Date.now() / 1000) - 60 });
    assert.equal((await call(['acme-admin'], 'POST', tenant)).status, 201);
    assertTokenRefused(await stage.get(token));
    refused(await call(['beta-admin'], 'DELETE', tenant));
    assert.equal((await call(['acme-admin'], 'DELETE', tenant)).json.was_revoked, true);
    assertPassed(await stage.get(token));
  });

  test('sees whether the gateway is ready, and not what is wrong with others\' issuers', async () => {
    const checks = async (name) => {
      const token = await stage.issuer.token({ roles: [name], sub: name });
      return (await send(`${stage.gateway.url}/.edgeward/ready`, { token })).json.checks;
    };
    assert.equal((await checks('admin'))['keys:main'], 'fresh');
    assert.equal(await checks('acme-admin'), undefined);
  });

  test('may name no issuer, jti, session, subject or hash alone', async () => {
    const orders = [{ before: 1 }, { jti: 'x' }, { session: 'x' }, { subject: 'x' }, { tenant: 'beta' }];
    for (const order of orders) refused(await call(['acme-admin'], 'POST', { issuer: 'main', ...order }), JSON.stringify(order));
    const { json } = await call(['admin'], 'POST', { issuer: 'main', session: randomUUID() });
    refused(await call(['acme-admin'], 'DELETE', { entry: json.entry }));
  });

  test('sees what is known to be the tenant\'s, and an administrator of two sees both', async () => {
    for (const tenant of ['acme', 'beta']) await call(['admin'], 'POST', { issuer: 'main', tenant, reason: 'event' });
    await call(['admin'], 'POST', { issuer: 'main', session: randomUUID(), reason: 'event' });
    const seen = async (roles) => {
      const { json } = await call(roles, 'GET', undefined, '?reason=event');
      return json.entries.map(({ tenant }) => tenant).sort();
    };
    assert.deepEqual(await seen(['acme-admin']), ['acme']);
    assert.deepEqual(await seen(['acme-admin', 'beta-admin']), ['acme', 'beta']);
    assert.equal((await seen(['admin'])).length, 3);
    assert.equal((await seen(['main-admin'])).length, 3);
  });
});

test('an administrator of one issuer acts on it, but not on a hash', async () => {
  const session = randomUUID();
  const { json } = await call(['main-admin'], 'POST', { issuer: 'main', session });
  assertTokenRefused(await stage.get(await stage.issuer.token({ sid: session })));
  refused(await call(['main-admin'], 'DELETE', { entry: json.entry }));
  assert.equal((await call(['main-admin'], 'DELETE', { issuer: 'main', session })).json.was_revoked, true);
});

test('a caller who is no administrator is refused', async () => {
  for (const method of ['GET', 'POST', 'DELETE']) refused(await call(['user'], method, { issuer: 'main', tenant: 'acme' }));
});

test('an administrator of many tenants sees the entries of each', async () => {
  const last = MANY.at(-1);
  await call(['admin'], 'POST', { issuer: 'main', tenant: last });
  for (const query of ['', `?tenant=${last}&issuer=main&kind=tenant&reason=admin&since=1&limit=5`]) {
    const { status, json } = await call(['many-admin'], 'GET', undefined, query);
    assert.equal(status, 200, query);
    assert.deepEqual(json.entries.map(({ tenant }) => tenant), [last]);
  }
});
