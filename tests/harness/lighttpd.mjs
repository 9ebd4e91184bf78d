// A real lighttpd on loopback whose CGI script answers with its environment: an origin that reads a header by the name RFC 3875
// gives its variable, in which every byte that is no letter or digit is `_`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { startChild } from './child.mjs';
import { sleep } from './client.mjs';
import { deadPort } from './origin.mjs';
import { rawRequest, requestText } from './raw.mjs';

const LIGHTTPD = '/usr/sbin/lighttpd';
const SCRIPTS = fileURLToPath(new URL('../servers/lighttpd', import.meta.url));
const START_LIMIT_MS = 30_000;
const ATTEMPTS = 3;

/** Why a test must be skipped here, or false. */
export const lighttpdMissing = !existsSync(LIGHTTPD) && `${LIGHTTPD} is missing; Debian and Ubuntu have it in the package lighttpd`;
/** The same for a test that needs its TLS, which Debian has in a package of its own. */
export const tlsMissing = !existsSync('/usr/lib/lighttpd/mod_openssl.so') && 'mod_openssl.so is missing; Debian and Ubuntu have it in the package lighttpd-mod-openssl';

/** Starts it with a configuration of `tests/servers/lighttpd`: { url, port, stop() }. */
export async function startLighttpd(configuration = 'lighttpd.conf') {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run(await deadPort(), configuration);
    } catch (error) {
      // Somebody else may have taken the port in the meantime: lighttpd cannot be told to choose one and say which.
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function run(port, configuration) {
  const command = (directory) => {
    const env = { PATH: process.env.PATH, PORT: `${port}`, SCRIPTS, TEMPORARY: directory };
    const args = [join(SCRIPTS, 'run.sh'), LIGHTTPD, join(SCRIPTS, configuration)];
    return ['/bin/sh', args, { cwd: directory, env, stdio: ['pipe', 'ignore', 'pipe'] }];
  };
  const { stop } = await startChild('lighttpd', command, (child) => answering(child, port));
  return { url: `http://127.0.0.1:${port}`, port, stop };
}

/** Resolves when the script has answered. */
async function answering(child, port) {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('lighttpd ended before it answered');
    const answer = await rawRequest(port, requestText('GET', '/')).catch(() => undefined);
    // Not of another server that has taken the port.
    if (answer && variables(answer).some(([name, value]) => name === 'DOCUMENT_ROOT' && value === SCRIPTS)) return;
    if (Date.now() > deadline) throw new Error('lighttpd did not answer in time');
    await sleep(20);
  }
}

/** The script's environment, [[name, value], …]: a name may be there more than once. */
export function variables(answer) {
  const lines = answer.text.split('\n').filter((line) => line.includes('='));
  return lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
}

/** The variable in which a CGI script finds the header `name`. */
export const variableOf = (name) => `HTTP_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
