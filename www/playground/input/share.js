// A link that holds what is asked, in its fragment, which no browser sends to a server. It never
// holds the token, a secret, or a header or query that may hold a credential.

import { holdsToken, isCredential, readHeaders, writeHeaders } from './headers.js';

const VERSION = 1;

/** What of a state may be shared, and in words what was left out. */
export function shareable(state) {
  const left = [];
  if (state.token) left.push('the token');
  if (Object.values(state.secrets ?? {}).some(Boolean)) left.push('the secrets');
  if (state.answer?.trim()) left.push('the answer of the auth server');
  const headers = readHeaders(state.headers).headers;
  const kept = headers.map(([name, value]) => {
    if (!value || !isCredential(name, value)) return [name, value];
    left.push(`the value of \`${name}\``);
    return [name, ''];
  });
  const { url, configuration, keys } = cleaned(state, left);
  const shared = {
    v: VERSION, method: withoutTokens(state.method), url, headers: writeHeaders(kept), configuration, keys,
    now: state.now, revoked: state.revoked, before: state.before, storeDown: state.storeDown, answers: state.answers,
  };
  return { shared, left };
}

function cleaned(state, left) {
  const url = withoutCredentials(state.url);
  if (url !== state.url) left.push('values in the query of the URL');
  const configuration = PRIVATE_KEY.test(state.configuration) ? '' : withoutTokens(state.configuration);
  if (configuration !== state.configuration) left.push(configuration ? 'tokens in the configuration' : 'the configuration, which seems to hold a private key');
  const entries = Object.entries(state.keys).map(([issuer, text]) => [issuer, publicKeys(text)]);
  if (entries.some(([issuer, text]) => text !== state.keys[issuer])) left.push('key sets that hold more than public keys');
  return { url, configuration, keys: Object.fromEntries(entries) };
}

/** The query without values that may be credentials, and without a user in the authority. */
function withoutCredentials(url) {
  const plain = url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, '$1');
  const [path, query] = [plain.split('?', 1)[0], plain.includes('?') ? plain.slice(plain.indexOf('?') + 1) : null];
  const safe = withoutTokens(path);
  if (query === null) return safe;
  const kept = query.split('&').map((pair) => {
    const [name, value] = [pair.split('=', 1)[0], pair.includes('=') ? pair.slice(pair.indexOf('=') + 1) : ''];
    const risky = /token|key|secret|sig|auth|code|password|jwt|session/i.test(name) || holdsToken(value);
    return risky && value ? `${name}=` : pair;
  });
  return `${safe}?${kept.join('&')}`;
}

function withoutTokens(text) {
  return text.replace(/eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '');
}

/** A member of a private JWK, in TOML or JSON. */
const PRIVATE_KEY = /(?:^|[\s,{])["']?(?:d|p|q|dp|dq|qi|k)["']?\s*[=:]\s*["'][\w-]{16,}/;

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** A key set goes on only when every key in it is a public one. */
function publicKeys(text) {
  try {
    const { keys } = JSON.parse(text);
    const isPublic = keys.every((key) => PRIVATE.every((member) => !(member in key)));
    return isPublic ? withoutTokens(text) : '';
  } catch {
    return '';
  }
}

/** The fragment of a link, without `#`. */
export async function writeFragment(shared) {
  const bytes = new TextEncoder().encode(JSON.stringify(shared));
  return `s=${base64url(await through(bytes, new CompressionStream('deflate-raw')))}`;
}

/** The most that a fragment may unfold to: a link must not fill the memory. */
const MAX_BYTES = 1024 * 1024;

/** What a link holds, or `null` where it is none of ours. */
export async function readFragment(fragment) {
  const match = /^#?s=([\w-]+)$/.exec(fragment);
  if (!match) return null;
  try {
    const text = new TextDecoder().decode(await through(bytes(match[1]), new DecompressionStream('deflate-raw'), MAX_BYTES));
    return checked(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Only fields that are known, each of its type: a link may have been written by anybody. */
function checked(shared) {
  if (shared?.v !== VERSION) return null;
  const text = (value) => (typeof value === 'string' ? value : '');
  const seconds = (value) => (Number.isSafeInteger(value) && value >= 0 ? value : undefined);
  const isText = ([, value]) => typeof value === 'string';
  return {
    method: text(shared.method) || 'GET', url: text(shared.url), headers: text(shared.headers),
    configuration: text(shared.configuration),
    keys: Object.fromEntries(Object.entries(shared.keys ?? {}).filter(isText)),
    now: seconds(shared.now),
    before: seconds(shared.before),
    revoked: Array.isArray(shared.revoked) ? shared.revoked.filter((kind) => typeof kind === 'string') : [],
    storeDown: shared.storeDown === true,
    answers: ['none', 'no'].includes(shared.answers) ? shared.answers : 'none',
  };
}

async function through(bytes, stream, most = Infinity) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const parts = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.length;
    if (length > most) throw new Error('too long');
    parts.push(next.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function base64url(bytes) {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function bytes(text) {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}
