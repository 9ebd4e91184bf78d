const TIMEOUT_MS = 2000;
const BYTES = 128 * 1024;

/** Firewalls in front of issuers refuse requests that say none. A browser says its own, and asks first whether it may say another. */
const USER_AGENT = globalThis.location === undefined ? { 'user-agent': 'edgeward/0.1.0' } : {};

/** The text of a key set; what is thrown is a word for why there is none, as `keys_failed` in the gateway's log has it. */
export async function fetchKeySet(url) {
  try {
    // A redirect would let whoever controls one path of the issuer's host name another issuer.
    const init = { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS), headers: { accept: 'application/json', ...USER_AGENT } };
    const response = await fetch(url, init);
    const { status, type } = response;
    if (type === 'opaqueredirect' || (status >= 300 && status < 400)) throw 'issuer_redirects';
    if (status !== 200) throw 'issuer_status';
    return await read(response.body);
  } catch (error) {
    if (typeof error === 'string') throw error;
    throw error?.name === 'TimeoutError' ? 'issuer_timeout' : 'issuer_unreachable';
  }
}

async function read(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decode(decoder);
    bytes += value.byteLength;
    if (bytes > BYTES) {
      await reader.cancel();
      throw 'document_too_large';
    }
    text += decode(decoder, value);
  }
}

function decode(decoder, value) {
  try {
    return decoder.decode(value, { stream: value !== undefined });
  } catch {
    throw 'jwks_malformed';
  }
}
