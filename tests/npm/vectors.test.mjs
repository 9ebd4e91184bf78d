// Every vector in Node, through the verifier's own core and Node's WebCrypto, by a build with the feature `conformance`.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { testVectors } from '../harness/verdicts.mjs';
import { ROOT, imported } from './package.mjs';

const FOLDER = join(ROOT, 'build-npm-conformance');
const { initSync, judge } = await import(join(FOLDER, 'edgeward.js'));
initSync({ module: readFileSync(join(FOLDER, 'edgeward.wasm')) });

// WebCrypto is WebCrypto: what is excepted in workerd is excepted here, and nothing else.
testVectors('workerd', async (vectors) => {
  const verdicts = await Promise.all(vectors.map((vector) => judge(JSON.stringify(vector))));
  return verdicts.map((verdict) => JSON.parse(verdict));
});

test('the package has no such function', async () => {
  assert.equal('judge' in await imported(), false);
  assert.ok(!readFileSync(join(ROOT, 'pkg/dist/edgeward.js'), 'utf8').includes('judge'));
});
