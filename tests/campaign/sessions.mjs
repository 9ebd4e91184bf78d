// What tests/worker/sessions/races.test.mjs shows, for longer and with more of it: `make campaign` (some minutes). Ends with an error if
// a promise was broken.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { connections, sleep } from '../harness/client.mjs';
import { giveWindow, killInTheMiddle, refreshAtOnce } from '../harness/session_races.mjs';
import { startSessions } from '../harness/session_stage.mjs';

const KILLS = 20;
const CLIENTS = 40;
const ROUNDS = 40;
const WIDTH = 200;
/** Longest time that the auth server takes here. */
const SLOW_MS = 400;

async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-sessions-'));
  let stage;
  try {
    stage = await startSessions({ gateway: { log: folder, isolates: 3 }, refresh: { grace_seconds: 60, unused_seconds: 120 } });
    return await work(stage, folder);
  } finally {
    await stage?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const began = performance.now();
const seconds = () => ((performance.now() - began) / 1000).toFixed(1);

const refreshes = await withFolder((stage, folder) => {
  giveWindow(stage);
  return killInTheMiddle(stage, { folder, clients: CLIENTS, kills: KILLS, each: 500 });
});
console.log(`${KILLS} SIGKILLs: ${refreshes} refreshes acknowledged, none lost, no session ended (${seconds()} s)`);

await withFolder(async (stage) => {
  const { auth } = stage.server;
  const real = auth.refresh;
  auth.refresh = async function slow(fields) {
    await sleep(Math.random() * SLOW_MS);
    return real.call(this, fields);
  };
  const agent = connections(256);
  for (let round = 0; round < ROUNDS; round += 1) await refreshAtOnce(stage, { width: WIDTH, agent });
  agent.destroy();
});
console.log(`${ROUNDS} times ${WIDTH} refreshes at once over 3 isolates: one call and one answer each (${seconds()} s)`);
process.exit(0);
