// Passes an order on to the revocation log.
export default {
  async fetch(request, env) {
    const log = env.LOG.get(env.LOG.idFromName('revocations'));
    await log.order(new Uint8Array(await request.arrayBuffer()));
    return new Response();
  },
};
