// Which keys of a published set may verify a token, and what is said about the others.
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { exportJWK } from 'jose';
import { assertPassed, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { makeKey, startIssuer } from '../../harness/issuer.mjs';
import { startOrigin } from '../../harness/origin.mjs';

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'];
let origin;
before(async () => {
  origin = await startOrigin();
});
after(() => origin.stop());

/** A gateway that trusts one issuer which publishes `keys` (JWKs as they are). */
async function publish(t, keys, overrides = {}) {
  const issuer = await startIssuer();
  t.after(() => issuer.stop());
  issuer.document = { keys };
  const gateway = await startGateway({ config: protect({ origin, issuers: [issuer.config({ algorithms: ALGORITHMS, ...overrides })] }) });
  t.after(() => gateway.stop());
  return { issuer, gateway, get: (token) => send(`${gateway.url}/x`, { token }) };
}

/** Compact JWS over claims of `issuer`, signed by `signer(input) → Buffer`: for keys that jose itself refuses. */
function tokenBy(issuer, header, signer) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const input = `${encode({ typ: 'JWT', ...header })}.${encode({ iss: issuer.issuer, sub: 's', aud: 'api', iat: now, exp: now + 600 })}`;
  return `${input}.${signer(Buffer.from(input)).toString('base64url')}`;
}

describe('an unusable key beside a good one', () => {
  const unusable = {
    'an EC private key': async () => {
      const key = await makeKey('ES256', { kid: 'bad' });
      return { jwk: { ...(await exportJWK(key.privateKey)), kid: 'bad', alg: 'ES256' }, token: (issuer) => issuer.token({}, { key }) };
    },
    'an RSA private key': async () => {
      const key = await makeKey('RS256', { kid: 'bad' });
      return { jwk: { ...(await exportJWK(key.privateKey)), kid: 'bad', alg: 'RS256' }, token: (issuer) => issuer.token({}, { key }) };
    },
    'an Ed25519 private key': async () => {
      const key = await makeKey('EdDSA', { kid: 'bad' });
      return { jwk: { ...(await exportJWK(key.privateKey)), kid: 'bad', alg: 'EdDSA' }, token: (issuer) => issuer.token({}, { key }) };
    },
    'a symmetric key': async () => {
      const secret = Buffer.alloc(32, 5);
      const jwk = { kty: 'oct', k: secret.toString('base64url'), kid: 'bad', alg: 'HS256' };
      const mac = (input) => createHmac('sha256', secret).update(input).digest();
      return { jwk, token: (issuer) => tokenBy(issuer, { alg: 'HS256', kid: 'bad' }, mac) };
    },
    'an RSA key of 1024 bits': async () => {
      const pair = generateKeyPairSync('rsa', { modulusLength: 1024 });
      const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'bad', alg: 'RS256' };
      return { jwk, token: (issuer) => tokenBy(issuer, { alg: 'RS256', kid: 'bad' }, (input) => sign('sha256', input, pair.privateKey)) };
    },
    'a key for encryption': async () => {
      const key = await makeKey('ES256', { kid: 'bad' });
      return { jwk: { ...key.publicJwk, use: 'enc' }, token: (issuer) => issuer.token({}, { key }) };
    },
    'a key whose key_ops do not verify': async () => {
      const { publicJwk: { use, ...jwk }, ...key } = await makeKey('ES256', { kid: 'bad' });
      return { jwk: { ...jwk, key_ops: ['encrypt'] }, token: (issuer) => issuer.token({}, { key }) };
    },
    'a key of another algorithm': async () => {
      const key = await makeKey('RS256', { kid: 'bad' });
      return { jwk: { ...key.publicJwk, alg: 'PS256' }, token: (issuer) => issuer.token({}, { key }) };
    },
  };
  for (const [what, make] of Object.entries(unusable)) {
    test(`${what} verifies nothing, and the good key works`, async (t) => {
      const good = await makeKey('ES256', { kid: 'good' });
      const { jwk, token } = await make();
      const { issuer, gateway, get } = await publish(t, [jwk, good.publicJwk]);
      assertTokenRefused(await get(await token(issuer)), `a token of ${what}`);
      assertPassed(await get(await issuer.token({}, { key: good })), 'a token of the good key');
      const line = gateway.logs().find((entry) => entry.event === 'keys_fetched');
      assert.ok(line, 'the fetch is logged');
      // A sound key of an algorithm that the token does not name is no fault of the set.
      if (what !== 'a key of another algorithm') assert.equal(line.unusable.length, 1, JSON.stringify(line));
    });
  }

  test('a key of a type not known here verifies nothing, and the good key works', async (t) => {
    const good = await makeKey('EdDSA', { kid: 'good' });
    const strange = [{ kty: 'AKP', alg: 'ML-DSA-44', kid: 'pq', pub: 'AAAA' }, { kid: 'no-type' }, 7, null, 'text'];
    const { issuer, get } = await publish(t, [...strange, good.publicJwk]);
    assertPassed(await get(await issuer.token({}, { key: good })));
  });
});

test('empty lists in a key say nothing: .NET writes each list that it has not set', async (t) => {
  for (const alg of ['RS256', 'ES256']) {
    const key = await makeKey(alg);
    const { issuer, get } = await publish(t, [{ ...key.publicJwk, use: 'sig', key_ops: [], oth: [], x5c: [] }]);
    assertPassed(await get(await issuer.token({}, { key })), alg);
  }
});

test('a byte-order mark before a set is no part of it', async (t) => {
  const key = await makeKey('ES256');
  const { issuer, get } = await publish(t, []);
  issuer.document = `\ufeff${JSON.stringify({ keys: [key.publicJwk] })}`;
  assertPassed(await get(await issuer.token({}, { key })));
});

test('a set without one usable key is no set: 503, not 401', async (t) => {
  const key = await makeKey('ES256', { kid: 'bad' });
  const { issuer, get } = await publish(t, [{ ...key.publicJwk, use: 'enc' }]);
  assertUnavailable(await get(await issuer.token({}, { key })), 'keys_unavailable');
});

test('two usable keys with one kid verify nothing', async (t) => {
  const [one, two, other] = await Promise.all([makeKey('ES256', { kid: 'same' }), makeKey('ES256', { kid: 'same' }), makeKey('ES256')]);
  const { issuer, get } = await publish(t, [one.publicJwk, two.publicJwk, other.publicJwk]);
  assertTokenRefused(await get(await issuer.token({}, { key: one })), 'the first of the two');
  assertTokenRefused(await get(await issuer.token({}, { key: two })), 'the second of the two');
  assertPassed(await get(await issuer.token({}, { key: other })), 'a key with a kid of its own');
});

test('a kid shared with an unusable key still names the usable one', async (t) => {
  const [one, two] = await Promise.all([makeKey('ES256', { kid: 'same' }), makeKey('ES256', { kid: 'same' })]);
  const { issuer, get } = await publish(t, [{ ...one.publicJwk, use: 'enc' }, two.publicJwk]);
  assertPassed(await get(await issuer.token({}, { key: two })));
  assertTokenRefused(await get(await issuer.token({}, { key: one })));
});

test('a token without kid is tried against at most 4 usable keys', async (t) => {
  const keys = await Promise.all(Array.from({ length: 5 }, (_, n) => makeKey('ES256', { kid: `k${n}` })));
  const without = (issuer, key) => issuer.token({}, { key, header: { kid: undefined } });
  const four = await publish(t, keys.slice(0, 4).map((key) => key.publicJwk));
  for (const key of keys.slice(0, 4)) assertPassed(await four.get(await without(four.issuer, key)), `${key.kid} of four`);
  const five = await publish(t, keys.map((key) => key.publicJwk));
  assertTokenRefused(await five.get(await without(five.issuer, keys[4])), 'the fifth of five');
});

test('a key set with a duplicate member, trailing text or two byte-order marks is not a key set', async (t) => {
  const good = await makeKey('ES256', { kid: 'good' });
  const text = JSON.stringify({ keys: [good.publicJwk] });
  for (const bad of [`${text}x`, text.replace('{"keys"', '{"keys":[],"keys"'), `\ufeff\ufeff${text}`]) {
    const { issuer, get } = await publish(t, []);
    issuer.document = bad;
    assertUnavailable(await get(await issuer.token({}, { key: good })), 'keys_unavailable', bad.slice(0, 20));
  }
});

test('a set without a usable key is told of with the reason for each', async (t) => {
  const { issuer, gateway, get } = await publish(t, [
    { kty: 'oct', k: 'AAAA' }, { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', use: 'enc' },
    { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', d: 'AA' },
  ]);
  assertUnavailable(await get(await issuer.token()), 'keys_unavailable');
  const line = gateway.logs().find(({ event }) => event === 'keys_failed');
  assert.deepEqual([line.code, line.unusable], ['jwks_without_usable_key', [
    'expected a public key, got a symmetric one', 'expected `use` to be `sig`', 'expected a public key, got a private one',
  ]]);
  const lines = JSON.stringify(gateway.logs());
  assert.ok(!lines.includes('AAAA'), 'and without the keys');
});

test('null members, padding and one key twice are no reason to refuse a set', async (t) => {
  const key = await makeKey('RS256', { kid: 'k' });
  const jwk = { ...key.publicJwk, d: null, p: null, x5c: null, n: `${key.publicJwk.n}==` };
  const { issuer, get } = await publish(t, [jwk, { ...jwk, x5c: ['MIIB'] }]);
  assertPassed(await get(await issuer.token({}, { key })));
});
