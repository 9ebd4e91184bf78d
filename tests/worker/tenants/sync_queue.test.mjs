// `sync` behind a queue of the platform's own simulation: what waits there, who tells it, and what becomes of what cannot be told.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';

import { send, sleep, until } from '../../harness/client.mjs';
import { assertPassed } from '../../harness/config.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';
import { startWrangler } from '../../harness/wrangler.mjs';

const SYNC = '/internal/sync/me';
const NAME = 'x-auth-assertion';
/** Before the second attempt. */
const FIRST_DELAY_MS = 5_000;

let main, acme, signer, gateway, replies;
before(async () => {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  [main, acme, signer] = await Promise.all([startOrigin(), startOrigin(), startSigner()]);
  main.reply((req, res, { body }) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: body.length ? body : '{}' }));
  replies = new Map();
  acme.reply((req) => ({ status: replies.get(req.headers['x-request-id'])?.shift() ?? 204 }));
  const routes = [{ path: '/**' }, { path: '/me', origin: 'main', sync: SYNC }];
  const config = configuration(main, signer.issuer({ claims: { tenant: 'org' } }), routes, {
    tenants: [{ name: 'acme', hosts: ['acme.example.com'], origin: acme.url }], assertion: { key: 'ASSERTION_KEY' },
  });
  gateway = await startWrangler({
    config,
    secrets: { ASSERTION_KEY: JSON.stringify(await exportJWK(privateKey)) },
    more: {
      queues: {
        producers: [{ binding: 'EDGEWARD_SYNC', queue: 'edgeward-sync' }],
        consumers: [{ queue: 'edgeward-sync', max_batch_size: 10, max_batch_timeout: 1, max_retries: 10, max_concurrency: 1 }],
      },
    },
  });
});
after(async () => {
  await gateway?.stop();
  await Promise.all([main, acme].map((each) => each?.stop()));
});

const put = async (id, body = { id }, token) => send(`${gateway.url}/me`, {
  method: 'PUT', token: token ?? await signer.token({ org: 'acme' }), body,
  headers: { host: 'acme.example.com', 'content-type': 'application/json', 'x-request-id': id },
});
const tellings = (id) => acme.requests.filter((request) => request.target === SYNC && valuesOf(request, 'x-request-id')[0] === id);
const told = (id, limit = 8_000) => until(() => tellings(id).length > 0 && tellings(id), `the telling of ${id}`, limit);

test('a change goes through the queue to the tenant, with its body, its identity and an assertion of that moment', async () => {
  const token = await signer.token({ org: 'acme' });
  assertPassed(await put('told', { name: 'Zo\u{eb}', more: 'x'.repeat(60_000) }, token));
  const [telling] = await told('told');
  assert.deepEqual(JSON.parse(telling.body.toString()), { name: 'Zo\u{eb}', more: 'x'.repeat(60_000) });
  const header = (name) => valuesOf(telling, name);
  assert.deepEqual([header('x-edgeward-sync'), header('x-auth-subject'), header('content-type')], [['1'], ['user-1'], ['application/json']]);
  assert.deepEqual(header('authorization'), []);
  const keys = createRemoteJWKSet(new URL(`${gateway.url}/.edgeward/jwks.json`));
  const { payload } = await jwtVerify(header(NAME)[0], keys, { issuer: 'edgeward', audience: 'acme', algorithms: ['EdDSA'] });
  assert.deepEqual([payload.sub, payload.tenant], ['user-1', 'acme']);
  assert.ok(!gateway.output().includes(token));
});

test('the changes of one caller are told in their order', async () => {
  const token = await signer.token({ org: 'acme', sub: 'in-order' });
  const ids = Array.from({ length: 5 }, (_, n) => `order-${n}`);
  for (const id of ids) assertPassed(await put(id, { id }, token));
  await told(ids.at(-1));
  const seen = acme.requests.map((request) => valuesOf(request, 'x-request-id')[0]).filter((id) => id?.startsWith('order-'));
  assert.deepEqual(seen, ids);
});

test('one that fails is told again later, and a later change of the same caller does not overtake it in its batch', async () => {
  const token = await signer.token({ org: 'acme', sub: 'fails-once' });
  replies.set('first', [503]);
  const started = Date.now();
  assertPassed(await put('first', { n: 1 }, token));
  assertPassed(await put('second', { n: 2 }, token));
  await until(() => tellings('first').length === 2 && tellings('second').length === 1, 'both', FIRST_DELAY_MS + 10_000);
  assert.ok(Date.now() - started >= FIRST_DELAY_MS - 500, 'not before its time');
  const seen = acme.requests.map((request) => valuesOf(request, 'x-request-id')[0]).filter((id) => ['first', 'second'].includes(id));
  assert.deepEqual(seen, ['first', 'first', 'second']);
  const assertions = tellings('first').map((telling) => valuesOf(telling, NAME)[0]);
  assert.notEqual(assertions[0], assertions[1], 'each attempt is signed anew');
});

test('what the tenant refuses for good is given up and logged, once and without what was to be told', async () => {
  replies.set('refused', [404]);
  assertPassed(await put('refused', { secretive: true }));
  const failed = () => gateway.logs().filter(({ event }) => event === 'sync_failed');
  const [event] = await until(() => failed().length > 0 && failed(), 'the line in the log', 8_000);
  assert.deepEqual(event, { event: 'sync_failed', request_id: 'refused', tenant: 'acme', code: 'sync_status', attempts: 1 });
  await sleep(1_500);
  assert.equal(tellings('refused').length, 1);
  assert.ok(!gateway.output().includes('secretive'));
});
