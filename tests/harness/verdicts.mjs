// Every vector through a verifier, as tests: the verdict expected, or one of the listed exceptions, and nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examiner, vectorFiles } from './vectors.mjs';

const BATCH = 50;

/**
 * Makes the tests of the verifier in `runtime`. `judge(vectors)` resolves to a verdict for each of some vectors, in their order:
 * { verdict, code, usable }.
 */
export function testVectors(runtime, judge) {
  const { examine, idle, total } = examiner(runtime);

  for (const { file, cases } of vectorFiles()) {
    test(`${file}: the verdict expected on each of ${cases.length} cases`, async (t) => {
      const { summary, faults } = examine(file, cases, await inBatches(judge, cases));
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
}

/** Verdicts of `cases` by id. */
async function inBatches(judge, cases) {
  const byId = new Map();
  for (let from = 0; from < cases.length; from += BATCH) {
    const batch = cases.slice(from, from + BATCH).map(({ vector }) => vector);
    const verdicts = await judge(batch);
    assert.equal(verdicts.length, batch.length, 'one verdict a case');
    batch.forEach(({ id }, index) => byId.set(id, verdicts[index]));
  }
  return byId;
}
