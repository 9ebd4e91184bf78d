// Worked examples. Each is a whole question, so that one click shows one thing.

import { present } from '../state.js';
import { demoKey } from './sign.js';
import { CONFIGURATION, ISSUER } from './wrangler.js';

const ADMIN = 'https://acme.example.com/api/admin/users?page=2';

const EXAMPLES = {
  'Passes': (key, claims) => ({ token: key.sign(claims) }),
  'Expired': (key, claims) => ({ token: key.sign({ ...claims, iat: claims.iat - 3600, exp: claims.exp - 3600 }) }),
  'Wrong audience': (key, claims) => ({ token: key.sign({ ...claims, aud: ['billing', 'reports'] }) }),
  'Missing role': (key, claims) => ({ token: key.sign({ ...claims, roles: ['member'], scope: 'users:read' }) }),
  'Other tenant': (key, claims) => ({ token: key.sign(claims), url: ADMIN.replace('acme', 'globex') }),
  'Spoofed header': () => ({
    token: '', url: 'https://acme.example.com/status', headers: 'Accept: application/json\nX-Auth-Subject: root\nx_auth_roles: "admin"',
  }),
  'alg: none': (key, claims) => ({ token: key.unsigned(claims) }),
  'Forged': (key, claims) => ({ token: key.forge(claims) }),
  'Revoked': (key, claims) => ({ token: key.sign(claims), revoked: ['session'] }),
  'No token': () => ({ token: '' }),
};

export const NAMES = Object.keys(EXAMPLES);

/** The whole state of an example, with a token that was signed just now. */
export async function example(name) {
  const key = await demoKey();
  const now = present();
  const { token, ...rest } = EXAMPLES[name](key, claimsAt(now));
  return {
    method: 'GET', url: ADMIN, headers: 'Accept: application/json', configuration: CONFIGURATION,
    keys: { demo: key.keySet }, ownKeys: { ...ISSUER, text: key.keySet }, now, isFollowing: true, token: await token, example: name, ...rest,
  };
}

function claimsAt(now) {
  return {
    iss: 'https://auth.example.com', sub: 'user-7', aud: 'api', jti: crypto.randomUUID(), sid: 's-42', iat: now - 60, exp: now + 600,
    email: 'ada@acme.example.com', roles: ['admin'], scope: 'users:read users:write', org: { id: 'acme', plan: 'pro' },
  };
}
