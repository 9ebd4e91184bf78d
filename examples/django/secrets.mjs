// The secrets of the example: made once, and kept beside its state. They protect nothing but the example.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const text = () => randomBytes(48).toString('base64');

/** { NAME: text }, read from the file, or made and written to it. */
export function secrets(file) {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const made = {
    MAIN_JWT_SECRET: text(),
    MAIN_JWT_SECRET_PREVIOUS: text(),
    AUTH_JWT_SECRET: text(),
    SESSION_KEY: text(),
    ASSERTION_KEY: JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })),
  };
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}
