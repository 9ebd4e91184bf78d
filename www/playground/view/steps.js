// The steps of an explanation. The one at which it stopped is open, or the claims; the others open at a click.

import { byId, h, reveal, rich, timed } from '../dom.js';
import { folded, isNarrow } from './fold.js';
import { gotOf } from './lacking.js';
import { withTimes } from './moment.js';

export const TITLES = {
  request: 'Request', path: 'Path', route: 'Route', tenant: 'Tenant', credential: 'Credential', token: 'Token',
  issuer: 'Issuer', algorithm: 'Algorithm', auth_server: 'Auth server', key: 'Key', signature: 'Signature', claims: 'Claims',
  revocation: 'Revocation', membership: 'Membership', requirement: 'Requirement', identity: 'Identity',
};

/** What the columns hold where they hold something else than expected and got. */
const COLUMNS = {
  route: { what: 'Other routes', got: 'Why not' },
  tenant: { what: 'Other tenants', got: 'Their place' },
  issuer: { what: 'Configured issuer', expected: 'Expected iss' },
  revocation: { what: 'Revoked by', got: 'Entry', expected: 'Name in the store' },
  auth_server: { what: 'Claim', got: 'Value' },
  requirement: { what: 'Requirement', got: 'The caller has' },
  key: { what: 'Key', got: 'Why' },
  signature: { what: 'Key that was tried' },
  claims: { what: 'Claim' },
};

/** A link to a step, which takes the focus there. */
export function linkTo(stage) {
  const go = (event) => {
    event.preventDefault();
    const head = byId(`step-${stage}`).querySelector('.head');
    reveal(head, 'center');
    head.focus({ preventScroll: true });
  };
  return h('a', { href: `#step-${stage}`, click: go }, TITLES[stage] ?? stage);
}

/** Which steps a person opened or closed, by hand, for as long as the page lives. */
const opened = new Map();

/** On a narrow page the steps that were passed are one line. `missing` says which keys are not known, where that is so. */
export function steps(list, explanation, missing) {
  const passes = explanation.findings.every((finding) => finding.holds);
  const items = explanation.findings.map((finding) => step(finding, passes, missing));
  const passed = passes ? items : items.slice(0, -1);
  list.replaceChildren(...(isNarrow() ? [...folded(passed), ...items.slice(passed.length)] : items));
  if (!passes) list.append(h('li', { class: 'end' }, 'It stops here: no later step was taken.'));
}

function step(finding, passes, missing) {
  const { stage, holds, code, checks } = finding;
  const summary = missing?.stage === stage ? missing.text : withTimes(finding.summary);
  const mark = h('span', { class: 'mark' }, h('span', { class: 'unseen' }, holds ? 'passed: ' : 'stopped: '));
  const head = [
    mark, h('span', { class: 'stage' }, TITLES[stage] ?? stage),
    h('span', { class: 'summary' }, code ? [h('code', { class: 'code' }, code), ' '] : null, rich(summary)),
  ];
  const attributes = { class: 'step', id: `step-${stage}`, 'data-testid': `step-${stage}`, 'data-holds': String(holds) };
  if (checks.length === 0) return h('li', null, h('div', attributes, h('div', { class: 'head', tabindex: '-1' }, head)));
  const isOpen = opened.get(stage) ?? (!holds || (passes && stage === 'claims'));
  const details = h('details', { ...attributes, open: isOpen }, h('summary', { class: 'head' }, head), table(stage, checks));
  details.firstChild.addEventListener('click', () => opened.set(stage, !details.open));
  return h('li', null, details);
}

function table(stage, checks) {
  const names = { what: 'What', got: 'Got', expected: 'Expected', ...COLUMNS[stage] };
  const columns = ['what', 'expected', 'got'].filter((column) => column === 'what' || checks.some((check) => check[column] !== null));
  const isJudged = checks.some((check) => check.holds !== null);
  const heads = columns.map((column) => h('th', { scope: 'col' }, names[column]));
  const rows = checks.map((check) => row(check, columns, names, isJudged));
  return h('div', { class: 'wide' }, h('table', { class: 'checks' },
    h('thead', null, h('tr', null, isJudged ? h('th', { scope: 'col', class: 'narrow' }, h('span', { class: 'unseen' }, 'Holds')) : null, heads)),
    h('tbody', null, rows)));
}

function row(check, columns, names, isJudged) {
  const cells = columns.map((column) => cell(check, column, names));
  const state = check.holds === null ? 'note' : check.holds ? 'yes' : /^unknown(:|$)/.test(check.got ?? '') ? 'unknown' : 'no';
  return h('tr', { 'data-holds': state }, isJudged ? verdict(state) : null, cells);
}

const WORDS = { yes: 'yes', no: 'no', unknown: 'unknown', note: 'not checked' };

function verdict(state) {
  return h('td', { class: 'narrow' }, h('span', { class: `mark ${state}` }, h('span', { class: 'unseen' }, WORDS[state])));
}

function cell(check, column, names) {
  const value = column === 'got' ? gotOf(check) : check[column];
  const text = value === null ? '' : check.holds === null || column === 'what' ? rich(value) : timed(value);
  if (column !== 'what') return h('td', { 'data-label': names[column] }, text);
  return h('th', { scope: 'row' }, check.depth > 0 ? h('span', { class: 'indent', 'data-depth': String(Math.min(check.depth, 7)) }, text) : text);
}
