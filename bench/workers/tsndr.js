// @tsndr/cloudflare-worker-jwt with the key at hand, as its documentation shows it; issuer and audience are the caller's work.
import { verify } from '@tsndr/cloudflare-worker-jwt';
import { identified, refused } from './forward.js';

export default {
  async fetch(request, env) {
    const authorization = request.headers.get('authorization');
    if (!authorization?.startsWith('Bearer ')) return refused();
    let verified;
    try {
      verified = await verify(authorization.slice(7), env.SECRET ?? env.JWK, env.ALG);
    } catch {
      return refused();
    }
    const claims = verified?.payload;
    if (claims?.iss !== env.ISSUER || ![claims.aud].flat().includes(env.AUDIENCE)) return refused();
    return fetch(identified(request, claims, env.HEADERS));
  },
};
