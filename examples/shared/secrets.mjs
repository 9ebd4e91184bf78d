// The secrets of an example: made once, and kept beside its state. They protect nothing but the example.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** { NAME: text }: one for each of `names`, and the gateway's ASSERTION_KEY; read from the folder, or made and written there. */
export function secrets(folder, names) {
  const file = join(folder, 'secrets.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const made = Object.fromEntries(names.map((name) => [name, randomBytes(48).toString('base64')]));
  made.ASSERTION_KEY = JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}
