// jose as its documentation shows it.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { call, identified, refused } from './forward.js';

let key;

export default {
  async fetch(request, env) {
    const authorization = request.headers.get('authorization');
    if (!authorization?.startsWith('Bearer ')) return refused();
    key ??= env.SECRET ? new TextEncoder().encode(env.SECRET) : createRemoteJWKSet(new URL(env.JWKS_URI));
    let payload;
    try {
      const expected = { issuer: env.ISSUER, audience: env.AUDIENCE, algorithms: [env.ALG] };
      ({ payload } = await jwtVerify(authorization.slice(7), key, expected));
    } catch {
      return refused();
    }
    return call(identified(request, payload, env.HEADERS), env.TIMEOUT_MS);
  },
};
