// Makes interop.json anew, with new keys: node tests/vectors/make_interop.mjs
//
// What issuers, auth servers and clients as they are send. Keys and tokens are made here; no private key is kept.
import { writeFileSync } from 'node:fs';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';

const NOW = 1796000000;
const TIMES = { iat: 1767225600, exp: 4102444800 };
const SECRET = 'a-secret-of-the-tests-that-is-long-enough';
const ISS = 'https://idp.example';
const TENANT = '0f5e1c3a-1111-4222-8333-444455556666';
const OTHER_TENANT = '1f5e1c3a-1111-4222-8333-444455556666';

const makeKey = async (kid) => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' } };
};
const [first, second] = [await makeKey('k1'), await makeKey('k1')];

const sign = (claims, { key = first, header = {} } = {}) =>
  new SignJWT({ iss: ISS, aud: 'api', sub: 'user-1', ...TIMES, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'k1', typ: 'JWT', ...header }).sign(key.privateKey);
const without = (names, claims = {}) => ({ ...claims, ...Object.fromEntries(names.map((name) => [name, undefined])) });
const byText = (claims, header = {}) =>
  new SignJWT({ ...TIMES, ...claims }).setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header }).sign(new TextEncoder().encode(SECRET));

const set = (...keys) => ({ keys });
const route = (more = {}) => ({ path: '/**', access: 'authenticated', revocation: 'off', ...more });
const config = (issuer = {}, routes = [route()], more = {}) => ({
  realm: 'api',
  origins: [{ name: 'main', url: 'https://api.internal.example' }],
  issuers: [{ name: 'idp', issuer: ISS, audiences: ['api'], algorithms: ['RS256'], verify: { jwks: `${ISS}/keys` }, ...issuer }],
  routes,
  ...more,
});
const asked = (verify, issuer = {}) => ({
  name: 'idp', issuer: ISS, claims: { subject: 'id' }, opaque: true, audiences: undefined, algorithms: undefined, verify, ...issuer,
});

const cases = [];
const add = (id, why, { config: of = config(), jwks = set(first.jwk), token, url = '/api/x', method = 'GET', ...more }, expect) =>
  cases.push({ id, why, config: of, jwks, now: NOW, method, url: `https://gw.example${url}`, ...token === undefined ? {} : { token }, ...more, expect });
const FORWARD = { forward: { 'x-auth-subject': 'user-1' } };
const refuse = (status, code) => ({ refuse: status, code });
const MISMATCH = refuse(401, 'audience_mismatch');

const nulls = Object.fromEntries(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'x', 'y', 'x5t'].map((name) => [name, null]));
add('key-null-members', 'a member that is null is absent', { jwks: set({ ...first.jwk, ...nulls }), token: await sign({}) }, FORWARD);
add('key-twice', 'one key, published twice, is one key', { jwks: set(first.jwk, { ...first.jwk, x5c: ['MIIB'] }), token: await sign({}) }, FORWARD);
add('key-two-of-one-name', 'different keys under one name are refused', { jwks: set(first.jwk, second.jwk), token: await sign({}) }, refuse(401, 'key_ambiguous'));
const padded = (text) => text.padEnd(Math.ceil(text.length / 4) * 4, '=');
add('key-padded', 'padding in a key set changes no meaning', { jwks: set({ ...first.jwk, n: padded(first.jwk.n) }), token: await sign({}) }, FORWARD);
const [head, body, signature] = (await sign({})).split('.');
add('token-padded', 'padding in a token does', { token: [head, body, padded(signature)].join('.') }, refuse(401, 'token_malformed'));

const cognito = config({ audience_claim: 'client_id', audiences: ['4example'] });
add('cognito-access', 'client_id says for whom it is', { config: cognito, token: await sign(without(['aud'], { client_id: '4example', token_use: 'access' })) }, FORWARD);
add('cognito-other-client', 'another client', { config: cognito, token: await sign(without(['aud'], { client_id: 'other', token_use: 'access' })) }, MISMATCH);
add('cognito-aud-counts', 'an aud that is there must match', { config: cognito, token: await sign({ aud: 'x', client_id: '4example' }) }, MISMATCH);
add('cognito-id', 'token_use says that it is an ID token', { token: await sign({ token_use: 'id' }) }, refuse(401, 'token_type_refused'));
for (const typ of ['ID', 'Refresh', 'Offline']) {
  add(`keycloak-${typ.toLowerCase()}`, 'the claim typ says that it is no access token', { token: await sign({ typ }) }, refuse(401, 'token_type_refused'));
}
add('keycloak-bearer', 'the claim typ says Bearer', { config: config({ token_types: ['Bearer'] }), token: await sign({ typ: 'Bearer' }) }, FORWARD);
add('typ-no-text', 'a type that is no text is none', { token: await sign({ typ: 1 }) }, refuse(401, 'claim_malformed'));
const any = config({ any_audience: true });
add('no-aud', 'no aud, and the issuer says that it writes none', { config: any, token: await sign(without(['aud'])) }, FORWARD);
add('no-aud-unsaid', 'no aud, and nothing was said of it', { token: await sign(without(['aud'])) }, MISMATCH);
add('any-audience-with-aud', 'an aud that is there must match', { config: any, token: await sign({ aud: 'x' }) }, MISMATCH);

const form = (tenant) => `https://login.example/${tenant}/v2.0`;
const entra = (allowed) => config({ issuer: form('{tid}'), allowed, claims: { tenant: 'tid' } });
const entraKeys = set({ ...first.jwk, issuer: form('{tenantid}') });
const ofTenant = (tid, iss = form(tid)) => sign({ iss, tid });
const entraCase = (allowed, token, jwks = entraKeys) => ({ config: entra(allowed), token, jwks });
add('entra-allowed', 'a tenant that is listed', entraCase([TENANT], await ofTenant(TENANT)), { forward: { 'x-auth-issuer': form(TENANT), 'x-auth-tenant': TENANT } });
add('entra-any', 'any tenant', entraCase('any', await ofTenant(OTHER_TENANT)), { forward: { 'x-auth-issuer': form(OTHER_TENANT) } });
add('entra-not-allowed', 'a tenant that is not listed', entraCase([TENANT], await ofTenant(OTHER_TENANT)), refuse(401, 'issuer_unknown'));
add('entra-two-tenants', 'iss and tid differ', entraCase('any', await ofTenant(OTHER_TENANT, form(TENANT))), refuse(401, 'issuer_mismatch'));
add('entra-key-of-another', 'a key signs for the issuer that it names', entraCase('any', await ofTenant(OTHER_TENANT), set({ ...first.jwk, issuer: form(TENANT) })), refuse(401, 'key_unknown'));
const groups = Array.from({ length: 150 }, (_, n) => `${String(n).padStart(8, '0')}-1111-4222-8333-444455556666`);
add('entra-groups', '150 groups', { config: config({ claims: { roles: 'groups' } }, [route({ require: { role: groups[149] } })], { limits: { token_bytes: 16384, identity_bytes: 16384 } }), token: await sign({ groups }) }, FORWARD);
add('entra-groups-default', 'too large as installed', { token: await sign({ groups }) }, refuse(401, 'token_too_large'));

const simplejwt = config({ without_iss: true, any_audience: true, audiences: undefined, algorithms: ['HS256'], verify: { secrets: ['JWT_SECRET'] }, claims: { subject: 'user_id' } });
const secrets = { JWT_SECRET: SECRET };
add('simplejwt', 'no iss, no aud, user_id', { config: simplejwt, secrets, token: await byText({ token_type: 'access', user_id: 7, jti: 'a' }) }, { forward: { 'x-auth-subject': '7', 'x-auth-issuer': ISS } });
add('simplejwt-refresh', 'its refresh token', { config: simplejwt, secrets, token: await byText({ token_type: 'refresh', user_id: 7, jti: 'a' }) }, refuse(401, 'token_type_refused'));
add('simplejwt-names-another', 'one that names an issuer is its own', { config: simplejwt, secrets, token: await byText({ iss: 'https://x.example', user_id: 7 }) }, refuse(401, 'issuer_unknown'));
add('sub-integer', 'a sub that is not the subject refuses nothing', { config: config({ claims: { subject: 'user_id' } }), token: await sign({ sub: 42, user_id: 42 }) }, { forward: { 'x-auth-subject': '42' } });
add('sub-integer-subject', 'one that is the subject does', { token: await sign({ sub: 42 }) }, refuse(401, 'claim_malformed'));

const PROJECT = 'urn:zitadel:iam:org:project:roles';
const zitadel = config({ claims: { roles: { path: PROJECT, keys: true } } }, [route({ require: { role: 'admin' } })]);
add('zitadel', 'roles are the keys of an object', { config: zitadel, token: await sign({ [PROJECT]: { admin: { 1: 'a.example' }, user: {} } }) }, FORWARD);
add('zitadel-without', 'without the role', { config: zitadel, token: await sign({ [PROJECT]: { user: {}, admin: null } }) }, refuse(403, 'insufficient_scope'));
const separated = config({ claims: { roles: { path: 'roles', separator: ',' }, scope: { path: 'scope', separator: ',' } } }, [route({ require: { all: [{ role: 'b c' }, { scope: 'y' }] } })]);
add('separated', 'roles and scope with commas between', { config: separated, token: await sign({ roles: 'a, b c', scope: 'x,y' }) }, FORWARD);
add('adfs-one-group', 'one text is one role', { config: config({}, [route({ require: { role: 'admin' } })]), token: await sign({ roles: 'Not an admin' }) }, refuse(403, 'insufficient_scope'));
const owner = config({ claims: { subject: 'user_id' } }, [route({ path: '/users/*', require: { claim: 'user_id', path_segment: 1 } })]);
add('owner', 'the owner', { config: owner, token: await sign({ user_id: 42 }), url: '/users/42' }, { forward: { 'x-auth-subject': '42' } });
add('owner-another', 'not the owner', { config: owner, token: await sign({ user_id: 42 }), url: '/users/43' }, refuse(403, 'insufficient_scope'));

const ME = { me: `${ISS}/me` };
const yes = { status: 200, body: { id: 7 } };
const sevenPasses = { forward: { 'x-auth-subject': '7' } };
add('sanctum', 'an opaque token with a bar', { config: config(asked(ME)), token: '12|aBcDeF', answer: yes }, sevenPasses);
add('django-signing', 'an opaque token with colons', { config: config(asked(ME)), token: 'a:1b:c', answer: yes }, sevenPasses);
const token = config(asked(ME), [route({ credentials: [{ authorization: 'Token' }] })]);
add('drf-token', 'another scheme than Bearer', { config: token, headers: { authorization: 'Token 9944b09199c62bcf' }, answer: yes }, sevenPasses);
add('drf-token-no', 'the auth server says no', { config: token, headers: { authorization: 'Token 9944b09199c62bcf' }, answer: { status: 401 } }, refuse(401, 'refused_by_auth_server'));
const introspection = config(asked({ introspection: `${ISS}/introspect`, client_id: 'gateway', client_secret: 'CLIENT_SECRET' }, { audiences: ['api'], claims: undefined }));
const introspected = (body) => ({ config: introspection, secrets: { CLIENT_SECRET: SECRET }, token: 'opaque', answer: { status: 200, body } });
add('introspection-nulls', 'null is absent, exp 0 is none', introspected({ active: true, sub: 'user-1', aud: 'api', exp: 0, iat: null, nbf: null, jti: null, token_type: 'access_token' }), FORWARD);
add('introspection-no-sub', 'the RFC requires none of them', introspected({ active: true, aud: 'api', sub: null, iss: null }), { forward: {} });
add('introspection-inactive', 'a no', introspected({ active: false, exp: null }), refuse(401, 'refused_by_auth_server'));
add('introspection-other-aud', 'for another API', introspected({ active: true, sub: 'user-1', aud: 'other' }), MISMATCH);

writeFileSync(new URL('interop.json', import.meta.url), `${JSON.stringify(cases, undefined, 1)}\n`);
console.log(`${cases.length} cases`);
