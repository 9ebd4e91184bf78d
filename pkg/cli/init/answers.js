// What a recipe asks: from options, or from the terminal.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { UsageError } from '../terminal.js';

const HOST = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:\d{1,5})?$/;

/** What is wrong with the answer to a field; undefined where nothing is. */
function problem(name, text) {
  if (/[\u0000-\u0020"\\<>]/.test(text)) return 'expected a text without spaces, quotes and control characters';
  if (['domain'].includes(name) && !HOST.test(text)) return 'expected a host in lower case, without https://';
  if (['url', 'app'].includes(name) && !/^https?:\/\/[^/]/.test(text)) return 'expected an address that begins with https://';
  return undefined;
}

/** What is wrong with the address of an origin. */
export function originProblem(text) {
  if (/^service:\w+$/.test(text)) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.search || url.hash || url.username) return 'expected an address such as https://api.internal.example.com, or service:BINDING';
  if (url.protocol === 'https:') return undefined;
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url.protocol === 'http:' && isLoopback ? undefined : 'expected https (http is for loopback hosts)';
}

/** The answers to the fields of a recipe, by their names. */
export async function answersOf(recipe, given, asker) {
  const answers = {};
  for (const field of recipe.fields) {
    const wrong = (text) => problem(field.name, text);
    const option = `--${field.name}`;
    let text = given[field.name] ?? (asker ? undefined : field.usual);
    if (text === undefined && !asker) throw new UsageError(`expected ${option}, such as ${option} ${field.example}: ${field.question}`);
    if (text !== undefined && wrong(text)) throw new UsageError(`${option}: ${wrong(text)}`);
    text ??= await asker.ask(`${field.question}, such as ${field.example}`, { usual: field.usual, problem: wrong });
    answers[field.name] = read(field, text, option);
  }
  return answers;
}

function read(field, text, option) {
  if (field.many) return text.split(',').filter(Boolean);
  if (field.kind !== 'public key') return text;
  try {
    return createPublicKey(readFileSync(text)).export({ format: 'jwk' });
  } catch (error) {
    throw new UsageError(`${option}: expected a file with a public key in PEM (${error.code ?? 'it cannot be read'})`);
  }
}
