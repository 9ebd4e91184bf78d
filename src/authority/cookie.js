// The cookies of a session: their values may be split, because browsers drop a cookie of more than 4,096 bytes.

/** The most bytes of a value in one cookie. */
const PART_BYTES = 3900;
/** The most cookies of one set. */
const PARTS = 4;
const COOKIE_VALUE = /^[!#-+\--:<-[\]-~]+$/;
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

/** Names and values of a `Cookie` header, in their order. */
const pairs = (header) => (header ?? '').split(';').map((part) => {
  const at = part.indexOf('=');
  return at < 0 ? [trimmed(part), ''] : [trimmed(part.slice(0, at)), trimmed(part.slice(at + 1))];
});

/** Without space and tab around it, and with all else: a browser that sees another letter before `__Host-` sees no prefix. */
function trimmed(text) {
  // By hand: an expression would try each of many spaces inside anew.
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text[start])) start += 1;
  while (start < end && isSpace(text[end - 1])) end -= 1;
  return text.slice(start, end);
}
const isSpace = (letter) => letter === ' ' || letter === '\t';

/** Whether a cookie with this name is `own`, or one of its numbered parts. */
export const isPartOf = (name, own) => name === own || (name.startsWith(`${own}.`) && /^[1-9]$/.test(name.slice(own.length + 1)));

/**
 * Of an answer's values of `Set-Cookie`, those that leave a cookie at the browser: the last for each name, domain and path, unless it
 * deletes the cookie (RFC 6265 §5.3). A server may delete the cookie of another path after it has set the new one, or with a value.
 */
export function lasting(values) {
  const kept = new Map();
  for (const value of values) {
    const [[name, text], ...attributes] = pairs(value);
    const { domain, path, 'max-age': age, expires } = Object.fromEntries(attributes.map(([own, content]) => [own.toLowerCase(), content]));
    const place = JSON.stringify([name, domain?.toLowerCase(), path]);
    kept.delete(place);
    const isOver = /^-?\d+$/.test(age) ? Number(age) <= 0 : Date.parse(expires) <= Date.now();
    if (!isOver && !['', '""'].includes(text)) kept.set(place, value);
  }
  return [...kept.values()];
}

/** Whether the header has a cookie with this name. */
export const hasCookie = (header, name) => pairs(header).some(([own]) => own === name);

/** A `Set-Cookie` that deletes the cookie that this one would have replaced: by the same path and domain. */
export const deleting = (line) => {
  const [pair, ...attributes] = line.split(';');
  return [`${pair.split('=')[0]}=`, ...attributes.filter((own) => !/^\s*(?:max-age|expires)\s*(?:=|$)/i.test(own)), ' Max-Age=0'].join(';');
};

/** The header without these cookies and their parts, all else unchanged, and `more` behind. */
export function withoutOwn(header, names, more) {
  const others = (header ?? '').split(';').filter((part) => trimmed(part) !== '' && !names.some((own) => isPartOf(pairs(part)[0][0], own)));
  return trimmed([...others, ...more].join(';'));
}

/** The value of a set: read by the count in its first cookie. Nothing where the set is not whole, or a name comes twice. */
export function cookieValue(header, name) {
  const all = pairs(header);
  const one = (own) => {
    const [first, second] = all.filter(([other]) => other === own);
    return second === undefined ? first?.[1] : undefined;
  };
  const [, count, first] = /^([1-4])~(.*)$/.exec(one(name) ?? '') ?? [];
  if (count === undefined) return undefined;
  const parts = [first, ...Array.from({ length: count - 1 }, (_, n) => one(`${name}.${n + 1}`))];
  return parts.includes(undefined) ? undefined : parts.join('');
}

/**
 * The values of `Set-Cookie` for a set, and those that delete what an earlier, longer set has left at the browser, as `header` shows.
 * Nothing where the value is too long, or has letters that no cookie has (RFC 6265 §4.1.1).
 */
export function setCookies(name, value, maxAge, header) {
  if (!COOKIE_VALUE.test(value)) return undefined;
  const parts = value.match(new RegExp(`.{1,${PART_BYTES}}`, 'g')) ?? [];
  if (parts.length > PARTS) return undefined;
  const names = parts.map((_, n) => (n === 0 ? name : `${name}.${n}`));
  const set = parts.map((part, n) => `${names[n]}=${n === 0 ? `${parts.length}~` : ''}${part}; Max-Age=${maxAge}; ${ATTRIBUTES}`);
  return [...set, ...cleared(name, header).filter(([own]) => !names.includes(own)).map(([, text]) => text)];
}

/** The values of `Set-Cookie` that delete sets with these names. */
export const clearCookies = (names, header) =>
  names.flatMap((own) => [[own, expired(own)], ...cleared(own, header).filter(([name]) => name !== own)]).map(([, text]) => text);

/** Of each part that the browser has, its name and how it is deleted. */
const cleared = (own, header) => [...new Set(pairs(header).map(([name]) => name).filter((name) => isPartOf(name, own)))].map((name) => [name, expired(name)]);

const expired = (name) => `${name}=; Max-Age=0; ${ATTRIBUTES}`;
