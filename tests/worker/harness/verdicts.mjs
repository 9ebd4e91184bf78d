// Every vector through a verifier, as tests: the verdict expected, or one of the listed exceptions, and nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exceptions, vectorFiles } from './vectors.mjs';

const BATCH = 50;

/**
 * Makes the tests of the verifier in `runtime`. `judge(vectors)` resolves to a verdict for each of some vectors, in their order:
 * { verdict, code, usable }.
 */
export function testVectors(runtime, judge) {
  const allowed = exceptions(runtime);
  const met = new Set();
  const total = { run: 0, firm: 0, accepted: 0, refused: 0, usable: 0, either: 0, excepted: 0, notOffered: 0 };

  /** What is wrong with this verdict, or undefined. */
  function fault(file, each, { verdict, code, usable }) {
    const known = each.kind === 'jwks' ? ['usable', 'no usable key'] : ['accept', 'reject'];
    if (!known.includes(verdict)) return `${each.id}: "${verdict}" is no verdict`;
    if (verdict === 'reject' && !code) return `${each.id}: refused without a code`;
    if (each.kind === 'jwks' && (verdict === 'usable') !== usable > 0) return `${each.id}: "${verdict}" with ${usable} usable keys`;
    const name = `${file}\0${each.id}`;
    const exception = allowed.get(name);
    if (exception) met.add(name);
    if (each.notOffered) return offered(each, verdict, known[1]);
    if (each.expect === 'either') return void (total.either += 1);
    if (verdict === each.expect) return exception && `${each.id}: passes, but stands in the exceptions`;
    if (!exception) return `${each.id}: expected ${each.expect}, got ${verdict} ${code} (${each.firm ? 'firm' : 'soft'}; ${each.vector.why ?? ''})`;
    if (each.firm) return `${each.id}: a firm case cannot be excepted`;
    if (exception.expected !== each.expect || exception.actual !== verdict || !exception.reason) return `${each.id}: its exception is about something else`;
    total.excepted += 1;
    return undefined;
  }

  /** ES256K is not offered here: whatever its label, it is refused. */
  function offered(each, verdict, refusal) {
    if (verdict !== refusal) return `${each.id}: ES256K is not offered here, yet ${verdict}`;
    if (each.expect !== refusal) total.notOffered += 1;
    return undefined;
  }

  for (const { file, cases } of vectorFiles()) {
    test(`${file}: the verdict expected on each of ${cases.length} cases`, async (t) => {
      assert.equal(new Set(cases.map(({ id }) => id)).size, cases.length, 'ids are unique in a file');
      const byId = await inBatches(judge, cases);
      const faults = cases.map((each) => fault(file, each, byId.get(each.id))).filter(Boolean);
      const count = (verdict) => cases.filter(({ id }) => byId.get(id).verdict === verdict).length;
      total.run += cases.length;
      total.firm += cases.filter(({ firm }) => firm).length;
      total.accepted += count('accept');
      total.refused += count('reject');
      total.usable += count('usable');
      t.diagnostic(`${file}: ${cases.length} cases, ${count('accept')} accepted, ${count('reject')} refused, ${faults.length} faults`);
      assert.deepEqual(faults, []);
    });
  }

  test('every exception belongs to a case that exists in a file that was run', () => {
    const files = new Set(vectorFiles().map(({ file }) => file));
    const idle = [...allowed].filter(([name, { file }]) => files.has(file) && !met.has(name)).map(([, { file, id }]) => `${file} ${id}`);
    assert.deepEqual(idle, []);
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
