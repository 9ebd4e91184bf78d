// What the gateway remembers of tokens stays within bounds, however small they are and whatever is made for them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { startMeasured } from '../../harness/wasm_memory.mjs';

const LIMIT_BYTES = 48_000_000;
const FORTY_THOUSAND = 40_000;

const CASES = {
  'small ones': { count: FORTY_THOUSAND },
  'ones with an assertion each': { count: 25_000, asserts: true },
  'ones whose scope is thousands of words': { count: 900, claims: { scope: 'a '.repeat(2700).trim() } },
  'ones whose claims are many small objects': {
    count: 1500, claims: Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`c${n}`, { a: [1] }])),
  },
};

for (const [what, { count, claims, ...options }] of Object.entries(CASES)) {
  describe(`after ${count} distinct tokens, ${what}`, () => {
    let gateway;
    before(async () => { gateway = await startMeasured(options); });
    after(() => gateway?.stop());

    it('the wasm has less than 48 MB', async () => {
      const bytes = await gateway.grow(count, claims);
      assert.ok(bytes > 10_000_000, `${bytes} bytes: it remembers hardly any`);
      assert.ok(bytes < LIMIT_BYTES, `${bytes} bytes`);
    });
  });
}
