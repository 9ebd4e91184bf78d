// What a tenant hears of is signed: by the gateway's assertion, for the tenant's origin, where a key is configured.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deflateSync } from 'node:zlib';

import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';

import { send, until } from '../../harness/client.mjs';
import { assertPassed } from '../../harness/config.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { configuration, ISSUER, startSigner } from '../../harness/signer.mjs';

const SYNC = '/internal/sync/me';
const NAME = 'x-auth-assertion';
const POLICY = { issuer: 'edgeward', algorithms: ['EdDSA'], typ: 'edgeward-assertion+jwt' };

let main, acme, signer, key, other;
before(async () => {
  const make = async () => exportJWK((await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })).privateKey);
  [main, acme, signer, key, other] = await Promise.all([startOrigin(), startOrigin(), startSigner(), make(), make()]);
  main.reply(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body: '{"id":"user-1"}' }));
});
after(() => Promise.all([main, acme].map((each) => each?.stop())));

async function start(t, secret, rest = {}) {
  const routes = [{ path: '/**' }, { path: '/me', origin: 'main', sync: SYNC }];
  const config = configuration(main, signer.issuer({ claims: { tenant: 'org' } }), routes, {
    tenants: [{ name: 'acme', hosts: ['acme.example.com'], origin: acme.url }], ...rest,
    ...(secret === undefined ? {} : { assertion: { key: 'ASSERTION_KEY' } }),
  });
  const gateway = await startGateway({ config, secrets: secret === undefined ? {} : { ASSERTION_KEY: secret } });
  t.after(() => gateway.stop());
  return gateway;
}

const put = (gateway, token, id) =>
  send(`${gateway.url}/me`, { method: 'PUT', token, headers: { host: 'acme.example.com', 'x-request-id': id }, body: '{}' });
const tellings = (id) => acme.requests.filter((request) => request.target === SYNC && valuesOf(request, 'x-request-id')[0] === id);
const told = (id) => until(() => tellings(id)[0], `the telling of ${id}`);

test('the tenant verifies who has changed something, by the published key and for its own origin alone', async (t) => {
  const gateway = await start(t, JSON.stringify(key));
  // The token may end at once: what happened is still true.
  const token = await signer.token({ org: 'acme', exp: Math.floor(Date.now() / 1000) + 5 });
  assertPassed(await put(gateway, token, 'told'));
  const telling = await told('told');
  assert.match(valuesOf(telling, 'user-agent')[0] ?? '', /^edgeward\/\d/);
  const values = valuesOf(telling, NAME);
  assert.equal(values.length, 1);
  const keys = createRemoteJWKSet(new URL(`${gateway.url}/.edgeward/jwks.json`));
  const { payload } = await jwtVerify(values[0], keys, { ...POLICY, audience: 'acme' });
  assert.deepEqual([payload.sub, payload.issuer, payload.tenant, payload.exp - payload.iat], ['user-1', ISSUER, 'acme', 60]);
  assert.deepEqual([telling.method, valuesOf(telling, 'x-edgeward-sync'), valuesOf(telling, 'x-auth-subject')], ['POST', ['1'], ['user-1']]);
  assert.deepEqual(valuesOf(telling, 'authorization'), []);
  const seen = main.requests.at(-1);
  await jwtVerify(valuesOf(seen, NAME)[0], keys, { ...POLICY, audience: 'main' });
  assert.notEqual(valuesOf(seen, NAME)[0], values[0], 'nobody is handed what is for another');
});

test('a second attempt has an assertion too', async (t) => {
  const gateway = await start(t, JSON.stringify(key));
  let refusals = 1;
  acme.reply(() => ({ status: refusals-- > 0 ? 503 : 204 }));
  assertPassed(await put(gateway, await signer.token({ org: 'acme' }), 'again'));
  await until(() => tellings('again').length === 2, 'the second attempt');
  assert.equal(valuesOf(tellings('again')[1], NAME).length, 1);
});

test('without a key it is told as ever, and with one that cannot sign nobody is told', async (t) => {
  const plain = await start(t);
  assertPassed(await put(plain, await signer.token({ org: 'acme' }), 'plain'));
  assert.deepEqual(valuesOf(await told('plain'), NAME), []);
  // Its halves belong to two keys: then nothing goes to Main either, unless the route only watches.
  const broken = await start(t, JSON.stringify({ ...key, x: other.x }), { mode: 'shadow' });
  assertPassed(await put(broken, await signer.token({ org: 'acme' }), 'broken'));
  assert.equal(tellings('broken').length, 0);
});

test('the change of one caller does not wait for another\'s where the subject stands in a claim of its own', async (t) => {
  const gateway = await start(t, undefined, { issuers: [signer.issuer({ claims: { tenant: 'org', subject: 'user_id' } })] });
  const token = (id) => signer.token({ org: 'acme', sub: undefined, user_id: id });
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  t.after(() => release());
  acme.reply(async (req) => {
    if (req.headers['x-request-id'] === 'held') await held;
    return { status: 204 };
  });
  assertPassed(await put(gateway, await token(1), 'held'));
  await told('held');
  assertPassed(await put(gateway, await token(2), 'free'));
  // The first call ends after 5 s and is made again, if it is not answered.
  assert.deepEqual(valuesOf(await told('free'), 'x-auth-subject'), ['2']);
  assert.equal(tellings('held').length, 1);
});

test('an answer is told as it was before a client had it encoded, and not at all if nobody here can undo that', async (t) => {
  const gateway = await start(t);
  acme.reply(() => ({ status: 204 }));
  const body = '{"id":"user-1"}';
  let isAsked = true;
  main.reply(({ headers }) => {
    const isEncoded = !isAsked || /deflate/.test(headers['accept-encoding']);
    const encoding = isEncoded ? { 'content-encoding': 'deflate' } : {};
    return { status: 200, headers: { 'content-type': 'application/json', ...encoding }, body: isEncoded ? deflateSync(body) : body };
  });
  const token = await signer.token({ org: 'acme' });
  const change = (id) => send(`${gateway.url}/me`, {
    method: 'PUT', token, headers: { host: 'acme.example.com', 'x-request-id': id, 'accept-encoding': 'deflate' }, body: '{}',
  });
  assertPassed(await change('asked'));
  assert.equal((await told('asked')).body.toString(), body);
  isAsked = false;
  assertPassed(await change('unasked'));
  const failed = await until(() => gateway.logs().find(({ event }) => event === 'sync_failed'), 'its line');
  assert.deepEqual([failed.request_id, failed.code, failed.attempts], ['unasked', 'sync_not_json', 0]);
  assert.equal(tellings('unasked').length, 0);
});
