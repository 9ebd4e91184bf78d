// Registers tokens that did not pass through a login or refresh of this gateway: an administrator shows them, and the gate verifies them.
import { freshKey } from './handle.js';
import { call } from './module.js';
import { Problem, badRequest, denied, rowsOf, unavailable } from './problem.js';
import { deviceOf, write } from './registry.js';
import { isWithin } from './scope.js';

const EXPECTED = 'expected `pairs`, a list of { token, parent } with 1 to 50 of them; and `request`, if there is one, to be { headers, country, asn, address }';
const MOST_PAIRS = 50;
/** Characters of an IPv6 address with an IPv4 address and a zone. */
const MOST_ADDRESS = 64;

/**
 * `POST /.edgeward/admin/tokens`: `pairs` are tokens, each with the refresh token that it came from, all of one login; `request` is the
 * one that they were given out for. How many tokens are named, and in which family they are.
 */
export async function register(context, { pairs, request = null, ...rest }) {
  const { env, gate, order: { scope } } = context;
  if (!arePairs(pairs) || !isRequest(request) || Object.keys(rest).length > 0) throw badRequest(EXPECTED);
  const known = new Map();
  for (const [at, { token, parent = null }] of pairs.entries()) {
    for (const [name, text] of Object.entries({ token, parent })) {
      if (text !== null && !known.has(text)) known.set(text, await verified(gate, text, `pairs[${at}].${name}`, scope));
    }
  }
  for (const [at, { token, parent = null }] of pairs.entries()) {
    if (known.get(parent)?.type === 'access') throw badRequest(`expected \`pairs[${at}].parent\` to be a refresh token`);
    if (known.get(parent)?.hash === known.get(token).hash) throw badRequest(`expected \`pairs[${at}].parent\` to be another token`);
  }
  const owner = ownerOfAll([...known.values()]);
  const family = await familyOf(env, [...known.values()]);
  const device = request === null ? null : deviceGiven(request);
  const at = Math.floor(Date.now() / 1000);
  context.about = { of: owner, subject: owner };
  const events = pairs.map(({ token, parent = null }) => eventOf({ ...known.get(token), tenant: owner.tenant }, known.get(parent), { family, device, at }));
  try {
    await write(env, events);
  } catch {
    throw unavailable();
  }
  return { status: 201, registered: new Set(pairs.map(({ token }) => token)).size, family };
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === 'string' && value !== '';

const arePairs = (pairs) => Array.isArray(pairs) && pairs.length > 0 && pairs.length <= MOST_PAIRS && pairs.every((pair) => isObject(pair)
  && isText(pair.token) && (pair.parent === undefined || pair.parent === null || isText(pair.parent))
  && Object.keys(pair).every((name) => ['token', 'parent'].includes(name)));

function isRequest(request) {
  if (request === null) return true;
  if (!isObject(request) || !Object.keys(request).every((name) => ['headers', 'country', 'asn', 'address'].includes(name))) return false;
  const { headers = {}, country = '', asn = 0, address = '' } = request;
  return isObject(headers) && Object.values(headers).every((value) => typeof value === 'string') && typeof country === 'string' && /^[A-Z0-9]{0,2}$/.test(country)
    && Number.isSafeInteger(asn) && asn >= 0 && typeof address === 'string' && address.length <= MOST_ADDRESS && areFields(headers);
}

function areFields(headers) {
  try {
    return new Headers(headers) !== undefined;
  } catch {
    return false;
  }
}

async function verified(gate, text, place, scope) {
  const known = JSON.parse(await gate.verify(text));
  if (known.status === 'unavailable') throw new Problem(503, known.code, 'the token cannot be verified at the moment');
  if (known.status !== 'verified') throw badRequest(`expected \`${place}\` to be a token of a configured issuer`);
  if (!isWithin(scope, known)) throw denied(`\`${place}\` belongs to an issuer or tenant of other administrators`);
  return known;
}

/** Whose tokens they are: all of one subject and session. A refresh token may name no tenant where the access tokens do. */
function ownerOfAll(all) {
  const subjects = new Set(all.map(({ issuer, iss, subject }) => JSON.stringify([issuer, iss, subject])));
  const tenants = new Set(all.map(({ tenant }) => tenant).filter((tenant) => tenant !== null));
  const sessions = new Set(all.map(({ session }) => session).filter((session) => session !== null));
  if (subjects.size > 1 || tenants.size > 1) throw badRequest('expected the tokens of one subject and tenant in one request');
  // A family has one object: where another session's tokens were in it, that session would outlive the end of the family.
  if (sessions.size > 1) throw badRequest('expected the tokens of one session in one request');
  return { ...all[0], tenant: [...tenants][0] ?? null };
}

/** The family of the tokens, if one of them is registered; else a new one. */
async function familyOf(env, all) {
  const found = await rowsOf(env, JSON.parse(call('registry_family_of', JSON.stringify(all.map(({ hash }) => hash)))));
  return found[0]?.family ?? `${all[0].object}.${freshKey()}`;
}

function eventOf(known, parent, { family, device, at }) {
  const { hash, names: [name], issued_at, expires_at } = known;
  const token = { hash, name, issued_at, expires_at };
  const isRefresh = known.type === 'refresh';
  return {
    kind: 'pair', reference: freshKey(), issuer: known.issuer, iss: known.iss, tenant: known.tenant ?? '', subject: known.subject, session: known.session,
    object: known.object, family, parent: parent?.hash ?? null, access: isRefresh ? null : token, refresh: isRefresh ? token : null, device, at,
  };
}

function deviceGiven({ headers = {}, country = '', asn = 0, address = '' }) {
  const fields = new Headers(headers);
  return { ...deviceOf({ headers: fields, cf: { country, asn } }, false), address };
}
