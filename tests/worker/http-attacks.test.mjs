// Attack requests over raw sockets against the whole gateway, with an origin that records what reached it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startGateway } from './harness/gateway.mjs';
import { exceptions, mayRefuse, outcome, request, translate, upstreamFaults, vectorFiles } from './harness/http_vectors.mjs';
import { startOrigin } from './harness/origin.mjs';
import { rawRequest } from './harness/raw.mjs';

const files = vectorFiles();
const excused = exceptions();
const REDIRECTS = new Set(['redirect_ok', 'redirect_refused']);

test('every exception names a case that exists and may diverge', () => {
  const soft = new Set(files.flatMap(({ name, cases }) => cases.filter(({ firm }) => !firm).map(({ id }) => `${name} ${id}`)));
  assert.deepEqual(excused.filter(({ file, id, reason }) => !soft.has(`${file} ${id}`) || !reason), []);
});

for (const file of files) {
  describe(file.name, () => {
    let origin;
    let gateway;
    let forwarded = 0;

    before(async () => {
      origin = await startOrigin();
      origin.reply(() => ({ status: 200, headers: { 'x-from-origin': 'yes' }, body: 'origin' }));
      gateway = await startGateway({ config: translate(file.config, origin.url) });
    });

    after(async () => {
      await gateway?.stop();
      await origin?.stop();
    });

    /** Sends the case's request; { answer, seen }, the answer undefined where the connection was closed without one. */
    const send = async (vector) => {
      const first = origin.requests.length;
      const answer = await rawRequest(gateway.port, request(vector, file.config.tokens)).catch((error) => {
        if (/no answer/.test(error.message)) throw error;
      });
      const seen = origin.requests.slice(first);
      forwarded += seen.length;
      return { answer, seen };
    };

    for (const vector of file.cases) {
      const { id, expect, firm, why } = vector;
      if (REDIRECTS.has(expect)) {
        test(`${id}: not applicable, the gateway has no login redirect and emits none`, async (t) => {
          t.diagnostic('not applicable: there is no return target to validate');
          const { answer } = await send(vector);
          assert.ok(answer.status < 300 || answer.status >= 400, `status ${answer.status}`);
          assert.equal(answer.headers.get('location'), undefined);
        });
        continue;
      }
      const exception = excused.find((each) => each.file === file.name && each.id === id);
      test(`${id}: ${expect}${exception ? ` is expected, ours is ${exception.actual}` : ''} (${why})`, async () => {
        const { answer, seen } = await send(vector);
        const actual = outcome(answer, seen);
        const faults = actual === 'forward' ? upstreamFaults(vector.upstream, seen[0]) : [];
        const said = `${actual}, status ${answer?.status}: ${answer?.text.slice(0, 300)}`;
        if (exception) {
          assert.ok(!firm, 'a firm case has no exceptions');
          assert.equal(exception.expected, expect);
          assert.equal(actual, exception.actual, said);
          assert.ok(actual !== expect || faults.length > 0, 'it conforms: the exception has no ground any more');
          return;
        }
        if (actual === 'deny' && mayRefuse(vector)) return;
        assert.equal(actual, expect, said);
        assert.deepEqual(faults, []);
      });
    }

    test('nothing reached the origin later than its answer', async () => {
      await new Promise((resolve) => setTimeout(resolve, 200));
      assert.equal(origin.requests.length, forwarded);
    });
  });
}
