// The benchmark takes an hour: that its gateways are configured, and do what is compared, is seen here in seconds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { bundle } from '../../../bench/bundle.mjs';
import { check } from '../../../bench/check.mjs';
import { NAMES } from '../../../bench/contenders.mjs';
import { startStage } from '../../../bench/stage.mjs';
import { makeKey } from '../../../bench/tokens.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

test('every gateway of the benchmark forwards a good token with the same headers, and refuses a bad one', async (t) => {
  // One more has a log of 100,000 entries, which take half a minute to write; it is configured as this one is.
  const contenders = NAMES.filter((name) => name.startsWith('edgeward') && name !== 'edgeward-log-100k');
  assert.ok(contenders.length > 8);
  const key = makeKey('RS256');
  const running = await startStage({ script: await bundle(), key, shape: 3, root: ROOT, build: 'build' }, contenders);
  t.after(() => running.stop());
  await check(contenders, running, key, 3);
});
