// What the contenders in JavaScript have in common: the origin's URL, the headers, the refusal.

const ORIGIN = 'https://origin.example';
let requests = 0;

export const target = (url) => ORIGIN + url.slice(url.indexOf('/', 8));

/** A cheap unique id, made the way the gateway makes it. */
export const requestId = () => `bench-${(requests += 1).toString(16)}`;

/** The request for the origin, with one header for each claim of `headers`: [[header, claim]…]. */
export function identified(request, claims, headers) {
  const forwarded = new Request(target(request.url), request);
  for (const [header, claim] of headers) {
    const value = claims[claim];
    forwarded.headers.set(header, Array.isArray(value) ? value.join(', ') : value);
  }
  forwarded.headers.set('x-request-id', requestId());
  return forwarded;
}

/** Names the host and the scheme that the client asked for, and its address, as every gateway does that stands before web applications. */
export function forwarded(request) {
  const { host, protocol } = new URL(request.url);
  request.headers.set('x-forwarded-host', host);
  request.headers.set('x-forwarded-proto', protocol.slice(0, -1));
  request.headers.set('x-forwarded-for', '203.0.113.7');
  return request;
}

const UNCACHED = { cache: 'no-store' };

/** How the origin is called by who keeps out of the zone's cache. */
export const uncached = ({ IS_UNCACHED }) => (IS_UNCACHED ? UNCACHED : undefined);

/** Calls the origin, and gives up on it after `timeout` ms where one is given, in the cheapest way that is known. */
export function call(request, timeout, init) {
  const answer = init === undefined ? fetch(request) : fetch(request, init);
  if (timeout === undefined) return answer;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer in time')), timeout);
    const settled = (settle) => (outcome) => {
      clearTimeout(timer);
      settle(outcome);
    };
    answer.then(settled(resolve), settled(reject));
  });
}

export const refused = () =>
  new Response('{"error":"invalid_token"}', {
    status: 401,
    headers: { 'content-type': 'application/json', 'www-authenticate': 'Bearer error="invalid_token"' },
  });
