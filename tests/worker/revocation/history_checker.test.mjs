// The checker of histories itself, on histories written by hand: what it must find, and what it must not.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { check } from '../../harness/history.mjs';

const BOUND_MS = 1000;

/** The rules that a history of one token violates; times are pairs of begin and end. */
function violated(...operations) {
  const tokens = new Map([['t', { names: ['jti', 'session', 'subject'], issuedAt: 70 }]]);
  const [requests, changes] = [operations.filter(({ kind }) => kind === undefined), operations.filter(({ kind }) => kind !== undefined)];
  return check({ tokens, requests, changes }, { boundMs: BOUND_MS }).violations.map(({ rule }) => rule);
}

const request = (status, level, [begin, end], isolate) => ({ token: 't', level, isolate, begin, end, status });
const passed = (level, times, isolate = 0) => request(200, level, times, isolate);
const refused = (level, times, isolate = 0) => request(401, level, times, isolate);
const unavailable = (level, times) => request(503, level, times, 0);
const change = (kind, [begin, end], { name = 'jti', ...more } = {}) => ({ kind, name, begin, end, acknowledged: true, ...more });
const revoke = (times, more) => change('revoke', times, more);
const lift = (times, more) => change('lift', times, more);
const cutoff = (before, times) => revoke(times, { name: 'subject', before });

describe('a strict route', () => {
  test('keeps the promise if it refuses from the acknowledgement on', () => {
    assert.deepEqual(violated(passed('strict', [0, 5]), revoke([10, 20]), refused('strict', [21, 25]), refused('strict', [5000, 5005])), []);
  });
  test('may pass or refuse what overlaps the revocation', () => {
    for (const one of [passed, refused]) assert.deepEqual(violated(revoke([10, 20]), one('strict', [15, 25])), []);
  });
  test('breaks it with a pass that began after the acknowledgement', () => {
    assert.deepEqual(violated(revoke([10, 20]), passed('strict', [21, 25])), ['passed_after_revocation']);
  });
  test('breaks it with a pass after a refusal, even before the acknowledgement', () => {
    const history = [revoke([10, 100]), refused('strict', [15, 25]), passed('strict', [30, 35], 1)];
    assert.deepEqual(violated(...history), ['passed_after_refusal']);
  });
  test('breaks it with a pass after a refusal by a revocation that was never acknowledged', () => {
    const history = [revoke([10, 100], { acknowledged: false }), refused('strict', [15, 25]), passed('strict', [5000, 5005], 1)];
    assert.deepEqual(violated(...history), ['passed_after_refusal']);
  });
  test('may pass after a revocation that was not acknowledged', () => {
    assert.deepEqual(violated(revoke([10, 20], { acknowledged: false }), passed('strict', [30, 35]), refused('strict', [5000, 5005])), []);
  });
  test('may answer 503 at any time, which says nothing', () => {
    const history = [unavailable('strict', [0, 5]), revoke([10, 20]), unavailable('strict', [21, 25]), refused('strict', [30, 35])];
    assert.deepEqual(violated(...history), []);
  });
  test('breaks it with a refusal of a token that nobody revoked', () => {
    assert.deepEqual(violated(refused('strict', [0, 5])), ['refused_without_revocation']);
    assert.deepEqual(violated(refused('strict', [0, 5]), revoke([10, 20])), ['refused_without_revocation']);
    assert.deepEqual(violated(revoke([10, 20], { name: 'of another' }), refused('strict', [30, 35])), ['refused_without_revocation']);
  });
});

describe('a bounded route', () => {
  test('may pass until the bound is over, and not after it', () => {
    assert.deepEqual(violated(revoke([10, 20]), passed('bounded', [1020, 1025])), []);
    assert.deepEqual(violated(revoke([10, 20]), passed('bounded', [1023, 1025])), ['passed_after_revocation']);
  });
  test('may pass within the bound after a refusal elsewhere, and not after it', () => {
    const history = (begin) => [revoke([10, 100], { acknowledged: false }), refused('strict', [15, 25]), passed('bounded', [begin, begin + 5], 1)];
    assert.deepEqual(violated(...history(900)), []);
    assert.deepEqual(violated(...history(1028)), ['passed_after_refusal']);
  });
  test('breaks it if the same isolate passes after its own refusal', () => {
    assert.deepEqual(violated(revoke([10, 20]), refused('bounded', [30, 35]), passed('bounded', [40, 45])), ['forgotten_by_isolate']);
  });
  test('a strict route is not excused by its bound', () => {
    const history = [revoke([10, 20]), refused('bounded', [30, 35]), passed('strict', [40, 45], 1)];
    assert.deepEqual(violated(...history), ['passed_after_revocation']);
  });
});

describe('a lift', () => {
  test('lets a token pass from its begin on, and demands it from its acknowledgement on', () => {
    const history = (status, begin) => [revoke([10, 20]), refused('strict', [25, 30]), lift([40, 50]), request(status, 'strict', [begin, begin + 5])];
    assert.deepEqual(violated(...history(200, 45)), []);
    assert.deepEqual(violated(...history(401, 45)), []);
    assert.deepEqual(violated(...history(200, 51)), []);
    assert.deepEqual(violated(...history(401, 51)), ['refused_without_revocation']);
  });
  test('demands a pass on a bounded route when the bound is over', () => {
    const history = (begin) => [revoke([10, 20]), lift([40, 50]), refused('bounded', [begin, begin + 5])];
    assert.deepEqual(violated(...history(1050)), []);
    assert.deepEqual(violated(...history(1053)), ['refused_without_revocation']);
  });
  test('of one name does not lift another', () => {
    const history = [revoke([10, 20]), revoke([10, 20], { name: 'session' }), lift([40, 50])];
    assert.deepEqual(violated(...history, refused('strict', [60, 65])), []);
    assert.deepEqual(violated(...history, passed('strict', [60, 65])), ['passed_after_revocation']);
  });
  test('before the revocation lifts nothing', () => {
    assert.deepEqual(violated(lift([0, 5]), revoke([10, 20]), passed('strict', [30, 35])), ['passed_after_revocation']);
    assert.deepEqual(violated(lift([0, 5]), revoke([10, 20]), refused('strict', [30, 35])), []);
  });
  test('at the same time as the revocation leaves both possible, until the first answer shows which', () => {
    const both = [revoke([10, 20]), lift([12, 22])];
    for (const one of [passed, refused]) assert.deepEqual(violated(...both, one('strict', [30, 35])), []);
    assert.deepEqual(violated(...both, refused('strict', [30, 35]), passed('strict', [40, 45])), ['passed_after_refusal']);
  });
  test('that was not acknowledged leaves both possible', () => {
    const history = [revoke([10, 20]), lift([40, 50], { acknowledged: false })];
    for (const one of [passed, refused]) assert.deepEqual(violated(...history, one('strict', [60, 65])), []);
  });
  test('is ended by another revocation', () => {
    const history = [revoke([10, 20]), lift([40, 50]), revoke([60, 70])];
    assert.deepEqual(violated(...history, passed('strict', [80, 85])), ['passed_after_revocation']);
    assert.deepEqual(violated(...history, refused('strict', [80, 85])), []);
  });
});

describe('a cut-off', () => {
  test('concerns tokens that were issued before it', () => {
    assert.deepEqual(violated(cutoff(71, [10, 20]), passed('strict', [30, 35])), ['passed_after_revocation']);
    assert.deepEqual(violated(cutoff(70, [10, 20]), passed('strict', [30, 35])), []);
    assert.deepEqual(violated(cutoff(70, [10, 20]), refused('strict', [30, 35])), ['refused_without_revocation']);
  });
  test('breaks the promise if it moves back', () => {
    assert.deepEqual(violated(cutoff(100, [10, 20]), cutoff(50, [30, 40]), passed('strict', [50, 55])), ['passed_after_revocation']);
  });
  test('may move back by a lift', () => {
    const history = [cutoff(100, [10, 20]), lift([22, 25], { name: 'subject' }), cutoff(50, [30, 40])];
    assert.deepEqual(violated(...history, passed('strict', [50, 55])), []);
    assert.deepEqual(violated(...history, refused('strict', [50, 55])), ['refused_without_revocation']);
  });
});

describe('the faults that a gateway or a log may have are found', () => {
  test('a verdict cached for a second', () => {
    assert.deepEqual(violated(passed('strict', [0, 5]), revoke([10, 20]), passed('strict', [400, 401])), ['passed_after_revocation']);
  });
  test('an age counted from the answer', () => {
    // Asked at 0 and answered at 400: the copy serves until 1400, and not until 1000.
    assert.deepEqual(violated(revoke([10, 20]), passed('bounded', [1390, 1391])), ['passed_after_revocation']);
  });
  test('an acknowledgement before the append', () => {
    assert.deepEqual(violated(revoke([10, 20]), passed('strict', [30, 35]), refused('strict', [330, 335])), ['passed_after_revocation']);
  });
  test('a lift that is lost', () => {
    assert.deepEqual(violated(revoke([10, 20]), lift([40, 50]), refused('strict', [60, 65])), ['refused_without_revocation']);
  });
  test('a confirmation kept over a lift', () => {
    const history = [revoke([10, 20]), lift([40, 50]), passed('strict', [60, 65]), refused('bounded', [5000, 5005])];
    assert.deepEqual(violated(...history), ['refused_without_revocation']);
  });
});
