// A gateway that keeps the tokens of browsers in cookies, and a client that keeps cookies as a browser does.
import { randomBytes } from 'node:crypto';

import { emailOf, PASSWORD } from '../servers/people.mjs';
import { send } from './client.mjs';
import { startSessions } from './session_stage.mjs';

export const KEY = randomBytes(32).toString('base64');
export const NAMES = { access: '__Host-access', refresh: '__Host-refresh' };

/** The options of `startSessions` for a session in cookies; `session` are those of the issuer's `session`. */
export function cookieOptions({ session = {}, refresh = {}, routes = [], api = {}, ...more } = {}) {
  const inSession = (path, handler) => ({ path, methods: ['POST'], access: 'public', origin: 'auth', handler, session: true });
  return {
    ...more,
    refresh: { session: { key: 'SESSION_KEY', ...session }, ...refresh },
    routes: [
      ...['login', 'refresh', 'logout'].map((handler) => ({ ...inSession(`/web/${handler}`, handler), strip_prefix: '/web', add_prefix: '/api/auth' })),
      { path: '/app/**', methods: ['*'], access: 'authenticated', session: true, ...api },
      { path: '/optional/**', methods: ['*'], access: 'optional', session: true },
      { path: '/open/**', methods: ['*'], access: 'public' },
      { path: '/sign-in', methods: ['*'], access: 'public' },
      ...routes,
    ],
  };
}

/** Starts it; `open()` makes a browser. */
export async function startCookies(options = {}) {
  const { secrets, ...more } = options;
  const stage = await startSessions(cookieOptions({ ...more, secrets: { SESSION_KEY: KEY, ...secrets } }));
  stage.open = (url = stage.gateway.url) => new Browser(url);
  stage.login = async (name = 'ada', url) => {
    const browser = stage.open(url);
    const answer = await browser.post('/web/login', { email: emailOf(name), password: PASSWORD });
    if (answer.status !== 200) throw new Error(`login of ${name}: ${answer.status} ${answer.text}`);
    return browser;
  };
  /** The names of the cookies that the origin and the auth server have received. */
  stage.cookiesSeen = () => [
    ...stage.origin.requests.flatMap(({ headers }) => headers.filter(([name]) => name.toLowerCase() === 'cookie'))
      .flatMap(([, value]) => value.split(';').map((part) => part.split('=')[0].trim())),
    ...stage.server.calls.flatMap(({ cookies }) => cookies),
  ];
  return stage;
}

/** Runs `work` with a stage of its own. */
export async function withCookies(options, work) {
  const stage = await startCookies(options);
  try {
    await work(stage);
  } finally {
    await stage.stop();
  }
}

/** A browser whose access token has expired there: it sends the refresh token alone. */
export async function expired(stage) {
  const browser = await stage.login();
  browser.jar.delete(NAMES.access);
  return browser;
}

/** The values of `Set-Cookie` of an answer. */
export const setCookies = (answer) => answer.headers['set-cookie'] ?? [];

/** Keeps cookies of one host, and sends what a page of the same origin sends. */
export class Browser {
  jar = new Map();
  /** The `Set-Cookie` lines of all answers. */
  set = [];

  constructor(url) {
    this.url = url;
  }

  get cookie() {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** Another browser with the same cookies. */
  copy() {
    const other = new Browser(this.url);
    other.jar = new Map(this.jar);
    return other;
  }

  async send(path, { method = 'GET', headers = {}, keep = true, ...more } = {}) {
    const own = this.jar.size > 0 ? { cookie: this.cookie } : {};
    const answer = await send(this.url + path, { method, headers: { ...own, 'sec-fetch-site': 'same-origin', ...headers }, ...more });
    if (keep) this.keep(answer);
    return answer;
  }

  get(path, more) {
    return this.send(path, more);
  }

  post(path, body = {}, { headers = {}, ...more } = {}) {
    return this.send(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers }, ...more });
  }

  /** Takes over what an answer sets. */
  keep({ headers }) {
    for (const line of headers['set-cookie'] ?? []) {
      this.set.push(line);
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/;\s*max-age=0/i.test(line)) this.jar.delete(name);
      else this.jar.set(name, value);
    }
  }

  /** The access token in the cookie. */
  get access() {
    return this.jar.get(NAMES.access)?.replace(/^1~/, '');
  }
}
