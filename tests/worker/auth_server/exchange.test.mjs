// An origin that gets a token of its own (RFC 8693): what the auth server is asked, what arrives, and how long it is used.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { issued, startAskedServer } from '../../harness/asked_server.mjs';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable } from '../../harness/config.mjs';
import { inParallel, send, sleep, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

const SECRETS = { CLIENT_SECRET: 'client:secret+' };
const URN = 'urn:ietf:params:oauth';
const ADMIN = '/.edgeward/admin/revocations';

const ROUTES = [
  { path: '/api/**', revocation: 'bounded' },
  { path: '/admin/**', require: { role: 'admin' } },
  { path: '/public/**', access: 'public' },
  { path: '/optional/**', access: 'optional' },
  { path: '/other/**', origin: 'other' },
];

/** An auth server, an origin, and a gateway whose first origin wants tokens for `billing`. */
async function stage(t, exchange = {}, { gateway: more, routes = ROUTES, ...rest } = {}) {
  const [auth, origin, signer] = await Promise.all([startAskedServer(), startOrigin(), startSigner()]);
  t.after(() => Promise.all([auth.stop(), origin.stop()]));
  const config = configuration(origin, signer.issuer(), routes, { admin: { require: { role: 'admin' } }, ...rest });
  config.origins[0].exchange = {
    endpoint: auth.token, audience: 'billing', client_id: 'gate way', client_secret: 'CLIENT_SECRET', ...exchange,
  };
  config.origins.push({ name: 'other', url: origin.url });
  const gateway = await startGateway({ config, secrets: SECRETS, ...more?.(auth) });
  t.after(() => gateway.stop());
  const get = (token, path = '/api/x', options = {}) => send(gateway.url + path, { token, ...options });
  return { auth, origin, signer, gateway, get, sent: () => valuesOf(origin.requests.at(-1), 'authorization') };
}

test('the auth server is asked as RFC 8693 says, and the origin gets what it issues', async (t) => {
  const { auth, signer, origin, get, sent } = await stage(t, { resource: 'https://billing.example/', scope: 'read write' });
  const token = await signer.token();
  assertPassed(await get(token));
  const [{ method, target, headers, form }] = auth.requests;
  assert.deepEqual([method, target], ['POST', '/token']);
  assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
  assert.equal(headers.authorization, `Basic ${Buffer.from('gate+way:client%3Asecret%2B').toString('base64')}`);
  assert.deepEqual(form, {
    grant_type: `${URN}:grant-type:token-exchange`,
    subject_token: token,
    subject_token_type: `${URN}:token-type:access_token`,
    requested_token_type: `${URN}:token-type:access_token`,
    audience: 'billing',
    resource: 'https://billing.example/',
    scope: 'read write',
  });
  assert.deepEqual(sent(), [`Bearer billing-for-${token.slice(-20)}`]);
  assert.deepEqual(valuesOf(origin.requests[0], 'x-auth-subject'), ['user-1']);
  assertPassed(await get(token, '/other/a'));
  assert.deepEqual(sent(), [`Bearer ${token}`], 'another origin gets the caller\'s own');
  assert.equal(auth.calls, 1);
});

test('by post the client stands in the form, and a binding is called in the place of the URL', async (t) => {
  const { auth, signer, get, sent } = await stage(
    t, { endpoint: 'https://auth.internal/token', service: 'AUTH', client_auth: 'post', subject_token_type: 'jwt' },
    { gateway: (auth) => ({ services: { AUTH: auth.url } }) },
  );
  assertPassed(await get(await signer.token()));
  const [{ headers, form }] = auth.requests;
  assert.deepEqual([headers.authorization, form.client_id, form.client_secret], [undefined, 'gate way', SECRETS.CLIENT_SECRET]);
  assert.equal(form.subject_token_type, `${URN}:token-type:jwt`);
  assert.equal(sent().length, 1);
});

test('who has no token, or may not pass, has none exchanged, and no credential reaches the origin', async (t) => {
  const { auth, signer, origin, get } = await stage(t);
  const token = await signer.token();
  for (const [path, authorization] of [['/public/a', `Bearer ${token}`], ['/public/a', 'Basic abc'], ['/optional/a', 'Basic abc']]) {
    assertPassed(await get(undefined, path, { headers: { authorization } }), path);
    assert.deepEqual(valuesOf(origin.requests.at(-1), 'authorization'), [], path);
  }
  assertPassed(await get(undefined, '/optional/a'));
  assertProblem(await get(token, '/admin/a'), 403, 'insufficient_scope');
  assertTokenRefused(await get(`${token.slice(0, -6)}AAAAAA`));
  assert.equal(auth.calls, 0);
});

test('a burst of first requests makes one call, and a thousand later ones none', async (t) => {
  const { auth, signer, origin, get } = await stage(t);
  auth.delay = 300;
  const token = await signer.token();
  const answers = await inParallel(60, 30, () => get(token));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(auth.calls, 1);
  await inParallel(1000, 16, () => get(token));
  assert.equal(auth.calls, 1);
  const sent = new Set(origin.requests.map((request) => valuesOf(request, 'authorization').join()));
  assert.deepEqual([...sent], [`Bearer billing-for-${token.slice(-20)}`]);
});

test('three hundred tokens that begin alike, at once, are never taken for each other', async (t) => {
  const { auth, signer, origin, get } = await stage(t);
  origin.reply((req) => ({ status: 200, body: req.headers.authorization }));
  const tokens = await Promise.all(Array.from({ length: 300 }, () => signer.token()));
  for (let round = 0; round < 2; round += 1) {
    const answers = await inParallel(tokens.length, 32, async (n) => (await get(tokens[n])).text);
    assert.deepEqual(answers, tokens.map((token) => `Bearer billing-for-${token.slice(-20)}`));
  }
  assert.equal(auth.calls, tokens.length);
});

test('an exchanged token ends with the answer that brought it', async (t) => {
  const { auth, signer, get } = await stage(t);
  auth.issue = () => issued('short', { expires_in: 3 });
  const token = await signer.token();
  assertPassed(await get(token));
  assertPassed(await get(token));
  assert.equal(auth.calls, 1);
  await sleep(1_800);
  assertPassed(await get(token));
  assert.equal(auth.calls, 2);
});

test('a refusal is 403 with its own code, is asked for once, and says in the log why', async (t) => {
  const { auth, signer, gateway, origin, get } = await stage(t);
  auth.issue = () => undefined;
  const token = await signer.token();
  for (let n = 0; n < 5; n += 1) {
    const answer = await get(token);
    assertProblem(answer, 403, 'exchange_refused');
    assert.equal(answer.headers['www-authenticate'], 'Bearer realm="api", error="insufficient_scope"');
  }
  assert.deepEqual([auth.calls, origin.requests.length], [1, 0]);
  const events = gateway.logs().filter(({ event }) => event === 'exchange_refused');
  assert.deepEqual(events, [{ event: 'exchange_refused', origin: 'main', error: 'invalid_target' }]);
});

test('a revoked token passes no more, whatever it was exchanged for', async (t) => {
  const { auth, signer, gateway, get } = await stage(t);
  const token = await signer.token({ jti: 'to-be-revoked' });
  assertPassed(await get(token));
  const admin = await signer.token({ sub: 'admin', roles: ['admin'] });
  const answer = await send(gateway.url + ADMIN, { method: 'POST', token: admin, body: { issuer: 'main', jti: 'to-be-revoked' } });
  assert.equal(answer.status, 201, answer.text);
  assertTokenRefused(await get(token));
  assertTokenRefused(await get(token));
  assert.equal(auth.calls, 1);
});

test('neither token, nor secret, nor what the auth server says of them stands in a log; ready tells of the breaker', async (t) => {
  const { auth, signer, gateway, get } = await stage(t, { breaker: { failures: 1, open_seconds: 60 } }, { log: { passes: 'all' } });
  auth.issue = () => issued('issued-in-no-log');
  const tokens = await Promise.all(['one', 'two', 'three'].map((sub) => signer.token({ sub })));
  assertPassed(await get(tokens[0]));
  auth.fault({ status: 400, headers: {}, body: JSON.stringify({ error: 'in-no-log', error_description: `in-no-log ${tokens[1]}` }) });
  assertProblem(await get(tokens[1]), 403, 'exchange_refused');
  const admin = await signer.token({ sub: 'admin', roles: ['admin'] });
  const ready = () => send(`${gateway.url}/.edgeward/ready`, { token: admin });
  assert.equal((await ready()).json.checks['exchange:main'], 'closed');
  auth.fault('rubbish');
  assertUnavailable(await get(tokens[2]), 'exchange_unavailable');
  const down = await ready();
  assert.deepEqual([down.status, down.json.checks['exchange:main']], [200, 'open']);
  assertPassed(await get(tokens[0]), 'a fresh one');
  const text = gateway.output();
  for (const secret of ['in-no-log', SECRETS.CLIENT_SECRET, ...tokens]) assert.ok(!text.includes(secret), secret);
});

test('a client that hangs up while others wait keeps nobody from the answer', async (t) => {
  const { auth, signer, origin, get } = await stage(t);
  auth.delay = 600;
  const token = await signer.token();
  const first = get(token, '/api/x', { timeoutMs: 200, agent: false }).catch(() => {});
  await sleep(50);
  assertPassed(await get(token));
  await first;
  assert.equal(auth.calls, 1);
  await until(() => origin.requests.length >= 1, 'the request');
});

test('two auth servers behind bindings give their own origin a token each, although their URL and client are one', async (t) => {
  const [acme, globex, origin, signer] = await Promise.all([startAskedServer(), startAskedServer(), startOrigin(), startSigner()]);
  t.after(() => Promise.all([acme, globex, origin].map((each) => each.stop())));
  const names = ['acme', 'globex'];
  const config = configuration(origin, signer.issuer(), names.map((name) => ({ path: `/${name}/**`, origin: name })));
  const exchange = { endpoint: 'https://auth.internal/token', audience: 'api', client_id: 'gateway', client_secret: 'CLIENT_SECRET' };
  config.origins = names.map((name) => ({ name, url: origin.url, exchange: { ...exchange, service: name.toUpperCase() } }));
  const gateway = await startGateway({ config, secrets: SECRETS, services: { ACME: acme.url, GLOBEX: globex.url } });
  t.after(() => gateway.stop());
  acme.issue = () => issued('by-acme');
  globex.issue = () => issued('by-globex');
  const token = await signer.token();
  for (const name of names) {
    assertPassed(await send(`${gateway.url}/${name}/x`, { token }), name);
    assert.deepEqual(valuesOf(origin.requests.at(-1), 'authorization'), [`Bearer by-${name}`]);
  }
  assert.deepEqual([acme.calls, globex.calls], [1, 1]);
});
