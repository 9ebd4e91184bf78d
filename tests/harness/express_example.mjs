// examples/express as it is started by its one command, with a relay before the auth server that sees calls.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startExample } from '../../examples/express/start.mjs';
import { deadPort } from './origin.mjs';
import { startRelay } from './relay.mjs';

/** What `startExample` gives, and `auth`: the relay before the auth server. */
export async function startExpressExample() {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-example-'));
  let auth;
  const between = async (name, url) => {
    if (name !== 'auth') return url;
    auth = await startRelay(url);
    return auth.url;
  };
  const stopAll = async (example) => {
    await example?.stop();
    await auth?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const example = await startExample({ port: await deadPort(), folder, free: true, between }).catch(async (error) => {
    await stopAll();
    throw error;
  });
  return { ...example, auth, stop: () => stopAll(example) };
}
