// examples/django as it is started by its one command, with relays before three of its applications that see calls and go wrong when told to.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SignJWT } from 'jose';

import { startExample } from '../../examples/django/start.mjs';
import { PASSWORD } from '../servers/people.mjs';
import { send, until } from './client.mjs';
import { Browser } from './cookie_stage.mjs';
import { deadPort } from './origin.mjs';
import { startRelay } from './relay.mjs';

const JSON_TYPE = { 'content-type': 'application/json' };
const RELAYED = ['main', 'acme', 'auth-api'];
export const ACME = 'acme.localhost';
export const GLOBEX = 'globex.localhost';

/** Starts it. `relays` are by the names of the applications. */
export async function startDjangoExample() {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-example-'));
  const relays = {};
  const between = async (name, url) => {
    if (!RELAYED.includes(name)) return url;
    relays[name] = await startRelay(url);
    return relays[name].url;
  };
  const stopAll = async (example) => {
    await example?.stop();
    await Promise.all(Object.values(relays).map((relay) => relay.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  const example = await startExample({ port: await deadPort(), folder, free: true, between }).catch(async (error) => {
    await stopAll();
    throw error;
  });
  return { ...example, ...requests(example, relays), relays, stop: () => stopAll(example) };
}

function requests(example, relays) {
  /** A request to this host, JSON where there is a body. */
  const ask = (host, path, { headers = {}, body, method = body === undefined ? 'GET' : 'POST', ...more } = {}) =>
    send(example.url + path, { method, body, headers: { ...host && { host }, ...body !== undefined && JSON_TYPE, ...headers }, ...more });
  const tokens = async (path, username, headers) => {
    const answer = await ask(undefined, path, { body: { username, password: PASSWORD }, headers });
    if (answer.status !== 200) throw new Error(`login of ${username}: ${answer.status} ${answer.text}`);
    return answer.json;
  };
  const login = (name, headers) => tokens('/api/auth/token/', name, headers);
  /** A token of its own kind, signed with this secret of the example. */
  const signed = (secret, claims) => {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ token_type: 'access', jti: randomUUID(), iat: now, exp: now + 300, ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' }).sign(Buffer.from(example.secrets[secret]));
  };
  const kept = new Map();
  return {
    ask,
    /** { access, refresh } of a new login at Main. */
    login,
    signed,
    /** An access token of Main that tests share; none of them ends it. */
    async token(name) {
      if (!kept.has(name)) kept.set(name, (await login(name)).access);
      return kept.get(name);
    },
    /** An access token of the auth API. */
    clinic: async (name) => (await tokens('/auth-api/token/', name)).access,
    refresh: (refresh, more) => ask(undefined, '/api/auth/token/refresh/', { body: { refresh }, ...more }),
    /** A browser at this host, logged in with cookies. */
    async browse(host, username) {
      const browser = new Browser(example.url);
      const own = (options) => ({ ...options, headers: { host, ...options?.headers } });
      const at = { jar: browser.jar, get: (path, options) => browser.get(path, own(options)), post: (path, body, options) => browser.post(path, body, own(options)) };
      at.answer = await at.post('/web/api/auth/token/', { username, password: PASSWORD });
      return at;
    },
    callsTo: (name, path) => relays[name].callsTo(path),
    /** The line of the log with this event that `holds`, once it is there. */
    event: (name, holds = () => true) => until(() => example.logs().find((line) => line.event === name && holds(line)), `the event ${name}`, 10_000),
  };
}
