// Express behind the Edgeward gateway: believes the gateway's assertion, and headers that agree with it.
import { jwtVerify } from 'jose';

import { agrees } from './headers.js';
import { gatewayKeys, KeysUnavailable, KeyUnknown } from './keys.js';
import { checked, FACTS } from './options.js';

const TYPE = 'edgeward-assertion+jwt';

/** The request is not believed. The code is for the log; clients see one answer for all of them. */
class Refused extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/** Middleware that sets `request.caller`, or answers 401; 503 where the gateway's keys cannot be had. Throws a TypeError for wrong options. */
export function edgeward(options) {
  const rules = checked(options);
  const find = rules.keys ?? gatewayKeys(rules.jwksUrl);
  return (request, response, next) => {
    callerOf(request, rules, find).then((caller) => {
      request.caller = caller;
      next();
    }, (error) => {
      if (error instanceof Refused) refuse(response, rules, 401, error.code);
      else if (error instanceof KeysUnavailable) refuse(response, rules, 503, 'keys_unavailable');
      else next(error);
    });
  };
}

/** Middleware: the caller has this role. */
export const hasRole = (role) => hasAnyRole(role);

/** Middleware: the caller has at least one of these roles. */
export function hasAnyRole(...roles) {
  const wanted = texts(roles);
  return allows((caller) => wanted.some((role) => caller.roles.includes(role)));
}

/** Middleware: the token's scope has all of these words. */
export function hasScope(...words) {
  const wanted = texts(words);
  return allows((caller) => wanted.every((word) => caller.scope.includes(word)));
}

/** Middleware for `routes[].sync`: only what the gateway tells gets through. The assertion says who has changed something, and does not cover the body. */
export function onlySync(request, response, next) {
  if (request.headers['x-edgeward-sync'] === '1' && request.caller) next();
  else answer(response, 403, 'forbidden');
}

async function callerOf(request, rules, find) {
  const assertion = request.headers[`${rules.prefix}assertion`];
  if (assertion === undefined) {
    const isNobody = Object.keys(FACTS).every((fact) => request.headers[rules.headerOf(fact)] === undefined);
    if (isNobody && rules.optional) return undefined;
    throw new Refused('assertion_missing');
  }
  const claims = await verified(assertion, rules, find);
  compare(request.headers, claims, rules);
  return caller(claims, request.headers.authorization);
}

async function verified(assertion, { issuer, audience, leewaySeconds, tokenIssuers }, find) {
  const { payload } = await jwtVerify(assertion, ({ kid }) => find(kid), {
    // Never the token's own choice: one algorithm is accepted.
    algorithms: ['EdDSA'], issuer, audience, typ: TYPE, clockTolerance: leewaySeconds, requiredClaims: ['iss', 'aud', 'iat', 'exp'],
  }).catch((error) => {
    if (error instanceof KeysUnavailable) throw error;
    throw new Refused(error instanceof KeyUnknown ? 'key_unknown' : error.code === 'ERR_JWT_EXPIRED' ? 'assertion_expired' : 'assertion_invalid');
  });
  // jose looks at `iat` only where there is a longest age.
  if (typeof payload.aud !== 'string' || payload.iat > Date.now() / 1000 + leewaySeconds) throw new Refused('assertion_invalid');
  if (tokenIssuers && !tokenIssuers.includes(payload.issuer)) throw new Refused('token_issuer_refused');
  return payload;
}

/** Refuses headers that differ from the assertion: a handler may read either, and both must say the same. */
function compare(headers, claims, rules) {
  // An empty fact has no header.
  const facts = Object.entries(FACTS).map(([fact, [member, encoding]]) => [rules.headerOf(fact), claims[member]?.length ? claims[member] : undefined, encoding]);
  const further = rules.claimHeaders.map(({ header, claim, encoding = 'plain' }) => [header, claims.claims?.[claim], encoding]);
  for (const [name, value, encoding] of [...facts, ...further]) {
    if (!agrees(headers[name], value, encoding)) throw new Refused('header_differs');
  }
}

function caller(claims, authorization = '') {
  const { sub, issuer, email, tenant, session, token_id: tokenId, roles = [], scope = '', claims: further = {} } = claims;
  const [, token = ''] = /^\S+ +(\S+)$/.exec(authorization) ?? [];
  const one = { subject: sub, issuer, email, tenant, session, tokenId, roles, scope: words(scope), claims: further };
  // Not shown where a caller is logged or answered as JSON.
  return Object.defineProperty(one, 'token', { value: token, enumerable: false });
}

/** Words beyond ASCII are percent-encoded, as in the header. */
const words = (scope) => scope.split(' ').filter(Boolean).map(decodeURIComponent);

const allows = (holds) => (request, response, next) => {
  if (!request.caller) answer(response, 401, 'gateway_required');
  else if (holds(request.caller)) next();
  else answer(response, 403, 'forbidden');
};

function refuse(response, rules, status, code) {
  rules.log(code);
  answer(response, status, status === 401 ? 'gateway_required' : code);
}

const TITLES = {
  gateway_required: 'the request did not come through the gateway', forbidden: 'the caller may not do this',
  keys_unavailable: 'the gateway\'s keys are not available; repeat the request',
};

function answer(response, status, code) {
  if (status === 401) response.setHeader('www-authenticate', 'Bearer');
  response.setHeader('cache-control', 'no-store');
  response.status(status).type('application/problem+json').send(JSON.stringify({ title: TITLES[code], status, code }));
}

function texts(values) {
  if (values.length === 0 || !values.every((value) => typeof value === 'string' && value !== '')) throw new TypeError('expected at least one text');
  return values;
}
