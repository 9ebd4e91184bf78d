// Tokens verified in Node: every algorithm, every reason to refuse, every mistake in the options.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { errorOf, imported } from './package.mjs';
import { ISSUER, NOW, PUBLIC_KEY, SECRET_KEY, issuerOf } from './issuer.mjs';

let edgeward;
let issuer;
before(async () => {
  edgeward = await imported();
  issuer = await issuerOf('ES256');
});

/** The code with which `token` is refused. */
async function refusal(token, options) {
  const error = await errorOf(edgeward.verify(token, options));
  assert.ok(error instanceof edgeward.EdgewardError, String(error));
  assert.equal(error.name, 'EdgewardError');
  assert.match(error.message, /^[^A-Z]/, 'lower case');
  for (const part of String(token).split('.').filter((part) => part.length > 8)) assert.ok(!error.message.includes(part), 'no token text');
  return error.code;
}

/** The token with one bit of its part `part` changed. */
function tampered(token, part) {
  const parts = token.split('.');
  const octets = Buffer.from(parts[part], 'base64url');
  octets[octets.length - 2] ^= 1;
  parts[part] = octets.toString('base64url');
  return parts.join('.');
}

for (const alg of [...PUBLIC_KEY, ...SECRET_KEY]) {
  test(`${alg}: a good token verifies, a changed one and one by another key do not`, async () => {
    const own = await issuerOf(alg);
    const { claims, header, identity } = await edgeward.verify(await own.token(), own.options());
    assert.deepEqual(claims, { iss: ISSUER, aud: 'api', sub: 'ada', iat: NOW, exp: NOW + 600, roles: ['admin'] });
    assert.equal(header.alg, alg === 'Ed25519' ? 'EdDSA' : alg);
    assert.deepEqual(identity, { subject: 'ada', email: null, roles: ['admin'], scope: [], tenant: null, session: null });
    assert.equal(await refusal(tampered(await own.token(), 2), own.options()), 'signature_invalid');
    const other = await issuerOf(alg);
    const forged = await other.token({}, { kid: own.key?.kid });
    assert.equal(await refusal(forged, own.options()), 'signature_invalid');
  });
}

describe('a token is refused', () => {
  const cases = {
    'that has expired': ['token_expired', { exp: NOW - 30 }],
    'that comes into force later': ['token_not_yet_valid', { nbf: NOW + 31 }],
    'that was issued in the future': ['issued_in_future', { iat: NOW + 31 }],
    'without exp': ['claim_missing', { exp: undefined }],
    'whose exp is a text': ['claim_malformed', { exp: `${NOW + 600}` }],
    'of another issuer': ['issuer_unknown', { iss: 'https://auth.example.com/' }],
    'for another audience': ['audience_mismatch', { aud: ['web'] }],
    'that is a refresh token': ['token_type_refused', { token_type: 'refresh' }],
    'by a key that nobody published': ['key_unknown', {}, { kid: 'other' }],
  };
  for (const [what, [code, claims, header]] of Object.entries(cases)) {
    test(`${what}: ${code}`, async () => assert.equal(await refusal(await issuer.token(claims, header), issuer.options()), code));
  }

  test('at the very second, and not the one before', async () => {
    const token = await issuer.token();
    const at = (now_seconds) => issuer.options({ now_seconds, leeway_seconds: 0 });
    assert.equal((await edgeward.verify(token, at(NOW + 599))).claims.sub, 'ada');
    assert.equal(await refusal(token, at(NOW + 600)), 'token_expired');
  });

  test('that is none, or more than one', async () => {
    const token = await issuer.token();
    for (const [text, code] of [
      ['', 'credential_malformed'], [`${token} `, 'credential_malformed'], [` ${token}`, 'credential_malformed'],
      [`${token},${token}`, 'credential_malformed'], [`Bearer ${token}`, 'credential_malformed'], ['a.b.c', 'token_malformed'],
      ['opaque', 'token_malformed'], [`${token}.x`, 'token_malformed'], ['a'.repeat(8193), 'token_too_large'],
      [`eyJhbGciOiJub25lIn0.${token.split('.')[1]}.`, 'algorithm_unknown'],
    ]) assert.equal(await refusal(text, issuer.options()), code, text.slice(0, 20));
    for (const nothing of [undefined, null, 7, {}]) assert.equal((await errorOf(edgeward.verify(nothing, issuer.options()))).code, 'options_invalid');
  });

  test('that uses an algorithm of the key, but none of the list', async () => {
    const rsa = await issuerOf('RS256');
    const { alg, ...jwk } = rsa.key.publicJwk;
    const options = rsa.options({ algorithms: ['RS512'], jwks: { keys: [jwk] } });
    assert.equal(await refusal(await rsa.token(), options), 'algorithm_refused');
  });

  test('signed with a public key as if it were a secret', async () => {
    const options = issuer.options();
    assert.equal(await refusal(await (await issuerOf('HS256')).token({}, { kid: issuer.key.kid }), options), 'algorithm_refused');
  });
});

describe('options', () => {
  /** Options that are refused, and the one place that is named. */
  const refused = async (more, path) => {
    const error = await errorOf(() => edgeward.createVerifier(issuer.options(more)));
    assert.ok(error instanceof edgeward.EdgewardError);
    assert.equal(error.code, 'options_invalid');
    assert.deepEqual(error.errors.map((each) => each.path), [path], error.message);
  };

  test('an empty list is an error, and so is none', async () => {
    for (const name of ['audiences', 'algorithms', 'required_claims', 'typ']) await refused({ [name]: [] }, name);
    for (const name of ['issuer', 'audiences', 'algorithms']) await refused({ [name]: undefined }, name);
  });

  test('every fault comes at once', async () => {
    const error = await errorOf(() => edgeward.createVerifier({ nonsense: 1, leeway_seconds: 301 }));
    const paths = error.errors.map(({ path }) => path).sort();
    assert.deepEqual(paths, ['', 'algorithms', 'audiences', 'issuer', 'leeway_seconds', 'nonsense']);
    for (const nothing of [undefined, null, 'text', []]) {
      assert.equal((await errorOf(() => edgeward.createVerifier(nothing))).code, 'options_invalid');
    }
  });

  test('the configuration\'s own names for an issuer\'s keys are none of ours', async () => {
    for (const name of ['verify', 'name', 'opaque', 'token_types']) await refused({ [name]: 'x' }, name);
  });

  test('exactly one source of keys', async () => {
    await refused({ jwks: undefined }, '');
    await refused({ keys: { keys: [issuer.key.publicJwk] } }, '');
  });

  test('asymmetric algorithms need public keys, symmetric ones secrets', async () => {
    await refused({ algorithms: ['HS256'] }, 'algorithms');
    await refused({ jwks: undefined, secrets: ['a secret that is at least 32 octets long'] }, 'algorithms');
    await refused({ algorithms: ['ES256K'] }, 'algorithms[0]');
  });

  test('a secret is as long as the hash, and not told', async () => {
    const short = 'only thirty-one octets long ...';
    const error = await errorOf(() => edgeward.createVerifier(issuer.options({ jwks: undefined, algorithms: ['HS256'], secrets: [short] })));
    assert.deepEqual(error.errors, [{ path: 'secrets[0]', message: 'expected at least 32 bytes, got 31' }]);
    assert.ok(!error.message.includes(short));
    for (const secrets of [[], 'text', [7], null]) await refused({ jwks: undefined, algorithms: ['HS256'], secrets }, 'secrets');
  });

  test('of `jwks` what is unusable is passed over, of `keys` nothing', async () => {
    const set = { keys: [{ kty: 'RSA', use: 'enc', n: 'AQAB', e: 'AQAB' }, issuer.key.publicJwk] };
    assert.equal((await edgeward.verify(await issuer.token(), issuer.options({ jwks: set }))).claims.sub, 'ada');
    await refused({ jwks: undefined, keys: set }, 'keys');
    await refused({ jwks: { keys: [set.keys[0]] } }, 'jwks');
    await refused({ jwks: {} }, 'jwks');
  });

  test('two keys of one name are no key', async () => {
    const twin = { ...(await issuerOf('ES256')).key.publicJwk, kid: issuer.key.kid };
    assert.equal(await refusal(await issuer.token(), issuer.options({ jwks: { keys: [issuer.key.publicJwk, twin] } })), 'key_ambiguous');
  });

  test('secrets are all tried, so that they can be rotated', async () => {
    const own = await issuerOf('HS256');
    const secrets = ['another secret that is 32 octets long', own.secret];
    assert.equal((await edgeward.verify(await own.token(), own.options({ secrets }))).claims.sub, 'ada');
  });

  test('typ, required_claims, max_age_seconds and claims do what they do in the configuration', async () => {
    const token = await issuer.token({ org: { id: 7 }, perms: 'a b' }, { typ: 'logout+jwt' });
    const typed = { typ: 'logout+jwt' };
    assert.equal(await refusal(token, issuer.options()), 'token_type_refused');
    assert.equal(await refusal(await issuer.token(), issuer.options({ typ: ['logout+jwt'] })), 'token_type_refused');
    assert.equal(await refusal(token, issuer.options({ ...typed, required_claims: ['org.name'] })), 'claim_missing');
    assert.equal(await refusal(token, issuer.options({ ...typed, max_age_seconds: 5, now_seconds: NOW + 35 })), 'token_too_old');
    const claims = { tenant: 'org.id', scope: 'perms' };
    const { identity } = await edgeward.verify(token, issuer.options({ ...typed, required_claims: ['org.id'], max_age_seconds: 5, claims }));
    assert.deepEqual([identity.tenant, identity.scope], ['7', ['a', 'b']]);
  });

  test('what is no JSON is refused as such', async () => {
    const circle = {};
    circle.circle = circle;
    assert.equal((await errorOf(() => edgeward.createVerifier(circle))).code, 'options_invalid');
    assert.equal((await errorOf(() => edgeward.createVerifier({ leeway_seconds: 1n }))).code, 'options_invalid');
  });
});

test('roles that fit into no header are no fault of a token', async () => {
  const roles = Array.from({ length: 130 }, (_, n) => `a role with a rather long name, number ${n}`);
  const token = await issuer.token({ roles });
  assert.ok(token.length < 8192 && JSON.stringify(roles).length > 5500);
  assert.equal((await edgeward.verify(token, issuer.options())).identity.roles.length, 130);
});

test('a verifier judges a token that it has seen by the time of each call', async (t) => {
  const now = Math.floor(Date.now() / 1000);
  const verifier = edgeward.createVerifier(issuer.options({ now_seconds: undefined, leeway_seconds: 0 }));
  const token = await issuer.token({ iat: now, exp: now + 600 });
  assert.equal((await verifier.verify(token)).claims.sub, 'ada');
  assert.equal((await verifier.verify(token)).claims.sub, 'ada');
  t.mock.timers.enable({ apis: ['Date'], now: (now + 600) * 1000 });
  assert.equal((await errorOf(verifier.verify(token))).code, 'token_expired');
});
