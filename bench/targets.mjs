// The targets, each a ratio within one run (or a size), and what this run came to.
import { difference, median, paired, ratio, sum } from './statistics.mjs';

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'HS256'];
const BEFORE_SIGNATURE = [['expired', 0.2], ['unknown-issuer', 0.3]];
/** Like with like: floor and jose do all that Edgeward does by default; and nobody does what Edgeward can be without. */
const LIKE = [
  ['', ['edgeward', 'floor-alike', 'jose-alike']],
  [', bare', ['edgeward-bare', 'floor-no-store', 'jose-no-store']],
];
/** For information: as everybody is by default; with nobody giving up on an origin; and with everybody. */
const UNLIKE = [
  [', defaults', ['edgeward', 'floor', 'jose']],
  [', none has a timeout', ['edgeward-untimed', 'floor', 'jose']],
  [', all have a timeout', ['edgeward', 'floor-timed', 'jose-timed']],
];
const COLD = { RS256: 0.85, ES256: 0.97, EdDSA: 0.97, HS256: 0.55 };
const TOKENS_SEEN = 200;
const BOUND_MS = 5000;

/** Resident memory may still move by what a garbage collector leaves lying. */
const FLAT = 1.1;

/**
 * [{ what, limit, value, rounds, least }] for everything that was measured; what has no `limit` is information. `value`, which counts, is made of slices paired with
 * one another; `rounds` is the same ratio made of medians of rounds, `least` of the best rounds.
 */
export function judge(results) {
  const lines = [];
  const line = (what, limit, figures) => 
    lines.push({ what, limit, ...figures, missed: limit !== undefined && !(figures.value <= limit) });
  /** One line, where the scenario was run with these contenders. */
  const of = (id, names, what, limit, figures) => {
    const scenario = results.scenarios.find((one) => one.id === id);
    if (scenario && names.every((name) => scenario.contenders[name])) line(what, limit, figures(scenario, names));
  };
  const ways = [...LIKE.map((way) => [...way, true]), ...UNLIKE.map((way) => [...way, false])];
  for (const [how, peers, counts] of ways) {
    const limited = (limit) => (counts ? limit : undefined);
    for (const alg of ALGORITHMS) of(`hot ${alg}`, peers, `hot ${alg}${how}: above floor, against jose's`, limited(0.15), aboveFloor);
    for (const alg of ALGORITHMS) of(`hot ${alg}`, peers.slice(0, 2), `hot ${alg}${how}: whole request against floor`, limited(1.06), whole);
    for (const alg of ALGORITHMS) of(`cold ${alg}`, peers, `cold ${alg}${how}: above floor, against jose's`, limited(COLD[alg]), aboveFloor);
  }
  for (const [reason, limit] of BEFORE_SIGNATURE) {
    const peers = ['edgeward', 'turned', 'jose'];
    of(`refused ${reason} RS256`, peers, `refused, ${reason}: above refusing all, against jose's`, limit, aboveFloor);
  }
  of('refused no-token RS256', ['edgeward', 'turned'], 'refused, no token: above refusing all, µs', 15, microsAbove);
  of('routes hot RS256', ['edgeward-500', 'edgeward'], '500 routes against 1', 1.05, whole);
  for (const entries of ['1k', '100k']) {
    const pair = [`edgeward-log-${entries}`, 'edgeward-log'];
    of('log hot RS256', pair, `revocation log, hot, ${entries} live entries against none`, 1.03, whole);
  }
  for (const workload of ['hot', 'cold']) {
    of(`log ${workload} RS256`, ['edgeward-log', 'edgeward'], `revocation log, ${workload}, bounded against off`, undefined, whole);
    of(`log ${workload} RS256`, ['edgeward-strict', 'edgeward'], `revocation log, ${workload}, strict against off`, undefined, whole);
  }
  const stored = ['edgeward-bounded', 'edgeward', 'store', 'pass'];
  of('bounded hot RS256', stored, 'revocation bounded against off, hot, less the store', 1.05, lessTheStore);
  const hot = results.scenarios.filter(({ workload }) => workload === 'hot');
  const reads = hot.map(({ contenders }) => contenders['edgeward-bounded']).find((one) => one?.span > 2 * BOUND_MS);
  if (reads) line('store reads per token and 5 s', 1, readsPerBound(reads));
  parts(results, line);
  return lines;
}

function parts({ size, start, memory, wasmMemory, following }, line) {
  if (size) {
    line('authority, raw kB', 350, { value: size['authority_bg.wasm'].raw / 1000 });
    line('wasm, raw kB', 665, { value: size['index_bg.wasm'].raw / 1000 });
    line('wasm, gzip kB', 270, { value: size['index_bg.wasm'].gzip / 1000 });
  }
  if (start) {
    const { edgeward, jose } = start.contenders;
    const figures = { value: edgeward.total / jose.total, least: edgeward.least / jose.least };
    line("first answer of a fresh process, against jose's", 1.5, figures);
    const gate = start.contenders['edgeward-gate'];
    line('first answer with both modules, against the gate alone', 1.15, { value: edgeward.total / gate.total, least: edgeward.least / gate.least });
  }
  if (memory) {
    // What a garbage collector has left lying at one moment says little: the medians of five moments each do.
    const typical = (steps) => median(steps.map(({ resident }) => resident));
    const [last, before] = [memory.edgeward.slice(-5), memory.edgeward.slice(-10, -5)];
    line(`memory, ${span(last)} tokens against ${span(before)}`, FLAT, { value: typical(last) / typical(before) });
  }
  for (const [what, bytes] of Object.entries(wasmMemory ?? {})) line(`memory of the wasm, MB, ${what}`, 48, { value: bytes / 1e6 });
  if (following) {
    const [none, most] = [0, 100_000].map((entries) => following.memory[entries]);
    line('memory of the wasm, MB, following 100,000 entries', 48, { value: most / 1e6 });
    line('of which for the entries, MB', undefined, { value: (most - none) / 1e6 });
    line('one request in 10 s, following a log, ms', undefined, { value: following.idle['edgeward-log'].ms });
  }
}

const span = (steps) => `${steps[0].tokens} to ${steps.at(-1).tokens}`;

function whole({ contenders }, [one, other]) {
  const [a, b] = [contenders[one], contenders[other]];
  return { value: paired(a.slices, b.slices, ratio), rounds: a.micros / b.micros, least: a.least / b.least };
}

function aboveFloor({ contenders }, names) {
  const [one, floor, jose] = names.map((name) => contenders[name]);
  const above = ({ slices }) => paired(slices, floor.slices, difference);
  const of = (figure) => (one[figure] - floor[figure]) / (jose[figure] - floor[figure]);
  return { value: above(one) / above(jose), rounds: of('micros'), least: of('least') };
}

function microsAbove({ contenders }, [one, other]) {
  const [a, b] = [contenders[one], contenders[other]];
  return { value: paired(a.slices, b.slices, difference), rounds: a.micros - b.micros, least: a.least - b.least };
}

/**
 * Slices without a read compare as they are; those with reads say what a read costs. Of that, the store's part is taken off: here
 * it runs in this process, where a Worker is deployed it does not.
 */
function lessTheStore({ contenders, requests }) {
  const { 'edgeward-bounded': bounded, edgeward, store, pass } = contenders;
  const indexes = (test) => bounded.asked.flatMap((asked, index) => (test(asked) ? [index] : []));
  const at = ({ slices }, chosen) => chosen.map((index) => slices[index]);
  const quiet = indexes((asked) => asked === 0);
  const perSlice = requests * bounded.rounds.length / bounded.slices.length;
  const costs = indexes((asked) => asked > perSlice / 2)
    .map((index) => (bounded.slices[index] - edgeward.slices[index]) * (perSlice / bounded.asked[index]));
  const each = paired(store.slices, pass.slices, difference);
  const own = costs.length > 0 ? median(costs) - each : 0;
  const share = sum(bounded.asked) / requests / bounded.rounds.length;
  const ofHot = (share * own) / median(edgeward.slices);
  const value = paired(at(bounded, quiet), at(edgeward, quiet), ratio) + ofHot;
  return { value, rounds: bounded.micros / edgeward.micros, share, own, each };
}

const readsPerBound = ({ asked, span }) => ({ value: sum(asked) / TOKENS_SEEN / (Math.floor(span / BOUND_MS) + 1) });
