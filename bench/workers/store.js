// Asks the store what the gateway asks it (so many names in one read), then calls the origin: what the store alone costs.
import { requestId, target } from './forward.js';

const HASH = 'A'.repeat(32);

export default {
  async fetch(request, { EDGEWARD_KV, NAMES }) {
    const id = requestId().padStart(11, '0');
    const names = Array.from({ length: NAMES }, (_, index) => `revoked:kind${index}:${HASH}${id}`);
    await EDGEWARD_KV.get(names, { type: 'text', cacheTtl: 30 });
    return fetch(new Request(target(request.url), request));
  },
};
