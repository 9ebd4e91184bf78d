// On a narrow page, steps that were passed are folded into one line.

import { h } from '../dom.js';

const narrow = window.matchMedia('(max-width: 45rem)');

export const isNarrow = () => narrow.matches;

/** Calls `draw` again when the page becomes narrow, or wide. */
export function onNarrow(draw) {
  narrow.addEventListener('change', draw);
}

/** Whether a person has opened it, for as long as the page lives. */
let isOpen = false;

/** The items as they are, or as one that opens. */
export function folded(items) {
  if (items.length < 2) return items;
  const details = h('details', { class: 'fold', open: isOpen },
    h('summary', { class: 'head' }, h('span', { class: 'mark', 'aria-hidden': 'true' }), h('span', { class: 'stage' }, `${items.length} steps passed`)),
    h('ol', null, items));
  details.firstChild.addEventListener('click', () => { isOpen = !details.open; });
  return [h('li', null, details)];
}
