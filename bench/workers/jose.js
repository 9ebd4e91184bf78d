// jose as its documentation shows it.
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { call, forwarded, identified, refused, uncached } from './forward.js';

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
    const copy = identified(request, payload, env.HEADERS);
    return call(env.NAMES_HOST ? forwarded(copy) : copy, env.TIMEOUT_MS, uncached(env));
  },
};
