// Who runs: each contender is a Worker of its own with the same outside world.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { platform } from '../tests/harness/gateway.mjs';
import { embed } from '../tests/harness/workerd.mjs';
import { databaseBinding, logBinding, metricsBinding, sessionBinding } from './log.mjs';
import { AUDIENCE, ISSUER, JWKS_URI, claims, furtherHeaders, headerNames } from './tokens.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const json = (name, value) => ({ name, json: JSON.stringify(value) });
const text = (name, value) => ({ name, text: value });
const STORE = { name: 'EDGEWARD_KV', kvNamespace: 'counted' };

/** Edgeward's default. */
const TIMEOUT = json('TIMEOUT_MS', 30_000);

const UNCACHED = [json('IS_UNCACHED', true)];
const NAMES_HOST = json('NAMES_HOST', true);

/** All that Edgeward does by default for each request besides verifying. */
const ALIKE = [...UNCACHED, NAMES_HOST, TIMEOUT];

/** How many names the gateway asks for at once: jti, subject, issuer; with 20 claims session and tenant too. */
const namesAsked = (shape) => (shape === 3 ? 3 : 5);

const ONE_ROUTE = ['/api/**'];
const MANY_ROUTES = Array.from({ length: 500 }, (_, n) => (n % 2 ? `/api/r${n}/items/*` : `/api/r${n}/**`));

const CONTENDERS = {
  pass: ({ script }) => worker(script('pass')),
  floor: (stage) => floor(stage),
  // With the timeout for the origin that Edgeward has by default.
  'floor-timed': (stage) => floor(stage, [TIMEOUT]),
  // What Edgeward does besides for each request: it keeps out of the zone's cache, and names host, scheme and address.
  'floor-no-store': (stage) => floor(stage, UNCACHED),
  'floor-forwarded': (stage) => floor(stage, [...UNCACHED, NAMES_HOST]),
  'floor-alike': (stage) => floor(stage, ALIKE),
  turned: ({ script }) => worker(script('turned')),
  jose: (stage) => worker(stage.script('jose'), peer(stage)),
  'jose-timed': (stage) => worker(stage.script('jose'), [...peer(stage), TIMEOUT]),
  'jose-no-store': (stage) => worker(stage.script('jose'), [...peer(stage), ...UNCACHED]),
  'jose-alike': (stage) => worker(stage.script('jose'), [...peer(stage), ...ALIKE]),
  hono: (stage) => worker(stage.script('hono'), peer(stage)),
  tsndr: (stage) => worker(stage.script('tsndr'), peer(stage)),
  store: ({ script, shape }) => worker(script('store'), [STORE, json('NAMES', namesAsked(shape))]),
  edgeward: (stage) => gateway(stage),
  // As the others are used: none of them gives up on an origin.
  'edgeward-untimed': (stage) => gateway(stage, { timeout: 0 }),
  // Without what it can be without: it always keeps out of the zone's cache.
  'edgeward-bare': (stage) => gateway(stage, { timeout: 0, forwarded: 'strip' }),
  'edgeward-500': (stage) => gateway(stage, { paths: MANY_ROUTES }),
  'edgeward-bounded': (stage) => gateway(stage, { revocation: 'bounded', bindings: [STORE] }),
  // By a copy of the revocation log, with so many live entries; and asking the log for each request.
  'edgeward-log': (stage) => gateway(stage, { revocation: 'bounded', bindings: [logBinding('edgeward-log')] }),
  'edgeward-log-1k': (stage) => gateway(stage, { revocation: 'bounded', bindings: [logBinding('edgeward-log-1k')] }),
  'edgeward-log-100k': (stage) => gateway(stage, { revocation: 'bounded', bindings: [logBinding('edgeward-log-100k')] }),
  'edgeward-strict': (stage) => gateway(stage, { revocation: 'strict', bindings: [logBinding('edgeward-strict')] }),
  // The same token in the cookie of a session, beside a sealed refresh token; nothing is renewed.
  'edgeward-cookie': (stage) => gateway(stage, { session: true, bindings: [logBinding('edgeward-cookie'), sessionBinding('edgeward-cookie'), text('SESSION_KEY', 'k'.repeat(32))] }),
  // With routes for refreshes; without a registry, an audit trail and metrics, and with all of them.
  'edgeward-unobserved': (stage) => gateway(stage, { refresh: {}, bindings: [logBinding('edgeward-unobserved'), sessionBinding('edgeward-unobserved')] }),
  'edgeward-observed': (stage) => gateway(stage, {
    refresh: { register: ['pairs', 'user', 'device'] }, more: { audit: 'database', metrics: 'object', metrics_require: { role: 'nobody' } },
    bindings: [logBinding('edgeward-observed'), sessionBinding('edgeward-observed'), metricsBinding('edgeward-observed'), databaseBinding()],
  }),
  // The gate alone, without the classes of its objects.
  'edgeward-gate': (stage) => gateway(stage, { entry: 'gate.js' }),
  // Another build of the gateway, for a comparison in one run.
  before: (stage) => gateway({ ...stage, build: stage.before }),
};

export const NAMES = Object.keys(CONTENDERS);
/** Those whose token is in a cookie. */
export const usesCookie = (name) => name === 'edgeward-cookie';
export const usesStore = (name) => name === 'store' || name === 'edgeward-bounded';

/** The Worker of contender `name`, as workerd is told of it. */
export const describe = (name, stage) => CONTENDERS[name](stage);

function worker(path, bindings = []) {
  return { ...platform(), modules: [{ name: 'main.js', esModule: embed(path) }], bindings, globalOutbound: 'outside' };
}

const floor = ({ script, shape }, more = []) =>
  worker(script('floor'), [json('HEADERS', headerNames(shape)), json('CLAIMS', claims(123, shape)), ...more]);

function peer({ key, shape }) {
  const own = key.secret ? [text('SECRET', key.secret)] : [text('JWKS_URI', JWKS_URI), json('JWK', key.publicJwk)];
  return [
    ...own, text('ALG', key.alg), text('ISSUER', ISSUER), text('AUDIENCE', AUDIENCE), json('HEADERS', headerNames(shape)),
  ];
}

function gateway({ key, shape, build }, { paths = ONE_ROUTE, timeout, forwarded, revocation = 'off', bindings = [], entry, session = false, refresh, more = {} } = {}) {
  const config = {
    realm: 'api',
    origins: [{ name: 'main', url: 'https://origin.example', ...(timeout === undefined ? {} : { timeout_ms: timeout }), ...(forwarded ? { forwarded } : {}) }],
    issuers: [{
      name: 'main', issuer: ISSUER, audiences: [AUDIENCE], algorithms: [key.alg],
      verify: key.secret ? { secrets: ['SECRET'] } : { jwks: JWKS_URI },
      claims: { tenant: 'tenant' },
      ...(session ? { refresh: { preset: 'node', session: { key: 'SESSION_KEY' } } } : refresh ? { refresh: { preset: 'node', ...refresh } } : {}),
    }],
    routes: [
      ...paths.map((path) => ({ path, methods: ['*'], access: 'authenticated', revocation, ...(session ? { session } : {}) })),
      ...(session || refresh ? ['login', 'refresh'].map((handler) => ({ path: `/${handler}`, methods: ['POST'], access: 'public', handler, ...(session ? { session } : {}) })) : []),
    ],
    ...(shape === 3 ? {} : { headers: { claims: furtherHeaders() } }),
    ...more,
  };
  return {
    ...platform(),
    modules: modules(resolve(ROOT, build), entry),
    bindings: [json('EDGEWARD', config), ...(key.secret ? [text('SECRET', key.secret)] : []), ...bindings],
    globalOutbound: 'outside',
  };
}

function modules(folder, entry = 'index.js') {
  const isNeeded = (name) => name.endsWith('.wasm') && (entry === 'index.js' || name === 'index_bg.wasm');
  const wasm = readdirSync(folder).filter(isNeeded);
  return [
    { name: entry, esModule: embed(join(folder, entry)) },
    ...wasm.map((name) => ({ name, wasm: embed(join(folder, name)) })),
  ];
}
