// A key of this page, for the examples. It is made anew at each visit, cannot be taken out, and signs
// for nobody else.

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const KID = 'example';

let made;

/** `{ keySet, sign(claims) }`. */
export function demoKey() {
  made ??= make();
  return made;
}

async function make() {
  const [own, other] = await Promise.all([pair(), pair()]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', own.publicKey);
  const keySet = JSON.stringify({ keys: [{ kty, crv, x, y, kid: KID, alg: 'ES256', use: 'sig' }] }, null, 2);
  return {
    keySet,
    sign: (claims, header = {}) => sign(own.privateKey, { alg: 'ES256', typ: 'JWT', kid: KID, ...header }, claims),
    forge: (claims) => sign(other.privateKey, { alg: 'ES256', typ: 'JWT', kid: KID }, claims),
    unsigned: (claims) => `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`,
  };
}

const pair = () => crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);

async function sign(key, header, claims) {
  const input = `${part(header)}.${part(claims)}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, new TextEncoder().encode(input));
  return `${input}.${base64url(new Uint8Array(signature))}`;
}

const part = (value) => base64url(new TextEncoder().encode(JSON.stringify(value)));

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
