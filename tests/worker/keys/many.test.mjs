// A thousand tenants in one isolate, each with an issuer of its own, and sets of as many keys as are taken.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { SignJWT } from 'jose';

import { assertPassed, assertTokenRefused } from '../../harness/config.mjs';
import { LASTING, connections, inParallel, send, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { makeKey } from '../../harness/issuer.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { residentMiB } from '../../harness/process.mjs';
import { AUDIENCE, configuration } from '../../harness/signer.mjs';

const TENANTS = 1_000;
const KEYS = 64; // `limits::JWKS_KEYS`
/** Each set of keys is to be there within its timeout, on a slow machine, too. */
const WIDTH = 8;

/** An isolate has 128 MB on the platform; this is for the whole process. Seen: 74. */
const GROWTH_MIB = 112;

const ids = Array.from({ length: TENANTS }, (_, n) => n);
const issuerName = (n) => `https://issuer-${n}.example`;

let keys;
let server;
const fetches = new Array(TENANTS).fill(0);

before(async () => {
  const others = await Promise.all(ids.slice(1, KEYS).map((n) => makeKey('ES256', { kid: `other-${n}` })));
  keys = await inParallel(TENANTS, WIDTH, (n) => makeKey('ES256', { kid: `key-${n}` }));
  server = http.createServer(LASTING, ({ url }, response) => {
    const n = Number(/^\/(\d+)$/.exec(url)[1]);
    fetches[n] += 1;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [...others, keys[n]].map(({ publicJwk }) => publicJwk) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => server?.close());

const token = (n, key = keys[n]) =>
  new SignJWT({ sub: `user-${n}` }).setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'JWT' })
    .setIssuer(issuerName(n)).setAudience(AUDIENCE).setIssuedAt().setExpirationTime('1h').sign(key.privateKey);

test('1,000 tenants with issuers of their own: one fetch for each, its own tokens for each, and bounded memory', async (t) => {
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const address = `http://127.0.0.1:${server.address().port}`;
  const issuer = (n) => ({
    name: `issuer-${n}`, issuer: issuerName(n), audiences: [AUDIENCE], algorithms: ['ES256'], verify: { jwks: `${address}/${n}` },
  });
  const tenant = (n) => ({ name: `tenant-${n}`, hosts: [`t${n}.example.com`], origin: 'main', issuers: [`issuer-${n}`], claim: false });
  const config = configuration(origin, undefined, [{ path: '/**' }], { issuers: ids.map(issuer), tenants: ids.map(tenant) });
  const gateway = await startGateway({ config, kv: 'none' });
  t.after(() => gateway.stop());
  const agent = connections(WIDTH);
  t.after(() => agent.destroy());
  const ask = async (n, credential) => send(`${gateway.url}/x`, { token: await credential, headers: { host: `t${n}.example.com` }, agent });

  assertPassed(await ask(0, token(0)));
  const earlier = residentMiB(gateway.pid);
  for (let round = 0; round < 2; round += 1) {
    for (const answer of await inParallel(TENANTS, WIDTH, (n) => ask(n, token(n)))) assertPassed(answer);
  }
  assert.deepEqual(fetches, new Array(TENANTS).fill(1));
  const growth = residentMiB(gateway.pid) - earlier;
  t.diagnostic(`memory grew by ${growth.toFixed(1)} MiB`);
  assert.ok(growth < GROWTH_MIB, `memory grew by ${growth.toFixed(1)} MiB`);

  for (const n of [0, 1, 500, TENANTS - 2]) {
    assertTokenRefused(await ask(n, token(n + 1)), `issuer ${n + 1} at tenant ${n}`);
    assertTokenRefused(await ask(n, token(n, keys[n + 1])), `key ${n + 1} for issuer ${n}`);
  }
  const codes = () => gateway.logs().filter(({ event }) => event === 'refused').map(({ code }) => code);
  await until(() => codes().length >= 8, 'the lines of eight refusals');
  assert.deepEqual(codes(), new Array(4).fill(['issuer_refused', 'key_unknown']).flat());
});
