// What scrolls sideways can be scrolled by keys; what does not is no stop on the way of the Tab key.
export function mountScrolling() {
  const observer = new ResizeObserver((entries) => { for (const { target } of entries) mark(target); });
  for (const element of document.querySelectorAll('main pre, main .scroll')) observer.observe(element);
  showCurrent();
  document.getElementById('site-sidebar').addEventListener('toggle', showCurrent);
}

function mark(element) {
  const scrolls = element.scrollWidth > element.clientWidth;
  if (!scrolls) return ['tabindex', 'role', 'aria-label'].forEach((name) => element.removeAttribute(name));
  element.tabIndex = 0;
  element.setAttribute('role', 'group');
  return element.setAttribute('aria-label', element.matches('pre') ? 'Code' : 'Table');
}

/** The page's own entry may be far down in the sidebar. */
function showCurrent() {
  const sidebar = document.getElementById('site-sidebar');
  const entry = sidebar.querySelector('[aria-current]');
  if (entry) sidebar.scrollTop = entry.offsetTop - sidebar.clientHeight / 2;
}
