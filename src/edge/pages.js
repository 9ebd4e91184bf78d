// The files of the pages under `/.edgeward/`. They are the same for everybody: of a request nothing but its path goes to the files,
// and whatever those say, the headers of the answer are the ones below.

/** What takes tokens must not be able to send them anywhere, nor stand in another's frame. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
  + "frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/** What stands in a page's own frame, is never told a token, and fetches public keys. */
const FETCHING = "sandbox allow-scripts; default-src 'none'; script-src 'self'; style-src 'self'; "
  + "connect-src https: http://localhost:* http://127.0.0.1:*; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

const TIMEOUT_MS = 5000;
/** What stands in the name of a file made from its content, which therefore never changes. */
const IS_HASHED = /-[A-Z2-7]{8}\.[a-z0-9]+$/;
/** No file has another name; so no spelling of the path needs a second thought. */
const IS_FILE = /^\/\.edgeward(?:\/[\w-][\w.-]*)+\/?$/;
const IS_ROOT = /^\/\.edgeward\/[\w-]+$/;

/** What the frame loads: having no origin, it is of no site. */
const IS_OF_FRAME = /\/fetch\.(?:js|css)$/;
const ETAG = /^"[\x21\x23-\x7e]*"$/;

/** The answer to GET or HEAD; nothing where there is no such file. */
export async function page(files, path, { method, headers: fields }) {
  if (!IS_FILE.test(path)) return undefined;
  if (IS_ROOT.test(path)) return new Response(null, { status: 308, headers: { ...HEADERS, location: `${path}/` } });
  const name = path.endsWith('/') ? `${path}index.html` : path;
  // No host of any request: the files know paths alone.
  const found = await files.fetch(`https://www.invalid${name}`, { method, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (found.status !== 200) {
    await found.body?.cancel();
    if (found.status < 500) return undefined;
    throw new Error('no answer');
  }
  const headers = {
    ...HEADERS,
    ...name.endsWith('/fetch.html') && { 'content-security-policy': FETCHING },
    ...IS_OF_FRAME.test(name) && { 'cross-origin-resource-policy': 'cross-origin' },
    'content-type': found.headers.get('content-type') ?? 'application/octet-stream',
    'cache-control': IS_HASHED.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  const etag = found.headers.get('etag') ?? '';
  if (!ETAG.test(etag)) return new Response(found.body, { headers });
  headers.etag = etag;
  // What a cache on the way has compressed has become weak, and says the same.
  const isHeld = (fields.get('if-none-match') ?? '').split(',').some((held) => held.trim().replace(/^W\//, '') === etag);
  if (!isHeld) return new Response(found.body, { headers });
  await found.body?.cancel();
  return new Response(null, { status: 304, headers });
}
