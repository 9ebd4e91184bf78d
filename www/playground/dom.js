// Makes elements. Text is always text: nothing that was pasted is read as markup.

/** An element. Attributes that are `false` or `null` are left out; functions are event listeners. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Text of others with what would not be seen, or would turn the rest around, made visible. */
export function plain(text) {
  return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Such a text with its times as elements, which do not break at the end of a line. */
export function timed(text) {
  return plain(text).split(/(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)/).map((part, index) => (index % 2 === 1 ? h('time', null, part) : part));
}

/** The same with what stands between backticks as code. */
export function rich(text) {
  return String(text).split('`').flatMap((part, index) => (index % 2 === 1 ? h('code', null, plain(part)) : timed(part)));
}

/** A button's word for a moment. */
export function flash(button, word) {
  button.dataset.word ??= button.textContent;
  button.textContent = word;
  clearTimeout(button.flashing);
  button.flashing = setTimeout(() => { button.textContent = button.dataset.word; }, 1500);
}

/** Does what makes elements anew inside `within`; the focus stays where it was among them. */
export function keepFocus(within, act) {
  const focused = within.contains(document.activeElement) ? document.activeElement : null;
  const [id, tag] = [focused?.closest('[id]')?.id, focused?.tagName];
  const result = act();
  if (focused && !focused.isConnected) {
    const around = byId(id);
    (around?.tagName === tag ? around : around?.querySelector(tag))?.focus({ preventScroll: true });
  }
  return result;
}

export async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    flash(button, 'Copied');
  } catch {
    flash(button, 'Not allowed to copy');
  }
}

/** Scrolls to an element, at once for those who want no motion. */
export function reveal(element, block) {
  const isStill = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
  element.scrollIntoView({ block, behavior: isStill ? 'auto' : 'smooth' });
}
