// A field for a time, in ISO 8601 and UTC whatever the browser's language is.

import { fromField, utc } from './moment.js';

/** Hands on what is typed as soon as it is a time; what is none when the field is left gives way to what was there. */
export function mountMoment(field, take) {
  field.addEventListener('input', () => {
    const seconds = fromField(field.value);
    field.setAttribute('aria-invalid', String(seconds === null));
    if (seconds !== null) take(seconds);
  });
  field.addEventListener('blur', () => write(field));
}

/** Shows a time, but not while somebody types. */
export function showMoment(field, seconds) {
  field.dataset.shown = utc(seconds);
  if (document.activeElement !== field) write(field);
}

function write(field) {
  field.value = field.dataset.shown;
  field.removeAttribute('aria-invalid');
}
