// Times for people.

/** `2026-01-01 00:00:00Z`. */
export function utc(seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString().replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

const UNITS = [['d', 86_400], ['h', 3600], ['min', 60], ['s', 1]];

/** A span in its two largest units. */
export function span(seconds) {
  let rest = Math.round(Math.abs(seconds));
  const parts = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || parts.length > 0) parts.push(count > 0 ? `${count} ${unit}` : '');
  }
  return parts.slice(0, 2).filter(Boolean).join(' ') || '0 s';
}

export function relative(seconds, now) {
  if (Math.round(seconds) === now) return 'now';
  return seconds > now ? `in ${span(seconds - now)}` : `${span(now - seconds)} ago`;
}

/** The value of a `datetime-local` field that means UTC, and back. */
export const toField = (seconds) => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 19);
};

export function fromField(text) {
  const millis = Date.parse(`${text}Z`);
  return Number.isNaN(millis) || millis < 0 ? null : Math.floor(millis / 1000);
}
