// Every vector in Node, through the verifier's own core and Node's WebCrypto, by a build with the feature `conformance`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { examiner, vectorFiles } from '../worker/harness/vectors.mjs';
import { ROOT, imported } from './package.mjs';

const FOLDER = join(ROOT, 'build-npm-conformance');
const { initSync, judge } = await import(join(FOLDER, 'edgeward.js'));
initSync({ module: readFileSync(join(FOLDER, 'edgeward.wasm')) });

// WebCrypto is WebCrypto: what is excepted in workerd is excepted here, and nothing else.
const { examine, idle, total } = examiner('workerd');

for (const { file, cases } of vectorFiles()) {
  test(`${file}: the verdict expected on each of ${cases.length} cases`, async (t) => {
    const byId = new Map();
    for (const { id, vector } of cases) byId.set(id, JSON.parse(await judge(JSON.stringify(vector))));
    const { summary, faults } = examine(file, cases, byId);
    t.diagnostic(summary);
    assert.deepEqual(faults, []);
  });
}

test('every exception belongs to a case that exists in a file that was run', () => {
  assert.deepEqual(idle(), []);
});

test('the whole run', (t) => {
  t.diagnostic(JSON.stringify(total));
  assert.ok(total.run >= 600, 'the project\'s own vectors were run');
  assert.ok(total.accepted > 0 && total.refused > 0);
});

test('the package has no such function', async () => {
  assert.equal('judge' in await imported(), false);
  assert.ok(!readFileSync(join(ROOT, 'pkg/dist/edgeward.js'), 'utf8').includes('judge'));
});
