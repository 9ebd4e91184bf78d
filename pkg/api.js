// Plain data in, plain data out, around the wasm that browser.js, node.js and workerd.js load. Nothing is decided here.
import * as core from './dist/edgeward.js';
import { optionsInvalid, thrown } from './error.js';
import { fetchKeySet } from './key_set.js';

export { EdgewardError } from './error.js';

const now = () => Date.now() / 1000;

export function check(config) {
  return answer(() => core.check(write(config)));
}

export function schema() {
  return answer(() => core.schema());
}

export async function explain(order) {
  return answerLater(() => core.explain(write({ ...order, now_seconds: order?.now_seconds ?? now() })));
}

export function createVerifier(options) {
  const verifier = verifierOf(options);
  return { verify: (token) => judge(verifier, token) };
}

export async function verify(token, options) {
  const verifier = verifierOf(options);
  try {
    return await judge(verifier, token);
  } finally {
    // The collector sees a small object, and not the memory of the wasm behind it.
    verifier.free();
  }
}

const verifierOf = (options) => attempt(() => new core.Verifier(write(options), fetchKeySet));

async function judge(verifier, token) {
  if (typeof token !== 'string') throw optionsInvalid('token', 'expected a text');
  return answerLater(() => verifier.verify(token, now()));
}

function write(value) {
  try {
    // Without a value there is no text.
    return JSON.stringify(value) ?? 'null';
  } catch {
    throw optionsInvalid('', 'expected plain data');
  }
}

function attempt(work) {
  try {
    return work();
  } catch (error) {
    throw thrown(error);
  }
}

const answer = (work) => JSON.parse(attempt(work));

async function answerLater(work) {
  try {
    return JSON.parse(await work());
  } catch (error) {
    throw thrown(error);
  }
}
