// Key sets fetched by a verifier: when, how often, and what comes of an issuer that fails.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { startIssuer } from '../harness/issuer.mjs';
import { errorOf, imported } from './package.mjs';

let edgeward;
before(async () => {
  edgeward = await imported();
});

async function stage(t) {
  const issuer = await startIssuer();
  t.after(() => issuer.stop());
  const options = { issuer: issuer.issuer, audiences: ['api'], algorithms: ['ES256'], jwks_url: issuer.jwksUrl };
  return { issuer, verifier: edgeward.createVerifier(options) };
}

test('a burst of first tokens fetches the key set once', async (t) => {
  const { issuer, verifier } = await stage(t);
  issuer.delay = 50;
  const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token()));
  for (const { claims } of await Promise.all(tokens.map((token) => verifier.verify(token)))) assert.equal(claims.sub, 'user-1');
  assert.equal(issuer.fetches, 1);
  await verifier.verify(await issuer.token());
  assert.equal(issuer.fetches, 1);
});

test('a new key is found, and a made-up one asks the issuer no more', async (t) => {
  const { issuer, verifier } = await stage(t);
  await verifier.verify(await issuer.token());
  await issuer.rotate();
  assert.equal((await verifier.verify(await issuer.token())).claims.sub, 'user-1');
  assert.equal(issuer.fetches, 2);
  for (const kid of ['made-up-1', 'made-up-2', 'made-up-3']) {
    assert.equal((await errorOf(verifier.verify(await issuer.token({}, { kid })))).code, 'key_unknown');
  }
  assert.equal(issuer.fetches, 2);
});

describe('an issuer that gives no keys', () => {
  const faults = [
    ['status 500', 'issuer_status'],
    [{ redirect: '/jwks.json?again' }, 'issuer_redirects'],
    ['large', 'document_too_large'],
    ['html', 'jwks_malformed'],
    ['too many keys', 'jwks_too_many_keys'],
    ['empty keys', 'jwks_without_usable_key'],
    ['timeout', 'issuer_timeout'],
    ['slow drip', 'issuer_timeout'],
    ['reset', 'issuer_unreachable'],
  ];
  for (const [fault, reason] of faults) {
    test(`${JSON.stringify(fault)}: keys_unavailable, ${reason}`, async (t) => {
      const { issuer, verifier } = await stage(t);
      issuer.fault(fault);
      const error = await errorOf(verifier.verify(await issuer.token()));
      assert.equal(error.code, 'keys_unavailable');
      assert.ok(error.message.endsWith(`: ${reason}`), error.message);
      // Within the cool-down nobody is asked again.
      const { fetches } = issuer;
      assert.equal((await errorOf(verifier.verify(await issuer.token()))).code, 'keys_unavailable');
      assert.equal(issuer.fetches, fetches);
    });
  }
});

test('a URL in the clear is refused, but for loopback hosts', async () => {
  const options = { issuer: 'https://a.example', audiences: ['api'], algorithms: ['ES256'], jwks_url: 'http://a.example/jwks.json' };
  const error = await errorOf(() => edgeward.createVerifier(options));
  assert.deepEqual(error.errors.map(({ path }) => path), ['jwks_url']);
});
