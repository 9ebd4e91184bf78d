// Keys, and tokens by the thousand: node:crypto signs on its thread pool, which jose would not.
import { createHmac, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { promisify } from 'node:util';

export const ISSUER = 'https://issuer.example';
export const JWKS_URI = `${ISSUER}/jwks.json`;
export const AUDIENCE = 'api';
export const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'HS256'];

const LIFE_SECONDS = 4 * 3600;
const signed = promisify(sign);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

const PAIRS = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

/** A signing key as plain data: { alg, secret } or { alg, kid, privateJwk, publicJwk }. */
export function makeKey(alg) {
  // Nothing names a shared secret.
  if (alg === 'HS256') return { alg, secret: randomBytes(24).toString('base64url') };
  const kid = `bench-${alg}`;
  const { privateKey, publicKey } = PAIRS[alg]();
  const publicJwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  return { alg, kid, privateJwk: privateKey.export({ format: 'jwk' }), publicJwk };
}

/** The claims of token number `n`; `shape` is how many of them become headers. */
export function claims(n, shape) {
  const iat = Math.floor(Date.now() / 1000) - 10;
  const basic = {
    iss: ISSUER, aud: AUDIENCE, sub: `user-${n}`, jti: `${randomBytes(6).toString('hex')}-${n}`, iat, exp: iat + LIFE_SECONDS,
  };
  if (shape === 3) return basic;
  return {
    ...basic,
    email: `user-${n}@users.example`, roles: ['user', 'editor'], scope: 'read write', tenant: 'acme', sid: `session-${n}`,
    ...Object.fromEntries(FURTHER.map((name, index) => [name, `value-of-${index}`])),
  };
}

const FURTHER = Array.from({ length: 12 }, (_, index) => `claim_${index}`);

/** Which claim becomes which header. */
export function headerNames(shape) {
  const basic = [['x-auth-subject', 'sub'], ['x-auth-issuer', 'iss'], ['x-auth-token-id', 'jti']];
  if (shape === 3) return basic;
  const facets = ['email', 'roles', 'scope', 'tenant'].map((name) => [`x-auth-${name}`, name]);
  return [...basic, ...facets, ['x-auth-session', 'sid'], ...furtherHeaders().map(({ header, claim }) => [header, claim])];
}

/** The headers that the gateway has to be told of. */
export const furtherHeaders = () => FURTHER.map((claim) => ({ header: `x-auth-${claim.replace('_', '-')}`, claim }));

/** How a token differs from a good one. */
const KINDS = {
  good: {},
  expired: { claims: ({ iat }) => ({ iat: iat - 7200, exp: iat - 3600 }) },
  'unknown-issuer': { claims: () => ({ iss: 'https://elsewhere.example' }) },
  'bad-signature': { finish: tampered },
  'unknown-kid': { header: () => ({ kid: randomBytes(8).toString('hex') }) },
};

/** `count` distinct tokens. */
export async function mint(key, { kind = 'good', shape = 3, count }) {
  const by = signer(key);
  const { claims: other = () => ({}), header = () => ({}), finish = (token) => token } = KINDS[kind];
  const one = async (n) => {
    const body = claims(n, shape);
    const input = `${encode({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header() })}.${encode({ ...body, ...other(body) })}`;
    return finish(`${input}.${(await by(Buffer.from(input))).toString('base64url')}`);
  };
  const tokens = [];
  while (tokens.length < count) {
    const width = Math.min(256, count - tokens.length);
    tokens.push(...(await Promise.all(Array.from({ length: width }, (_, index) => one(tokens.length + index)))));
  }
  return tokens;
}

function signer({ alg, secret, privateJwk }) {
  if (alg === 'HS256') return async (input) => createHmac('sha256', secret).update(input).digest();
  const key = createPrivateKey({ key: privateJwk, format: 'jwk' });
  if (alg === 'EdDSA') return (input) => signed(null, input, key);
  return (input) => signed('sha256', input, { key, dsaEncoding: 'ieee-p1363' });
}

/** Another character in the middle of the signature: still base64url, still of the same length. */
function tampered(token) {
  const at = token.length - 20;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}
