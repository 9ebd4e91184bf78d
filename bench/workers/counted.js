// Stands before the store and counts what is asked of it.

let asked = 0;

export default {
  fetch(request, { STORE }) {
    if (request.url.endsWith('/asked')) return new Response(String(asked));
    asked += 1;
    return STORE.fetch(request);
  },
};
