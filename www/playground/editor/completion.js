// Completion in the configuration, from the JSON Schema that the core gives.

import { looksLikeJson, toJson } from '../input/jsonc.js';
import { whereItEnds } from '../input/places.js';
import { membersAt, valuesAt } from './schema.js';

/** A completion source for CodeMirror. */
export function completionFrom(schema) {
  return (context) => {
    const text = context.state.doc.sliceString(0, context.pos);
    const word = context.matchBefore(/["\w-]*/);
    if (!context.explicit && word.from === word.to) return null;
    const isJson = looksLikeJson(text);
    const options = optionsAt(schema, (isJson ? toJson(text) : text).slice(0, text.length - (word.to - word.from)), isJson, word.text);
    // The quote that was closed while the first was typed is part of what is replaced.
    const isClosed = word.text.startsWith('"') && context.state.doc.sliceString(context.pos, context.pos + 1) === '"';
    return options.length > 0 ? { from: word.from, to: context.pos + Number(isClosed), options, validFor: /^["\w-]*$/ } : null;
  };
}

/** What may follow `text`, of which the word that is being typed was cut off. */
export function optionsAt(schema, text, isJson, word = '') {
  // A word is needed to tell a new key from the rest of a line that is complete.
  const { kind, path } = whereItEnds(`${text}${isJson ? '"' : 'x'}`, isJson);
  const inner = insideTable(path, isJson, text);
  if (inner === null || kind === 'header') return kind === 'header' ? headers(schema, text) : [];
  if (kind === 'key') return membersAt(schema, inner).map((member) => keyOption(member, isJson));
  return valuesAt(schema, inner).map(({ text: label, description }) => ({ label, info: description, type: 'constant', boost: label.startsWith(word) ? 1 : 0 }));
}

function keyOption({ name, description, byDefault, type }, isJson) {
  const label = isJson ? `"${name}"` : name;
  const shown = byDefault === undefined ? '' : ` Default: ${JSON.stringify(byDefault)}.`;
  return { label, apply: isJson ? `${label}: ` : `${label} = `, detail: type, info: `${description}${shown}`, type: 'property' };
}

/** The path inside the table EDGEWARD, or `null` outside of it. */
function insideTable(path, isJson, text) {
  const match = /^vars\.EDGEWARD(?:\.|(?=\[)|$)(.*)$/.exec(path);
  if (match) return match[1];
  const isDocument = isJson ? !/^\s*\{\s*"(name|main|vars|\$schema)"/.test(text) : false;
  return isDocument ? path : null;
}

/** Tables and lists of tables right under EDGEWARD. */
function headers(schema) {
  const tables = membersAt(schema, '').filter(({ type }) => /object|array/.test(type));
  return tables.map(({ name, description, type }) => ({ label: `vars.EDGEWARD.${name}`, info: description, detail: type, type: 'class' }));
}
