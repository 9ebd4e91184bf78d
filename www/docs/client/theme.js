// The same name as in the playground, which may stand at the same host.
const NAME = 'edgeward-theme';

export function applyTheme(theme = remembered()) {
  document.documentElement.dataset.theme = theme;
}

export function mountTheme() {
  const select = document.getElementById('site-theme');
  select.value = remembered();
  select.parentElement.hidden = false;
  select.addEventListener('change', () => {
    applyTheme(select.value);
    try {
      localStorage.setItem(NAME, select.value);
    } catch { /* Then it holds for this page. */ }
  });
}

function remembered() {
  try {
    const theme = localStorage.getItem(NAME);
    return ['light', 'dark'].includes(theme) ? theme : 'system';
  } catch {
    return 'system';
  }
}
