// What a refusal looks like on the wire: RFC 9457 body, RFC 6750 challenge.
import assert from 'node:assert/strict';

const MEMBERS = ['code', 'request_id', 'status', 'title', 'type'];

/** Checks that `answer` is a refusal with `status` and `code`, and with `challenge` (parameters of Bearer) or without one. */
export function assertRefusal(answer, { status, code, challenge, requestId, retryAfter = false }) {
  assert.equal(answer.status, status, answer.text);
  const one = (name) => {
    const values = answer.headers.get(name) ?? [];
    assert.ok(values.length <= 1, `${name}: ${values}`);
    return values[0];
  };
  assert.equal(one('content-type'), 'application/problem+json');
  assert.equal(one('cache-control'), 'no-store');
  assert.deepEqual(parseChallenge(one('www-authenticate')), challenge);
  if (retryAfter) assert.match(one('retry-after') ?? '', /^[1-9][0-9]*$/);
  else assert.equal(one('retry-after'), undefined);
  const problem = JSON.parse(answer.text);
  assert.deepEqual(Object.keys(problem).sort(), MEMBERS);
  assert.deepEqual([problem.code, problem.status], [code, status]);
  assert.equal(typeof problem.title, 'string');
  assert.notEqual(problem.title, '');
  assert.ok(problem.type === 'about:blank' || /^(https?:|urn:|\/)/.test(problem.type), problem.type);
  assert.match(problem.request_id, /^[A-Za-z0-9._-]{1,128}$/);
  assert.equal(one('x-request-id'), problem.request_id);
  if (requestId !== undefined) assert.equal(problem.request_id, requestId);
  return problem;
}

/** The parameters of one Bearer challenge (`error_description`, which is prose, left out); undefined for no header. */
export function parseChallenge(value) {
  if (value === undefined) return undefined;
  const [, list] = /^Bearer (.*)$/.exec(value) ?? [];
  assert.ok(list, `not a Bearer challenge: ${value}`);
  const parameters = [...list.matchAll(/([a-z_]+)="([^"\\]*)"(?:, |$)/g)];
  assert.equal(parameters.map(([text]) => text).join(''), list, 'parameters are quoted strings with a comma and a space between');
  const all = Object.fromEntries(parameters.map(([, name, text]) => [name, text]));
  assert.equal(Object.keys(all).length, parameters.length, 'each parameter stands once');
  delete all.error_description;
  return all;
}
