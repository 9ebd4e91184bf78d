// Handles: what clients hold in the place of opaque refresh tokens. A handle is the token and the name of its object, sealed, so that all
// tokens of a session meet in one object, and none of them is stored.
import { memberAt, parsed } from './body.js';
import { sealedText, openedText } from './seal.js';

const PREFIX = 'ewh1.';
const INFO = 'edgeward refresh handle 1';

export const isHandle = (text) => text.startsWith(PREFIX);

/** Whether a refresh token that an auth server has issued is opaque. Where the gateway has no keys, all are. */
export const isOpaque = ({ tokens }, text) => JSON.parse(tokens).has_opaque_refresh || !isJwt(text);

export const isJwt = (text) => JWT.test(text);

/** Three parts, of which the first is an object of JSON. An encrypted token has five. */
const JWT = /^e[w-z\d_-][\w-]*\.[\w-]*\.[\w-]*$/;

/** The name of an object that nobody can guess, and that no token has otherwise. */
export const freshObject = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** A random name. */
export const freshKey = () => base64url(crypto.getRandomValues(new Uint8Array(16)));

/**
 * The handle for a token. `env` holds the key by the name that the settings give. `claims` are what nobody could read from the token
 * itself: its owner's `iss`, `tenant`, `subject` and `session`, when it was `issued_at`, and the `access` token of an answer that no family has stored.
 */
export async function handleOf(env, { handle_key: key, issuer }, { token, object, claims }) {
  return PREFIX + base64url(await sealedText(env[key], INFO, JSON.stringify([issuer, token, object, claims])));
}

/**
 * What is known of a token from the answer that it came with, to a request of the time `began` (ms): whatever was cut off since, the token is
 * older. What the answer does not say of the owner is as `before`.
 */
export const claimsOf = ({ owner, access }, began, before) => ({
  ...Object.fromEntries(['iss', 'tenant', 'subject', 'session'].map((name) => [name, owner?.[name] ?? before?.[name] ?? null])), issued_at: Math.floor(began / 1000), access,
});

/** The token, the object and the claims of a handle; nothing where it was made under no key of ours, or for another issuer. */
export async function openedHandle(env, { handle_key: key, previous_handle_key: previous, issuer }, text) {
  const bytes = bytesOf(text.slice(PREFIX.length));
  for (const name of [key, previous].filter((own) => own !== null)) {
    const plain = bytes === undefined ? undefined : await openedText(env[name], INFO, bytes);
    const [own, token, object, claims] = plain === undefined ? [] : JSON.parse(plain);
    if (own === issuer) return { token, object, claims };
  }
  return undefined;
}

/**
 * The body with another value at a dotted path of its JSON, or in a form; nothing where there is none. With `isAdded` a missing member
 * is added.
 */
export function withMember(body, path, value, { isForm = false, isAdded = false } = {}) {
  const text = new TextDecoder().decode(body);
  if (isForm) {
    const form = new URLSearchParams(text);
    form.set(path, value);
    return new TextEncoder().encode(form.toString());
  }
  const whole = parsed(text);
  const [parent, last] = memberAt(whole, path);
  if (parent === undefined || !(typeof parent[last] === 'string' || isAdded)) return undefined;
  parent[last] = value;
  return new TextEncoder().encode(JSON.stringify(whole));
}

export const base64url = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')).replace(/\+/g, '-').replace(/\//g, '_').replace(/=*$/, '');

export function bytesOf(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
    // One text for the same bytes: what the last character says besides is not ignored.
    return base64url(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}
