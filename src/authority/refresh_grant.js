// Refresh tokens that come to an OAuth 2 server by another way than the handler `refresh`: nothing would check them.
import { parsed } from './body.js';

/**
 * Whether a request may make the server exchange a refresh token (RFC 6749 §6, RFC 8693 §2.1), as the most lenient one reads it: from the
 * second of two parameters, from the URL, JSON or multipart. What nobody here can read may ask for it.
 */
export function asksForRefresh({ settings: { endpoint }, given: { request: { headers }, url }, body }) {
  if (JSON.parse(endpoint).body !== 'form') return false;
  const text = new TextDecoder().decode(body);
  if (isEncoded(headers, text)) return true;
  const pairs = [...new URL(url).searchParams, ...new URLSearchParams(text), ...Object.entries(parsed(text) ?? {})];
  // In multipart a value has a line of its own.
  return pairs.some(([name, value]) => isRefresh(value) && SAYS_WHICH.includes(lettersOf(name))) || text.split(/\r?\n/).some(isRefresh);
}

const CHARSETS = ['utf-8', 'utf8', 'us-ascii', 'iso-8859-1', 'windows-1252'];
/** Whether the body is compressed, of a charset with other ASCII, or has a part that is encoded once more (RFC 7578 §4.7 forbids it; Django decodes it). */
function isEncoded(headers, text) {
  const charset = /charset *= *"?([^\s;"]*)/i.exec(headers.get('content-type') ?? '')?.[1];
  const isOf = (value, plain) => value === undefined || plain.includes(value.toLowerCase());
  return !isOf(headers.get('content-encoding') ?? undefined, ['identity']) || !isOf(charset, CHARSETS)
    || [...text.matchAll(/^content-transfer-encoding[ \t]*:[ \t]*(\S*)/gim)].some(([, encoding]) => !isOf(encoding, ['7bit', '8bit', 'binary']));
}

/** The parameters that say which token is exchanged, without `_` and what else may stand in a name. */
const SAYS_WHICH = ['granttype', 'subjecttokentype', 'actortokentype'];
const lettersOf = (name) => name.toLowerCase().replace(/[^a-z]/g, '');
const isRefresh = (value) => typeof value === 'string' && /^(?:urn:ietf:params:oauth:token-type:)?refresh_token$/i.test(value.trim());
