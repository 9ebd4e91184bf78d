// The built Worker with a count of what the platform would bill. The platform's own prototypes count, so nothing in the Worker knows.
// POST /bench/events is a batch of the queue, in the consumer's own hands; POST /bench/sql asks the database; GET /bench/counts says
// what was counted since it was asked last.
import gateway, { RevocationLog as Log, SessionFamily as Family } from '../../build/index.js';

export { MetricsSink } from '../../build/index.js';

const NONE = {
  d1_queries: 0, d1_read: 0, d1_written: 0, queue_messages: 0, kv_reads: 0, log_calls: 0, family_calls: 0, alarms: 0, object_written: 0,
};
let counts = { ...NONE };
const add = (name, more = 1) => { counts[name] += more; };

/** Replaces a method of the prototype of `object`, where there is one, once. */
function around(object, name, make) {
  if (object === undefined) return;
  const prototype = Object.getPrototypeOf(object);
  const own = prototype[name];
  if (own === undefined || own.isCounted) return;
  prototype[name] = make(own);
  prototype[name].isCounted = true;
}

const bill = ({ meta }) => {
  add('d1_queries');
  add('d1_read', meta.rows_read);
  add('d1_written', meta.rows_written);
};

function watch(env) {
  around(env.EDGEWARD_DB, 'batch', (own) => async function batch(statements) {
    const results = await own.call(this, statements);
    results.forEach(bill);
    return results;
  });
  for (const name of ['all', 'run']) {
    around(env.EDGEWARD_DB.prepare('SELECT 1'), name, (own) => async function ask() {
      const result = await own.call(this);
      bill(result);
      return result;
    });
  }
  around(env.EDGEWARD_KV, 'get', (own) => function get(keys, ...more) {
    add('kv_reads', Array.isArray(keys) ? keys.length : 1);
    return own.call(this, keys, ...more);
  });
  around(env.EDGEWARD_EVENTS, 'send', (own) => function send(...values) {
    add('queue_messages');
    return own.apply(this, values);
  });
}

/** The rows that an object writes; an alarm that is set is one, too. */
function watchStorage({ storage }) {
  around(storage.sql, 'exec', (own) => function exec(...values) {
    const cursor = own.apply(this, values);
    add('object_written', cursor.rowsWritten);
    return cursor;
  });
  around(storage, 'setAlarm', (own) => function setAlarm(...values) {
    add('object_written');
    return own.apply(this, values);
  });
}

/** The class with each call of its methods counted. */
function counted(Class, name, methods) {
  const Counted = class extends Class {
    constructor(state, env) {
      watchStorage(state);
      super(state, env);
    }

    alarm() {
      add('alarms');
      return super.alarm();
    }
  };
  for (const method of methods) {
    Counted.prototype[method] = function call(...values) {
      add(name);
      return Class.prototype[method].apply(this, values);
    };
  }
  return Counted;
}

export const RevocationLog = counted(Log, 'log_calls', ['ask', 'order', 'list']);
export const SessionFamily = counted(Family, 'family_calls', ['fetch', 'login', 'see', 'state', 'end']);

export default {
  async fetch(request, env, context) {
    watch(env);
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith('/bench/')) return gateway.fetch(request, env, context);
    return Response.json(await ASKED[pathname.slice('/bench/'.length)](request, env, context));
  },
  queue: (batch, env, context) => gateway.queue(batch, env, context),
  scheduled: (event, env, context) => gateway.scheduled(event, env, context),
};

const ASKED = {
  async events(request, env, context) {
    let acknowledged = 0;
    const message = (event) => ({ body: { registry: 1, event }, attempts: 1, ack() { acknowledged += 1; }, retry() {} });
    await gateway.queue({ messages: (await request.json()).map(message) }, env, context);
    return { acknowledged };
  },
  async sql(request, { EDGEWARD_DB: db }) {
    const { sql, values = [] } = await request.json();
    const { results, meta } = await db.prepare(sql).bind(...values).all();
    return { results, meta };
  },
  counts() {
    const last = counts;
    counts = { ...NONE };
    return last;
  },
};
