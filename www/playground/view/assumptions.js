import { byId, h } from '../dom.js';
import { change, current } from '../state.js';
import { mountMoment, showMoment } from './moment_field.js';

const KINDS = ['token', 'session', 'subject', 'tenant', 'issuer'];

export function mountAssumptions() {
  byId('revoked').append(...KINDS.map((kind) => h('label', { class: 'choice' },
    h('input', { type: 'checkbox', value: kind, change: onRevoked }), ` ${kind}`)));
  mountMoment(byId('before'), (before) => change({ before }));
  byId('store-down').addEventListener('change', ({ target }) => change({ storeDown: target.checked }));
  for (const radio of radios()) radio.addEventListener('change', () => change({ answers: radio.value }));
  byId('answer').addEventListener('input', ({ target }) => change({ answer: target.value, answers: 'answer' }));
}

function onRevoked({ target }) {
  const others = current().revoked.filter((kind) => kind !== target.value);
  change({ revoked: target.checked ? [...others, target.value] : others });
}

export function showAssumptions(state) {
  for (const box of byId('revoked').querySelectorAll('input')) box.checked = state.revoked.includes(box.value);
  showMoment(byId('before'), state.before);
  byId('store-down').checked = state.storeDown;
  for (const radio of radios()) radio.checked = radio.value === state.answers;
  if (byId('answer').value !== state.answer) byId('answer').value = state.answer;
}

const radios = () => document.querySelectorAll('input[name="answers"]');
