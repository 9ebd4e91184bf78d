// What is measured besides the scenarios: how, and how it is printed.
import { resolve } from 'node:path';
import { measureBursts } from './burst.mjs';
import { measureFollowing } from './following.mjs';
import { measureMemory, measureWasmMemory } from './memory.mjs';
import { printRows } from './report.mjs';
import { sizes } from './size.mjs';
import { measureStart } from './start.mjs';
import { measureVerification } from './verify.mjs';

const MB = 1_000_000;

export const PARTS = {
  size: {
    isQuick: true,
    hasTarget: true,
    measure: ({ root, build }) => sizes(resolve(root, build)),
    print: (files) => printRows('size, kB', ['raw', 'gzip', 'brotli'],
      Object.entries(files).map(([name, { raw, gzip, brotli }]) => [name, raw / 1000, gzip / 1000, brotli / 1000])),
  },
  start: {
    isQuick: true,
    hasTarget: true,
    measure: (stage, _, { starts }) => measureStart(stage, starts),
    print({ contenders, compile }) {
      const rows = Object.entries(contenders).map(([name, { total, least, first, second }]) => [name, total, least, first, second]);
      printRows('cold start, ms from the start of the process', ['first answer', 'least', '1st request', '2nd request'], rows);
      console.log(`  compiling the gateway's wasm: ${compile.toFixed(1)} ms`);
    },
  },
  verify: {
    isQuick: false,
    hasTarget: false,
    measure: (stage, _, { rounds }) => measureVerification(stage, rounds),
    print: ({ webcrypto, wasm }) => printRows('verification alone, CPU µs', ['WebCrypto', 'wasm'],
      Object.entries(webcrypto).map(([alg, micros]) => [alg, micros, wasm[alg] ?? '–'])),
  },
  burst: {
    isQuick: false,
    hasTarget: false,
    measure: (stage, load, { unknownKids, width }) => measureBursts(stage, load, unknownKids, width),
    print: (results) => printRows('bursts, ms', ['p50', 'p99', 'max', 'key fetches', 'CPU µs each'],
      Object.entries(results).flatMap(([name, { first, unknown }]) => [
        [`${name}, first`, first.p50, first.p99, first.max, String(first.fetches), ''],
        [`${name}, unknown kid`, unknown.p50, unknown.p99, unknown.max, String(unknown.fetches), unknown.micros],
      ])),
  },
  memory: {
    isQuick: false,
    hasTarget: false,
    measure: (stage, load, { tokens, width }) => measureMemory(stage, load, tokens, width),
    print: (results) => printRows('memory of the process after distinct tokens, MB', ['resident', 'peak'],
      Object.entries(results).flatMap(([name, steps]) =>
        steps.map(({ tokens, resident, peak }) => [`${name}, ${tokens}`, resident / MB, peak / MB]))),
  },
  wasmMemory: {
    isQuick: false,
    hasTarget: true,
    measure: ({ build }, _, { held }) => measureWasmMemory(build, held),
    print: (results) => printRows('memory of the wasm after 100,000 distinct tokens, MB', ['at the end'],
      Object.entries(results).map(([what, bytes]) => [what, bytes / MB])),
  },
  following: {
    isQuick: false,
    hasTarget: true,
    measure: (stage) => measureFollowing(stage),
    print({ memory, idle }) {
      printRows('memory of the wasm that follows a log, MB', ['at the end'],
        Object.entries(memory).map(([entries, bytes]) => [`${entries} entries`, bytes / MB]));
      printRows('a request in 10 s', ['ms, median', 'CPU ms of 9 s of silence'], Object.entries(idle).map(([name, { ms, silence }]) => [name, ms, silence]));
    },
  },
};
