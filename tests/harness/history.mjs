// Decides whether a recorded history keeps the promise of revocation. Every operation has the time at which it began and ended, of one
// clock (ms), seen from the client: what happened in between happened at some moment in between.
//
// A history is { tokens, requests, changes }:
//   tokens    a map from a token's id to { names, issuedAt }: the names of entries that concern it, and its `iat`
//   requests  { token, level: 'strict' | 'bounded', isolate, begin, end, status }
//   changes   { kind: 'revoke' | 'lift', name, before, begin, end, acknowledged }; `before` makes it a cut-off, which concerns tokens
//             that were issued earlier. One that is not acknowledged may take effect at any time after its begin, or never.
//
// 200 is a pass and 401 a refusal; anything else, such as 503, says nothing about the token.

export const RULES = {
  passed_after_revocation: 'a revocation was acknowledged, and a later request passed',
  passed_after_refusal: 'a request was refused, and a later one passed, although nothing was lifted',
  forgotten_by_isolate: 'an isolate refused a token and let it pass later, although nothing was lifted',
  refused_without_revocation: 'a request was refused, although no revocation stood that concerned its token',
};

/** Both clocks that decide about an age count whole milliseconds. */
const TOLERANCE_MS = 2;

const PASS = 200;
const REFUSAL = 401;

/**
 * Checks a history, where a copy of the log may be `boundMs` old on bounded routes. { violations, counts }: each violation is { rule,
 * request, because }, with the change or the request that it contradicts; the counts say how much there was to be violated.
 */
export function check({ tokens, requests, changes }, { boundMs }) {
  const age = (request) => (request.level === 'strict' ? 0 : boundMs + TOLERANCE_MS);
  const byName = grouped(changes, ({ name }) => name);
  const violations = [];
  const counts = { passed: 0, refused: 0, unanswered: 0, hadToBeRefused: 0, hadToPass: 0 };
  for (const [id, own] of grouped(requests, ({ token }) => token)) {
    const known = ofToken(tokens.get(id), byName);
    const refusals = own.filter(({ status }) => status === REFUSAL).map((refusal) => ({ refusal, because: known.standing(refusal, age(refusal)) }));
    for (const request of own) {
      const violation = judge(request, { known, refusals, age, counts });
      if (violation !== undefined) violations.push({ ...violation, request });
    }
  }
  return { violations, counts };
}

function judge(request, { known, refusals, age, counts }) {
  const isPass = request.status === PASS;
  const isRefusal = request.status === REFUSAL;
  counts[isPass ? 'passed' : isRefusal ? 'refused' : 'unanswered'] += 1;
  const binding = known.binding(request, age(request));
  const mayBeRefused = known.standing(request, age(request)).length > 0;
  if (binding !== undefined) counts.hadToBeRefused += 1;
  if (!mayBeRefused) counts.hadToPass += 1;
  if (isRefusal && !mayBeRefused) return { rule: 'refused_without_revocation', because: known.changes };
  if (!isPass) return undefined;
  if (binding !== undefined) return { rule: 'passed_after_revocation', because: binding };
  for (const { refusal, because } of refusals) {
    const isLater = refusal.end + age(request) < request.begin;
    const isRemembered = refusal.isolate === request.isolate && refusal.end < request.begin;
    if (!isLater && !isRemembered) continue;
    // A refusal without a cause is a violation of its own.
    const wasLifted = because.length === 0 || because.some((revocation) => known.mayBeLifted(revocation, request, refusal.begin - age(refusal)));
    if (!wasLifted) return { rule: isLater ? 'passed_after_refusal' : 'forgotten_by_isolate', because: refusal };
  }
  return undefined;
}

/** What the changes that concern one token allow and demand. */
function ofToken({ names, issuedAt }, byName) {
  const changes = names.flatMap((name) => byName.get(name) ?? []);
  const revocations = changes.filter(({ kind, before }) => kind === 'revoke' && (before === undefined || issuedAt < before));
  const lifts = changes.filter(({ kind }) => kind === 'lift');
  const liftsOf = (revocation) => lifts.filter(({ name }) => name === revocation.name);
  /** Whether a lift may have taken effect after the revocation and after `since`, and before the request ended. */
  const mayBeLifted = (revocation, request, since = -Infinity) =>
    liftsOf(revocation).some((lift) => lift.begin < request.end && latest(lift) > Math.max(revocation.begin, since));
  /** Whether a lift certainly took effect after the revocation, and before `time`. */
  const isLifted = (revocation, time) =>
    liftsOf(revocation).some((lift) => lift.begin > latest(revocation) && latest(lift) < time);
  return {
    changes,
    mayBeLifted,
    /** A revocation for which the request had to be refused, knowing all that had happened at `age` before it began. */
    binding: (request, age) =>
      revocations.find((revocation) => latest(revocation) + age < request.begin && !mayBeLifted(revocation, request)),
    /** The revocations for which the request may have been refused. */
    standing: (request, age) =>
      revocations.filter((revocation) => revocation.begin < request.end && !isLifted(revocation, request.begin - age)),
  };
}

/** The latest moment at which a change took effect. */
const latest = ({ acknowledged, end }) => (acknowledged ? end : Infinity);

function grouped(list, keyOf) {
  const groups = new Map();
  for (const one of list) {
    const key = keyOf(one);
    if (groups.has(key)) groups.get(key).push(one);
    else groups.set(key, [one]);
  }
  return groups;
}

/** The violations of each rule that has some, as text: how many, and the first with what it contradicts. */
export function report(violations) {
  return [...grouped(violations, ({ rule }) => rule)].map(([rule, [first, ...more]]) =>
    `${more.length + 1} × ${RULES[rule]}; the first:\n${JSON.stringify({ request: first.request, because: first.because }, null, 1)}`).join('\n');
}
