// Tabs by the pattern of the ARIA practices: arrows move, the chosen one is shown at once.

import { byId } from '../dom.js';

const tabs = () => [...byId('tabs').querySelectorAll('[role="tab"]')];

export function mountTabs() {
  for (const tab of tabs()) tab.addEventListener('click', () => showTab(tab.id));
  byId('tabs').addEventListener('keydown', onKey);
}

export function showTab(id) {
  for (const tab of tabs()) {
    const isChosen = tab.id === id;
    tab.setAttribute('aria-selected', String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    byId(tab.getAttribute('aria-controls')).hidden = !isChosen;
  }
}

function onKey(event) {
  const all = tabs();
  const at = all.indexOf(event.target.closest('[role="tab"]'));
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (at < 0 || next === undefined) return;
  event.preventDefault();
  const tab = all.at(next % all.length);
  showTab(tab.id);
  tab.focus();
}
