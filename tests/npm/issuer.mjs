// Tokens by jose, and the options that verify them.
import { randomBytes } from 'node:crypto';

import { SignJWT } from 'jose';

import { makeKey } from '../harness/issuer.mjs';

export const ISSUER = 'https://auth.example.com';
export const PUBLIC_KEY = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
export const SECRET_KEY = ['HS256', 'HS384', 'HS512'];
export const NOW = 1_800_000_000;

const present = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** `token(claims, header)` signs one of this issuer at NOW; a claim given as undefined is left out. `options(more)` verify it. */
export async function issuerOf(alg) {
  const secret = randomBytes(48).toString('base64');
  const isSecret = SECRET_KEY.includes(alg);
  const key = isSecret ? undefined : await makeKey(alg);
  const source = isSecret ? { secrets: [secret] } : { jwks: { keys: [key.publicJwk] } };
  return {
    alg,
    key,
    secret,
    token(claims = {}, header = {}) {
      const body = { iss: ISSUER, aud: 'api', sub: 'ada', iat: NOW, exp: NOW + 600, roles: ['admin'], ...claims };
      const jwt = new SignJWT(present(body)).setProtectedHeader(present({ alg, kid: key?.kid, typ: 'JWT', ...header }));
      return jwt.sign(isSecret ? Buffer.from(secret) : key.privateKey);
    },
    options: (more = {}) => ({ issuer: ISSUER, audiences: ['api'], algorithms: [alg], now_seconds: NOW, ...source, ...more }),
  };
}
