// The configuration: a plain field that turns into an editor when somebody goes into it, and the
// list of what is wrong with it.

import { byId, h, rich } from '../dom.js';
import { readConfiguration } from '../input/configuration.js';
import { keysBeside } from '../input/issuers.js';
import { change, current, watch } from '../state.js';
import { showTab } from './tabs.js';

let editor = null;
let loading = null;
let problems = [];

export function mountConfiguration() {
  const field = byId('configuration');
  field.addEventListener('input', () => take(field.value));
  field.addEventListener('focus', () => { loading ??= upgrade(field); }, { once: true });
  watch(({ configuration }) => {
    if (editor) editor.show(configuration);
    else if (field.value !== configuration) field.value = configuration;
  });
}

/** A configuration that somebody has typed or pasted. What it calls an issuer may be the name of an example's. */
function take(configuration) {
  const { configuration: before, keys, ownKeys } = current();
  if (configuration === before) return;
  change({ configuration, keys: keysBeside(keys, ownKeys, readConfiguration(configuration).config) });
}

/** Loads the editor. Should that fail, the field goes on working. */
async function upgrade(field) {
  try {
    const { mountEditor } = await import('../editor/editor.js');
    const hadFocus = document.activeElement === field;
    editor = await mountEditor(byId('editor'), {
      text: current().configuration, selection: [field.selectionStart, field.selectionEnd],
      describedBy: byId('configuration-hint').textContent, onChange: take,
    });
    byId('configuration-label').removeAttribute('for');
    byId('configuration-label').addEventListener('click', () => editor.focus());
    if (hadFocus) editor.focus();
    editor.mark(problems);
  } catch (error) {
    loading = null;
    console.warn('the editor could not be loaded', error);
  }
}

export function showProblems({ errors, warnings, reading }) {
  problems = [...errors.map((one) => ({ ...one, severity: 'error' })), ...warnings.map((one) => ({ ...one, severity: 'warning' }))];
  editor?.mark(problems);
  const count = byId('problem-count');
  count.hidden = problems.length === 0;
  count.dataset.severity = errors.length > 0 ? 'error' : 'warning';
  count.replaceChildren(h('span', { class: 'unseen' }, ', '), String(problems.length), h('span', { class: 'unseen' }, problems.length === 1 ? ' problem' : ' problems'));
  byId('problems').replaceChildren(...list(), ...reading.notes.map((note) => h('p', { class: 'hint' }, `${note}.`)));
}

function list() {
  if (problems.length === 0) return [h('p', { class: 'good' }, 'No errors, no warnings.')];
  return [h('ul', { class: 'problems', 'aria-label': 'Problems' }, problems.map(item))];
}

function item(problem) {
  const { line, path, message, severity } = problem;
  return h('li', { 'data-severity': severity }, h('button', { type: 'button', click: () => goTo(line) },
    h('span', { class: 'where' }, `${severity}, line ${line}`), ' ',
    path ? h('code', null, path) : null, path ? ' ' : null, h('span', null, rich(message))));
}

/** To the beginning of a line, in whichever of the two is there. */
async function goTo(line) {
  showTab('tab-configuration');
  const field = byId('configuration');
  loading ??= upgrade(field);
  await loading;
  if (editor) editor.goTo(line);
  else {
    const offset = field.value.split('\n').slice(0, line - 1).join('\n').length;
    field.focus();
    field.setSelectionRange(offset, offset);
  }
}
