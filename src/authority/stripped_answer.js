// What a browser gets of an answer of the auth server: all but its tokens.
import { ANSWER_BYTES, bodyOf, hasMember, isDecoded, withoutMembers } from './body.js';
import { cookieValue, deleting, hasCookie, isPartOf } from './cookie.js';
import { forbidStoring } from './no_store.js';
import { fieldsForReader, replyOf } from './session_answer.js';

/**
 * An answer of the auth server without its tokens, and what they were. Nothing where it cannot be read, or would still show a token to the
 * browser. A refusal that does so stays one, without its body: many repeat the token that they refuse, or name a field after it.
 */
export async function readAnswer({ settings, given, gate }, response, known, presented) {
  const { session, endpoint } = settings;
  const { response_access: accessPath, response_refresh: refreshPath, access_cookie: accessCookie, refresh_cookie: refreshCookie } = JSON.parse(endpoint);
  const body = known ?? (isDecoded(response.headers) ? await bodyOf(response.clone().body, ANSWER_BYTES) : undefined);
  if (body === undefined) return response.ok || response.body !== null ? undefined : { hasTokens: false, stripped: response };
  const status = statusOf(settings, response);
  const answer = { response: { status, headers: response.headers }, body };
  const { kind, texts, access, refresh, owner } = replyOf(settings, '', presented, answer);
  const [text, isRemoved] = withoutMembers(body, [accessPath, refreshPath, ...session.removed_members]);
  const hasTokens = kind === 'rotated' || kind === 'kept';
  // JavaScript reads what the wasm refuses to: two members of one name, for instance.
  if (isRemoved && response.ok && !hasTokens && kind === 'unknown' && hasMember(body, [accessPath, refreshPath])) return undefined;
  const headers = new Headers(response.headers);
  headers.delete('set-cookie');
  for (const cookie of withoutTokens(response.headers.getSetCookie(), given.request, session, [accessCookie, refreshCookie])) headers.append('set-cookie', cookie);
  for (const name of ['content-length', 'content-encoding', 'etag']) headers.delete(name);
  const shown = [new TextDecoder().decode(text), ...[...headers].map(([, value]) => value)];
  const own = cookieValue(given.request.headers.get('cookie'), session.access);
  const secret = [texts.access, texts.refresh, presented, own].filter((token) => token?.length >= TOKEN_LETTERS);
  // The answer to a renewal is for the gateway alone, and that to the request which waited for it is not.
  const isForPage = settings.handler !== 'refresh' || given.renewal === undefined;
  const isShown = isForPage && shown.some((part) => hasJwt(part) || TOKEN_MEMBER.test(part) || secret.some((token) => part.includes(token)));
  if (isShown) return kind === 'refused' ? { kind, texts, hasTokens, stripped: bare(response, gate) } : undefined;
  const stripped = new Response(response.body === null ? null : text, { status: response.status, statusText: response.statusText, headers });
  return { kind, texts, hasTokens, owner, answer, expires: refresh?.expires_at, accessExpires: access?.expires_at, stripped };
}

/**
 * The `Set-Cookie` lines of an answer that have no tokens. What the browser has of the auth server from before is deleted in the place of being
 * replaced: with another's login, and after a logout, it would be an earlier caller's.
 */
function withoutTokens(lines, request, session, cookies) {
  const header = request.headers.get('cookie');
  const isOf = (names) => (line) => names.some((name) => name !== null && isPartOf(line.split('=')[0].trim(), name));
  const isOfServer = isOf([...cookies, ...session.removed_cookies]);
  return lines.filter((line) => !isOf([session.access, session.refresh])(line)).flatMap((line) => {
    if (!isOfServer(line)) return [line];
    return hasCookie(header, line.split('=')[0].trim()) ? [deleting(line)] : [];
  });
}

/** The status alone. */
function bare({ status }, gate) {
  const response = new Response(null, { status, headers: fieldsForReader(gate) });
  forbidStoring(response.headers);
  return response;
}

/** A shorter text is no token, and stands in any answer by chance. */
const TOKEN_LETTERS = 8;

/** What no browser is to get: a JWT, or a member that some auth server calls a token. A wrong path in the configuration must not show it. */
const hasJwt = (text) => [...text.matchAll(FIRST_PARTS)].some(([part]) => [...part.matchAll(HEADER)].some(([, letters]) => opensObject(letters)));
/**
 * What may be the first of three parts or more, from its beginning on: a search from each letter of a long text on would take too long. The
 * second is empty where a token is encrypted with a shared key (RFC 7516 §5.1).
 */
const FIRST_PARTS = /(?<![\w-])[\w-]{12,}(?=\.(?:[\w-]{8,})?\.)/g;
/** Of an object in JSON, behind other letters, too: so far as letters tell, which names of hosts have as well. */
const HEADER = /(?=(e(?:y[AJ]|w[0ko])[\w-]{9}))/g;
const opensObject = (letters) => /^\{\s*(?:"|$)/.test(atob(letters.replaceAll('-', '+').replaceAll('_', '/')));
const TOKEN_MEMBER = /"(?:access|refresh)(?:[_-]?token)?"\s*:\s*"[^"]|\b(?:access|refresh)[_-]?token=[^&\s]/i;

/** The status by which an answer is read: a page's login is answered by a redirect, with its tokens in cookies. */
export const statusOf = ({ handler, session }, { status }) => (handler === 'login' && session !== null && status >= 300 && status < 400 ? 200 : status);
