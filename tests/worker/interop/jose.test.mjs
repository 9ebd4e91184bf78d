// Tokens minted by jose for every algorithm offered at the edge: the gateway and jose agree on each.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { SignJWT, createLocalJWKSet, jwtVerify } from 'jose';
import { assertPassed, assertTokenRefused, protect } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startIssuer } from '../../harness/issuer.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';

const PUBLIC_KEY = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const SECRET_KEY = ['HS256', 'HS384', 'HS512'];
const SECRETS = { JWT_SECRET: randomBytes(48).toString('base64'), JWT_SECRET_PREVIOUS: randomBytes(48).toString('base64') };
const HMAC_ISSUER = 'https://hmac.example';

let issuer, origin, gateway;
const get = (token) => send(`${gateway.url}/x`, { token });
const now = () => Math.floor(Date.now() / 1000);

before(async () => {
  issuer = await startIssuer({ algorithms: PUBLIC_KEY });
  origin = await startOrigin();
  const verify = { secrets: Object.keys(SECRETS) };
  const hmac = { name: 'hmac', issuer: HMAC_ISSUER, audiences: ['api'], algorithms: SECRET_KEY, verify };
  const config = protect({ origin, issuers: [issuer.config({ required_claims: ['sub'] }), hmac] });
  gateway = await startGateway({ config, secrets: SECRETS });
});
after(() => Promise.all([gateway, issuer, origin].map((each) => each?.stop())));

/** A token by jose; `claims` and `header` overrides as in the issuer's own `token`. */
function mint(alg, claims = {}, header = {}, secret = SECRETS.JWT_SECRET) {
  if (!SECRET_KEY.includes(alg)) return issuer.token(claims, { alg, header });
  const body = { iss: HMAC_ISSUER, sub: 'user-1', aud: 'api', iat: now(), exp: now() + 600, jti: alg, ...claims };
  return new SignJWT(body).setProtectedHeader({ alg, typ: 'JWT', ...header }).sign(Buffer.from(secret));
}

/** jose's own judgement of the token under the same policy: true or false. */
async function joseAccepts(alg, token) {
  const hmac = SECRET_KEY.includes(alg);
  const key = hmac ? Buffer.from(SECRETS.JWT_SECRET) : createLocalJWKSet({ keys: issuer.keys.map((each) => each.publicJwk) });
  const policy = { issuer: hmac ? HMAC_ISSUER : issuer.issuer, audience: 'api', algorithms: [alg], clockTolerance: 30, requiredClaims: ['exp'] };
  return jwtVerify(token, key, policy).then(() => true, () => false);
}

async function assertBothRefuse(alg, token, what) {
  assertTokenRefused(await get(token), what);
  assert.equal(await joseAccepts(alg, token), false, `jose accepts ${what}`);
}

/** The token with octet `at` of its part `part` changed. */
function tampered(token, part, at) {
  const parts = token.split('.');
  const octets = Buffer.from(parts[part], 'base64url');
  octets[at < 0 ? octets.length + at : at] ^= 1;
  parts[part] = octets.toString('base64url');
  return parts.join('.');
}

for (const alg of [...PUBLIC_KEY, ...SECRET_KEY]) {
  describe(alg, () => {
    test('a valid token passes, and jose agrees', async () => {
      const token = await mint(alg, { sub: `user-of-${alg}` });
      assertPassed(await get(token));
      assert.deepEqual(valuesOf(origin.requests.at(-1), 'x-auth-subject'), [`user-of-${alg}`]);
      assert.equal(await joseAccepts(alg, token), true);
    });
    test('expired, on the second and long ago: 401', async () => {
      await assertBothRefuse(alg, await mint(alg, { exp: now() - 30 }), 'exp + leeway = now');
      await assertBothRefuse(alg, await mint(alg, { iat: now() - 9000, exp: now() - 5400 }), 'expired for long');
    });
    test('within the leeway: passes', async () => {
      assertPassed(await get(await mint(alg, { exp: now() - 20 })));
      assertPassed(await get(await mint(alg, { nbf: now() + 20 })));
    });
    test('not yet valid: 401', async () => {
      await assertBothRefuse(alg, await mint(alg, { nbf: now() + 90 }), 'nbf in the future');
    });
    test('for another audience or of another issuer: 401', async () => {
      await assertBothRefuse(alg, await mint(alg, { aud: 'another' }), 'another aud');
      await assertBothRefuse(alg, await mint(alg, { aud: ['another', 'api2'] }), 'other auds');
      await assertBothRefuse(alg, await mint(alg, { iss: 'https://another.example' }), 'another iss');
      await assertBothRefuse(alg, await mint(alg, { iss: `${issuer.issuer}/` }), 'iss with a slash more');
    });
    test('tampered in header, claims or signature: 401', async () => {
      const token = await mint(alg);
      const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
      const other = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url');
      await assertBothRefuse(alg, token.replace(/\.[^.]+\./, `.${other}.`), 'another sub');
      for (const at of [0, 31, -1]) await assertBothRefuse(alg, tampered(token, 2, at), `signature octet ${at}`);
      await assertBothRefuse(alg, `${token.slice(0, token.lastIndexOf('.'))}.`, 'no signature');
      await assertBothRefuse(alg, token.slice(0, -8), 'a cut signature');
    });
    test('its header changed to "none" or to another algorithm: 401', async () => {
      const token = await mint(alg);
      const header = JSON.parse(Buffer.from(token.split('.')[0], 'base64url'));
      for (const name of ['none', 'None', 'HS256', 'RS256', 'ES256', 'EdDSA'].filter((each) => each !== alg)) {
        const part = Buffer.from(JSON.stringify({ ...header, alg: name })).toString('base64url');
        await assertBothRefuse(alg, token.replace(/^[^.]+/, part), name);
        await assertBothRefuse(alg, token.replace(/^[^.]+/, part).replace(/[^.]+$/, ''), `${name} without signature`);
      }
    });
  });
}

test('a token of the previous secret passes, one of a secret unknown here does not', async () => {
  for (const alg of SECRET_KEY) {
    assertPassed(await get(await mint(alg, {}, {}, SECRETS.JWT_SECRET_PREVIOUS)), alg);
    assertTokenRefused(await get(await mint(alg, {}, {}, randomBytes(64).toString('base64'))), alg);
  }
});

test('a token signed with the right key for an algorithm that is not on the issuer\'s list is refused', async (t) => {
  const narrow = await startGateway({ config: protect({ origin, issuers: [issuer.config({ algorithms: ['ES256'] })] }) });
  t.after(() => narrow.stop());
  assertPassed(await send(`${narrow.url}/x`, { token: await mint('ES256') }));
  for (const alg of PUBLIC_KEY.filter((each) => each !== 'ES256')) {
    assertTokenRefused(await send(`${narrow.url}/x`, { token: await mint(alg) }), alg);
  }
});
