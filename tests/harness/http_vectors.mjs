// The http_attacks*.json files: where they lie, what they say, and the verdict on one case.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN = fileURLToPath(new URL('../vectors/', import.meta.url));
const NAME = /^http_attacks.*\.json$/;

/** The project's own file and those in the folders of EDGEWARD_VECTORS; one that was there before is not taken twice. */
export function vectorFiles() {
  const folders = [OWN, ...(process.env.EDGEWARD_VECTORS ?? '').split(':').filter(Boolean)];
  const seen = new Set();
  return folders.flatMap(vectorPaths).flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const digest = createHash('sha256').update(text).digest('hex');
    if (seen.has(digest)) return [];
    seen.add(digest);
    return [{ name: basename(path), ...JSON.parse(text) }];
  });
}

function vectorPaths(folder) {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true }).sort() : [];
  return names.filter((name) => NAME.test(basename(name))).map((name) => join(folder, name));
}

/** Divergences that have a reason: { file, id, expected, actual, reason }. */
export function exceptions() {
  const path = join(OWN, 'exceptions.json');
  const all = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
  return all.filter(({ file }) => NAME.test(file));
}

const IDENTITY = {
  sub: 'subject', iss: 'issuer', email: 'email', roles: 'roles', scope: 'scope', tenant: 'tenant', sid: 'session', jti: 'token_id',
};
const ACCESS = { none: 'public', optional: 'optional', jwt: 'authenticated' };
const CURVES = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512', Ed25519: 'EdDSA' };

/** The gateway's configuration for a file's `config`. */
export function translate(config, originUrl) {
  return {
    origins: [{ name: 'main', url: originUrl }],
    issuers: [{
      name: 'main',
      issuer: config.issuer,
      audiences: [config.audience].flat(),
      algorithms: [...new Set(config.jwks.keys.map(({ alg, crv }) => alg ?? CURVES[crv] ?? 'RS256'))],
      verify: { keys: config.jwks },
    }],
    headers: headers(config.claims_headers),
    routes: config.routes.filter(({ auth }) => auth !== 'deny').flatMap(routes),
  };
}

/** A claim that has a default header renames it; any other is mapped. */
function headers(byClaim) {
  const pairs = Object.entries(byClaim).map(([claim, header]) => [claim, header.toLowerCase()]);
  return {
    names: Object.fromEntries(pairs.filter(([claim]) => IDENTITY[claim]).map(([claim, header]) => [IDENTITY[claim], header])),
    claims: pairs.filter(([claim]) => !IDENTITY[claim]).map(([claim, header]) => ({ claim, header })),
  };
}

function routes({ path, also, methods = ['*'], auth, role, scope, ...unknown }) {
  if (!ACCESS[auth] || Object.keys(unknown).length > 0) throw new Error(`unknown kind of route: ${JSON.stringify({ auth, ...unknown })}`);
  const pattern = path.replace(/\/\*$/, '/**');
  const require = [...(role ? [{ role }] : []), ...(scope ? [{ scope }] : [])];
  const route = { methods, access: ACCESS[auth], revocation: 'off', ...(require.length > 0 ? { require: { all: require } } : {}) };
  // `/x/**` matches `/x` too.
  const second = also === undefined || `${also}/**` === pattern ? [] : [also];
  return [pattern, ...second].map((each) => ({ path: each, ...route }));
}

/** The case's request as bytes. */
export function request({ method, target, headers, body = '' }, tokens) {
  const lines = headers.map(([name, value]) => `${name}: ${value.replace(/\$\{(\w+)\}/g, (_, token) => tokens[token])}\r\n`);
  return Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: gateway.example\r\n${lines.join('')}\r\n${body}`);
}

/** `forward`, `deny`, or what it was instead. `answer` is undefined where the connection was closed unanswered. */
export function outcome(answer, seen) {
  if (seen.length === 1 && answer?.headers.has('x-from-origin')) return 'forward';
  if (seen.length === 0 && (answer === undefined || answer.status >= 400)) return 'deny';
  return `status ${answer?.status} with ${seen.length} requests at the origin`;
}

/** Some cases leave the choice: "… is removed (or the request refused)". */
export const mayRefuse = ({ expect, why }) => expect === 'forward' && /\(or (the request|is) refused\)/.test(why);

/** The name as the widest reader takes it: every byte that is no letter or digit is `-`, and at the ends nothing. */
const fold = (name) => name.toLowerCase().replace(/[^a-z0-9]/g, '-').replace(/^-+|-+$/g, '');
const values = (record, test) => record.headers.filter(([name]) => test(name)).map(([, value]) => value);

const UPSTREAM = {
  path: (record, path) => record.target === path,
  headers: (record, wanted) => Object.entries(wanted)
    .every(([name, value]) => same(values(record, (each) => each.toLowerCase() === name), [value])),
  absent: (record, names) => names.every((name) => values(record, (each) => each.toLowerCase() === name).length === 0),
  absent_any_spelling: (record, names) => names.every((name) => values(record, (each) => fold(each) === name).length === 0),
  absent_other_spellings: (record, names) => names
    .every((name) => values(record, (each) => fold(each) === name && each.toLowerCase() !== name).length === 0),
  single: (record, names) => names.every((name) => values(record, (each) => each.toLowerCase() === name).length === 1),
  absent_value: (record, unwanted) => Object.entries(unwanted)
    .every(([name, value]) => !values(record, (each) => fold(each) === fold(name)).some((each) => [value].flat().includes(each))),
  not_equal: (record, unwanted) => Object.entries(unwanted)
    .every(([name, value]) => !values(record, (each) => each.toLowerCase() === name.toLowerCase()).includes(value)),
};

const same = (left, right) => JSON.stringify(left) === JSON.stringify(right);

/** What the origin saw and should not have, or did not see and should have. */
export function upstreamFaults(upstream = {}, record) {
  return Object.entries(upstream).flatMap(([check, wanted]) => {
    if (!UPSTREAM[check]) throw new Error(`unknown upstream check: ${check}`);
    return UPSTREAM[check](record, wanted) ? [] : [`${check} ${JSON.stringify(wanted)} in ${JSON.stringify([record.target, record.headers])}`];
  });
}
