// Commands that ask the same, to be copied. They name where the token belongs, and never hold it.

import { isCredential } from './headers.js';

/** A `curl` command. */
export function asCurl(request, hasToken) {
  const lines = [`curl -i ${request.method === 'GET' ? '' : `-X ${quoted(request.method)} `}${quoted(request.url)}`];
  if (hasToken) lines.push('-H "Authorization: Bearer $token"');
  for (const [name, value] of request.headers) lines.push(`-H ${header(name, value)}`);
  return lines.join(' \\\n  ');
}

/** An `edgeward explain` command; files and variables are named as they would be made first. */
export function asExplain(request, hasToken, given) {
  const lines = [`edgeward explain --config ${given.isJson ? 'config.json' : 'wrangler.toml'} --now ${given.now}`];
  for (const issuer of given.issuers) lines.push(`--jwks ${quoted(`${issuer}=${issuer}.jwks.json`)}`);
  for (const name of given.secrets) lines.push(`--secret ${quoted(`${name}=${name}`)}`);
  for (const kind of given.revoked) lines.push(`--revoked ${kind}`);
  if (given.storeDown) lines.push('--store-down');
  if (given.answers === 'no') lines.push('--answer no');
  if (given.answers === 'answer') lines.push('--answer answer.json');
  for (const [name, value] of request.headers) lines.push(`-H ${header(name, value)}`);
  if (hasToken) lines.push('--token -');
  lines.push(`${quoted(request.method)} ${quoted(request.url)}`);
  const command = lines.join(' \\\n  ');
  return hasToken ? `printf %s "$token" | ${command}` : command;
}

function header(name, value) {
  return isCredential(name, value) && value ? `"${name}: $${variable(name)}"` : quoted(`${name}: ${value}`);
}

/** Names are header names: letters, digits and marks that a variable cannot have. */
function variable(name) {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '_');
}

function quoted(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
