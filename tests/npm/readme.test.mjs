// Every example of the README runs as it stands there, and logs what its comments say.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { issuerOf } from './issuer.mjs';
import { ROOT, install } from './package.mjs';

const README = readFileSync(join(ROOT, 'pkg/README.md'), 'utf8');
const examples = [...README.matchAll(/^```js\n(.*?)^```$/gms)].map(([, text]) => text);

let place;
let given;
before(async () => {
  place = install();
  const issuer = await issuerOf('ES256');
  const now = Math.floor(Date.now() / 1000);
  const token = await issuer.token({ iat: now, exp: now + 600 });
  given = `const token = ${JSON.stringify(token)}; const jwks = ${JSON.stringify({ keys: [issuer.key.publicJwk] })};\n`;
});

const shown = 'console.log = (value) => process.stdout.write(`${typeof value === "string" ? value : JSON.stringify(value)}\\n`);\n';

test('there are examples of everything but the gate, which has a test in workerd', () => {
  const names = examples.flatMap((text) => /import \{ (.*) \} from 'edgeward'/.exec(text)[1].split(', '));
  assert.deepEqual([...new Set(names)].sort(), ['check', 'createVerifier', 'explain', 'schema', 'verify']);
});

for (const [index, text] of examples.entries()) {
  test(`example ${index + 1} logs what it says`, () => {
    const expected = [...text.matchAll(/^.*console\.log\(.*\);\s*\/\/ (.*)$/gm)].map(([, comment]) => comment);
    assert.ok(expected.length > 0);
    const file = join(place.folder, `example-${index}.mjs`);
    writeFileSync(file, shown + given + text);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.deepEqual(stdout.trimEnd().split('\n'), expected);
  });
}
