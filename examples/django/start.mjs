// Starts the example: five Django applications on loopback, and the gateway before them under wrangler. Ctrl-C ends all of them.
//   node examples/django/start.mjs [PORT] [--free-ports] [--state FOLDER]
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startApplication } from '../shared/application.mjs';
import { startGateway } from '../shared/gateway.mjs';
import { runAsProgram } from '../shared/program.mjs';
import { secrets } from '../shared/secrets.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PYTHON = fileURLToPath(new URL('../../.tools/venv-examples/bin/python', import.meta.url));

/** Each application: its project, and its address in edgeward.toml. Acme and Globex are one project. */
export const APPLICATIONS = {
  main: { project: 'main', port: 8101 },
  acme: { project: 'tenant', port: 8102 },
  globex: { project: 'tenant', port: 8103 },
  'auth-api': { project: 'auth_api', port: 8104 },
  clinic: { project: 'clinic', port: 8105 },
};

/**
 * Starts all of it, with its state in `folder`. With `free` applications listen on ports that are free, instead of those of edgeward.toml, and
 * `between(name, url)` may put a server between the gateway and an application: it resolves to that server's URL.
 * What comes of it: what `startGateway` gives, `applications` as { main: { url, pid, output() }, … }, and `secrets`.
 */
export async function startExample({ port, folder, free = false, between = (name, url) => url, show }) {
  const keys = secrets(folder, ['MAIN_JWT_SECRET', 'MAIN_JWT_SECRET_PREVIOUS', 'AUTH_JWT_SECRET', 'SESSION_KEY']);
  const parts = [];
  const stop = () => Promise.all(parts.map((part) => part.stop()));
  try {
    const [urls, applications] = [{}, {}];
    const start = async (name) => {
      const { project, port: usual } = APPLICATIONS[name];
      const env = {
        PROJECT: project, NAME: name, STATE: folder, PORT: free ? '0' : String(usual), EDGEWARD_JWKS: `http://127.0.0.1:${port}/.edgeward/jwks.json`,
        ...urls.main && { MAIN_URL: urls.main }, ...keysOf(project, keys),
      };
      const application = await startApplication(name, PYTHON, ['-m', 'gunicorn'], { cwd: HERE, env, show });
      parts.push(application);
      applications[name] = application;
      urls[name] = application.url;
    };
    // Tenants are told where Main is.
    await start('main');
    await Promise.all(Object.keys(APPLICATIONS).filter((name) => name !== 'main').map(start));
    const moved = await Promise.all(Object.entries(APPLICATIONS).map(async ([name, { port: usual }]) => [
      `http://127.0.0.1:${usual}`, await between(name, urls[name]),
    ]));
    const gateway = await startGateway({ file: join(HERE, 'edgeward.toml'), folder, port, secrets: keys, moved, database: true, show });
    parts.push(gateway);
    return { ...gateway, applications, secrets: keys, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The secrets that an application itself needs: those by which it signs. */
function keysOf(project, { MAIN_JWT_SECRET, AUTH_JWT_SECRET }) {
  return { main: { MAIN_JWT_SECRET }, auth_api: { AUTH_JWT_SECRET } }[project] ?? {};
}

const JSON_TYPE = '-H \'content-type: application/json\'';
const credentials = (name) => `-d '{"username":"${name}","password":"correct horse battery staple"}'`;

/** What to try: a title, and a command for a shell. */
export function lines({ url }) {
  const acme = url.replace('127.0.0.1', 'acme.localhost');
  const as = (name, path = '/api/auth/token/') => `-H "Authorization: Bearer $(curl -s ${url}${path} ${JSON_TYPE} ${credentials(name)} | sed 's/.*"access":"//;s/".*//')"`;
  return [
    ['A: who bob is, as his tenant sees it', `curl -s ${acme}/api/caller/ ${as('bob')}`],
    ['A: his record at Main, of which the tenant is told', `curl -s -X PATCH ${acme}/api/auth/me/ ${JSON_TYPE} -d '{"first_name":"Robert"}' ${as('bob')}`],
    ['A: eve is of another tenant (403)', `curl -si ${acme}/api/caller/ ${as('eve')}`],
    ['B: vera\'s exams, by her role', `curl -s ${url}/clinic/exams/ ${as('vera', '/auth-api/token/')}`],
    ['C: bob logs in with cookies', `curl -si ${acme}/web/api/auth/token/ ${JSON_TYPE} -H 'sec-fetch-site: same-origin' ${credentials('bob')}`],
    ['E: the tokens of bob, as ada sees them', `curl -s '${url}/.edgeward/admin/tokens?subject=user-2' ${as('ada')}`],
  ];
}

await runAsProgram(import.meta.url, { start: startExample, needs: [[PYTHON, 'scripts/tools.sh examples']], lines });
