// Copies the request, sets as many headers as the others do, with values known beforehand, and calls the origin.
import { call, forwarded, identified } from './forward.js';

const UNCACHED = { cache: 'no-store' };

export default {
  fetch(request, { HEADERS, CLAIMS, TIMEOUT_MS, IS_UNCACHED, NAMES_HOST }) {
    const copy = identified(request, CLAIMS, HEADERS);
    return call(NAMES_HOST ? forwarded(copy) : copy, TIMEOUT_MS, IS_UNCACHED ? UNCACHED : undefined);
  },
};
