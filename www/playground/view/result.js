// The decision, from its headline down to what was assumed.

import { byId, h, reveal, rich } from '../dom.js';
import { missingKeys } from '../input/missing_keys.js';
import { onNarrow } from './fold.js';
import { linkToKeys, markKeys } from './keys.js';
import { assumedView, headline, outcomeView } from './outcome.js';
import { linkTo, steps } from './steps.js';
import { showTime } from './time.js';
import { tokenView } from './token.js';

const ANNOUNCE_MS = 500;

let announcing = 0;
let redraw = () => {};

export function mountResult() {
  byId('peek').addEventListener('click', (event) => {
    event.preventDefault();
    reveal(byId('decision'), 'start');
    byId('decision').focus({ preventScroll: true });
  });
  onNarrow(() => redraw());
}

/** Shows an answer; returns the times to ask for the band, where there is one. */
export function showResult({ told, errors, fault, reading }, state) {
  byId('result').hidden = !told;
  if (!told) return withoutAnswer(errors, fault, reading?.config === null);
  const { explanation, assumed } = told;
  const missing = missingKeys(explanation, reading.config, state.secrets);
  markKeys(missing);
  verdict({ ...headline(explanation, missing), missing });
  redraw = () => steps(byId('steps'), explanation, missing);
  redraw();
  byId('outcome').replaceChildren(...outcomeView(explanation.outcome).filter(Boolean));
  byId('assumed').replaceChildren(...assumedView(assumed));
  showToken(tokenView(explanation, state.now));
  return showTime(explanation);
}

function withoutAnswer(errors, fault, isUnread) {
  byId('time').hidden = true;
  redraw = () => {};
  markKeys(null);
  showToken(null);
  if (fault) {
    verdict({ does: 'invalid', title: 'NOT ASKED', name: '', why: fault, words: `Not asked: ${fault}` });
    return null;
  }
  if (isUnread) {
    const why = `Line ${errors[0].line} of the configuration: ${errors[0].message}.`;
    verdict({ does: 'invalid', title: 'NOT READ', name: '', why, words: `The configuration cannot be read. ${why}` });
    return null;
  }
  const count = `${errors.length} ${errors.length === 1 ? 'error' : 'errors'}`;
  const first = errors[0];
  verdict({
    does: 'invalid', code: 'configuration_invalid', title: 'REFUSE 503', name: 'configuration_invalid',
    why: `The configuration has ${count}: every request would be refused. First, in line ${first.line}: ${[first.path, first.message].filter(Boolean).join(': ')}`,
    words: `The configuration has ${count}.`,
  });
  return null;
}

function showToken(view) {
  byId('decoded').hidden = !view;
  byId('decoded-body').replaceChildren(...(view ?? []));
}

function verdict({ does, code, stage, title, name, why, words, lack, missing }) {
  const box = byId('verdict-box');
  box.dataset.does = does;
  const heading = byId('verdict');
  heading.dataset.does = does;
  heading.dataset.code = code ?? '';
  heading.replaceChildren(h('span', { class: 'does' }, title), ' ', name ? h('span', { class: 'name' }, name) : '');
  byId('verdict-why').replaceChildren(...(stage ? [linkTo(stage), ': '] : []), ...rich(why), ...(missing ? [' ', linkToKeys(missing)] : []));
  const peek = byId('peek');
  peek.dataset.does = does;
  peek.textContent = `${title} ${name}`;
  announce([words, spoken(lack)].filter(Boolean).join(' '));
}

const spoken = (text) => (text ? `${text[0].toUpperCase()}${text.slice(1)}.`.replaceAll('`', '') : null);

/** Said once it stands still: not at every step of a slider. */
function announce(words) {
  clearTimeout(announcing);
  const place = byId('announced');
  announcing = setTimeout(() => { if (place.textContent !== words) place.textContent = words; }, ANNOUNCE_MS);
}
