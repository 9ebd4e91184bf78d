// The demo's issuer and origin in the place of the project's: `edgeward dev --demo`.
import { lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { COMPATIBILITY_DATE } from '../init/configuration.js';
import { OBJECTS } from '../objects.js';
import { Failure } from '../terminal.js';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));
const ISSUER = { binding: 'EDGEWARD_DEMO_ISSUER', service: 'edgeward-demo-issuer' };
const ORIGIN = { binding: 'EDGEWARD_DEMO_ORIGIN', service: 'edgeward-demo-origin' };

/** Next to the project's own file, so that every path in it keeps its meaning. */
const FILE = 'wrangler.edgeward-demo.json';

export const DEMO_WORKERS = ['issuer', 'origin'].map((name) => join(PACKAGE, 'demo', `${name}.toml`));

/** Writes the demo's configuration: { file, table, remove() }. `whole` is the project's own, where there is one, in the file `from`. */
export function demo(whole, from = join(resolve('.'), FILE), environment) {
  const file = join(dirname(resolve(from)), FILE);
  const config = whole ? derived(whole, environment) : alone(dirname(file));
  // A link would lead to a file of somebody else's choice.
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) rmSync(file);
  writeFileSync(file, `${JSON.stringify(config, null, 2)}\n`);
  const users = join(dirname(file), '.wrangler/edgeward-demo');
  mkdirSync(users, { recursive: true });
  writeFileSync(join(users, `${process.pid}`), '');
  return { file, table: tableOf(config, environment), remove: () => leave(users, file) };
}

/** Removes the file, unless another process in this folder uses it: each leaves its id in `users`. */
function leave(users, file) {
  rmSync(join(users, `${process.pid}`), { force: true });
  if (readdirSync(users).some((id) => /^\d+$/.test(id) && isRunning(Number(id)))) return;
  rmSync(users, { recursive: true, force: true });
  rmSync(file, { force: true });
}

function isRunning(id) {
  try {
    return process.kill(id, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const tableOf = (config, environment) => (environment === undefined ? config : config.env[environment]).vars.EDGEWARD;

function derived(whole, environment) {
  const config = structuredClone(whole);
  const section = environment === undefined ? config : config.env[environment];
  if (section.vars?.EDGEWARD === undefined) throw new Failure('the demo needs a table `vars.EDGEWARD`, or a folder without a wrangler file');
  section.services = [...(section.services ?? []), ISSUER, ORIGIN];
  section.vars.EDGEWARD = withDemo(section.vars.EDGEWARD);
  return config;
}

/** Its routes, requirements and limits stay. Requests go to the demo's origin, and the demo's issuer has the name of the first one. */
function withDemo(table) {
  const url = `service:${ORIGIN.binding}`;
  const [own, ...others] = listed(table.issuers);
  return {
    ...table,
    origins: [...listed(table.origins).map(({ exchange, ...origin }) => ({ ...origin, url })), { name: 'edgeward-demo-issuer', url: `service:${ISSUER.binding}` }],
    ...(table.tenants && { tenants: table.tenants.map((tenant) => ({ ...tenant, origin: table.origins?.[0]?.name })) }),
    issuers: [{ ...DEMO_ISSUER, name: own?.name ?? DEMO_ISSUER.name }, ...others],
    routes: [...listed(table.routes), { path: '/demo/**', methods: ['GET', 'POST'], access: 'public', origin: 'edgeward-demo-issuer' }],
  };
}

/** A configuration with errors is run, too: of the wrong type it counts as absent here, and the check has said so. */
const listed = (value) => (Array.isArray(value) ? value : []);

const DEMO_ISSUER = {
  name: 'edgeward-demo', issuer: 'https://issuer.demo', audiences: ['demo-api'], algorithms: ['RS256', 'ES256', 'EdDSA'],
  verify: { jwks: 'https://issuer.demo/.well-known/jwks.json', service: ISSUER.binding },
};

function alone(folder) {
  const path = (...steps) => relative(folder, join(PACKAGE, ...steps)) || '.';
  return derived({
    name: 'edgeward-demo', main: path('dist/worker/index.js'), compatibility_date: COMPATIBILITY_DATE,
    assets: { directory: path('www'), binding: 'EDGEWARD_WWW', run_worker_first: true, html_handling: 'none' },
    kv_namespaces: [{ binding: 'EDGEWARD_KV' }],
    durable_objects: { bindings: OBJECTS.map(({ binding, className }) => ({ name: binding, class_name: className })) },
    migrations: OBJECTS.map(({ tag, className }) => ({ tag, new_sqlite_classes: [className] })),
    vars: {
      EDGEWARD: {
        realm: 'demo', admin: { require: { role: 'admin' } }, origins: [{ name: 'api', url: 'https://api.demo' }],
        routes: [
          { path: '/public/**', access: 'public' }, { path: '/api/**', access: 'authenticated' },
          { path: '/api/payments/**', access: 'authenticated', revocation: 'strict' },
          { path: '/api/admin/**', access: 'authenticated', require: { role: 'admin' } },
        ],
      },
    },
  });
}

const ENDING = "Users are ada (role admin) and bob (role user). Requests go to the demo's origin, and tokens of the demo's issuer are accepted.";

/** What to try, as commands for another terminal; nothing that the project's own routes and tenants would refuse. */
export function demoLines(url, { routes, tenants }) {
  const route = tenants === undefined ? routeOf(routes) : undefined;
  if (route === undefined) return `  Your tenants or requirements decide which of the demo's tokens pass: ${url}/demo/login gives them.\n\n  ${ENDING}`;
  const path = route.path.replace(/\*\*$/, 'hello').replace(/\*/g, 'x');
  const method = [route.methods ?? ['*']].flat()[0];
  const call = `curl -s${method === '*' || method === 'GET' ? '' : ` -X ${method}`} ${url}${path}`;
  const token = `$(curl -s ${url}/demo/login -d '{"user":"ada"}' | sed 's/.*"access_token":"//;s/".*//')`;
  return `\
  # passes: the demo's origin shows the request as it arrived
  ${call} -H "Authorization: Bearer ${token}"

  # refused: no token
  ${call.replace('curl -s', 'curl -si')}

  ${ENDING}`;
}

/** A route that ada may use. Her one role is admin. */
function routeOf(routes) {
  const own = listed(routes).filter((route) => route?.access === 'authenticated' && typeof route.path === 'string' && route.mode !== 'shadow');
  return own.find(({ require }) => require === undefined) ?? own.find(({ require }) => JSON.stringify(require) === '{"role":"admin"}');
}
