// The class RevocationLog in a Worker of its own (`script_name`), built as build/objects.js.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused, protect } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { ADMIN_PATH, now, startStage } from '../../harness/revocation_stage.mjs';
import { entryName } from '../../harness/revocation_names.mjs';

let stage;
before(async () => {
  const routes = [{ path: '/**', methods: ['*'], access: 'authenticated', revocation: 'strict' }];
  stage = await startStage({ log: 'new', objects: true, isolates: 2, routes });
});
after(() => stage.stop());

test('a token that is revoked through one gateway is refused by another', async () => {
  const token = await stage.issuer.token({ jti: randomUUID() });
  const ask = () => send(`${stage.gateway.urls[1]}/x`, { token });
  assertPassed(await ask());
  assert.equal((await stage.revoke({ token })).status, 201);
  assertTokenRefused(await ask());
});

test('an entry of KV is refused before the import, which the other Worker makes by its own binding', async () => {
  const session = randomUUID();
  await stage.kv.put(entryName('session', stage.issuer.url, session), '{}');
  const token = await stage.issuer.token({ sid: session });
  assertTokenRefused(await stage.get(token));
  const admin = await stage.issuer.token({ roles: ['admin'] });
  const begun = await send(`${stage.gateway.url}${ADMIN_PATH}/import`, { method: 'POST', token: admin, body: { pause_seconds: 0 } });
  assert.equal(begun.status, 200);
  assertTokenRefused(await stage.get(token));
});

test('a gateway without the log serves by KV alone, and has no list and no way to end one\'s own token', async (t) => {
  const config = protect({ origin: stage.origin, issuers: [stage.issuer.config()], admin: { require: { role: 'admin' } } });
  const gateway = await startGateway({ config });
  t.after(() => gateway.stop());
  const admin = await stage.issuer.token({ roles: ['admin'], exp: now() + 60 });
  assertProblem(await send(gateway.url + ADMIN_PATH, { token: admin }), 405, 'method_not_allowed');
  for (const path of [`${ADMIN_PATH}/import`, '/.edgeward/token/revoke']) {
    assertProblem(await send(gateway.url + path, { method: 'POST', token: admin }), 404, 'route_not_found', path);
  }
});
