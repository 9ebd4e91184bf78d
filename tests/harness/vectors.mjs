// The vector files: where they lie, what shape their cases have, and which exceptions stand for them.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN = fileURLToPath(new URL('../vectors/', import.meta.url));
const NOT_TOKENS = /^(exceptions|http_attacks.*|interop.*)\.json$/;

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

/**
 * Holds verdicts against what cases expect: `examine(file, cases, byId)` gives a `summary` and the `faults`; `total` counts over all
 * files, and `idle()` lists the exceptions that no case of them needed.
 */
export function examiner(runtime) {
  const allowed = exceptions(runtime);
  const met = new Set();
  const files = new Set();
  const total = { run: 0, firm: 0, accepted: 0, refused: 0, usable: 0, either: 0, excepted: 0, notOffered: 0 };

  /** What is wrong with this verdict, or undefined. */
  function fault(file, each, { verdict, code, usable }) {
    const known = each.kind === 'jwks' ? ['usable', 'no usable key'] : ['accept', 'reject'];
    if (!known.includes(verdict)) return `${each.id}: "${verdict}" is no verdict`;
    if (verdict === 'reject' && !code) return `${each.id}: refused without a code`;
    if (each.kind === 'jwks' && (verdict === 'usable') !== usable > 0) return `${each.id}: "${verdict}" with ${usable} usable keys`;
    const name = `${file}\0${each.id}`;
    const exception = allowed.get(name);
    if (exception) met.add(name);
    if (each.notOffered) return offered(each, verdict, known[1]);
    if (each.expect === 'either') return void (total.either += 1);
    if (verdict === each.expect) return exception && `${each.id}: passes, but stands in the exceptions`;
    if (!exception) return `${each.id}: expected ${each.expect}, got ${verdict} ${code} (${each.firm ? 'firm' : 'soft'}; ${each.vector.why ?? ''})`;
    if (each.firm) return `${each.id}: a firm case cannot be excepted`;
    if (exception.expected !== each.expect || exception.actual !== verdict || !exception.reason) return `${each.id}: its exception is about something else`;
    total.excepted += 1;
    return undefined;
  }

  /** ES256K is not offered here: whatever its label, it is refused. */
  function offered(each, verdict, refusal) {
    if (verdict !== refusal) return `${each.id}: ES256K is not offered here, yet ${verdict}`;
    if (each.expect !== refusal) total.notOffered += 1;
    return undefined;
  }

  function examine(file, cases, byId) {
    files.add(file);
    const faults = cases.map((each) => fault(file, each, byId.get(each.id))).filter(Boolean);
    if (new Set(cases.map(({ id }) => id)).size !== cases.length) faults.push('ids are not unique in the file');
    const count = (verdict) => cases.filter(({ id }) => byId.get(id).verdict === verdict).length;
    total.run += cases.length;
    total.firm += cases.filter(({ firm }) => firm).length;
    total.accepted += count('accept');
    total.refused += count('reject');
    total.usable += count('usable');
    return { faults, summary: `${file}: ${cases.length} cases, ${count('accept')} accepted, ${count('reject')} refused, ${faults.length} faults` };
  }

  const idle = () => [...allowed].filter(([name, { file }]) => files.has(file) && !met.has(name)).map(([, { file, id }]) => `${file} ${id}`);
  return { examine, idle, total };
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
