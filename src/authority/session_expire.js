// The handler `expire`: anyone who holds a registered token ends it, or its family, as the package wc-django-jwt answers.
import { append, verdictOf } from './log.js';
import { call } from './module.js';
import { inTime, prepared } from './registry.js';
import { expireTokens } from './registry_resources.js';
import { event, finished, refused, verified } from './session_answer.js';
import { ended } from './session_end.js';

const NOT_VALID = { token: ['Token is not longer valid.'] };
const MISSING = { token: ['This field is required.'] };
const NO_BOOLEAN = { affect_tree: ['Must be a valid boolean.'] };

/** What Django REST framework takes for a boolean. */
const BOOLEANS = new Map([
  ...['t', 'T', 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON', '1', 1, true].map((word) => [word, true]),
  ...['f', 'F', 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF', '0', 0, false].map((word) => [word, false]),
]);

export async function expire(context, found) {
  const { body, env, gate, id } = context;
  const fields = fieldsOf(body, context.given.request.headers.get('content-type'));
  const isTree = fields?.affect_tree === undefined ? false : BOOLEANS.get(fields.affect_tree);
  if (isTree === undefined) return answered(context, 400, NO_BOOLEAN);
  // A page of another site may have made the browser send its cookies: what only they say ends nothing.
  if (found.token === undefined || (found.is_cookie && gate.may_be_cross_site())) return answered(context, 400, MISSING);
  const known = await verified(context, found);
  if (known.status === 'unavailable') return refused(context, 'unavailable', { reason: known.code });
  if (known.status !== 'verified') return answered(context, 400, NOT_VALID);
  try {
    const order = { id };
    const members = JSON.parse(call('registry_members', 'token', known.hash, Math.floor(Date.now() / 1000)));
    const { results } = await inTime(prepared(env.EDGEWARD_DB, members).all());
    if (results.length > 0) {
      await expireTokens({ ...context, order }, isTree ? 'family' : 'token', known.hash);
      return answered(context, 200, {});
    }
  } catch {
    return refused(context, 'unavailable', { reason: 'registry' });
  }
  return unregistered(context, known, isTree);
}

/** A token that the registry has not as active: it may not have heard of it yet, and whether it is good the log says. */
async function unregistered(context, known, isTree) {
  const { env, settings } = context;
  // Of an opaque token nobody here can tell whether it is one: anybody could fill the log with such texts.
  const verdict = known.is_over || known.is_opaque ? 'revoked' : await verdictOf(env, settings.location, known.names, known.issued_at);
  if (verdict === 'revoked') return answered(context, 400, NOT_VALID);
  if (verdict !== 'clear') return refused(context, 'unavailable', { reason: verdict });
  try {
    if (isTree) await ended(context, [known], 'logout');
    else {
      const entry = [known.names[0], known.expires_at === null ? null : known.expires_at + known.leeway, null];
      await append(env, call('session_append', JSON.stringify([entry]), known.issuer, known.tenant ?? '', 'admin'), settings.location);
    }
  } catch {
    return refused(context, 'unavailable', { reason: 'revocation_log' });
  }
  return answered(context, 200, {});
}

function answered(context, status, body) {
  event(context, 'expire', { outcome: status === 200 ? 'expired' : 'refused', status, ms: Date.now() - context.began });
  return finished(context, Response.json(body, { status }));
}

function fieldsOf(body, type) {
  const text = new TextDecoder().decode(body);
  if (!/^application\/json/i.test(type ?? '')) return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
