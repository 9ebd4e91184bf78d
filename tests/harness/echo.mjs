// A Worker that says what the runtime shows it of a request: the evidence where the runtime, and no Worker, decides.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { platform } from './gateway.mjs';
import { embed, startWorkerd } from './workerd.mjs';

const SOURCE = `export default {
  fetch: (request) => Response.json({ method: request.method, url: request.url, headers: [...request.headers] }),
};`;

/** { port, stop() } of a Worker on the platform's settings of the project. */
export async function startEcho() {
  const workerd = await startWorkerd((directory) => {
    const path = join(directory, 'echo.js');
    writeFileSync(path, SOURCE);
    const worker = { ...platform(), modules: [{ name: 'echo.js', esModule: embed(path) }] };
    return {
      services: [{ name: 'echo', worker }],
      sockets: [{ name: 'entry', address: '127.0.0.1:0', http: {}, service: 'echo' }],
    };
  });
  return { port: workerd.ports.get('entry'), stop: workerd.stop };
}
