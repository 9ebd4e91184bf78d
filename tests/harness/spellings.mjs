// Every way a client can spell a header so that some origin reads it as one of ours.

const alternate = (name) => [...name].map((letter, index) => (index % 2 ? letter.toUpperCase() : letter)).join('');
const title = (name) => name.replace(/[a-z]+/g, (word) => word[0].toUpperCase() + word.slice(1));

export const CASINGS = {
  lower: (name) => name,
  upper: (name) => name.toUpperCase(),
  title,
  alternate,
  'first letter': (name) => name[0].toUpperCase() + name.slice(1),
  'last letter': (name) => name.slice(0, -1) + name.at(-1).toUpperCase(),
};

/**
 * Every byte that may stand in a header's name (RFC 9110, 5.6.2) and is neither letter nor digit: in the variables of CGI each of
 * them is `_`. First those that most servers take for one another.
 */
export const MARKS = [..."-_.!#$%&'*+^`|~"];
const USUAL = MARKS.slice(0, 3);
const UNUSUAL = MARKS.slice(3);

/** `name` with `mark` in place of every hyphen. */
export const marked = (name, mark) => name.replaceAll('-', () => mark);

/** `name` with the marks from the one with number `first` on in place of its hyphens, one after the other. */
function mixed(name, first) {
  let next = first;
  return name.replaceAll('-', () => MARKS[next++ % MARKS.length]);
}

/**
 * `name` with each of its hyphens read as any of `-`, `_`, `.`; then with each other mark in place of all of them; then mixed, so
 * that every mark stands beside others. All the ways there are would be 3375 for three hyphens.
 */
export function foldings(name) {
  const [first, ...rest] = name.split('-');
  const usual = rest.reduce((forms, part) => forms.flatMap((form) => USUAL.map((mark) => form + mark + part)), [first]);
  const uniform = UNUSUAL.map((mark) => marked(name, mark));
  const mixtures = [];
  for (let number = 0; number < MARKS.length; number += Math.max(rest.length, 1)) mixtures.push(mixed(name, number));
  return [...new Set([...usual, ...uniform, ...mixtures])];
}

/** All foldings of `name` in all casings, each once. */
export const spellings = (name) =>
  [...new Set(foldings(name).flatMap((form) => Object.values(CASINGS).map((casing) => casing(form))))];

/** The name as the widest reader takes it. */
export const fold = (name) => name.toLowerCase().replace(/[^a-z0-9]/g, '-');
