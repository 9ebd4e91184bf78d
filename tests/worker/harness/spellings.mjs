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

/** `name` with each of its hyphens read as any of `-`, `_`, `.`. */
export function foldings(name) {
  const [first, ...rest] = name.split('-');
  return rest.reduce((forms, part) => forms.flatMap((form) => ['-', '_', '.'].map((mark) => form + mark + part)), [first]);
}

/** All foldings of `name` in all casings, each once. */
export const spellings = (name) =>
  [...new Set(foldings(name).flatMap((form) => Object.values(CASINGS).map((casing) => casing(form))))];

/** The name as the widest reader takes it. */
export const fold = (name) => name.toLowerCase().replace(/[_.]/g, '-');
