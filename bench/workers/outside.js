// Everything beyond the contenders, in one Worker: the origin that they forward to, and the issuer's JWK Set.

const ANSWER = JSON.stringify({ id: 42, name: 'a resource of the API', tags: ['one', 'two', 'three'], total: 1234.5 });
const JSON_TYPE = { headers: { 'content-type': 'application/json' } };
let keysFetched = 0;

export default {
  async fetch(request, { JWKS, DELAY_MS }) {
    const { url } = request;
    if (url.startsWith('https://issuer.')) {
      keysFetched += 1;
      if (DELAY_MS > 0) await scheduler.wait(DELAY_MS);
      return Response.json(JWKS);
    }
    if (url.startsWith('https://origin.')) {
      return url.endsWith('?headers') ? Response.json([...request.headers]) : new Response(ANSWER, JSON_TYPE);
    }
    return new Response(String(keysFetched));
  },
};
