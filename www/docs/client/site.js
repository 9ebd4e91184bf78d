// What every page does: the theme at once, before anything is painted; the search when somebody asks for it.
import { mountSearch } from './dialog.js';
import { mountScrolling } from './scroll.js';
import { applyTheme, mountTheme } from './theme.js';

applyTheme();
addEventListener('DOMContentLoaded', () => {
  mountTheme();
  mountSearch();
  mountScrolling();
});
