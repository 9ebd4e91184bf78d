// An auth server as teams have one beside their API: login, refresh, logout, and its public key. It knows nothing of the gateway.
import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from 'node:crypto';

import express from 'express';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';

import { serve } from './serve.mjs';

const ISSUER = 'https://auth.example';
const AUDIENCE = 'api';
const ACCESS_SECONDS = 300;
const REFRESH_SECONDS = 86_400;

const { privateKey, publicKey } = await generateKeyPair('ES256');
const publicJwk = await exportJWK(publicKey);
const kid = await calculateJwkThumbprint(publicJwk);

/** Everybody has one password. */
const PASSWORD = 'correct horse battery staple';
const PEOPLE = [['ada@example.com', 'admin'], ['bob@example.com', 'user']].map(([email, role], index) => {
  const salt = randomBytes(16);
  return { id: `user-${index + 1}`, email, role, salt, hash: scryptSync(PASSWORD, salt, 32) };
});
/** The refresh tokens that can still be used, by their `jti`. */
const live = new Set();

const sign = (claims, seconds) => new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid })
  .setIssuer(ISSUER).setAudience(AUDIENCE).setIssuedAt().setExpirationTime(`${seconds}s`).setJti(claims.jti ?? randomUUID()).sign(privateKey);

async function pair({ id, email, role }, session) {
  const claims = { sub: id, sid: session };
  const jti = randomUUID();
  live.add(jti);
  return {
    accessToken: await sign({ ...claims, email, role, token_type: 'access' }, ACCESS_SECONDS),
    refreshToken: await sign({ ...claims, jti, token_type: 'refresh' }, REFRESH_SECONDS),
  };
}

/** The claims of a refresh token that can still be used; it is used up. */
async function spent(token) {
  const { payload } = await jwtVerify(token, publicKey, { issuer: ISSUER, audience: AUDIENCE, algorithms: ['ES256'] });
  if (payload.token_type !== 'refresh' || !live.delete(payload.jti)) throw new Error('used');
  return payload;
}

const app = express();
app.disable('x-powered-by');
app.use(express.json({ limit: '10kb' }));

app.post('/api/auth/login', async (request, response) => {
  const { email, password } = request.body ?? {};
  const one = PEOPLE.find((person) => person.email === email);
  const hash = scryptSync(String(password), one?.salt ?? '', 32);
  if (!one || !timingSafeEqual(hash, one.hash)) return response.status(401).json({ error: 'wrong e-mail address or password' });
  return response.json({ ...await pair(one, randomUUID()), user: { email: one.email } });
});

app.post('/api/auth/refresh', async (request, response) => {
  const claims = await spent(request.body?.refreshToken).catch(() => undefined);
  if (!claims) return response.status(401).json({ error: 'invalid refresh token' });
  return response.json(await pair(PEOPLE.find(({ id }) => id === claims.sub), claims.sid));
});

app.post('/api/auth/logout', async (request, response) => {
  await spent(request.body?.refreshToken).catch(() => undefined);
  response.json({});
});

app.get('/.well-known/jwks.json', (request, response) => response.json({ keys: [{ ...publicJwk, kid, alg: 'ES256', use: 'sig' }] }));

await serve(app);
