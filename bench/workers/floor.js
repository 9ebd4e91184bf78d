// Copies the request, sets as many headers as the others do, with values known beforehand, and calls the origin.
import { call, forwarded, identified, uncached } from './forward.js';

export default {
  fetch(request, env) {
    const copy = identified(request, env.CLAIMS, env.HEADERS);
    return call(env.NAMES_HOST ? forwarded(copy) : copy, env.TIMEOUT_MS, uncached(env));
  },
};
