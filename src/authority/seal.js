// A stored answer is sealed with a key that is derived from the presented refresh token: no store holds the key.
const { subtle } = crypto;
const text = (value) => new TextEncoder().encode(value);

async function keyOf(token, salt) {
  const material = await subtle.importKey('raw', text(token), 'HKDF', false, ['deriveKey']);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info: text('edgeward stored answer 1') };
  return subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** Salt (32), nonce (12) and ciphertext. */
export async function sealed(answer, token) {
  const [salt, iv] = [32, 12].map((length) => crypto.getRandomValues(new Uint8Array(length)));
  const { status, headers, body } = answer;
  const plain = text(JSON.stringify({ status, headers, body: btoa(Array.from(body, (byte) => String.fromCharCode(byte)).join('')) }));
  const ciphertext = await subtle.encrypt({ name: 'AES-GCM', iv }, await keyOf(token, salt), plain);
  return new Uint8Array(await new Blob([salt, iv, ciphertext]).arrayBuffer());
}

/** The answer; nothing where it cannot be opened. */
export async function opened(bytes, token) {
  try {
    const [salt, iv, ciphertext] = [bytes.slice(0, 32), bytes.slice(32, 44), bytes.slice(44)];
    const plain = await subtle.decrypt({ name: 'AES-GCM', iv }, await keyOf(token, salt), ciphertext);
    const { status, headers, body } = JSON.parse(new TextDecoder().decode(plain));
    return { status, headers, body: Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0)) };
  } catch {
    return undefined;
  }
}
