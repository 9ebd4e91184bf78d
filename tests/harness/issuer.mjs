// An issuer on loopback: a JWK Set, a discovery document, tokens signed by jose, and the ways an issuer can fail.
import http from 'node:http';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { answerFault } from './issuer_faults.mjs';

export const JWKS_PATH = '/jwks.json';
export const DISCOVERY_PATH = '/.well-known/openid-configuration';

/** One signing key with its public JWK. `kid` is unique unless given. */
export async function makeKey(alg, { kid = randomUUID(), ...options } = {}) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return { kid, alg, publicKey, privateKey, publicJwk };
}

class Issuer {
  /** JWKS requests that arrived, whatever was answered. */
  fetches = 0;
  /** Discovery requests that arrived. */
  discoveries = 0;
  /** The targets of all requests, as they came. */
  targets = [];
  /** Keys as published, in order. */
  keys = [];
  /** Milliseconds before a JWKS or discovery answer. */
  delay = 0;
  /** `User-Agent` of each request. */
  agents = [];
  /** Header fields of a good JWKS answer. */
  headers = {};
  /** Replaces the published set when set: any value, served as JSON. */
  document = undefined;
  /** Members laid over the discovery document; `undefined` removes one. */
  discovery = {};
  /** Where a request for the discovery document is redirected to, if anywhere. */
  redirectDiscovery = null;
  /** The issuer's path, without a trailing slash. */
  prefix = '';
  #fault = null;
  #server;
  #sockets = new Set();

  constructor(server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${server.address().port}`;
    this.issuer = this.url;
    this.jwksUrl = this.url + JWKS_PATH;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.on('request', (request, response) => this.#answer(request, response));
  }

  /** Adds a key to the published set; tokens are still signed by the present key. */
  async addKey(alg, options) {
    const key = await makeKey(alg, options);
    this.keys.push(key);
    return key;
  }

  useKey(key) {
    this.current = key;
  }

  removeKey(key) {
    this.keys = this.keys.filter((published) => published !== key);
  }

  /** A new key that signs from now on. With `overlap` the one before stays published. */
  async rotate({ alg = this.current.alg, overlap = true } = {}) {
    const previous = this.current;
    this.useKey(await this.addKey(alg));
    if (!overlap) this.removeKey(previous);
    return previous;
  }

  /** A signed token. A claim given as `undefined` is left out. */
  token(claims = {}, { alg, kid, header = {}, key } = {}) {
    const signer = key ?? (alg ? this.keys.findLast((known) => known.alg === alg) : this.current);
    const now = Math.floor(Date.now() / 1000);
    const defaults = { iss: this.issuer, sub: 'user-1', aud: 'api', iat: now, exp: now + 600, jti: randomUUID() };
    const body = Object.fromEntries(Object.entries({ ...defaults, ...claims }).filter(([, value]) => value !== undefined));
    const fields = { alg: alg ?? signer.alg, kid: kid ?? signer.kid, typ: 'JWT', ...header };
    const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    return new SignJWT(body).setProtectedHeader(present).sign(signer.privateKey);
  }

  /** How the JWK Set is answered from now on: a name from issuer_faults.mjs, or null for well. */
  fault(kind) {
    this.#fault = kind;
  }

  /** The `issuers` entry of a gateway that trusts this issuer. */
  config(overrides = {}) {
    const algorithms = [...new Set(this.keys.map((key) => key.alg))];
    return { name: 'main', issuer: this.issuer, audiences: ['api'], algorithms, verify: { jwks: this.jwksUrl }, ...overrides };
  }

  async stop() {
    if (!this.#server.listening) return;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  async #answer(request, response) {
    const { pathname } = new URL(request.url, this.url);
    this.targets.push(request.url);
    this.agents.push(request.headers['user-agent']);
    // As firewalls in front of real issuers do.
    if (!request.headers['user-agent']) return response.writeHead(403).end();
    const isKeys = pathname.includes(JWKS_PATH);
    if (isKeys) {
      this.fetches += 1;
    } else if (pathname === this.prefix + DISCOVERY_PATH) {
      this.discoveries += 1;
    } else {
      return response.writeHead(404).end();
    }
    // A runtime may send a GET again when a kept-alive connection breaks; what is counted here are fetches.
    response.setHeader('connection', 'close');
    if (this.delay) await new Promise((resolve) => setTimeout(resolve, this.delay));
    if (!isKeys) return this.#answerDiscovery(response);
    if (this.#fault) return answerFault(this.#fault, response, this.#jwks());
    sendJson(response, this.#jwks(), this.headers);
  }

  #jwks() {
    return this.document ?? { keys: this.keys.map((key) => key.publicJwk) };
  }

  #answerDiscovery(response) {
    if (this.redirectDiscovery) return response.writeHead(302, { location: this.redirectDiscovery }).end();
    sendJson(response, { issuer: this.issuer, jwks_uri: this.jwksUrl, ...this.discovery });
  }
}

function sendJson(response, value, headers = {}) {
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  response.end(typeof value === 'string' ? value : JSON.stringify(value));
}

/** Starts an issuer with one key per algorithm; the first signs. */
export async function startIssuer({ algorithms = ['ES256'] } = {}) {
  const server = http.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = new Issuer(server);
  for (const alg of algorithms) await issuer.addKey(alg);
  issuer.useKey(issuer.keys[0]);
  return issuer;
}
