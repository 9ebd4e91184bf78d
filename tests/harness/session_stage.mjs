// An auth server on Node behind a gateway that keeps its sessions.
import { startAuthServer } from './auth_server.mjs';
import { send } from './client.mjs';
import { startGateway } from './gateway.mjs';
import { startOrigin } from './origin.mjs';

const JSON_TYPE = { 'content-type': 'application/json' };

const ROUTE = { methods: ['POST'], access: 'public', origin: 'auth' };

/**
 * Starts both, and an origin with strict and bounded routes. `auth` are options of `AuthServer`, `refresh` those of the issuer's `refresh`,
 * `routes` further routes, `secrets` further secrets; `gateway` are options of `startGateway`.
 */
export async function startSessions({ auth = {}, refresh = {}, routes = [], gateway = {}, secrets: further = {}, timeout = 5000 } = {}) {
  const stage = { parts: [] };
  const add = async (part) => {
    stage.parts.push(await part);
    return stage.parts.at(-1);
  };
  stage.stop = async () => {
    for (const part of stage.parts.reverse()) await part.stop();
  };
  try {
    stage.server = await add(startAuthServer({ limit: 1_000_000, ...auth }));
    stage.origin = await add(startOrigin());
    const { secrets, issuer, audience } = stage.server.auth;
    stage.config = {
      origins: [{ name: 'main', url: stage.origin.url }, { name: 'auth', url: stage.server.url, timeout_ms: timeout }],
      issuers: [{
        name: 'auth', issuer, audiences: [audience], algorithms: ['HS256'], verify: { secrets: ['JWT_SECRET'] }, refresh: { preset: 'node', ...refresh },
      }],
      routes: [
        ...['strict', 'bounded'].map((revocation) => ({ path: `/${revocation}/**`, methods: ['*'], access: 'authenticated', revocation })),
        ...['refresh', 'login', 'logout'].map((handler) => ({ ...ROUTE, path: `/api/auth/${handler}`, handler })),
        ...routes,
      ],
    };
    stage.options = { config: stage.config, secrets: { JWT_SECRET: secrets[0], ...further }, kv: 'none', log: 'new', ...gateway };
    stage.gateway = await add(startGateway(stage.options));
  } catch (error) {
    await stage.stop();
    throw error;
  }
  /** A POST of JSON to the gateway, or to `on`. */
  stage.post = (path, body, { headers = {}, on = stage.gateway.url, ...more } = {}) =>
    send(on + path, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body, ...more });
  stage.refresh = (refreshToken, more) => stage.post('/api/auth/refresh', { refreshToken }, more);
  stage.get = (path, token, on = stage.gateway.url) => send(on + path, { token });
  /** How often the auth server was asked to refresh. */
  stage.refreshes = () => stage.server.callsTo('/api/auth/refresh').length;
  /** The lines of the log with this event. */
  stage.events = (name) => stage.gateway.logs().filter(({ event }) => event === name);
  return stage;
}
