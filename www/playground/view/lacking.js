// What a refused caller lacks, in words: what was needed, and what there was instead. It is read from the checks of the step
// that refused; the core has judged them.

import { relative, span, utc } from './moment.js';

/** Of a list, so many are named. */
const MOST = 5;
const MOST_CHARS = 80;

/** Of a claim that is a time, the step's own line says more. */
const SAID_BY_SUMMARY = new Set(['exp', 'nbf', 'iat', 'age', 'required', 'subject']);

const UNSAID = 'the token does not say';

/** `` needs role `admin`; has `member` ``, or `null` where the step's summary says it. */
export function lacking({ stage, holds, checks }, now) {
  if (holds || checks.length === 0) return null;
  if (stage === 'requirement') return required(checks, now);
  if (stage !== 'membership' && stage !== 'claims') return null;
  const failed = checks.filter((check) => check.holds === false && !SAID_BY_SUMMARY.has(check.what));
  if (failed.length === 0) return null;
  return failed.map(({ what, expected, got }) => {
    const name = stage === 'claims' ? code(what) : what.replace(' of the token', '');
    return `needs ${name}${stage === 'claims' ? ':' : ''} ${code(expected)}; has ${got === 'none' ? got : code(got)}`;
  }).join(', and ');
}

/** What a check got, with a time as ISO 8601 beside its seconds. */
export function gotOf({ what, got }) {
  const isTime = got !== null && /^max_age_seconds = /.test(what) && /^\d+$/.test(got);
  return isTime ? `${got}, ${utc(Number(got))}` : got;
}

function required(checks, now) {
  const [root] = tree(checks);
  const { text, has } = need(root, now);
  return `needs ${text}${has ? `; ${has}` : ''}`;
}

/** The nodes of a requirement, each with its branches. */
function tree(checks) {
  const roots = [];
  const above = [];
  for (const check of checks) {
    const node = { ...check, branches: [] };
    above.length = check.depth;
    (above.at(-1)?.branches ?? roots).push(node);
    above.push(node);
  }
  return roots;
}

/** What would be needed for a node, and what there is; `has` is `null` where the text says that as well. */
function need(node, now) {
  if (node.what === 'not') return without(node.branches[0], now);
  if (node.branches.length === 0) return { text: asked(node), has: hasOf(node, now) };
  const parts = node.branches.filter((branch) => !branch.holds).map((branch) => need(branch, now));
  if (parts.length === 1) return parts[0];
  const isSame = parts.every((part) => part.has !== null && part.has === parts[0].has);
  const texts = parts.map(({ text, has, prefix = '' }) => `${prefix}${text}${has && !isSame ? ` (${has})` : ''}`);
  const prefix = node.what === 'any' ? 'either ' : texts.length === 2 ? 'both ' : 'all of ';
  return { text: joined(texts, node.what), has: isSame ? parts[0].has : null, prefix };
}

function joined(texts, kind) {
  const shown = texts.length > MOST ? [...texts.slice(0, MOST), `${texts.length - MOST} more`] : texts;
  return [shown.slice(0, -1).join(', '), shown.at(-1)].filter(Boolean).join(kind === 'any' ? ' or ' : ' and ');
}

function without(branch, now) {
  const has = branch.holds ? hasOf(branch, now) : UNSAID;
  return { text: `a caller without ${described(branch)}`, has: branch.branches.length > 0 ? null : has };
}

function described(node) {
  const { what, branches } = node;
  if (what === 'not') return `(a caller without ${described(branches[0])})`;
  return branches.length === 0 ? asked(node) : `(${joined(branches.map(described), what)})`;
}

/** A leaf in words, with the segment of the path that its claim is compared with. */
const asked = ({ what, expected }) => `${leaf(what).needs}${expected ? `, ${code(parsed(expected))}` : ''}`;

const LISTS = new Set(['role', 'scope']);

/** A leaf as it is configured, in words: `{ kind, needs }`. */
function leaf(what) {
  const [, kind, value] = /^(\w+) = (.*)$/s.exec(what) ?? [];
  if (kind === 'max_age_seconds') return { kind, needs: `a login at most ${span(Number(value))} ago` };
  if (kind === 'acr') return { kind, needs: `\`acr\` ${listed(parsed(value), ' or ')}` };
  if (kind === 'claim') return { kind, needs: claim(value) };
  return kind ? { kind, needs: `${kind} ${code(parsed(value))}` } : { kind: null, needs: code(what) };
}

const TESTS = [
  [/^equals = (.*)$/s, (path, value) => `claim ${path} = ${code(value)}`],
  [/^one_of = (.*)$/s, (path, values) => `claim ${path} = ${listed(jsons(values), ' or ')}`],
  [/^contains = (.*)$/s, (path, value) => `claim ${path} with ${code(value)} in it`],
  [/^path_segment = (\d+)$/, (path, index) => `claim ${path} equal to segment ${index} of the path`],
  [/^exists = true$/, (path) => `claim ${path}`],
  [/^exists = false$/, (path) => `no claim ${path}`],
  [/^min = (\S+), max = (\S+)$/, (path, min, max) => `claim ${path} from ${min} to ${max}`],
  [/^min = (\S+)$/, (path, min) => `claim ${path} of at least ${min}`],
  [/^max = (\S+)$/, (path, max) => `claim ${path} of at most ${max}`],
];

function claim(value) {
  const [, path, test] = /^("(?:[^"\\]|\\.)*"), (.*)$/s.exec(value) ?? [];
  if (!path) return `claim ${code(value)}`;
  for (const [pattern, words] of TESTS) {
    const found = pattern.exec(test);
    if (found) return words(code(parsed(path)), ...found.slice(1));
  }
  return `claim ${code(parsed(path))} with ${code(test)}`;
}

/** What the caller has in the place of a leaf. */
function hasOf({ what, holds, got }, now) {
  if (got === 'unknown') return UNSAID;
  if (got === null) return holds ? null : 'has none';
  if (got.startsWith('unknown: ')) return `has ${code(got.slice(9))}, which cannot be checked`;
  const { kind } = leaf(what);
  const value = parsed(got);
  if (LISTS.has(kind) && Array.isArray(value)) return value.length > 0 ? `has ${listed(value, ', ')}` : 'has none';
  if (kind === 'max_age_seconds' && typeof value === 'number') return `the login was at ${utc(value)}, ${relative(value, now)}`;
  return `has ${kind === 'claim' ? code(got) : code(value)}`;
}

function listed(values, word) {
  if (!Array.isArray(values)) return code(values);
  const more = values.length - MOST;
  return `${values.slice(0, MOST).map(code).join(word)}${more > 0 ? ` and ${more} more` : ''}`;
}

/** JSON, or the text itself where it is written in another way. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The items of a list as JSON, by which a text and a number are told apart. */
function jsons(text) {
  const values = parsed(text);
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : values;
}

/** As code; what is long is cut, and no mark in it ends the code. */
function code(value) {
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('`', '’');
  return `\`${text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}…` : text}\``;
}
