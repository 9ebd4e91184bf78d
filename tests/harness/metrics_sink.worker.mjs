// The class MetricsSink of the built Worker, and a way to call it: `POST /` takes a list of lists of calls, each `[method, ...values]`. The calls of a
// list are made at once, in their order; the lists one after another. The answer has what each came to: { value }, or { error }.
export { MetricsSink } from './index.js';

async function called(stub, [method, ...values]) {
  try {
    return { value: await stub[method](...values) };
  } catch (error) {
    return { error: error.message };
  }
}

export default {
  async fetch(request, { EDGEWARD_METRICS: namespace }) {
    const stub = namespace.get(namespace.idFromName('metrics'));
    const results = [];
    for (const calls of await request.json()) results.push(await Promise.all(calls.map((call) => called(stub, call))));
    return Response.json(results);
  },
};
