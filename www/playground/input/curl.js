// Reads a `curl` command for what it says about a request. What does not touch the head of the
// request is left out; an option that is not known is named, not guessed.

import { words } from './shell.js';

/** Options that take a value and say nothing here. */
const WITH_VALUE = new Set(
  `-o --output -m --max-time --connect-timeout --retry --retry-delay --cacert --cert -E --key --capath -w --write-out
  -x --proxy --resolve --connect-to --limit-rate -c --cookie-jar -D --dump-header --ciphers --tls-max --interface
  --max-redirs -C --continue-at -K --config --unix-socket -z --time-cond --stderr --trace --trace-ascii`.split(/\s+/),
);
const SHORT_WITH_VALUE = 'XHdFbuAeTomEwxcDCKzrt';
const DATA = new Set(['-d', '--data', '--data-raw', '--data-ascii', '--data-binary', '--data-urlencode', '-F', '--form', '--form-string', '-T', '--upload-file', '--json']);
const LONG = {
  '-X': '--request', '-H': '--header', '-b': '--cookie', '-u': '--user', '-A': '--user-agent', '-e': '--referer',
  '-I': '--head', '-G': '--get',
};
const VALUED = new Set(['--request', '--header', '--cookie', '--user', '--user-agent', '--referer', '--url', '--oauth2-bearer', '--url-query', ...DATA, ...WITH_VALUE]);

/** `{ method, url, headers, token, notes }`; throws an `Error` that says what is not understood. */
export function readCurl(text) {
  const all = words(text.trim());
  if (!/(^|[\\/])curl(\.exe)?$/.test(all[0] ?? '')) throw new Error('expected a command that begins with `curl`');
  const found = { method: null, url: null, headers: [], data: [], notes: [], isGet: false, isHead: false, sends: null };
  const options = spread(all.slice(1));
  for (const { name, value } of options) take(found, name, value);
  if (!found.url) throw new Error('expected a URL');
  return finish(found);
}

/** One entry for each option and each URL: `-sXPOST` is `-s` and `-X POST`. */
function spread(list) {
  const found = [];
  for (let at = 0; at < list.length; at++) {
    const word = list[at];
    const next = () => {
      if (at + 1 >= list.length) throw new Error(`expected a value after \`${word}\``);
      return list[++at];
    };
    if (!word.startsWith('-') || word === '-') found.push({ name: '--url', value: word });
    else if (word.startsWith('--')) found.push(long(word, next));
    else found.push(...short(word, next));
  }
  return found;
}

function long(word, next) {
  const [name, value] = [word.split('=', 1)[0], word.includes('=') ? word.slice(word.indexOf('=') + 1) : null];
  if (!VALUED.has(name)) return { name, value: null };
  return { name, value: value ?? next() };
}

function short(word, next) {
  const found = [];
  for (let at = 1; at < word.length; at++) {
    const name = LONG[`-${word[at]}`] ?? `-${word[at]}`;
    if (!SHORT_WITH_VALUE.includes(word[at])) {
      found.push({ name, value: null });
      continue;
    }
    const value = at + 1 < word.length ? word.slice(at + 1) : next();
    return [...found, { name, value }];
  }
  return found;
}

function take(found, name, value) {
  if (DATA.has(name)) return takeData(found, name, value);
  switch (name) {
    case '--request': found.method = value; break;
    case '--header': takeHeader(found, value); break;
    case '--cookie':
      if (value.includes('=')) found.headers.push(['cookie', value]);
      else found.notes.push('the file of cookies is not read');
      break;
    case '--user': found.headers.push(['authorization', `Basic ${base64(value)}`]); break;
    case '--oauth2-bearer': found.headers.push(['authorization', `Bearer ${value}`]); break;
    case '--user-agent': found.headers.push(['user-agent', value]); break;
    case '--referer': found.headers.push(['referer', value]); break;
    case '--url': takeUrl(found, value); break;
    case '--url-query': found.notes.push('`--url-query` is left out'); break;
    case '--head': found.isHead = true; break;
    case '--get': found.isGet = true; break;
    case '--compressed': found.headers.push(['accept-encoding', 'deflate, gzip']); break;
  }
}

function takeUrl(found, value) {
  if (found.url) found.notes.push(`only the first URL is taken, not ${value}`);
  else found.url = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
}

function takeHeader(found, value) {
  if (value.startsWith('@')) {
    found.notes.push(`the file ${value.slice(1)} is not read`);
    return;
  }
  const colon = value.indexOf(':');
  // `Name;` sends the header without a value, `Name:` takes it away.
  if (colon < 0) {
    if (value.endsWith(';')) found.headers.push([value.slice(0, -1).toLowerCase(), '']);
    return;
  }
  const text = value.slice(colon + 1).trim();
  if (text) found.headers.push([value.slice(0, colon).trim().toLowerCase(), text]);
}

function takeData(found, name, value) {
  if (name === '-T' || name === '--upload-file') found.sends = 'PUT';
  else found.sends ??= 'POST';
  found.data.push(value);
  const isForm = ['-F', '--form', '--form-string'].includes(name);
  found.type ??= name === '--json' ? 'application/json' : isForm ? 'multipart/form-data' : 'application/x-www-form-urlencoded';
  if (found.sends === 'PUT') found.type = null;
}

function finish(found) {
  const has = (name) => found.headers.some(([own]) => own === name);
  let { url } = found;
  if (found.isGet && found.data.length > 0) {
    url += `${url.includes('?') ? '&' : '?'}${found.data.join('&')}`;
  } else if (found.sends) {
    if (found.type && !has('content-type')) found.headers.push(['content-type', found.type]);
    found.notes.push('the body is left out: the gateway does not look at it');
  }
  const method = found.method ?? (found.isHead ? 'HEAD' : found.isGet ? 'GET' : found.sends) ?? 'GET';
  return { method, url: url.split('#', 1)[0], ...token(found.headers), notes: found.notes };
}

/** Takes a single bearer token out of the headers: it has a place of its own. */
function token(headers) {
  const isBearer = ([name, value]) => name === 'authorization' && /^bearer +\S+$/i.test(value);
  const authorizations = headers.filter(([name]) => name === 'authorization');
  if (authorizations.length !== 1 || !isBearer(authorizations[0])) return { headers, token: '' };
  return { headers: headers.filter((header) => !isBearer(header)), token: authorizations[0][1].replace(/^bearer +/i, '') };
}

function base64(text) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
