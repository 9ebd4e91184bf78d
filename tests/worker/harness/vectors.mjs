// The vector files: where they lie, what shape their cases have, and which exceptions stand for them.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN = fileURLToPath(new URL('../../vectors/', import.meta.url));
const NOT_TOKENS = /^(exceptions|http_attacks.*)\.json$/;

/** Every vector file once, by content: { file, cases: [{ kind, expect, firm, notOffered, vector }] }. */
export function vectorFiles() {
  const folders = [OWN, ...(process.env.EDGEWARD_VECTORS ?? '').split(':').filter(Boolean)];
  const seen = new Set();
  return folders.flatMap(jsonFiles).flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const hash = createHash('sha256').update(text).digest('hex');
    if (seen.has(hash)) return [];
    seen.add(hash);
    const content = JSON.parse(text);
    const vectors = Array.isArray(content) ? content : content.tests;
    if (!Array.isArray(vectors)) throw new Error(`${path}: neither a list of cases nor an object with "tests"`);
    return [{ file: basename(path), cases: vectors.map((vector) => described(path, vector)) }];
  });
}

function jsonFiles(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true }).sort();
  return names.filter((name) => name.endsWith('.json') && !NOT_TOKENS.test(basename(name))).map((name) => join(folder, name));
}

/** Which divergences this runtime may have: `file` NUL `id` → { expected, actual, reason }. */
export function exceptions(runtime) {
  const path = join(OWN, 'exceptions.json');
  const list = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
  const here = list.filter((entry) => entry.runtime === runtime || entry.runtime === 'both');
  return new Map(here.map((entry) => [`${entry.file}\0${entry.id}`, entry]));
}

function described(path, vector) {
  const expect = vector.profile ?? vector.expect;
  const common = { vector, expect, id: vector.id };
  if (typeof vector.token === 'string') return { ...common, kind: 'token', firm: vector.firm, notOffered: headerAlg(vector.token) === 'ES256K' };
  if (typeof vector.jwks_text === 'string') return { ...common, kind: 'jwks', firm: true, notOffered: onlySecp256k1(vector.jwks_text) };
  if (typeof vector.sig === 'string') return { ...common, kind: 'primitive', firm: true, notOffered: vector.alg === 'ES256K' };
  throw new Error(`${path}: a case of no known shape: ${JSON.stringify(vector).slice(0, 120)}`);
}

function headerAlg(token) {
  try {
    return JSON.parse(Buffer.from(token.split('.')[0], 'base64url')).alg;
  } catch {
    return undefined;
  }
}

/** Keys of the one curve that WebCrypto does not have, and no others. */
function onlySecp256k1(text) {
  try {
    const { keys } = JSON.parse(text);
    return keys.length > 0 && keys.every((key) => key.crv === 'secp256k1');
  } catch {
    return false;
  }
}
