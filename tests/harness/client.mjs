// A client over kept-alive connections, for tests whose subject is not the wire itself.
import http from 'node:http';

/** An agent for `send`; `width` is how many requests are under way at once. */
export function connections(width = 32) {
  return new http.Agent({ keepAlive: true, maxSockets: width });
}

const shared = connections();
const DEFAULT_TIMEOUT_MS = 60_000;

/** Options of a server that keeps idle connections: one that ends them just when a request comes is no answer, and a slow machine meets that. */
export const LASTING = { keepAliveTimeout: 0 };

/** One request; resolves with status, headers (as node:http gives them), text, json (or null) and milliseconds taken. */
export function send(url, { method = 'GET', token, headers = {}, body, agent = shared, timeoutMs = DEFAULT_TIMEOUT_MS } = {}) {
  const started = performance.now();
  const fields = token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers: fields, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      // What the gateway printed before it answered was there to be read before the answer was, and has been read a turn later.
      response.on('end', () => setImmediate(resolve, answer(response, Buffer.concat(chunks).toString(), performance.now() - started)));
    });
    request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer to ${method} ${url} in ${timeoutMs} ms`)));
    request.on('error', reject);
    request.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
  });
}

function answer(response, text, ms) {
  return { status: response.statusCode, headers: response.headers, text, json: parse(text), ms };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Runs `work(n)` for n in 0…count, at most `width` at once; the results in order. */
export async function inParallel(count, width, work) {
  const results = new Array(count);
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const n = next++;
      results[n] = await work(n);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
  return results;
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks `condition` again and again until it is truthy; throws after `timeoutMs`. */
export async function until(condition, what, timeoutMs = 20_000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`not seen in ${timeoutMs} ms: ${what}`);
    await sleep(50);
  }
}
