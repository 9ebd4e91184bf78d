// Names of revocation entries as docs/storage.md gives them, worked out here from that text and node:crypto alone.
import { createHash } from 'node:crypto';

const digest = (text) => createHash('sha256').update(text).digest('base64url');

/** `revoked:` kind `:` SHA-256 of issuer NUL value. */
export const entryName = (kind, issuer, value = '') => `revoked:${kind}:${digest(`${issuer}\0${value}`)}`;

/** The value that names a token without `jti`: the SHA-256 of its signing input. */
export const inputValue = (token) => digest(token.slice(0, token.lastIndexOf('.')));

/** The entry under which exactly this token is revoked. */
export function tokenEntry(token) {
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  return claims.jti === undefined
    ? entryName('input', claims.iss, inputValue(token))
    : entryName('token', claims.iss, claims.jti);
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other signature that an ES256 token has: s becomes n − s. */
export function otherSignature(token) {
  const [header, payload, signature] = token.split('.');
  const octets = Buffer.from(signature, 'base64url');
  const s = BigInt(`0x${octets.subarray(32).toString('hex')}`);
  const negated = Buffer.from((P256_ORDER - s).toString(16).padStart(64, '0'), 'hex');
  return `${header}.${payload}.${Buffer.concat([octets.subarray(0, 32), negated]).toString('base64url')}`;
}
