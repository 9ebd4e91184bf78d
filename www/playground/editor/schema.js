// What the JSON Schema says about a place in the configuration: its members, or its values.

/** Members that may stand in the table at `path`: `[{ name, description, type }]`. */
export function membersAt(schema, path) {
  const members = new Map();
  for (const place of at(schema, path)) {
    for (const [name, member] of Object.entries(place.properties ?? {})) {
      if (!members.has(name)) members.set(name, described(schema, name, member));
    }
  }
  return [...members.values()];
}

/** Texts and words that may stand at `path`: `[{ text, description }]`, in JSON, which is TOML too. */
export function valuesAt(schema, path) {
  const values = new Map();
  for (const place of at(schema, path)) {
    const listed = 'const' in place ? [place.const] : (place.enum ?? (place.type === 'boolean' ? [true, false] : []));
    for (const value of listed) values.set(JSON.stringify(value), { text: JSON.stringify(value), description: place.description });
  }
  return [...values.values()];
}

/** Every schema that applies to a path: alternatives stand beside one another. */
function at(schema, path) {
  let places = unfolded(schema, schema);
  for (const step of path.match(/[^.[\]]+/g) ?? []) {
    places = places.flatMap((place) => next(place, step)).flatMap((place) => unfolded(schema, place));
  }
  return places;
}

function next(place, step) {
  if (/^\d+$/.test(step) && place.items) return [place.items];
  const member = place.properties?.[step];
  if (member) return [member];
  return typeof place.additionalProperties === 'object' ? [place.additionalProperties] : [];
}

/** A schema without references, with its alternatives. */
function unfolded(schema, place, depth = 0) {
  if (!place || typeof place !== 'object' || depth > 8) return [];
  const inner = [...(place.anyOf ?? []), ...(place.oneOf ?? []), ...(place.allOf ?? [])];
  if (place.$ref) inner.push(schema.$defs?.[place.$ref.replace('#/$defs/', '')]);
  return [place, ...inner.flatMap((one) => unfolded(schema, one, depth + 1))];
}

function described(schema, name, member) {
  const all = unfolded(schema, member);
  const first = (key) => all.find((one) => one[key] !== undefined)?.[key];
  const types = [...new Set(all.map((one) => one.type).filter(Boolean))];
  return { name, description: first('description') ?? '', byDefault: first('default'), type: types.join(' or ') };
}
