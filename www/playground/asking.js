// Puts the question to the core: the state as the core wants it, and its answer or its errors.

import { load } from './core.js';
import { readConfiguration } from './input/configuration.js';
import { readHeaders } from './input/headers.js';
import { issuersOf } from './input/issuers.js';
import { revocations } from './state.js';

/**
 * `{ reading, errors, warnings, told, fault }`: what stands in the configuration, what is wrong with
 * it, and the explanation, if there is one.
 */
export async function ask(state) {
  const reading = readConfiguration(state.configuration);
  const found = { reading, errors: [], warnings: [], told: null, fault: null };
  if (reading.config === null) {
    found.errors = reading.problems.map((problem) => ({ path: '', ...problem }));
    return found;
  }
  const core = await load();
  const { errors, warnings } = core.check(reading.config);
  const at = (problem) => ({ ...problem, line: reading.line(problem.path) });
  const byLine = (one, other) => one.line - other.line;
  found.errors = errors.map(at).sort(byLine);
  found.warnings = warnings.map(at).sort(byLine);
  if (errors.length > 0) return found;
  return { ...found, ...(await explained(core, state, reading.config)) };
}

/** The same at other times, for the band over the slider: what is done, and its code. */
export async function askAt(state, times) {
  const { config } = readConfiguration(state.configuration);
  const core = await load();
  const outcomes = [];
  for (const now of times) {
    const { told } = await explained(core, { ...state, now }, config);
    if (!told) return [];
    outcomes.push({ now, outcome: told.explanation.outcome });
  }
  return outcomes;
}

async function explained(core, state, config) {
  try {
    return { told: await core.explain(question(state, config)), fault: null };
  } catch (error) {
    return { told: null, fault: error.message };
  }
}

function question(state, config) {
  const issuers = issuersOf(config);
  const secrets = Object.entries(state.secrets).filter(([, text]) => text);
  return {
    config,
    request: requestOf(state),
    now_seconds: state.now,
    keys: keySets(state.keys, issuers),
    secrets: Object.fromEntries(secrets),
    revoked: revocations(state),
    store_down: state.storeDown,
    answer: answerOf(state),
  };
}

/** The request with its token as a header. A URL may be a path alone. */
export function requestOf(state) {
  const { headers } = readHeaders(state.headers);
  const token = state.token.trim().replace(/^bearer +/i, '');
  if (token) headers.push(['authorization', `Bearer ${token}`]);
  const url = state.url.trim();
  return { method: state.method.trim() || 'GET', url: url.startsWith('/') ? `https://localhost${url}` : url, headers };
}

/** Texts that are no JSON are no keys: the gateway would not have them either. */
function keySets(texts, issuers) {
  const sets = {};
  for (const { name } of issuers) {
    const set = keySet(texts[name] ?? '');
    if (set) sets[name] = set;
  }
  return sets;
}

/** A JWK Set; a single key is put into one. */
export function keySet(text) {
  try {
    const value = JSON.parse(text);
    return value?.kty ? { keys: [value] } : value;
  } catch {
    return null;
  }
}

function answerOf(state) {
  if (state.answers !== 'answer') return state.answers;
  try {
    return JSON.parse(state.answer);
  } catch {
    return state.answer.trim() || 'none';
  }
}
