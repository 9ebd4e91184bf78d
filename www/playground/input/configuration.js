// Reads what stands in the configuration's editor: a wrangler.toml as it is, or JSON (the document
// for KV, or a wrangler.jsonc). The table EDGEWARD is all that goes on.

import { parse, TomlError } from 'smol-toml';

import { looksLikeJson, toJson } from './jsonc.js';
import { placeOf, places } from './places.js';

/**
 * `{ config, base, notes, problems, line(path) }`. `base` is the path of the table in the text;
 * `line` finds the line of a path inside the table, from 1. `problems` are those of the text itself.
 */
export function readConfiguration(text) {
  const isJson = looksLikeJson(text);
  const plain = isJson ? toJson(text) : text;
  const found = { config: null, whole: null, base: '', notes: [], problems: [], isJson };
  let map;
  found.line = (path) => {
    map ??= places(plain, isJson);
    return lineOf(text, placeOf(map, within(found.base, path)));
  };
  try {
    found.whole = isJson ? JSON.parse(plain) : parse(text);
  } catch (error) {
    found.problems.push({ line: lineOfError(error, text), message: firstLine(error) });
    return found;
  }
  if (isJson && plain !== text && !isWrangler(found.whole)) {
    found.problems.push({ line: lineOf(text, firstDifference(text, plain)), message: 'expected no comments and no trailing commas: a document for KV is strict JSON' });
    return found;
  }
  return Object.assign(found, table(found.whole, isJson));
}

/** Whether it is a wrangler file, by what stands in it and in no document. */
const isWrangler = (whole) => ['vars', 'main', 'compatibility_date', 'env'].some((name) => whole?.[name] !== undefined);

function firstDifference(one, other) {
  let at = 0;
  while (one[at] === other[at]) at++;
  return at;
}

/** Where the table stands: under `vars`, or it is the whole text. */
function table(whole, isJson) {
  if (whole?.vars?.EDGEWARD !== undefined) {
    return { config: whole.vars.EDGEWARD, base: 'vars.EDGEWARD', notes: environments(whole) };
  }
  const isTable = isJson ? !('vars' in whole) : ['routes', 'origins', 'issuers'].some((name) => Array.isArray(whole[name]));
  // A wrangler.toml has `routes` of its own, as texts or with a `pattern`.
  const isOurs = isTable && !whole.main && !whole.compatibility_date;
  if (isOurs) return { config: whole, base: '', notes: [] };
  const problem = { line: 1, message: 'expected a table `[vars.EDGEWARD]`' };
  return { config: null, base: '', notes: environments(whole), problems: [problem] };
}

function environments(whole) {
  const names = Object.keys(whole.env ?? {});
  if (names.length === 0) return [];
  const listed = names.map((name) => `[env.${name}]`).join(', ');
  return [`${listed} ${names.length === 1 ? 'is' : 'are'} left out: only [vars.EDGEWARD] at the top is read`];
}

function within(base, path) {
  const inner = path.replace(/^EDGEWARD\.?/, '');
  if (!base || !inner) return base || inner;
  return inner.startsWith('[') ? `${base}${inner}` : `${base}.${inner}`;
}

export function lineOf(text, offset) {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

function lineOfError(error, text) {
  if (error instanceof TomlError) return error.line;
  const line = /line (\d+)/.exec(error.message);
  const position = /position (\d+)/.exec(error.message);
  if (line) return Number(line[1]);
  return position ? lineOf(text, Number(position[1])) : 1;
}

function firstLine(error) {
  return error.message.split('\n', 1)[0].replace(/^Invalid TOML document: /, '');
}
