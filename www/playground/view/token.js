// The token as the core has read it, each claim with what it means and what was found about it.

import { h, plain, timed } from '../dom.js';
import { relative, utc } from './moment.js';

const MEANINGS = {
  iss: 'issuer', sub: 'subject: the caller', aud: 'audience: for whom', exp: 'expires', nbf: 'not before', iat: 'issued',
  jti: 'token id', sid: 'session', scope: 'scopes granted', scp: 'scopes granted', roles: 'roles', role: 'role', email: 'email', azp: 'client that asked for it',
  client_id: 'client', auth_time: 'login', acr: 'how strong the login was', amr: 'how the login was made', typ: 'type', nonce: 'ties it to a login', tenant: 'tenant',
};

const TIMES = new Set(['exp', 'nbf', 'iat', 'auth_time', 'updated_at']);

export function tokenView(explanation, now) {
  const { token, findings } = explanation;
  if (!token) return null;
  const claims = findings.find((finding) => finding.stage === 'claims');
  const checks = new Map((claims?.checks ?? []).map((check) => [check.what, check]));
  const known = Object.keys(MEANINGS);
  const rank = ([name]) => (known.includes(name) ? known.indexOf(name) : known.length);
  const entries = Object.entries(token.claims ?? {}).sort((one, other) => rank(one) - rank(other));
  const rows = entries.map(([name, value]) => row(name, value, checks.get(name), now));
  return [
    vouched(token, findings),
    h('p', { class: 'chips' }, chip('alg', token.algorithm), chip('kid', token.kid), chip('typ', token.typ)),
    h('div', { class: 'wide' }, h('table', { class: 'claims' }, h('caption', { class: 'unseen' }, 'Claims'),
      h('thead', { class: 'unseen' }, h('tr', null, ['Claim', 'Value'].map((head) => h('th', { scope: 'col' }, head)))),
      h('tbody', null, rows))),
  ];
}

function vouched(token, findings) {
  const wasTried = findings.some((finding) => finding.stage === 'signature');
  if (token.is_verified) return h('p', { class: 'vouched yes' }, wasTried ? 'Its signature holds.' : 'Its issuer said yes to it.');
  const text = wasTried ? 'The signature does not hold: anybody may have written this.' : 'Not verified: anybody may have written this.';
  return h('p', { class: 'vouched no' }, text);
}

function chip(name, value) {
  return h('span', { class: 'chip' }, h('span', null, name), ' ', h('code', null, value === null ? 'none' : plain(value)));
}

function row(name, value, check, now) {
  const isTime = TIMES.has(name) && typeof value === 'number';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const notes = [
    h('code', { class: 'value' }, plain(text)),
    isTime ? h('span', { class: 'note' }, timed(`${utc(value)}, ${relative(value, now)}`)) : null,
    check && !check.holds ? h('span', { class: 'fault' }, timed(`expected ${check.expected}`)) : null,
  ];
  const mark = check ? h('span', { class: `mark ${check.holds ? 'yes' : 'no'}` }, h('span', { class: 'unseen' }, check.holds ? 'as expected' : 'not as expected')) : null;
  return h('tr', null, h('th', { scope: 'row' }, h('code', null, plain(name)), mark, MEANINGS[name] ? h('span', { class: 'meaning' }, MEANINGS[name]) : null), h('td', null, notes));
}
