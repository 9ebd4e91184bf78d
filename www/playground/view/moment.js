// Times for people.

/** ISO 8601 in UTC: `2026-01-01T00:00:00Z`. */
export function utc(seconds) {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString().replace(/\.\d+Z$/, 'Z');
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

/** A text in which seconds since 1970 are times. */
export const withTimes = (text) => text.replace(/\b(\d{9,11})(?:\.\d+)? s\b/g, (_, seconds) => utc(Number(seconds)));

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?$/i;

/** What a field says, in whole seconds; UTC where it names no offset, and `null` where it is no time. */
export function fromField(text) {
  const [, day, time, offset = 'Z'] = ISO.exec(text.trim()) ?? [];
  const millis = Date.parse(`${day}T${time}${offset.toUpperCase()}`);
  return Number.isNaN(millis) || millis < 0 ? null : Math.floor(millis / 1000);
}
