// What is measured: which contenders run against each other, over which tokens.
import { ALGORITHMS } from './tokens.mjs';

const PEERS = ['jose', 'hono', 'tsndr'];
/** By default Edgeward has a timeout for the origin and the others have none: so both without one, too, and both with one. */
const EITHER_WAY = ['edgeward-untimed', 'floor-timed', 'jose-timed'];
/** The floor with what Edgeward does for every origin: no cache; and the forwarded headers. */
const FLOORS = ['floor-no-store', 'floor-forwarded'];

/** What the tokens of a workload are, how many distinct ones there are, and how they are answered. `fresh`: none is seen twice. */
export const WORKLOADS = {
  hot: { kind: 'good', distinct: 200, expected: 200 },
  cold: { kind: 'good', fresh: true, expected: 200 },
  'bad-signature': { kind: 'bad-signature', distinct: 200, expected: 401 },
  expired: { kind: 'expired', distinct: 200, expected: 401 },
  'unknown-issuer': { kind: 'unknown-issuer', distinct: 200, expected: 401 },
  'no-token': { kind: undefined, expected: 401 },
};

const REFUSED = ['bad-signature', 'expired', 'unknown-issuer', 'no-token'];

const scenario = (group, workload, alg, contenders, { shape = 3, ...rest } = {}) => ({
  id: [group, workload === group ? '' : workload, alg, shape === 3 ? '' : `${shape} claims headers`].filter(Boolean).join(' '),
  group, workload, alg, shape, contenders: contenders.filter((name) => !(name === 'tsndr' && alg === 'EdDSA')), ...rest,
});

/** Like with like: floor and jose do all that Edgeward does by default; and nobody does what Edgeward can be without. */
const ALIKE = ['floor-alike', 'jose-alike', 'edgeward'];
const BARE = ['floor-no-store', 'jose-no-store', 'edgeward-bare'];

/** Revocation by the log: nothing is asked, copies with more and more entries, the log for each request. */
const LOGS = ['floor-alike', 'edgeward', 'edgeward-log', 'edgeward-log-1k', 'edgeward-log-100k', 'edgeward-strict'];

/** One token in a header, and in a cookie. */
const SESSION = ['floor-alike', 'edgeward', 'edgeward-cookie'];
const OBSERVED = ['floor', 'edgeward-unobserved', 'edgeward-observed'];

/** Those of both that the lists of everything do not name yet. */
const LIKE = ['floor-alike', 'jose-alike', 'jose-no-store', 'edgeward-bare'];

/** What has a target, in the order in which it is run. */
export function aimed() {
  return [
    ...['hot', 'cold'].flatMap((workload) => ALGORITHMS.map((alg) => scenario(workload, workload, alg, [...ALIKE, ...BARE, 'floor', 'jose']))),
    ...REFUSED.slice(1).map((workload) => scenario('refused', workload, 'RS256', ['turned', 'jose', 'edgeward'])),
    scenario('log', 'hot', 'RS256', LOGS),
    scenario('session', 'hot', 'RS256', SESSION),
    scenario('observed', 'hot', 'RS256', OBSERVED),
  ];
}

/** Everything, in the order in which it is run. tsndr knows no EdDSA. */
export function full() {
  return [
    ...ALGORITHMS.map((alg) => scenario('hot', 'hot', alg, ['pass', 'floor', ...FLOORS, ...PEERS, 'edgeward', ...EITHER_WAY, ...LIKE])),
    ...ALGORITHMS.map((alg) => scenario('cold', 'cold', alg, ['floor', ...PEERS, 'edgeward', ...EITHER_WAY, 'floor-no-store', ...LIKE])),
    ...ALGORITHMS.map((alg) => scenario('refused', 'bad-signature', alg, ['turned', ...PEERS, 'edgeward'])),
    ...REFUSED.slice(1).map((workload) => scenario('refused', workload, 'RS256', ['turned', ...PEERS, 'edgeward'])),
    scenario('routes', 'hot', 'RS256', ['floor', 'edgeward', 'edgeward-500']),
    scenario('headers', 'hot', 'RS256', ['floor', 'jose', 'edgeward'], { shape: 20 }),
    scenario('headers', 'cold', 'RS256', ['floor', 'jose', 'edgeward'], { shape: 20 }),
    scenario('bounded', 'hot', 'RS256', ['pass', 'store', 'floor', 'edgeward', 'edgeward-bounded'], { isOneProcess: true }),
    scenario('bounded', 'cold', 'RS256', ['pass', 'store', 'floor', 'edgeward', 'edgeward-bounded']),
    scenario('log', 'hot', 'RS256', LOGS),
    scenario('log', 'cold', 'RS256', LOGS),
    scenario('session', 'hot', 'RS256', SESSION),
    scenario('observed', 'hot', 'RS256', OBSERVED),
    scenario('latency', 'hot', 'RS256', ['floor', ...PEERS, 'edgeward'], { pace: { rate: 800, seconds: 2 } }),
    scenario('latency', 'cold', 'RS256', ['floor', ...PEERS, 'edgeward'], { pace: { rate: 800, seconds: 2 } }),
  ];
}

/** A sample that fits into a minute. */
export function quick() {
  const three = ['floor', 'jose', 'edgeward'];
  return [
    scenario('hot', 'hot', 'RS256', three),
    scenario('cold', 'cold', 'RS256', three),
    scenario('cold', 'cold', 'HS256', three),
    scenario('refused', 'unknown-issuer', 'RS256', ['turned', 'jose', 'edgeward']),
    scenario('routes', 'hot', 'RS256', ['floor', 'edgeward', 'edgeward-500']),
    scenario('bounded', 'hot', 'RS256', ['pass', 'store', 'edgeward', 'edgeward-bounded'], { isOneProcess: true }),
  ];
}

/** Those whose group or kind of refusal is among `only`, with other algorithms, contenders or headers where they are given. */
export function chosen({ only, algs, contenders, shape, before }) {
  const isAsked = ({ group, workload }) => only.includes(group) || (REFUSED.includes(workload) && only.includes(workload));
  const seen = new Set();
  const run = (one) => [...new Set([...(contenders ?? one.contenders), ...(before ? ['before'] : [])])];
  const spread = full().filter(isAsked).flatMap((one) => (algs ?? [one.alg]).map((alg) =>
    scenario(one.group, one.workload, alg, run(one), { shape: shape ?? one.shape, pace: one.pace, isOneProcess: one.isOneProcess })));
  return spread.filter(({ id }) => !seen.has(id) && seen.add(id));
}
