// Starts the example: an API with its page, an auth server, both on Express, and the gateway before them. Ctrl-C ends all of them.
//   node examples/express/start.mjs [PORT] [--free-ports] [--state FOLDER]
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startApplication } from '../shared/application.mjs';
import { startGateway } from '../shared/gateway.mjs';
import { runAsProgram } from '../shared/program.mjs';
import { secrets } from '../shared/secrets.mjs';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Each application: its program, and its address in edgeward.toml. */
const APPLICATIONS = { api: { program: 'api.mjs', port: 8201 }, auth: { program: 'auth.mjs', port: 8202 } };

/** Starts all of it, as examples/django/start.mjs does. */
export async function startExample({ port, folder, free = false, between = (name, url) => url, show }) {
  const keys = secrets(folder, ['SESSION_KEY']);
  const parts = [];
  const stop = () => Promise.all(parts.map((part) => part.stop()));
  try {
    const applications = {};
    const moved = await Promise.all(Object.entries(APPLICATIONS).map(async ([name, { program, port: usual }]) => {
      const env = { PORT: free ? '0' : String(usual), EDGEWARD_JWKS: `http://127.0.0.1:${port}/.edgeward/jwks.json` };
      applications[name] = await startApplication(name, process.execPath, [program], { cwd: HERE, env, show });
      parts.push(applications[name]);
      return [`http://127.0.0.1:${usual}`, await between(name, applications[name].url)];
    }));
    const gateway = await startGateway({ file: join(HERE, 'edgeward.toml'), folder, port, secrets: keys, moved, show });
    parts.push(gateway);
    return { ...gateway, applications, secrets: keys, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const JSON_TYPE = '-H \'content-type: application/json\'';
const CREDENTIALS = '-d \'{"email":"bob@example.com","password":"correct horse battery staple"}\'';

/** What to try: a title, and a command for a shell. */
export function lines({ url, applications }) {
  const token = `$(curl -s ${url}/api/auth/login ${JSON_TYPE} ${CREDENTIALS} | sed 's/.*"accessToken":"//;s/".*//')`;
  return [
    [`In a browser: ${url.replace('127.0.0.1', 'localhost')}/. Or with a token: bob's tasks`, `curl -s ${url}/api/tasks -H "Authorization: Bearer ${token}"`],
    ['refused: past the gateway (401)', `curl -si ${applications.api.url}/api/tasks -H 'x-auth-subject: user-1'`],
  ];
}

await runAsProgram(import.meta.url, { start: startExample, needs: [], lines });
