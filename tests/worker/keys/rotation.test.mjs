// Key rotation under load: five rotations in 90 s, 10,000 requests in bursts of 32, and no valid token is refused.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { protect } from '../../harness/config.mjs';
import { connections, send, sleep } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startIssuer } from '../../harness/issuer.mjs';
import { startOrigin } from '../../harness/origin.mjs';

const REQUESTS = 10_000;
const WIDTH = 32;
const BURST_MS = 280;
// Out of circulation this long before its key is withdrawn.
const DRAIN_MS = 4_000;

/** The pool that senders draw from: tokens of the signing key only. */
class Tokens {
  #pool = [];
  minted = 0;
  constructor(issuer) {
    this.issuer = issuer;
  }
  /** A new token one time in four, else one that was sent before. */
  async draw(n) {
    if (n % 4 && this.#pool.length) return this.#pool[n % this.#pool.length];
    const pool = this.#pool;
    const token = await this.issuer.token({ sub: `user-${n}` });
    this.minted += 1;
    pool.push(token);
    if (pool.length > 200) pool.shift();
    return token;
  }
  forget() {
    this.#pool = [];
  }
}

/** Signs with `key` from now on; the key before is withdrawn when its tokens are no longer sent. */
async function takeOver(issuer, tokens, key) {
  const previous = issuer.current;
  issuer.useKey(key);
  tokens.forget();
  await sleep(DRAIN_MS);
  issuer.removeKey(previous);
}

/** The issuer's life during the load; rotations whose key the gateway cannot know yet are more than 31 s apart. */
async function rotations(issuer, tokens) {
  const start = Date.now();
  const at = (seconds) => sleep(start + seconds * 1000 - Date.now());
  await at(6);
  const second = await issuer.addKey('RS256');
  await at(8);
  await takeOver(issuer, tokens, second);
  await at(42);
  // Used at once; its successor is published with it and needs no fetch of its own.
  const [third, fourth] = [await issuer.addKey('EdDSA'), await issuer.addKey('ES256')];
  await takeOver(issuer, tokens, third);
  await at(58);
  await takeOver(issuer, tokens, fourth);
  await at(75);
  const fifth = await issuer.addKey('PS256');
  await takeOver(issuer, tokens, fifth);
  return 5;
}

test('no valid token is refused while the issuer rotates its keys', async (t) => {
  const issuer = await startIssuer({ algorithms: ['ES256'] });
  t.after(() => issuer.stop());
  issuer.delay = 80;
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const algorithms = ['ES256', 'RS256', 'PS256', 'EdDSA'];
  const gateway = await startGateway({ config: protect({ origin, issuers: [issuer.config({ algorithms })] }) });
  t.after(() => gateway.stop());
  const agent = connections(WIDTH);
  t.after(() => agent.destroy());

  const tokens = new Tokens(issuer);
  const life = rotations(issuer, tokens);
  const refused = [];
  const slowest = { ms: 0 };
  const one = async (n) => {
    const token = await tokens.draw(n);
    const answer = await send(`${gateway.url}/x`, { token, agent });
    slowest.ms = Math.max(slowest.ms, answer.ms);
    if (answer.status !== 200) refused.push(`${n}: ${answer.status} ${answer.text} ${token.split('.')[0]}`);
  };
  for (let from = 0; from < REQUESTS; from += WIDTH) {
    const burst = Array.from({ length: Math.min(WIDTH, REQUESTS - from) }, (_, n) => one(from + n));
    await Promise.all([...burst, sleep(BURST_MS)]);
  }
  await life;
  t.diagnostic(`${REQUESTS} requests, ${tokens.minted} tokens, ${issuer.fetches} fetches, slowest ${Math.round(slowest.ms)} ms, ${refused.length} refused`);
  assert.deepEqual(refused.slice(0, 5), []);
  assert.equal(refused.length, 0);
  assert.equal(origin.requests.length, REQUESTS);
  assert.equal(issuer.fetches, 4, 'the first fetch and one for each key not known when it was first used');
});
