// The auth server beside an admin application: users, sessions and HS256 tokens, over JSON, throttled for all callers together.
import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from 'node:crypto';

import { jwtVerify, SignJWT } from 'jose';

import { emailOf, PASSWORD, PEOPLE } from './people.mjs';
import { fingerprint, refusal } from './serve.mjs';

const ROUTES = {
  'POST /api/auth/signup': 'signup',
  'POST /api/auth/login': 'login',
  'POST /api/auth/logout': 'logout',
  'POST /api/auth/refresh': 'refresh',
  'POST /api/auth/verify-email': 'verifyEmail',
  'POST /api/auth/forgot-password': 'forgotPassword',
  'POST /api/auth/reset-password': 'resetPassword',
  'GET /api/auth/me': 'me',
};

export const newSecret = () => randomBytes(48).toString('base64');

export class AuthServer {
  /** What would have gone out by mail: { to, kind, token }. */
  mail = [];
  #users = new Map();
  /** Refresh tokens in force: `jti` to the address of their user. */
  #sessions = new Map();
  #refused = new Set();
  #mailed = new Map();
  #window = { endsMs: 0, calls: 0 };

  /**
   * `limit` calls in `windowSeconds` are answered, those above it by 429. Tokens have `iss` and `aud` unless these are null;
   * `rotate` says whether a refresh token is used up by its use, and `padding` by how many bytes each token is longer. `now` is the clock, in milliseconds.
   */
  constructor({
    secret = newSecret(), issuer = 'https://auth.example', audience = 'api', limit = 150, windowSeconds = 900,
    accessSeconds = 900, refreshSeconds = 86_400, rotate = true, padding = 0, now = Date.now,
  } = {}) {
    Object.assign(this, { issuer, audience, limit, windowSeconds, accessSeconds, refreshSeconds, rotate, padding, now });
    /** The first signs; all verify. */
    this.secrets = [secret];
    for (const { name, firstName, lastName, role, org } of PEOPLE) {
      const organization = { ...org, role };
      this.#add({ email: emailOf(name), firstName, lastName, organization, verified: true }, PASSWORD);
    }
  }

  /** Signs with a new secret from now on. With `overlap` the one before still verifies. */
  rotateSecret({ secret = newSecret(), overlap = true } = {}) {
    this.secrets = overlap ? [secret, this.secrets[0]] : [secret];
    return secret;
  }

  /** From now on `me` says no to this token, whatever its signature and times say. */
  refuse(accessToken) {
    this.#refused.add(fingerprint(accessToken));
  }

  /** From now on no refresh token that was given out is good. */
  endAll() {
    this.#sessions.clear();
  }

  /** An access token without a login; a claim given as undefined is left out. */
  token(name, claims = {}) {
    return this.#sign(this.#users.get(emailOf(name)), 'access', this.accessSeconds, { jti: randomUUID(), ...claims });
  }

  answer = async ({ method, path, headers, body, call }) => {
    const waitSeconds = this.#throttled();
    if (waitSeconds) return refusal(429, 'too many requests', { 'retry-after': waitSeconds });
    const route = ROUTES[`${method} ${path}`];
    if (!route) return refusal(404, 'not found');
    const fields = method === 'GET' ? {} : texts(body);
    if (!fields) return refusal(400, 'expected a JSON object of texts');
    call.refreshToken = fingerprint(fields.refreshToken);
    const [, bearer] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
    return this[route]({ bearer, ...fields });
  };

  signup({ email, password, firstName = '', lastName = '' }) {
    if (!email?.includes('@') || !password) return refusal(400, 'expected email and password');
    if (this.#users.has(email)) return refusal(409, 'email is taken');
    const user = { email, firstName, lastName, organization: null, verified: false };
    const commit = () => {
      this.#add(user, password);
      this.#post(user, 'verify-email');
    };
    return { status: 201, json: { user: shown(user) }, commit };
  }

  async login({ email, password = '' }) {
    const user = this.#users.get(email);
    if (!user || !matches(user, password)) return refusal(401, 'wrong email or password');
    if (!user.verified) return refusal(403, 'email is not verified');
    const { pair, jti } = await this.#pair(user, randomUUID());
    return { json: { ...pair, user: shown(user) }, commit: () => this.#sessions.set(jti, user.email) };
  }

  async logout({ bearer, refreshToken }) {
    const claims = await this.#session(refreshToken);
    if (!claims) return refusal(401, 'refresh token is invalid');
    const commit = () => {
      this.#sessions.delete(claims.jti);
      if (bearer) this.refuse(bearer);
    };
    return { status: 204, commit };
  }

  async refresh({ refreshToken }) {
    const claims = await this.#session(refreshToken);
    if (!claims) return refusal(401, 'refresh token is invalid');
    const { pair, jti } = await this.#pair(this.#users.get(claims.email), claims.sid);
    if (!this.rotate) return { json: { accessToken: pair.accessToken } };
    const commit = () => {
      this.#sessions.delete(claims.jti);
      this.#sessions.set(jti, claims.email);
    };
    return { json: pair, commit };
  }

  async me({ bearer }) {
    const claims = await this.#verified(bearer, 'access');
    const user = claims && !this.#refused.has(fingerprint(bearer)) && this.#users.get(claims.email);
    return user ? { json: { user: shown(user) } } : refusal(401, 'token is invalid or expired');
  }

  verifyEmail({ token }) {
    const user = this.#receiver(token, 'verify-email');
    if (!user) return refusal(400, 'token is invalid');
    const commit = () => {
      user.verified = true;
      this.#mailed.delete(fingerprint(token));
    };
    return { json: { message: 'email verified' }, commit };
  }

  /** The same answer whether there is such a user or not. */
  forgotPassword({ email }) {
    const user = this.#users.get(email);
    return { json: { message: 'mail sent if the address is known' }, commit: () => user && this.#post(user, 'reset-password') };
  }

  resetPassword({ token, password }) {
    const user = this.#receiver(token, 'reset-password');
    if (!user || !password) return refusal(400, 'token or password is invalid');
    const commit = () => {
      this.#mailed.delete(fingerprint(token));
      Object.assign(user, hashed(password));
      for (const [jti, email] of this.#sessions) if (email === user.email) this.#sessions.delete(jti);
    };
    return { json: { message: 'password changed' }, commit };
  }

  /** Seconds until the window ends, when it is used up; else 0. Every call counts. */
  #throttled() {
    const now = this.now();
    if (now >= this.#window.endsMs) this.#window = { endsMs: now + this.windowSeconds * 1000, calls: 0 };
    this.#window.calls += 1;
    return this.#window.calls > this.limit ? Math.ceil((this.#window.endsMs - now) / 1000) : 0;
  }

  #add(user, password) {
    this.#users.set(user.email, { ...user, ...hashed(password) });
  }

  #post(user, kind) {
    const token = randomBytes(24).toString('base64url');
    this.#mailed.set(fingerprint(token), { email: user.email, kind });
    this.mail.push({ to: user.email, kind, token });
  }

  #receiver(token, kind) {
    const mailed = this.#mailed.get(fingerprint(token));
    return mailed?.kind === kind ? this.#users.get(mailed.email) : undefined;
  }

  async #pair(user, sid) {
    const jti = randomUUID();
    const accessToken = await this.#sign(user, 'access', this.accessSeconds, { sid, jti: randomUUID() });
    const refreshToken = await this.#sign(user, 'refresh', this.refreshSeconds, { sid, jti });
    return { pair: { accessToken, refreshToken }, jti };
  }

  #sign({ email, organization }, type, seconds, claims) {
    const iat = Math.floor(this.now() / 1000);
    const about = type === 'access' ? { organization } : {};
    const more = this.padding > 0 ? { padding: 'p'.repeat(this.padding) } : {};
    const standard = { iss: this.issuer ?? undefined, aud: this.audience ?? undefined, sub: email, iat, exp: iat + seconds };
    const all = Object.entries({ ...standard, email, token_type: type, ...about, ...more, ...claims });
    return new SignJWT(Object.fromEntries(all.filter(([, value]) => value !== undefined)))
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(Buffer.from(this.secrets[0]));
  }

  /** The claims of a token of this server and of this type, in force; else undefined. */
  async #verified(token, type) {
    if (!token) return undefined;
    const policy = {
      algorithms: ['HS256'], currentDate: new Date(this.now()), requiredClaims: ['exp'],
      issuer: this.issuer ?? undefined, audience: this.audience ?? undefined,
    };
    for (const secret of this.secrets) {
      const claims = await jwtVerify(token, Buffer.from(secret), policy).then(({ payload }) => payload, () => undefined);
      if (claims?.token_type === type) return claims;
    }
    return undefined;
  }

  /** The claims of a refresh token that has been neither used nor ended. */
  async #session(refreshToken) {
    const claims = await this.#verified(refreshToken, 'refresh');
    return claims && this.#sessions.has(claims.jti) ? claims : undefined;
  }
}

const shown = ({ email, firstName, lastName, organization }) => ({ email, firstName, lastName, organization });

// Cheap on purpose: the passwords are public.
const derive = (password, salt) => scryptSync(password, salt, 32, { N: 1024 });

function hashed(password) {
  const salt = randomBytes(16);
  return { salt, hash: derive(password, salt) };
}

const matches = ({ salt, hash }, password) => timingSafeEqual(hash, derive(password, salt));

/** The members of a JSON object that has texts only; undefined for anything else. */
function texts(body) {
  try {
    const value = body.length ? JSON.parse(body) : {};
    const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
    const fits = isObject && Object.values(value).every((member) => typeof member === 'string');
    return fits ? value : undefined;
  } catch {
    return undefined;
  }
}
