// `make bench`: runs what has a target, prints tables with the targets beside, writes bench/results.json, and fails when one is missed.
//
//   bench/run.mjs                     what has a target (under 20 minutes)
//   bench/run.mjs --full              everything (about an hour)
//   bench/run.mjs --quick             a sample in under a minute, never failing
//   bench/run.mjs --only hot,cold --alg RS256 --contenders floor,jose,edgeward --rounds 7
//
// --only takes hot, cold, log, refused (or bad-signature, expired, unknown-issuer, no-token), routes, headers, bounded, latency,
// verify, start, memory, wasmMemory, following, burst, size. --requests N per round, --width N at once, --headers 3|20, --build FOLDER, and
// --before FOLDER: another build of the gateway as the contender `before` in the same run.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.mjs';
import { startLoad } from './client.mjs';
import { NAMES } from './contenders.mjs';
import { measure } from './measure.mjs';
import { PARTS } from './parts.mjs';
import { printScenario, printTargets } from './report.mjs';
import { aimed, chosen, full, quick } from './scenarios.mjs';
import { judge } from './targets.mjs';
import { ALGORITHMS, makeKey } from './tokens.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

// So long a warm-up because V8 compiles a function of a wasm well only when it has run through megabytes of it.
const FULL = {
  rounds: 7, requests: 4000, slice: 100, warm: 10_000, width: 16, starts: 9,
  tokens: [1, ...Array.from({ length: 15 }, (_, n) => (n + 1) * 10_000)], unknownKids: 10_000, held: 100_000,
};
const TERMS = {
  full: FULL,
  // Eight contenders each time: with all rounds this alone would take an hour.
  aimed: { ...FULL, rounds: 5, requests: 2000, warm: 6000 },
  quick: { ...FULL, rounds: 3, requests: 600, warm: 1500, starts: 3 },
  focused: { ...FULL, requests: 2000 },
};

const TEXTS = ['only', 'alg', 'contenders', 'rounds', 'requests', 'width', 'headers', 'before'];
const { values: options } = parseArgs({
  options: {
    ...Object.fromEntries(TEXTS.map((name) => [name, { type: 'string' }])),
    build: { type: 'string', default: 'build' },
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
  },
});
const list = (name) => options[name]?.split(',');
const only = list('only');
const mode = only ? 'focused' : options.quick ? 'quick' : options.full ? 'full' : 'aimed';
const given = ['rounds', 'requests', 'width'].filter((name) => options[name]).map((name) => [name, Number(options[name])]);
const terms = { ...TERMS[mode], ...Object.fromEntries(given) };

function scenarios() {
  if (mode === 'full') return full();
  if (mode === 'aimed') return aimed();
  if (mode === 'quick') return quick();
  const shape = options.headers && Number(options.headers);
  return chosen({ only, algs: list('alg'), contenders: list('contenders'), shape, before: options.before });
}

const parts = () => Object.keys(PARTS).filter((name) => (only ? only.includes(name) : mode === 'full' || PARTS[name][mode === 'quick' ? 'isQuick' : 'hasTarget']));

/** Fails early and with the choices where something unknown was asked for. */
function validate() {
  const known = (name, values, choices) => {
    const unknown = values?.find((value) => !choices.includes(value));
    if (unknown !== undefined) throw new Error(`--${name} ${unknown}: expected one of ${choices.join(', ')}`);
  };
  known('only', only, [...new Set([...full().flatMap(({ group, workload }) => [group, workload]), ...Object.keys(PARTS)])]);
  known('alg', list('alg'), ALGORITHMS);
  known('contenders', list('contenders'), NAMES.filter((name) => name !== 'before' || options.before));
  known('headers', list('headers'), ['3', '20']);
}

/** A copy of a build, so that one made meanwhile is not mixed in. */
function keep(folder) {
  const copy = mkdtempSync(join(tmpdir(), 'edgeward-bench-'));
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  cpSync(resolve(ROOT, folder), copy, { recursive: true });
  return copy;
}

/** What the figures were made on and of. */
function circumstances(build) {
  const wasm = readFileSync(join(build, 'index_bg.wasm'));
  return {
    mode, terms, at: new Date().toISOString(),
    cpu: `${cpus().length} × ${cpus()[0].model}`, kernel: release(), node: process.version,
    workerd: execFileSync(join(ROOT, 'node_modules/.bin/workerd'), ['--version'], { encoding: 'utf8' }).trim(),
    build: options.build, wasm: createHash('sha256').update(wasm).digest('hex').slice(0, 16),
  };
}

async function main() {
  validate();
  const script = await bundle();
  const keys = Object.fromEntries(ALGORITHMS.map((alg) => [alg, makeKey(alg)]));
  const stage = { script, keys, root: ROOT, build: keep(options.build), before: options.before && keep(options.before) };
  const results = { ...circumstances(stage.build), scenarios: [] };
  const load = startLoad();
  try {
    for (const scenario of scenarios()) {
      results.scenarios.push(await measure(scenario, stage, load, terms));
      printScenario(results.scenarios.at(-1));
    }
    for (const name of parts()) {
      results[name] = await PARTS[name].measure(stage, load, terms);
      PARTS[name].print(results[name]);
    }
  } finally {
    load.stop();
  }
  results.targets = judge(results);
  const missed = printTargets(results.targets);
  const file = new URL(only ? 'results-focused.json' : 'results.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
  if (['full', 'aimed'].includes(mode) && missed > 0) {
    console.log(`\n${missed} of ${results.targets.length} targets missed.`);
    process.exitCode = 1;
  }
}

// So that what was started ends with this process, however it ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
await main();
