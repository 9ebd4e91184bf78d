import { byId, h } from '../dom.js';
import { NAMES, example } from '../demo/examples.js';
import { CONFIGURATION } from '../demo/wrangler.js';
import { readFragment } from '../input/share.js';
import { current, replace } from '../state.js';

/** Whether an example was chosen whose answer has not been shown yet. */
let isChosen = false;

export function mountExamples() {
  byId('examples').append(...NAMES.map((name) => h('button', { type: 'button', 'aria-pressed': 'false', click: () => choose(name) }, name)));
  // A link that is pasted into an open page changes its fragment alone.
  window.addEventListener('hashchange', fromLink);
}

async function choose(name) {
  // A configuration that was pasted is not thrown away by a click.
  const { configuration, example: shown } = current();
  const isOwn = !shown && configuration.trim() && configuration !== CONFIGURATION;
  if (isOwn && !window.confirm('Replace what you have entered by the example?')) return;
  const next = await example(name);
  isChosen = true;
  replace(next);
}

/** Says once whether the answer is that to an example somebody has chosen. */
export function takeChosen() {
  const was = isChosen;
  isChosen = false;
  return was;
}

/** What a link holds, or the first example. */
export async function startWith() {
  if (!(await fromLink())) replace(await example(NAMES[0]));
}

async function fromLink() {
  const shared = await readFragment(location.hash);
  if (!shared) return false;
  replace({ ...shared, isShared: true });
  return true;
}

export function showExample(state) {
  for (const button of byId('examples').children) button.setAttribute('aria-pressed', String(button.textContent === state.example));
  const note = byId('example-note');
  note.hidden = !state.example && !(state.isShared && !state.token);
  note.textContent = state.example
    ? `An example${state.token ? '. Its token was made just now, with a key of this page' : ', without a token'}.`
    : 'From a link, which never holds a token: paste yours.';
}
