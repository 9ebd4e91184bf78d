// What is a tenant's own: identity headers for its origin, and a count of its requests by a rate limiting binding.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { assertPassed, assertProblem } from '../../harness/config.mjs';
import { inParallel, send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

let main, acme, beta, signer, gateway;
before(async () => {
  [main, acme, beta, signer] = await Promise.all([startOrigin(), startOrigin(), startOrigin(), startSigner()]);
  const routes = [{ path: '/**' }, { path: '/public', access: 'public' }, { path: '/main', origin: 'main' }];
  const limit = (binding) => ({ binding, window_seconds: 60 });
  const config = configuration(main, signer.issuer(), routes, {
    headers: { claims: [{ header: 'x-plan', claim: 'plan' }] },
    tenants: [
      {
        name: 'acme', hosts: ['acme.example.com'], origin: acme.url, claim: false,
        headers: { names: { subject: 'x-acme-user' }, claims: [{ header: 'x-acme-seat', claim: 'seat.number' }] },
      },
      { name: 'beta', hosts: ['beta.example.com'], origin: beta.url, claim: false },
      { name: 'small', hosts: ['small.example.com'], origin: 'main', claim: false, limit: limit('THREE') },
      { name: 'other', hosts: ['other.example.com'], origin: 'main', claim: false, limit: limit('THREE') },
    ],
  });
  gateway = await startGateway({ config, limits: { THREE: { limit: 3, period: 60 } } });
});
after(async () => {
  await gateway?.stop();
  await Promise.all([main, acme, beta].map((each) => each?.stop()));
});

const ask = (tenant, path, { headers = {}, ...options } = {}) =>
  send(gateway.url + path, { headers: { host: `${tenant}.example.com`, ...headers }, ...options });
const named = (record) => ['x-auth-subject', 'x-acme-user', 'x-plan', 'x-acme-seat'].map((name) => valuesOf(record, name).join());

test('each origin has its own headers, by turns and at once, and a client\'s never arrive', async () => {
  const token = await signer.token({ plan: 'pro', seat: { number: 7 } });
  const headers = { 'x-acme-seat': 'forged', 'x-acme-user': 'forged', 'X_Acme_Seat': 'forged', 'x-plan': 'forged' };
  for (let n = 0; n < 3; n += 1) {
    assertPassed(await ask('acme', '/a', { token, headers }));
    assert.deepEqual(named(acme.requests.at(-1)), ['', 'user-1', 'pro', '7']);
    assertPassed(await ask('beta', '/a', { token, headers }));
    assert.deepEqual(named(beta.requests.at(-1)), ['user-1', '', 'pro', '']);
    assertPassed(await ask('acme', '/main', { token, headers }));
    assert.deepEqual(named(main.requests.at(-1)), ['user-1', '', 'pro', '']);
    assertPassed(await ask('beta', '/public', { headers }));
    assert.deepEqual(named(beta.requests.at(-1)), ['', '', '', '']);
  }
  for (const record of [...acme.requests, ...beta.requests, ...main.requests]) {
    assert.ok(!JSON.stringify(record.headers).includes('forged'), JSON.stringify(record.headers));
  }
  await inParallel(200, 16, (n) => ask(n % 2 ? 'acme' : 'beta', '/a', { token }));
  assert.deepEqual([...new Set(acme.requests.map((record) => named(record).join()))], [',user-1,pro,7']);
});

test('a tenant\'s requests share one count, of callers and strangers, and are none of another tenant\'s', async () => {
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 4000) await new Promise((resolve) => setTimeout(resolve, left + 50));
  const tokens = await Promise.all(['one', 'two'].map((sub) => signer.token({ sub })));
  assertPassed(await ask('small', '/a', { token: tokens[0] }));
  assertPassed(await ask('small', '/main', { token: tokens[1] }));
  assertPassed(await ask('small', '/public'));
  for (const [path, token] of [['/a', tokens[0]], ['/main', tokens[1]], ['/public', undefined]]) {
    const answer = await ask('small', path, { token });
    assertProblem(answer, 429, 'rate_limited', path);
    assert.equal(answer.headers['retry-after'], '60');
  }
  assertPassed(await ask('other', '/a', { token: tokens[0] }), 'another tenant');
});
