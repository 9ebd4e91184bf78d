// An issuer to try the gateway with. Whoever asks is logged in, no password: it has no place on a network.
// The gateway forwards a path as it came, so every path answers below `/demo` as well.

import { ALGORITHMS, KeyRing, TOKEN_SECONDS } from './keyring.js';

export { KeyRing };

const USERS = {
  ada: { email: 'ada@example.com', roles: ['admin'] },
  bob: { email: 'bob@example.com', roles: ['user'] },
};

const ROUTES = {
  '/.well-known/jwks.json': { method: 'GET', answer: jwks },
  '/.well-known/openid-configuration': { method: 'GET', answer: discovery },
  '/login': { method: 'POST', answer: login },
  '/rotate': { method: 'POST', answer: rotate },
};

export default {
  async fetch(request, env) {
    const path = new URL(request.url).pathname.replace(/^\/demo(?=\/)/, '');
    const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
    if (!route) return json({ error: 'not_found' }, 404);
    if (request.method !== route.method) {
      return json({ error: 'method_not_allowed' }, 405, { allow: route.method });
    }
    // One object holds the keys, so every isolate signs with the same ones.
    const ring = env.KEYS.get(env.KEYS.idFromName('keys'));
    return route.answer(request, env, ring);
  },
};

async function jwks(_request, _env, ring) {
  return json({ keys: await ring.publicKeys() }, 200, { 'cache-control': 'public, max-age=600', 'access-control-allow-origin': '*' });
}

function discovery(_request, env) {
  return json({
    issuer: env.ISSUER,
    jwks_uri: `${env.ISSUER}/.well-known/jwks.json`,
    token_endpoint: `${env.ISSUER}/login`,
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: Object.keys(ALGORITHMS),
  });
}

async function login(request, env, ring) {
  const { user, alg = 'RS256', audience = env.AUDIENCE, expires_in: seconds = TOKEN_SECONDS } = await jsonBody(request);
  if (!Object.hasOwn(USERS, user)) return invalid(`user must be one of ${Object.keys(USERS)}`);
  if (!Object.hasOwn(ALGORITHMS, alg)) return invalid(`alg must be one of ${Object.keys(ALGORITHMS)}`);
  if (typeof audience !== 'string') return invalid('audience must be a text');
  if (!Number.isInteger(seconds) || Math.abs(seconds) > TOKEN_SECONDS) return invalid(`expires_in must be a number of seconds, at most ${TOKEN_SECONDS}`);
  const token = await ring.sign(alg, claims(user, audience, seconds, env));
  return json({ access_token: token, token_type: 'Bearer', expires_in: seconds }, 200, {
    'cache-control': 'no-store',
  });
}

async function rotate(_request, _env, ring) {
  const rotation = await ring.rotate();
  if (rotation.retryAfter) {
    const error = { error: 'temporarily_unavailable', error_description: 'as many keys as a key set may hold are in use' };
    return json(error, 429, { 'retry-after': `${rotation.retryAfter}` });
  }
  return json(rotation);
}

/** A token that expires sooner was issued as much sooner, so that one that has expired makes sense. */
function claims(user, audience, seconds, env) {
  const expires = Math.floor(Date.now() / 1000) + seconds;
  return {
    iss: env.ISSUER,
    sub: user,
    aud: audience,
    exp: expires,
    iat: expires - TOKEN_SECONDS,
    jti: crypto.randomUUID(),
    sid: crypto.randomUUID(),
    ...USERS[user],
  };
}

async function jsonBody(request) {
  return request.json().then((body) => body ?? {}, () => ({}));
}

function invalid(description) {
  return json({ error: 'invalid_request', error_description: description }, 400);
}

function json(value, status = 200, headers = {}) {
  return new Response(`${JSON.stringify(value)}\n`, {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
