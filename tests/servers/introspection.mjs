// Token introspection: RFC 7662, and RFC 9701 where the caller asks for a signed answer. Tokens are opaque.
import { randomBytes, randomUUID } from 'node:crypto';

import { SignJWT } from 'jose';

import { JWKS_PATH, makeKey } from '../harness/issuer.mjs';
import { fingerprint } from './serve.mjs';

export const INTROSPECTION_PATH = '/introspect';
const SIGNED = 'application/token-introspection+jwt';
const UNCACHED = { 'cache-control': 'no-store' };

export class IntrospectionServer {
  /** What is laid over a signed answer: members of header and payload (undefined: left out), and another key. */
  signed = { header: {}, payload: {}, key: undefined };
  #tokens = new Map();

  /** `clients` maps an id to its secret; `issuer` is the `iss` of signed answers, signed by `key` of `makeKey`. */
  constructor({ clients, issuer, key, now = Date.now }) {
    Object.assign(this, { clients, issuer, key, now });
  }

  static async make({ alg = 'ES256', ...options }) {
    return new IntrospectionServer({ key: await makeKey(alg), ...options });
  }

  /** A new opaque token; `members` are laid over what is answered for it (undefined: left out). */
  issue(members = {}, { lifetimeSeconds = 600 } = {}) {
    const token = randomBytes(32).toString('base64url');
    const iat = Math.floor(this.now() / 1000);
    const standard = {
      active: true, iss: this.issuer, sub: 'user-1', aud: 'api', client_id: 'app', token_type: 'Bearer', scope: 'read',
      jti: randomUUID(), iat, exp: iat + lifetimeSeconds,
    };
    this.#tokens.set(fingerprint(token), { members: present({ ...standard, ...members }), endsSeconds: iat + lifetimeSeconds });
    return token;
  }

  /** The token is inactive from now on. */
  end(token) {
    this.#tokens.delete(fingerprint(token));
  }

  answer = async ({ method, path, headers, body, call }) => {
    if (path === JWKS_PATH && method === 'GET') return { json: { keys: [this.key.publicJwk] } };
    if (path !== INTROSPECTION_PATH) return problem(404, 'not_found');
    if (method !== 'POST') return problem(405, 'invalid_request', { allow: 'POST' });
    if (!/^application\/x-www-form-urlencoded(;|$)/i.test(headers['content-type'] ?? '')) return problem(400, 'invalid_request');
    const form = new URLSearchParams(body.toString());
    call.token = fingerprint(form.get('token') ?? undefined);
    call.accept = headers.accept;
    const client = this.#client(headers.authorization, form, call);
    if (!client) return problem(401, 'invalid_client', { 'www-authenticate': 'Basic realm="introspection"' });
    // RFC 7662 §2.1: one token. Parameters given twice make a request invalid (RFC 6749 §3.2).
    if (form.getAll('token').length !== 1 || form.get('token') === '') return problem(400, 'invalid_request');
    const json = this.#introspect(form.get('token'));
    if (!(headers.accept ?? '').includes(SIGNED)) return { json, headers: UNCACHED };
    return { text: await this.#sign(json, client), type: SIGNED, headers: UNCACHED };
  };

  /** RFC 7662 §2.2: nothing but `active` of a token that is not. */
  #introspect(token) {
    const found = this.#tokens.get(fingerprint(token));
    return found && this.now() < found.endsSeconds * 1000 ? found.members : { active: false };
  }

  /** The client by client_secret_basic or client_secret_post (RFC 6749 §2.3.1); by both at once, nobody. */
  #client(authorization, form, call) {
    const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '') ?? [];
    if (Boolean(encoded) === form.has('client_secret') || Boolean(encoded) !== (authorization !== undefined)) return undefined;
    call.clientAuthentication = encoded ? 'client_secret_basic' : 'client_secret_post';
    const [id, secret] = encoded ? basic(encoded) : [form.get('client_id'), form.get('client_secret')];
    return secret !== undefined && this.clients[id] === secret ? id : undefined;
  }

  /** RFC 9701 §5: the answer is a member, so that the JWT cannot be taken for the token that it tells of. */
  #sign(answer, audience) {
    const { header, payload, key = this.key } = this.signed;
    const iat = Math.floor(this.now() / 1000);
    const standard = { iss: this.issuer, aud: audience, iat, token_introspection: answer };
    return new SignJWT(present({ ...standard, ...payload }))
      .setProtectedHeader(present({ alg: key.alg, kid: key.kid, typ: 'token-introspection+jwt', ...header }))
      .sign(key.privateKey);
  }
}

const present = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

const problem = (status, error, headers) => ({ status, json: { error }, headers: { ...UNCACHED, ...headers } });

/** Both halves of Basic credentials are form-encoded before they are joined. */
function basic(encoded) {
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  const decode = (part) => [...new URLSearchParams(`x=${part}`).values()][0];
  return colon < 0 ? [] : [decode(text.slice(0, colon)), decode(text.slice(colon + 1))];
}
