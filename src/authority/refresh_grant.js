// Refresh tokens that come to an OAuth 2 server by another way than the handler `refresh`: nothing would check them.
import { parsed } from './body.js';

/**
 * Whether a request may make the server exchange a refresh token (RFC 6749 §6), as the most lenient one reads it: from the second of two
 * parameters, from the URL, JSON or multipart.
 */
export function asksForRefresh({ settings: { endpoint }, given: { request, url }, body }) {
  if (JSON.parse(endpoint).body !== 'form') return false;
  // Nobody here can read it.
  if ((request.headers.get('content-encoding') ?? 'identity').toLowerCase() !== 'identity') return true;
  const text = new TextDecoder().decode(body);
  const pairs = [...new URL(url).searchParams, ...new URLSearchParams(text), ...Object.entries(parsed(text) ?? {})];
  // In multipart a value has a line of its own.
  return pairs.some(([name, value]) => isGrantType(name) && isRefresh(value)) || text.split(/\r?\n/).some(isRefresh);
}

const isGrantType = (name) => name.toLowerCase().replace(/[^a-z]/g, '') === 'granttype';
const isRefresh = (value) => typeof value === 'string' && value.trim().toLowerCase() === 'refresh_token';
