// A proxy on loopback that gives any server the faults of the tests: startRelay(django.url).fail({ kind: 'reset' }).
import { relayTo } from '../servers/relay.mjs';
import { serve } from '../servers/serve.mjs';

/** { url, calls, callsTo(path), fail({ kind, times, path, commits }), heal(), stop() }; `serve` says what they are. */
export const startRelay = (url) => serve(relayTo(url));
