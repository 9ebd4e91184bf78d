// An introspection endpoint on loopback, and a client of it.
import { INTROSPECTION_PATH, IntrospectionServer } from '../servers/introspection.mjs';
import { serve } from '../servers/serve.mjs';
import { send } from './client.mjs';
import { JWKS_PATH } from './issuer.mjs';

/** The one client: with characters that Basic credentials must encode. */
export const CLIENT = { id: 'gateway:1', secret: 'a secret of the gateway: 100 % + more' };

const FORM = 'application/x-www-form-urlencoded';

/**
 * Starts it with the options of `IntrospectionServer.make`. `tokens` is that object: `issue(members, { lifetimeSeconds })`,
 * `end(token)`, `signed`. `calls`, `callsTo(path)`, `fail({ kind, times })` and `heal()` are those of `serve`.
 */
export async function startIntrospection({ clients = { [CLIENT.id]: CLIENT.secret }, ...options } = {}) {
  let tokens;
  const server = await serve((call) => tokens.answer(call));
  tokens = await IntrospectionServer.make({ clients, issuer: server.url, ...options });
  const endpoint = server.url + INTROSPECTION_PATH;
  return {
    ...server,
    tokens,
    endpoint,
    jwksUrl: server.url + JWKS_PATH,
    /** Asks as the client does; `headers` and `fields` over what it would send. */
    introspect: (token, { method = 'basic', headers = {}, fields = {}, client = CLIENT } = {}) => send(endpoint, {
      method: 'POST',
      headers: { 'content-type': FORM, ...(method === 'basic' ? { authorization: basicOf(client) } : {}), ...headers },
      body: new URLSearchParams({
        token, ...(method === 'post' ? { client_id: client.id, client_secret: client.secret } : {}), ...fields,
      }).toString(),
    }),
  };
}

/** RFC 6749 §2.3.1: each half form-encoded, then joined. */
export function basicOf({ id, secret }) {
  const encode = (text) => new URLSearchParams({ x: text }).toString().slice(2);
  return `Basic ${Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')}`;
}
