// Whom a token is for, where its issuer is asked: the same rule as for the issuer's keys, whichever of the two judged the token.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startAskedServer } from '../../harness/asked_server.mjs';
import { assertPassed, assertTokenRefused, protect } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { AUDIENCE, ISSUER, startSigner } from '../../harness/signer.mjs';

const SECRETS = { CLIENT_SECRET: 'client-secret' };

/** What tokens say about their audience, and whether the claim `azp` makes them ours without and with `any_audience`. */
const TOKENS = [
  ['names us in the claim', { aud: undefined, azp: AUDIENCE }, true, true],
  ['names us in a list in the claim', { aud: undefined, azp: ['other', AUDIENCE] }, true, true],
  ['names another client in the claim', { aud: undefined, azp: 'other' }, false, false],
  ['names nobody in the claim', { aud: undefined, azp: [] }, false, false],
  ['has neither', { aud: undefined }, false, true],
  ['has an empty `aud`', { aud: [], azp: AUDIENCE }, false, false],
  ['has another `aud`', { aud: 'other', azp: AUDIENCE }, false, false],
];

const WAYS = {
  'its keys': (server, keys) => keys,
  me: (server, fallback) => ({ me: server.me, fallback }),
  'the fallback of me': (server, fallback) => ({ me: server.me, fallback }),
  introspection: (server, fallback) => ({ introspection: server.introspection, client_id: 'gateway', client_secret: 'CLIENT_SECRET', fallback }),
};

let signer;
let server;
let origin;
before(async () => {
  [signer, server, origin] = await Promise.all([startSigner(), startAskedServer(), startOrigin()]);
  // Servers that show the user say nothing of the token.
  server.users = () => ({ sub: 'ada' });
});
after(() => Promise.all([server.stop(), origin.stop()]));

for (const [way, verify] of Object.entries(WAYS)) {
  for (const anyAudience of [undefined, true]) {
    test(`by ${way}${anyAudience ? ', with `any_audience`' : ''}, the claim that holds the audience counts as it stands in the token`, async (t) => {
      server.fault(way.startsWith('the fallback') ? 'status 500' : null);
      const issuer = {
        name: 'main', issuer: ISSUER, audiences: [AUDIENCE], audience_claim: 'azp', any_audience: anyAudience, algorithms: ['ES256'],
        verify: verify(server, { keys: { keys: [signer.key.publicJwk] } }),
      };
      const gateway = await startGateway({ config: protect({ origin, issuers: [issuer] }), secrets: SECRETS });
      t.after(() => gateway.stop());
      const wrong = [];
      for (const [what, claims, strict, any] of TOKENS) {
        const answer = await send(`${gateway.url}/x`, { token: await signer.token(claims) });
        const passes = anyAudience ? any : strict;
        try {
          if (passes) assertPassed(answer);
          else assertTokenRefused(answer, what);
        } catch {
          wrong.push(`a token that ${what}: ${answer.status}`);
        }
      }
      assert.deepEqual(wrong, []);
    });
  }
}
