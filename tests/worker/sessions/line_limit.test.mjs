// Lines that are written beside all others have a limit, too: a client that replays one token chooses neither the bill nor what is hidden.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { inParallel } from '../../harness/client.mjs';
import { startSessions } from '../../harness/session_stage.mjs';
import { weighty } from '../../../src/authority/line_limit.js';

const MOST = 100;
const FLOOD = 600;

/** What `work` prints. */
function printed(t, work) {
  const print = t.mock.method(console, 'log', () => {});
  work();
  const lines = print.mock.calls.map(({ arguments: [line] }) => JSON.parse(line));
  print.mock.restore();
  return lines;
}

const flood = (event, count) => {
  for (let n = 0; n < count; n += 1) weighty({ event, n });
};

test('of each event a hundred lines a second are written, and the next one counts what was left out', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
  const first = printed(t, () => {
    flood('replayed', FLOOD);
    flood('reuse', 1);
    t.mock.timers.tick(999);
    flood('replayed', 1);
  });
  const replayed = first.filter(({ event }) => event === 'replayed');
  assert.deepEqual([replayed.length, replayed.at(-1).n, first.some((line) => 'unlogged' in line)], [MOST, MOST - 1, false]);
  assert.deepEqual(first.filter(({ event }) => event === 'reuse'), [{ event: 'reuse', n: 0 }], 'none takes a line from another event');
  t.mock.timers.tick(1);
  const second = printed(t, () => flood('replayed', MOST + 1));
  assert.deepEqual([second.length, second[0].unlogged, second[1].unlogged], [MOST, FLOOD - MOST + 1, undefined]);
});

test('a client that replays a token has lines from the third replay on, as many as the limit allows', async (t) => {
  const stage = await startSessions();
  t.after(() => stage.stop());
  const { refreshToken } = await stage.server.login('ada');
  await stage.refresh(refreshToken);
  await inParallel(12, 4, () => stage.refresh(refreshToken));
  const replays = stage.events('refresh_replayed').map((line) => line.replays);
  assert.deepEqual(replays.sort((one, other) => one - other), Array.from({ length: 10 }, (_, n) => n + 3));
});
