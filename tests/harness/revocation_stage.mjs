// Issuer, origin and a gateway with an admin call: the stage of the revocation tests.
import { send } from './client.mjs';
import { protect } from './config.mjs';
import { startGateway } from './gateway.mjs';
import { startIssuer } from './issuer.mjs';
import { startOrigin } from './origin.mjs';

export const ADMIN_PATH = '/.edgeward/admin/revocations';
export const now = () => Math.floor(Date.now() / 1000);

/** Started once for a file; `stop()` ends all of it. `kv` and `route` as for the gateway. */
export async function startStage({ kv, log, isolates, objects, faulty, route, routes, ...rest } = {}) {
  const issuer = await startIssuer({ algorithms: ['ES256'] });
  const origin = await startOrigin();
  const entry = issuer.config({ claims: { tenant: 'org.id' } });
  const config = protect({ origin, issuers: [entry], route, admin: { require: { role: 'admin' } }, ...rest });
  if (routes) config.routes = routes;
  const gateway = await startGateway({ config, kv, log, isolates, objects, faulty });
  return {
    issuer, origin, gateway, kv: gateway.kv,
    get: (token, path = '/x') => send(gateway.url + path, { token }),
    /** The admin call with `body`, by an admin unless told otherwise. */
    async revoke(body, options = {}) {
      const token = await issuer.token({ roles: ['admin'], sub: 'the-admin', org: { id: 'admins' } });
      const headers = { 'content-type': 'application/json' };
      return send(gateway.url + ADMIN_PATH, { method: 'POST', token, headers, body, ...options });
    },
    stop: () => Promise.all([gateway.stop(), issuer.stop(), origin.stop()]),
  };
}
