// Which keys an explanation lacks: a decision that fails for want of them says nothing about the token.

import { issuersOf } from './issuers.js';

/** `{ stage, text, fields }`, or `null` where none are lacking; `fields` are the ids of where to give them. */
export function missingKeys({ findings, token }, config, secrets) {
  const last = findings.at(-1);
  if (!last || last.holds) return null;
  const issuers = issuersOf(config);
  const own = issuers.filter(({ issuer }) => issuer !== null && issuer === token?.claims?.iss);
  if (last.code === 'keys_unavailable') return ofIssuers(last.stage, (own.length > 0 ? own : issuers).filter(({ keysFrom }) => keysFrom));
  const isSigned = last.stage === 'signature' && token?.algorithm.startsWith('HS');
  return isSigned ? ofSecrets(last, (own.length > 0 ? own : issuers).flatMap((issuer) => issuer.secrets).filter((name) => !secrets[name])) : null;
}

const codes = (names) => names.map((name) => `\`${name}\``).join(', ');

function ofIssuers(stage, issuers) {
  if (issuers.length === 0) return null;
  const names = issuers.map(({ name }) => name);
  return { stage, text: `not known: no keys of ${codes(names)} are given here`, fields: names.map((name) => `keys-${name}`) };
}

function ofSecrets({ stage, summary }, secrets) {
  if (secrets.length === 0) return null;
  const names = [...new Set(secrets)];
  const found = summary.startsWith('not known: ') ? 'not known' : summary;
  return { stage, text: `${found}: the text of ${codes(names)} is not given here`, fields: names.map((name) => `secret-${name}`) };
}
