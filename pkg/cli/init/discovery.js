// What an issuer says of itself (OpenID Connect Discovery 1.0).
import { textOf } from '../text.js';

const TIMEOUT_MS = 5000;
const BYTES = 128 * 1024;
const PUBLIC_KEY = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** Where the metadata of an issuer is; undefined where the issuer says nothing of itself. */
export function metadataUrl({ issuer, verify: { discovery } }) {
  if (discovery === undefined) return undefined;
  return typeof discovery === 'string' ? discovery : `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

/** Reads the metadata: { algorithms } on success, and a note for people in any case. Nothing here is fatal: the gateway reads them again. */
export async function discover(issuer, fetching = fetch) {
  const url = metadataUrl(issuer);
  if (url === undefined) return {};
  const failed = (why) => ({ note: `${url}: ${why}. The configuration is written without it; \`edgeward dev\` shows whether the keys are found.` });
  let metadata;
  try {
    const response = await fetching(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS), headers: { accept: 'application/json' } });
    if (response.status !== 200) return failed(`expected status 200, got ${response.status}`);
    const text = await textOf(response, BYTES);
    if (text === undefined) return failed('expected at most 128 KiB, got more');
    metadata = JSON.parse(text);
  } catch (error) {
    return failed(error.name === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1000} s` : error instanceof SyntaxError ? 'expected JSON' : 'it cannot be reached');
  }
  return judged(metadata, issuer, url, failed);
}

function judged(metadata, issuer, url, failed) {
  if (typeof metadata?.jwks_uri !== 'string') return failed('expected a member `jwks_uri`');
  const isTemplate = issuer.issuer.includes('{');
  if (!isTemplate && metadata.issuer !== issuer.issuer) {
    const other = typeof metadata.issuer === 'string' && /^[\x21-\x7e]{1,200}$/.test(metadata.issuer) ? ` "${metadata.issuer}"` : ' another one';
    return { note: `${url}: it says that the issuer is${other}, not "${issuer.issuer}". Put what the tokens say in \`iss\` into \`issuer\`: they must be the same.` };
  }
  const said = new Set([metadata.id_token_signing_alg_values_supported].flat());
  const algorithms = [...said].filter((name) => PUBLIC_KEY.includes(name));
  return { note: `${url}: read.`, ...(algorithms.length > 0 && { algorithms }) };
}
