// AES-256-GCM under keys that HKDF derives: from the presented refresh token for stored answers, so that no store holds the key, and from a
// secret of the Worker for handles.
const { subtle } = crypto;
const utf8 = (value) => new TextEncoder().encode(value);
const SALT = 32;
const NONCE = 12;
const ANSWER = 'edgeward stored answer 1';

async function keyOf(secret, info, salt) {
  const material = await subtle.importKey('raw', utf8(secret), 'HKDF', false, ['deriveKey']);
  return subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info: utf8(info) }, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** Salt, nonce and ciphertext of a text, which opens only with the same `place` as associated data. */
export async function sealedText(secret, info, text, place = '') {
  const [salt, iv] = [SALT, NONCE].map((length) => crypto.getRandomValues(new Uint8Array(length)));
  const ciphertext = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8(place) }, await keyOf(secret, info, salt), utf8(text));
  return new Uint8Array(await new Blob([salt, iv, ciphertext]).arrayBuffer());
}

/** The text; nothing where it cannot be opened. */
export async function openedText(secret, info, bytes, place = '') {
  try {
    const [salt, iv, ciphertext] = [bytes.slice(0, SALT), bytes.slice(SALT, SALT + NONCE), bytes.slice(SALT + NONCE)];
    return new TextDecoder().decode(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData: utf8(place) }, await keyOf(secret, info, salt), ciphertext));
  } catch {
    return undefined;
  }
}

/** A name for a secret, which says nothing about it. */
export async function keyId(secret, info) {
  const material = await subtle.importKey('raw', utf8(secret), 'HKDF', false, ['deriveBits']);
  const bits = await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(`${info} key id`) }, material, 32);
  return Array.from(new Uint8Array(bits), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** An answer of the auth server, sealed so that only someone with the token can open it. */
export function sealed({ status, headers, body }, token) {
  const text = btoa(Array.from(body, (byte) => String.fromCharCode(byte)).join(''));
  return sealedText(token, ANSWER, JSON.stringify({ status, headers, body: text }));
}

/** The answer; nothing where it cannot be opened. */
export async function opened(bytes, token) {
  const plain = await openedText(token, ANSWER, bytes);
  if (plain === undefined) return undefined;
  const { status, headers, body } = JSON.parse(plain);
  return { status, headers, body: Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0)) };
}
