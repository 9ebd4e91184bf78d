// An issuer without a server: its public key stands in the configuration, its tokens are signed by jose.
import { randomUUID } from 'node:crypto';

import { SignJWT } from 'jose';

import { makeKey } from './issuer.mjs';

export const ISSUER = 'https://issuer.example';
export const AUDIENCE = 'api';

/**
 * `issuer(overrides)` is its entry of the configuration; `token(claims, { header })` a token of this issuer, of an hour, where a
 * claim or header member given as undefined is left out.
 */
export async function startSigner(alg = 'ES256') {
  const key = await makeKey(alg);
  const present = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
  return {
    key,
    issuer: (overrides = {}) => ({
      name: 'main',
      issuer: ISSUER,
      audiences: [AUDIENCE],
      algorithms: [alg],
      verify: { keys: { keys: [key.publicJwk] } },
      ...overrides,
    }),
    token(claims = {}, { header = {}, privateKey = key.privateKey } = {}) {
      const now = Math.floor(Date.now() / 1000);
      const standard = { iss: ISSUER, aud: AUDIENCE, sub: 'user-1', iat: now, exp: now + 3600, jti: randomUUID() };
      return new SignJWT(present({ ...standard, ...claims }))
        .setProtectedHeader(present({ alg, kid: key.kid, typ: 'JWT', ...header }))
        .sign(privateKey);
    },
  };
}

export const bearer = (token) => ['Authorization', `Bearer ${token}`];

/** Configuration with one origin and one issuer; routes are `revocation = "off"` unless they say otherwise. */
export const configuration = (origin, issuer, routes, rest = {}) => ({
  realm: 'api',
  origins: [{ name: 'main', url: origin.url }],
  issuers: [issuer],
  routes: routes.map((route) => ({ methods: ['*'], access: 'authenticated', revocation: 'off', ...route })),
  ...rest,
});
