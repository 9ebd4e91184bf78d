// Attack requests over raw sockets against the whole gateway, with an origin that records what reached it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startEcho } from '../../harness/echo.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { exceptions, mayRefuse, outcome, request, translate, upstreamFaults, vectorFiles } from '../../harness/http_vectors.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { rawRequest } from '../../harness/raw.mjs';

const files = vectorFiles();
const excused = exceptions();
const REDIRECTS = new Set(['redirect_ok', 'redirect_refused']);

test('every exception names a case that exists and may diverge', () => {
  const soft = new Set(files.flatMap(({ name, cases }) => cases.filter(({ firm }) => !firm).map(({ id }) => `${name} ${id}`)));
  const mayDiverge = ({ file, id, seen_as: seenAs }) => soft.has(`${file} ${id}`) || seenAs;
  assert.deepEqual(excused.filter((exception) => !mayDiverge(exception) || !exception.reason), []);
});

// A firm case may diverge only where the runtime shows every Worker a harmless request in its place, to the letter.
for (const { file, id, seen_as: seenAs } of excused.filter((exception) => exception.seen_as)) {
  test(`${id}: no Worker can tell it from ${seenAs}`, async () => {
    const { config, cases } = files.find(({ name }) => name === file);
    const vector = cases.find((each) => each.id === id);
    const echo = await startEcho();
    try {
      const shown = [];
      for (const target of [vector.target, seenAs]) {
        const answer = await rawRequest(echo.port, request({ ...vector, target }, config.tokens));
        shown.push(answer.text);
      }
      assert.equal(shown[0], shown[1]);
      assert.equal(vector.target.split('#')[0], seenAs, 'what is harmless is the target without its fragment');
    } finally {
      await echo.stop();
    }
  });
}

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
          assert.ok(!firm || exception.seen_as, 'a firm case has no exceptions but by the runtime');
          if (exception.seen_as) assert.equal(seen[0]?.target, exception.seen_as);
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
