// The handler `expire`: anyone who holds a token ends it, or its family, as the package wc-django-jwt answers.
import { expireTokens } from './expire_tokens.js';
import { isJwt } from './handle.js';
import { append, verdictOf } from './log.js';
import { call } from './module.js';
import { inTime, prepared } from './registry.js';
import { event, finished, refused, verified } from './session_answer.js';
import { ended, untilOf } from './session_end.js';

const NOT_VALID = 'Token is not longer valid.';
const REQUIRED = 'This field is required.';
const NULL = 'This field may not be null.';
const BLANK = 'This field may not be blank.';
const NO_TEXT = 'Not a valid string.';
const NO_BOOLEAN = 'Must be a valid boolean.';

/** What Django REST framework takes for a boolean; texts in any case. */
const BOOLEANS = new Map([
  ...['t', 'y', 'yes', 'true', 'on', '1', 1, true].map((word) => [word, true]),
  ...['f', 'n', 'no', 'false', 'off', '0', 0, false].map((word) => [word, false]),
]);

export async function expire(context, found) {
  const fields = fieldsOf(context.body, context.given.request.headers.get('content-type'));
  const no = noFields(fields);
  if (no !== undefined) return answered(context, 400, { non_field_errors: [no] });
  const isTree = booleanOf(fields.affect_tree);
  const tree = typeof isTree === 'string' ? { affect_tree: [isTree] } : {};
  // A page of another site may have made the browser send its cookies: a token counts in the body alone.
  const fault = faultOf(found.is_cookie ? undefined : fields.token);
  if (fault !== undefined) return answered(context, 400, { token: [fault], ...tree });
  const { known, state, reason } = await described(context, found);
  if (state === 'unavailable') return refused(context, 'unavailable', { reason });
  if (state === 'over') return answered(context, 400, { token: [NOT_VALID], ...tree });
  if (typeof isTree === 'string') return answered(context, 400, tree);
  try {
    if (state === 'registered') await expireTokens({ ...context, order: { id: context.id } }, isTree ? 'family' : 'token', known.hash);
    else await endUnregistered(context, known, isTree);
  } catch {
    return refused(context, 'unavailable', { reason: 'registry' });
  }
  await context.gate.refresh_log();
  return answered(context, 200, {});
}

/** What is known of the token, and its state. */
async function described(context, found) {
  // A number is a text to REST framework, and no token.
  if (found.token === undefined) return { state: 'over' };
  const known = await verified(context, found);
  const told = await stateOfTold(context, known);
  if (told.state !== 'over' || !known.is_opaque || known.is_sealed) return told;
  // The registry knows a refresh token by its text, and an access token as the auth server's answer describes it.
  const access = JSON.parse(await context.gate.verify_access(found.token));
  if (access.status === 'verified') context.known = access;
  // It is one, although it may name neither a subject nor a session.
  return stateOfTold(context, { ...access, is_opaque: false, may_be_extended: !isJwt(found.token) });
}

async function stateOfTold(context, known) {
  if (known.status === 'unavailable') return { state: 'unavailable', reason: known.code };
  return known.status === 'verified' ? { known, ...await stateOf(context, known) } : { state: 'over' };
}

/** Whether a token is active and `registered`, or `unregistered` yet, which the log decides; or `over`, or `unavailable`. */
async function stateOf({ env, settings }, known) {
  try {
    const members = JSON.parse(call('registry_members', 'token', known.hash, Math.floor(Date.now() / 1000)));
    const { results } = await inTime(prepared(env.EDGEWARD_DB, members).all());
    if (results.length > 0) return { state: 'registered' };
  } catch {
    return { state: 'unavailable', reason: 'registry' };
  }
  // Of an opaque token nobody here can tell whether it is one: anyone could fill the log with such texts.
  const isNone = known.is_over || known.is_opaque || known.type === 'other';
  const verdict = isNone ? 'revoked' : await verdictOf(env, settings.location, known.names, known.issued_at);
  if (verdict === 'clear') return { state: 'unregistered' };
  return verdict === 'revoked' ? { state: 'over' } : { state: 'unavailable', reason: verdict };
}

async function endUnregistered(context, known, isTree) {
  if (isTree) {
    await ended(context, [known], 'logout');
    return;
  }
  await append(context.env, call('session_append', JSON.stringify([[known.names[0], untilOf(known), null]]), known.issuer, known.tenant ?? '', 'admin'), context.settings.location);
}

/** Why a body has no fields at all, if that is so. */
function noFields(fields) {
  if (fields === null) return 'No data provided';
  if (typeof fields === 'object' && !Array.isArray(fields)) return undefined;
  const kind = Array.isArray(fields) ? 'list' : { string: 'str', boolean: 'bool' }[typeof fields] ?? (Number.isInteger(fields) ? 'int' : 'float');
  return `Invalid data. Expected a dictionary, but got ${kind}.`;
}

/** What is wrong with a token before anything is known of it. */
function faultOf(token) {
  if (token === undefined) return REQUIRED;
  if (token === null) return NULL;
  if (typeof token !== 'string' && typeof token !== 'number') return NO_TEXT;
  return String(token).trim() === '' ? BLANK : undefined;
}

/** The boolean of `affect_tree`, or what is wrong with it. */
function booleanOf(value) {
  if (value === undefined) return false;
  if (value === null) return NULL;
  return BOOLEANS.get(typeof value === 'string' ? value.toLowerCase() : value) ?? NO_BOOLEAN;
}

function answered(context, status, body) {
  event(context, 'expire', { outcome: status === 200 ? 'expired' : 'refused', status, ms: Date.now() - context.began });
  return finished(context, Response.json(body, { status }));
}

/** The fields of a body. What is no JSON has been refused before. */
function fieldsOf(body, type) {
  const text = new TextDecoder().decode(body);
  if (/^application\/json/i.test(type ?? '')) return text.trim() === '' ? {} : JSON.parse(text);
  const { affect_tree: isTree, ...fields } = Object.fromEntries(new URLSearchParams(text));
  // In a form, an empty text is none.
  return isTree === undefined || isTree === '' ? fields : { ...fields, affect_tree: isTree };
}
