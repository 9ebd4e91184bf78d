// The handler `expire`: anyone who holds a registered token ends it, or its family, as the package wc-django-jwt answers.
import { call } from './module.js';
import { prepared } from './registry.js';
import { expireTokens } from './registry_resources.js';
import { event, finished, refused, verified } from './session_answer.js';

const NOT_VALID = { token: ['Token is not longer valid.'] };
const MISSING = { token: ['This field is required.'] };
const NO_BOOLEAN = { affect_tree: ['Must be a valid boolean.'] };

/** What Django REST framework takes for a boolean. */
const BOOLEANS = new Map([
  ...['t', 'T', 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON', '1', 1, true].map((word) => [word, true]),
  ...['f', 'F', 'n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF', '0', 0, false].map((word) => [word, false]),
]);

export async function expire(context, found) {
  const { body, env, id } = context;
  const fields = fieldsOf(body, context.given.request.headers.get('content-type'));
  const isTree = fields?.affect_tree === undefined ? false : BOOLEANS.get(fields.affect_tree);
  if (isTree === undefined) return answered(context, 400, NO_BOOLEAN);
  if (found.token === undefined) return answered(context, 400, MISSING);
  const known = await verified(context, found);
  if (known.status === 'unavailable') return refused(context, 'unavailable', { reason: known.code });
  if (known.status !== 'verified') return answered(context, 400, NOT_VALID);
  try {
    const order = { id };
    const members = JSON.parse(call('registry_members', 'token', known.hash, Math.floor(Date.now() / 1000)));
    const { results } = await prepared(env.EDGEWARD_DB, members).all();
    if (results.length === 0) return answered(context, 400, NOT_VALID);
    await expireTokens({ ...context, order }, isTree ? 'family' : 'token', known.hash);
  } catch {
    return refused(context, 'unavailable', { reason: 'registry' });
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
