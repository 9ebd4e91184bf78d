import { byId } from '../dom.js';

const NAME = 'edgeward-theme';

/** The one thing that outlives the page: how it looks. */
export function mountTheme() {
  const select = byId('theme');
  select.value = remembered();
  apply(select.value);
  select.addEventListener('change', () => {
    apply(select.value);
    try {
      localStorage.setItem(NAME, select.value);
    } catch { /* Then it is asked for again. */ }
  });
}

function apply(theme) {
  document.documentElement.dataset.theme = theme;
}

function remembered() {
  try {
    const theme = localStorage.getItem(NAME);
    return ['light', 'dark'].includes(theme) ? theme : 'system';
  } catch {
    return 'system';
  }
}
