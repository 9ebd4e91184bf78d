// A Worker that verifies and explains by the package itself.
import { EdgewardError, check, explain, verify } from 'edgeward';

export default {
  async fetch(request) {
    const { token, options, order } = await request.json();
    try {
      if (order) return Response.json({ checked: check(order.config), ...(await explain(order)) });
      return Response.json(await verify(token, options));
    } catch (error) {
      return Response.json({ code: error.code, isOurs: error instanceof EdgewardError }, { status: 400 });
    }
  },
};
