// What a refresh costs at the gateway: its CPU time, and the time that it adds to the auth server's own. `node bench/refresh.mjs [ROUNDS]`
// Each round refreshes one session through the gateway and another one at the auth server itself, by turns.
import { startSessions } from '../tests/harness/session_stage.mjs';
import { cpuClock } from './proc.mjs';
import { median } from './statistics.mjs';

const ROUNDS = Number(process.argv[2] ?? 20);
const EACH = 25;
const WARM = 100;

const stage = await startSessions({ refresh: { grace_seconds: 10, unused_seconds: 60 } });
try {
  /** Refreshes a session so many times in a row at `on`; ms of each. */
  const chain = async (on, count) => {
    let { refreshToken } = await stage.server.login('ada');
    const taken = [];
    for (let n = 0; n < count; n += 1) {
      const answer = await stage.refresh(refreshToken, { on });
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
      refreshToken = answer.json.refreshToken;
      taken.push(answer.ms);
    }
    return taken;
  };
  await chain(stage.gateway.url, WARM);
  await chain(stage.server.url, WARM);
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const direct = await chain(stage.server.url, EACH);
    const spent = cpuClock(stage.gateway.pid);
    const through = await chain(stage.gateway.url, EACH);
    rounds.push({ direct: median(direct), through: median(through), cpu: spent() / 1000 / EACH });
  }
  const of = (name) => median(rounds.map((round) => round[name]));
  const added = median(rounds.map(({ direct, through }) => through - direct));
  console.log(`${ROUNDS} rounds of ${EACH} refreshes, medians: at the auth server ${of('direct').toFixed(2)} ms, through the gateway ${of('through').toFixed(2)} ms`);
  console.log(`added: ${added.toFixed(2)} ms; CPU of the gateway, its objects and disk: ${of('cpu').toFixed(2)} ms for each refresh`);
  console.log('calls for each refresh: 1 of the session object, 2 of the revocation log');
} finally {
  await stage.stop();
}
process.exit(0);
