// The gate without the Durable Objects: as a whole Worker (`default`), or in front of a Worker's own code (`createGate`), where `next` is
// an origin like any other, reached by a call in the place of a fetch.
import { accept } from './dist/worker/accept.js';
import { optionsInvalid } from './error.js';

// A bundle of its own, which a bundler leaves out where only `createGate` is imported, and the other way round.
export { default } from './dist/worker/gate.js';

/** What the gateway takes for a service binding. */
const BINDING = 'EDGEWARD_NEXT';
/** The longest that an origin may have: a Worker's own code has its own idea of what takes too long. */
const TIMEOUT_MS = 300_000;

let isMade = false;

export function createGate(config) {
  const isPlain = typeof config === 'object' && config !== null && !Array.isArray(config);
  if (!isPlain) throw optionsInvalid('', 'expected a configuration');
  if (config.config_from !== undefined) throw optionsInvalid('config_from', 'expected none: the configuration is handed over');
  if (config.origins !== undefined && !Array.isArray(config.origins)) throw optionsInvalid('origins', 'expected a list');
  // The wasm holds one configuration, with all that was learned under it, as long as the isolate lives.
  if (isMade) throw optionsInvalid('', 'expected one gate in a Worker');
  isMade = true;
  const origins = [{ name: 'next', url: `service:${BINDING}`, timeout_ms: TIMEOUT_MS }, ...(config.origins ?? [])];
  const EDGEWARD = { ...config, origins };
  return {
    async fetch(request, env, context, next) {
      let failure;
      const call = async (url, init) => {
        try {
          return await next(new Request(url, init));
        } catch (error) {
          // The Worker's own error is its own to handle, and no outage of an origin.
          failure = { error };
          return new Response(null, { status: 500 });
        }
      };
      const bound = Object.create(env, {
        EDGEWARD: { value: EDGEWARD },
        [BINDING]: { value: { fetch: call } },
        // The queue's consumer would be this Worker, which does not hand it to the gateway: nobody would be told of what waits there.
        EDGEWARD_SYNC: { value: undefined },
      });
      const response = await accept(request, bound, context);
      if (failure) throw failure.error;
      return response;
    },
  };
}
