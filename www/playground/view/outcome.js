// What comes of it: the headers that the origin receives, or the response.

import { copy, h, plain, rich } from '../dom.js';
import { lacking } from './lacking.js';
import { withTimes } from './moment.js';

/** The headline, a line under it, and the same in words for the live region; `lack` is what the caller or, by `missing`, the page would need. */
export function headline(explanation, missing = null) {
  const shown = ofOutcome(explanation, missing);
  const { renewal } = explanation;
  if (!renewal) return shown;
  const first = `First the session is renewed by the refresh token in its cookie (${plain(renewal)}). Without a new access token: `;
  return { ...shown, why: first + shown.why, words: first + shown.words };
}

function ofOutcome(explanation, missing) {
  const { outcome, findings } = explanation;
  const last = findings.at(-1);
  const lack = missing?.text ?? (last ? lacking(last, explanation.at_seconds) : null);
  if (outcome.does === 'refuse') {
    const seen = outcome.body?.code;
    const logged = seen && seen !== outcome.code ? ` The caller sees \`${seen}\`; the log says \`${outcome.code}\`.` : '';
    return {
      does: 'refuse', code: outcome.code, stage: last.stage, title: `REFUSE ${outcome.status}`, name: outcome.code, lack,
      why: `${sentence(lack ?? withTimes(last.summary))}${logged}`, words: `Refused with ${outcome.status}, ${spoken(outcome.code)}, at the step ${spoken(last.stage)}.`,
    };
  }
  if (outcome.does === 'serve') {
    const status = outcome.status ? ` ${outcome.status}` : '';
    const place = `/.edgeward/${outcome.resource}`;
    return { does: 'serve', title: `SERVE${status}`, name: place, why: 'The gateway answers this itself.', words: `Answered by the gateway itself${status}: ${place}.` };
  }
  return forwarded(outcome, last, lack);
}

function forwarded(outcome, last, lack) {
  const isShadow = last && !last.holds;
  return {
    does: 'forward', code: isShadow ? last.code : null, stage: isShadow ? last.stage : null, title: 'FORWARD', name: `to ${outcome.origin}`, lack,
    why: isShadow ? `In shadow mode: it passes without identity. Enforced, it would be refused: \`${last.code}\`${lack ? `: ${lack}` : ''}.` : plain(outcome.url),
    words: `Forwarded to ${outcome.origin}${isShadow ? `, in shadow mode; it would be refused: ${spoken(last.code)}` : ''}.`,
  };
}

const spoken = (code) => code.replaceAll('_', ' ');

/** As it stands: it may begin with a name. */
const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);

export function outcomeView(outcome) {
  if (outcome.does === 'forward') return forwardView(outcome);
  return outcome.does === 'refuse' ? refuseView(outcome) : [];
}

function forwardView({ address, url, headers, removed }) {
  const rows = [...headers].sort((one, other) => Number(other.is_set) - Number(one.is_set));
  const set = rows.map((header) => h('tr', { class: header.is_set ? 'set' : 'kept' },
    h('td', { class: 'tag' }, header.is_set ? 'set' : 'kept'), h('th', { scope: 'row' }, plain(header.name)), h('td', null, plain(header.value))));
  const gone = removed.map((header) => h('tr', null,
    h('td', { class: 'tag' }, 'removed'), h('th', { scope: 'row' }, plain(header.name)), h('td', null, header.reason)));
  return [
    h('h3', { id: 'origin-title' }, 'What the origin receives'),
    h('p', { class: 'target' }, h('code', null, plain(url)), address.startsWith('service') ? ` by the ${address}` : null),
    table('Headers that the origin receives', ['', 'Header', 'Value'], set),
    gone.length > 0 ? h('div', { id: 'removed' }, table('Headers removed', ['', 'Header', 'Why'], gone)) : null,
  ];
}

function refuseView({ status, headers, body }) {
  const rows = headers.map((header) => h('tr', null, h('th', { scope: 'row' }, header.name), h('td', null, plain(header.value))));
  const text = JSON.stringify(body, null, 2);
  return [
    h('h3', null, 'What the caller receives'),
    h('p', { class: 'target' }, h('code', null, `HTTP ${status}`)),
    table('Response headers', ['Header', 'Value'], rows),
    h('div', { class: 'block' }, h('pre', { 'data-testid': 'response-body', tabindex: '0', role: 'group', 'aria-label': 'Response body' }, text),
      h('button', { type: 'button', class: 'small', click: (event) => copy(event.target, text) }, 'Copy body')),
  ];
}

function table(caption, heads, rows) {
  return h('div', { class: 'wide' }, h('table', { class: 'headers' }, h('caption', null, caption),
    h('thead', null, h('tr', null, heads.map((head) => h('th', { scope: 'col' }, head || h('span', { class: 'unseen' }, 'What is done'))))),
    h('tbody', null, rows)));
}

export function assumedView(assumed) {
  if (assumed.length === 0) return [];
  return [h('h3', { id: 'assumed-title' }, 'Assumed'), h('ul', { class: 'assumed', 'aria-labelledby': 'assumed-title' }, assumed.map((text) => h('li', null, rich(text))))];
}
