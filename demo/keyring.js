// The demo issuer's signing keys: one current key an algorithm, and the retired ones for as long as a token
// that they signed may live. They are stored, so a restart changes nothing for the tokens already handed out.

import { DurableObject } from 'cloudflare:workers';

export const TOKEN_SECONDS = 3600;

export const ALGORITHMS = {
  RS256: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
};

// The members that RFC 7638 hashes, in its order. They are also all that a public key consists of.
const PUBLIC_MEMBERS = { RSA: ['e', 'kty', 'n'], EC: ['crv', 'kty', 'x', 'y'], OKP: ['crv', 'kty', 'x'] };

// A published set stays under the 64 keys that the gateway reads: 16 generations of three.
const MAX_GENERATIONS = 16;

// A retired key outlives its last token by the clock difference that a verifier may allow.
const RETIRED_SECONDS = TOKEN_SECONDS + 300;

export class KeyRing extends DurableObject {
  /** Newest generation first: `{ createdAt, retiredAt?, keys: { RS256: { kid, jwk }, … } }`, times in Unix seconds. */
  #generations = [];
  #signingKeys = new Map();

  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      this.#generations = (await ctx.storage.get('generations')) ?? [];
      if (this.#generations.length === 0) await this.#addGeneration();
    });
  }

  publicKeys() {
    return this.#generations.flatMap(({ keys }) =>
      Object.entries(keys).map(([alg, { kid, jwk }]) => ({ ...publicPart(jwk), kid, alg, use: 'sig' })),
    );
  }

  /** The claims as a JWS in compact form, signed with the current key of `alg`. */
  async sign(alg, claims) {
    const { kid, jwk } = this.#generations[0].keys[alg];
    const key = await this.#signingKey(alg, kid, jwk);
    const input = `${encoded({ alg, typ: 'JWT', kid })}.${encoded(claims)}`;
    const signature = await crypto.subtle.sign(ALGORITHMS[alg], key, new TextEncoder().encode(input));
    return `${input}.${base64url(new Uint8Array(signature))}`;
  }

  /** A new key for every algorithm. The keys before it stay published until their last token has expired. */
  rotate() {
    return this.ctx.blockConcurrencyWhile(async () => {
      const published = this.#generations.filter((generation) => !expired(generation));
      if (published.length >= MAX_GENERATIONS) {
        return { retryAfter: published.at(-1).retiredAt + RETIRED_SECONDS - now() };
      }
      this.#generations = published;
      await this.#addGeneration();
      const kids = Object.entries(this.#generations[0].keys).map(([alg, { kid }]) => [alg, kid]);
      return { current: Object.fromEntries(kids), published: this.publicKeys().length };
    });
  }

  async #addGeneration() {
    const keys = {};
    for (const alg of Object.keys(ALGORITHMS)) keys[alg] = await newKey(alg);
    const [current, ...retired] = this.#generations;
    const before = current ? [{ ...current, retiredAt: now() }, ...retired] : [];
    const generations = [{ createdAt: now(), keys }, ...before];
    await this.ctx.storage.put('generations', generations);
    this.#generations = generations;
    this.#signingKeys.clear();
  }

  async #signingKey(alg, kid, jwk) {
    if (!this.#signingKeys.has(kid)) {
      this.#signingKeys.set(kid, await crypto.subtle.importKey('jwk', jwk, ALGORITHMS[alg], false, ['sign']));
    }
    return this.#signingKeys.get(kid);
  }
}

async function newKey(alg) {
  const { privateKey } = await crypto.subtle.generateKey(ALGORITHMS[alg], true, ['sign', 'verify']);
  const jwk = await crypto.subtle.exportKey('jwk', privateKey);
  return { kid: await thumbprint(jwk), jwk };
}

async function thumbprint(jwk) {
  const text = JSON.stringify(publicPart(jwk));
  return base64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));
}

function publicPart(jwk) {
  return Object.fromEntries(PUBLIC_MEMBERS[jwk.kty].map((member) => [member, jwk[member]]));
}

function expired({ retiredAt }) {
  return retiredAt !== undefined && retiredAt + RETIRED_SECONDS <= now();
}

function now() {
  return Math.floor(Date.now() / 1000);
}

function encoded(value) {
  return base64url(new TextEncoder().encode(JSON.stringify(value)));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
