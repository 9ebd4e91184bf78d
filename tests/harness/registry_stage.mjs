// The gateway with its registry, under wrangler: D1, a queue, Durable Objects and cron as the platform's own simulation has them.
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';

import { startAuthServer } from './auth_server.mjs';
import { send } from './client.mjs';
import { KEY } from './cookie_stage.mjs';
import { startOrigin } from './origin.mjs';
import { startWrangler } from './wrangler.mjs';

const OBJECTS = {
  durable_objects: { bindings: [{ name: 'EDGEWARD_REVOCATION_LOG', class_name: 'RevocationLog' }, { name: 'EDGEWARD_SESSIONS', class_name: 'SessionFamily' }, { name: 'EDGEWARD_METRICS', class_name: 'MetricsSink' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['RevocationLog', 'SessionFamily', 'MetricsSink'] }],
};
const QUEUE = {
  queues: {
    producers: [{ binding: 'EDGEWARD_EVENTS', queue: 'edgeward-events' }],
    consumers: [{ queue: 'edgeward-events', max_batch_size: 100, max_batch_timeout: 1, max_retries: 10 }],
  },
};

/** As `more` of `startRegistry`: a database and a queue that go wrong as `PUT /faults` says, see registry_faults.worker.mjs. */
export const FAULTY = { main: fileURLToPath(new URL('registry_faults.worker.mjs', import.meta.url)) };

/** The hash by which the registry knows a JWT. */
export const hashOf = (token) => createHash('sha256').update(token.slice(0, token.lastIndexOf('.'))).digest('base64url');

/**
 * Starts it. `auth` are options of `AuthServer`, `refresh` and `claims` of the issuer, `issuers` and `routes` are further ones, `config` changes the rest, `change` the
 * issuer, `vars` are further variables and secrets; without `queue` events are written directly. `more` are further fields of wrangler's own.
 */
export async function startRegistry({ auth = {}, refresh = {}, claims = {}, issuers = [], routes = [], config = {}, vars = {}, change = (own) => own, queue = false, more = {} } = {}) {
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
    const route = (path, handler, more) => ({ path, methods: ['POST'], access: 'public', origin: 'auth', handler, ...more });
    stage.config = {
      origins: [{ name: 'main', url: stage.origin.url }, { name: 'auth', url: stage.server.url }],
      issuers: [change({
        name: 'auth', issuer, audiences: [audience], algorithms: ['HS256'], verify: { secrets: ['JWT_SECRET'] }, claims: { roles: 'organization.role', ...claims },
        refresh: { preset: 'node', register: ['pairs', 'user', 'device'], session: { key: 'SESSION_KEY' }, ...refresh },
      }, stage.server), ...issuers],
      admin: { require: { role: 'admin' } },
      routes: [
        { path: '/api/**', methods: ['*'], access: 'authenticated', revocation: 'strict' },
        { path: '/bounded/**', methods: ['*'], access: 'authenticated' },
        ...routes,
        ...['login', 'refresh', 'logout'].map((handler) => route(`/api/auth/${handler}`, handler)),
        ...['login', 'refresh', 'logout'].map((handler) => route(`/web/${handler}`, handler, { session: true, strip_prefix: '/web', add_prefix: '/api/auth' })),
      ],
      ...config,
    };
    stage.gateway = await add(startWrangler({
      config: stage.config, secrets: { JWT_SECRET: secrets[0], SESSION_KEY: KEY, ...vars }, database: true,
      more: { ...OBJECTS, ...queue && QUEUE, triggers: { crons: ['0 3 * * *'] }, ...more },
    }));
  } catch (error) {
    await stage.stop();
    throw error;
  }
  stage.post = (path, body, { headers = {}, ...more } = {}) =>
    send(stage.gateway.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body, ...more });
  stage.ask = (method, path, token, body) =>
    send(stage.gateway.url + path, { method, token, body, headers: body === undefined ? {} : { 'content-type': 'application/json' } });
  return stage;
}
