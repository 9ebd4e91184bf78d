// Gateway configurations that tests share, and the answers they expect.
import assert from 'node:assert/strict';

/** One protected route over everything, one origin; `rest` are further top-level fields. */
export function protect({ origin, issuers, route = {}, ...rest }) {
  return {
    origins: [{ name: 'main', url: origin.url }],
    issuers,
    routes: [{ path: '/**', methods: ['*'], access: 'authenticated', ...route }],
    ...rest,
  };
}

export function assertPassed(answer, what = 'the request') {
  assert.equal(answer.status, 200, `${what} should pass, got ${answer.status} ${answer.text}`);
}

/** The answer is the problem document of `status` and `code`. */
export function assertProblem(answer, status, code, what = 'the request') {
  assert.equal(answer.status, status, `${what} should get ${status} ${code}, got ${answer.status} ${answer.text}`);
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
  assert.equal(answer.json?.code, code, answer.text);
  assert.equal(answer.json.status, status);
}

export const assertTokenRefused = (answer, what) => assertProblem(answer, 401, 'invalid_token', what);

/** A 503 that says when to come back. */
export function assertUnavailable(answer, code, what) {
  assertProblem(answer, 503, code, what);
  assert.match(answer.headers['retry-after'] ?? '', /^[1-9][0-9]{0,3}$/, 'Retry-After in whole seconds');
}
