// A real authorization server that is not ours: oidc-provider on loopback, with its own login pages.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';

import { exportJWK } from 'jose';
import Provider from 'oidc-provider';

import { LASTING, send } from './client.mjs';
import { basicOf } from './introspection.mjs';
import { makeKey } from './issuer.mjs';

export const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
export const RESOURCE = 'https://api.example';
/** An API of the same provider that is not behind the gateway. */
export const OTHER_RESOURCE = 'https://another-api.example';
/** Who gets tokens for itself, who for its users, and who asks about tokens: as the provider's own metadata names them. */
export const BATCH_JOB = { id: 'batch-job/1', secret: 'a secret of the batch job' };
export const APP = { id: 'app', secret: 'a secret of the app', redirectUri: 'https://app.example/callback' };
/** One without a secret: its refresh tokens rotate each time. */
export const PUBLIC_APP = { id: 'public-app', redirectUri: 'https://public-app.example/callback' };
export const GATEWAYS = {
  basic: { id: 'gateway:1', secret: 'a secret of the gateway: 100 % + more' },
  post: { id: 'gateway&2', secret: 'another=secret&of the gateway: 100 % + more' },
};
const INTROSPECTION_PATH = '/token/introspection';
const SCOPE = 'orders:read orders:write';
const BRIEF_SECONDS = 1;
const STEPS = 12;

/**
 * Starts it. An indicator such as `${RESOURCE}/ES256` asks for a JWT of that algorithm, `${RESOURCE}/opaque` for an opaque token, and
 * `${RESOURCE}/brief` for one that is over after a second; the audience is the indicator's origin.
 */
export async function startProvider() {
  const server = http.createServer(LASTING);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const asked = new Map();
  const schemes = [];
  const handle = new Provider(issuer, await settings()).callback();
  server.on('request', (request, response) => {
    asked.set(request.url, (asked.get(request.url) ?? 0) + 1);
    if (request.url === INTROSPECTION_PATH) schemes.push(request.headers.authorization?.split(' ')[0]);
    handle(request, response);
  });
  const post = (path, fields, client) => send(issuer + path, {
    method: 'POST',
    headers: { ...client.secret && { authorization: basicOf(client) }, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ ...fields, ...!client.secret && { client_id: client.id } }).toString(),
  });
  const grant = async (fields, client) => {
    const answer = await post('/token', fields, client);
    if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text}`);
    return answer.json;
  };
  return {
    issuer,
    asked,
    introspection: issuer + INTROSPECTION_PATH,
    /** The scheme of each introspection's Authorization, undefined where there was none. */
    schemes,
    /** A client-credentials access token of the batch job for the resource that `indicator` names. */
    clientToken: async (indicator, scope = SCOPE) =>
      (await grant({ grant_type: 'client_credentials', resource: indicator, scope }, BATCH_JOB)).access_token,
    /** { access_token, id_token, refresh_token } of `user`, who logs in at the app, or at `client`, and consents. */
    login: async (user, indicator, client = APP) => grant(await codeGrant(issuer, user, indicator, client), client),
    /** The fields of the request by which `client` gets these tokens. */
    codeGrant: (user, indicator, client = APP) => codeGrant(issuer, user, indicator, client),
    revoke: (token, client = BATCH_JOB) => post('/token/revocation', { token }, client),
    stop: () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections())),
  };
}

async function settings() {
  const keys = [];
  for (const alg of ALGORITHMS) keys.push({ ...(await exportJWK((await makeKey(alg)).privateKey)), kid: alg, alg, use: 'sig' });
  const getResourceServerInfo = (ctx, indicator) => {
    // The last part of the indicator asks for a form: one provider shows them all.
    const form = indicator.split('/').at(-1);
    const common = { scope: SCOPE, audience: new URL(indicator).origin, accessTokenTTL: form === 'brief' ? BRIEF_SECONDS : 300 };
    return ALGORITHMS.includes(form)
      ? { ...common, accessTokenFormat: 'jwt', jwt: { sign: { alg: form } } }
      : { ...common, accessTokenFormat: 'opaque' };
  };
  const ofResource = (ctx, token) => token.resourceServer.accessTokenTTL;
  const client = ({ id, secret }, more) => ({
    client_id: id, client_secret: secret, grant_types: [], redirect_uris: [], response_types: [], ...more,
  });
  return {
    clients: [
      client(BATCH_JOB, { scope: SCOPE, grant_types: ['client_credentials'] }),
      client(APP, { grant_types: ['authorization_code', 'refresh_token'], redirect_uris: [APP.redirectUri], response_types: ['code'] }),
      {
        client_id: PUBLIC_APP.id, token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [PUBLIC_APP.redirectUri], response_types: ['code'],
      },
      client(GATEWAYS.basic, { introspection_signed_response_alg: 'ES256' }),
      client(GATEWAYS.post, { token_endpoint_auth_method: 'client_secret_post' }),
    ],
    scopes: ['openid', 'offline_access', ...SCOPE.split(' ')],
    jwks: { keys },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    cookies: { keys: [randomBytes(32).toString('hex')] },
    ttl: { ClientCredentials: ofResource, AccessToken: ofResource, IdToken: 300, RefreshToken: 300, Session: 300, Grant: 300, Interaction: 300 },
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (ctx, { clientId }) => Object.values(GATEWAYS).some(({ id }) => id === clientId) },
      jwtIntrospection: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (ctx, { clientId }, token) => clientId === token.clientId },
      resourceIndicators: { enabled: true, getResourceServerInfo },
    },
  };
}

async function codeGrant(issuer, user, indicator, client) {
  const verifier = randomBytes(32).toString('base64url');
  const code = await authorize(issuer, user, {
    client_id: client.id, response_type: 'code', redirect_uri: client.redirectUri, scope: `openid offline_access ${SCOPE}`, prompt: 'consent',
    resource: indicator, code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  return { grant_type: 'authorization_code', code, redirect_uri: client.redirectUri, code_verifier: verifier, resource: indicator };
}

/** What a browser does from the app's link to the app's callback, and the person in front of it. The code. */
async function authorize(issuer, user, parameters) {
  const cookies = new Map();
  let url = `${issuer}/auth?${new URLSearchParams(parameters)}`;
  const forms = [{ prompt: 'login', login: user, password: 'any' }, { prompt: 'consent' }];
  for (let step = 0; step < STEPS; step += 1) {
    const isForm = new URL(url).pathname.startsWith('/interaction/');
    const answer = await send(url, {
      method: isForm ? 'POST' : 'GET',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(isForm ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      },
      body: isForm ? new URLSearchParams(forms.shift()).toString() : undefined,
    });
    for (const cookie of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      if (value) cookies.set(name, value);
      else cookies.delete(name);
    }
    if (answer.status !== 303) throw new Error(`login of ${user}: ${answer.status} ${answer.text}`);
    url = new URL(answer.headers.location, issuer).href;
    if (url.startsWith(parameters.redirect_uri)) return new URL(url).searchParams.get('code');
  }
  throw new Error(`login of ${user}: no end after ${STEPS} steps`);
}
