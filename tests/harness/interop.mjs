// The cases of tests/vectors/interop*.json: whole decisions about what issuers, auth servers and clients as they are send.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../vectors/', import.meta.url));

export const interopCases = () =>
  readdirSync(FOLDER).filter((name) => /^interop.*\.json$/.test(name)).sort()
    .flatMap((name) => JSON.parse(readFileSync(FOLDER + name, 'utf8'))).filter(({ id }) => id);

/** Header fields of a case's request, by name. */
export const headersOf = ({ headers = {}, token }) => ({ ...headers, ...token && { authorization: `Bearer ${token}` } });

/** What a case expects: { refuse, code } or { forward: headers by name }. */
export const expectationOf = ({ expect }) => (expect === 'forward' ? { forward: {} } : expect);
