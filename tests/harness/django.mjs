// The Django server of tests/servers/django on loopback: Django, REST framework and SimpleJWT, served by gunicorn.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { PASSWORD } from '../servers/people.mjs';
import { startChild } from './child.mjs';
import { send } from './client.mjs';

const PROJECT = fileURLToPath(new URL('../servers/django/', import.meta.url));
const PYTHON = fileURLToPath(new URL('../../.tools/venv/bin/python', import.meta.url));
const START_LIMIT_MS = 60_000;

const packagesOf = (name) => fileURLToPath(new URL(`../../.tools/python-${name}`, import.meta.url));

/** Whether `scripts/tools.sh tests` has installed a package beside the virtual environment. */
export const hasPackages = (name) => existsSync(join(packagesOf(name), '.installed-requirements.txt'));

/** Options with which SimpleJWT writes the tokens that it writes as installed. */
export const STOCK = {
  issuer: '', audience: '', userIdClaim: 'user_id', serializer: 'rest_framework_simplejwt.serializers.TokenObtainPairSerializer',
};

/**
 * Starts Django. `algorithm` is HS256 (with `secret`) or RS256 (with a key of its own). Tokens have `iss`, `aud` and the user's
 * id as `sub`, and the claims of `serializer`; SimpleJWT's own are those of `STOCK`. With
 * `headerMap: 'dangerous'` it reads X_Auth_Subject as X-Auth-Subject, as many servers do. With `edgewardJwks`, the URL of a
 * gateway's keys, it believes that gateway's assertions and no plain header.
 *
 * `useForwardedHost` and `useForwardedProto` have it take host and scheme from `x-forwarded-…`, `sslRedirect` send plain http to
 * https, `csrf` check where forms come from; `allowedHosts` are further hosts that it answers on, `tenantHosts` says whose each is.
 * `beside` are packages of `.tools/python-…` that go before those of the virtual environment: `hasPackages` says whether they are there.
 * Refresh tokens rotate, and used ones are blacklisted, unless `rotates` is false. `trustedPeers` are the addresses whose scheme, SCRIPT_NAME and PATH_INFO gunicorn itself believes; its own default is loopback.
 */
export async function startDjango({
  algorithm = 'HS256', secret = randomBytes(48).toString('base64'), issuer = 'https://main.example', audience = 'api',
  userIdClaim = 'sub', serializer = 'accounts.tokens.TokenPair', accessSeconds = 300, refreshSeconds = 86_400, rotates = true, beside = [], headerMap = 'drop', edgewardJwks = '',
  useForwardedHost = false, useForwardedProto = false, sslRedirect = false, csrf = false, allowedHosts = [], tenantHosts = {},
  trustedPeers = '127.0.0.1,::1',
} = {}) {
  const flag = (on) => (on ? '1' : '');
  const server = await run({
    ...keys(algorithm, secret),
    JWT_ALGORITHM: algorithm,
    JWT_ISSUER: issuer,
    JWT_AUDIENCE: audience,
    JWT_USER_ID_CLAIM: userIdClaim,
    JWT_SERIALIZER: serializer,
    JWT_ACCESS_SECONDS: String(accessSeconds),
    JWT_REFRESH_SECONDS: String(refreshSeconds),
    JWT_ROTATES: flag(rotates),
    DJ_REST_AUTH: flag(beside.includes('dj-rest-auth')),
    WC_DJANGO_JWT: flag(beside.includes('wc-django-jwt')),
    PYTHONPATH: beside.map(packagesOf).join(':'),
    HEADER_MAP: headerMap,
    EDGEWARD_JWKS: edgewardJwks,
    USE_X_FORWARDED_HOST: flag(useForwardedHost),
    USE_X_FORWARDED_PROTO: flag(useForwardedProto),
    SECURE_SSL_REDIRECT: flag(sslRedirect),
    CSRF: flag(csrf),
    ALLOWED_HOSTS: allowedHosts.join(' '),
    TENANT_HOSTS: JSON.stringify(tenantHosts),
    FORWARDED_ALLOW_IPS: trustedPeers,
  });
  const url = `http://127.0.0.1:${server.port}`;
  const post = (path, body) =>
    send(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const notes = async () => (await send(`${url}/internal/ledger/`)).json;
  return {
    url,
    secret,
    issuer,
    jwksUrl: `${url}/.well-known/jwks.json`,
    post,
    /** { access, refresh } of ada, bob or eve. */
    async login(name) {
      const answer = await post('/api/auth/token/', { username: name, password: PASSWORD });
      if (answer.status !== 200) throw new Error(`login of ${name}: ${answer.status} ${answer.text}`);
      return answer.json;
    },
    /** A token of REST framework's own TokenAuthentication, the same each time. */
    authtoken: async (name) => tokenOf(await post('/api/authtoken/login/', { username: name, password: PASSWORD })),
    /** A new token of knox; `knoxLogout` ends it. */
    knox: async (name) => tokenOf(await send(`${url}/api/knox/login/`, {
      method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${name}:${PASSWORD}`).toString('base64')}` },
    })),
    knoxLogout: (token) => send(`${url}/api/knox/logout/`, { method: 'POST', headers: { authorization: `Token ${token}` } }),
    refresh: (token) => post('/api/auth/token/refresh/', { refresh: token }),
    /** Requests so far: [{ method, path, status, authorization, subject }], the credential as SHA-256. */
    asked: async () => (await notes()).asked,
    /** What POST /internal/sync/me brought: [{ body, headers, authorization }]. */
    told: async () => (await notes()).told,
    /** What it printed: errors only. */
    output: () => server.lines.join('\n'),
    stop: server.stop,
  };
}

function tokenOf({ status, json, text }) {
  if (status !== 200) throw new Error(`no token: ${status} ${text}`);
  return json.token;
}

function keys(algorithm, secret) {
  if (algorithm.startsWith('HS')) return { JWT_SIGNING_KEY: secret };
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { JWT_SIGNING_KEY: privateKey, JWT_VERIFYING_KEY: publicKey };
}

async function run(variables) {
  if (!existsSync(PYTHON)) throw new Error('.tools/venv is missing; run: make tools-tests');
  const command = (directory) => {
    // Nothing of the caller's environment decides how this server behaves.
    const env = { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: '1', DATABASE: join(directory, 'db.sqlite3'), ...variables };
    return [PYTHON, ['-m', 'gunicorn'], { cwd: PROJECT, env, stdio: ['pipe', 'pipe', 'pipe'] }];
  };
  const { ready: port, lines, stop } = await startChild('django', command, listening);
  return { port, lines, stop };
}

/** The port, when the server has said it. */
function listening(child) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('Django did not start in time')), START_LIMIT_MS);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Django ended with ${code} before it listened`)));
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(late);
      resolve(JSON.parse(line).port);
    });
  });
}
