// The built Worker with a database, a queue and a revocation log that go wrong as they are told: `PUT /faults` sets how (JSON, see `sound`), and
// `GET /faults` says which messages the queue has delivered, and `GET /messages` what is in all of them.
import gateway, { RevocationLog as Log } from '../../build/index.js';

export * from '../../build/index.js';

const sound = () => ({
  /** What becomes of statements that begin with `sql`: `fails` at once, or `hangs` for ever. */
  database: undefined,
  sql: '',
  /** So many messages are put back when they come first, so that they come again in the opposite order, and once more after that. */
  scattered: 0,
  /** Whether the log takes no orders. */
  hasNoLog: false,
});

let faults = sound();
let delivered = [];
let waiting = 0;
const messages = [];

/** Replaces a method of the prototype of `object`, once. */
function around(object, name, make) {
  const prototype = Object.getPrototypeOf(object);
  if (prototype[name].isFaulty) return;
  prototype[name] = make(prototype[name]);
  prototype[name].isFaulty = true;
}

/** The text of a statement, as this Worker has prepared it. */
const texts = new WeakMap();

function goWrong({ EDGEWARD_DB: db }) {
  around(db, 'prepare', (own) => function prepare(sql) {
    const statement = own.call(this, sql);
    texts.set(statement, sql);
    return statement;
  });
  const statement = db.prepare('SELECT 1');
  around(statement, 'bind', (own) => function bind(...values) {
    const bound = own.apply(this, values);
    texts.set(bound, texts.get(this));
    return bound;
  });
  for (const name of ['all', 'run']) around(statement, name, (own) => function ask() { return trouble([this]) ?? own.call(this); });
  around(db, 'batch', (own) => function batch(statements) { return trouble(statements) ?? own.call(this, statements); });
}

function trouble(statements) {
  const { database, sql } = faults;
  if (database === undefined || !statements.some((one) => (texts.get(one) ?? '').startsWith(sql))) return undefined;
  return database === 'hangs' ? new Promise(() => {}) : Promise.reject(new Error('D1_ERROR: planted'));
}

export class RevocationLog extends Log {
  order(message) {
    if (faults.hasNoLog) throw new Error('planted: no order');
    return super.order(message);
  }
}

export default {
  async fetch(request, env, context) {
    goWrong(env);
    if (new URL(request.url).pathname === '/messages') return Response.json(messages);
    if (new URL(request.url).pathname !== '/faults') return gateway.fetch(request, env, context);
    if (request.method === 'PUT') {
      faults = { ...sound(), ...await request.json() };
      [delivered, waiting] = [[], faults.scattered];
    }
    return Response.json(delivered);
  },

  async queue(batch, env, context) {
    goWrong(env);
    const taken = batch.messages.filter((message) => {
      const { body: { event }, attempts } = message;
      messages.push(message.body);
      if (faults.scattered > 0 && attempts === 1) {
        message.retry({ delaySeconds: 2 * Math.max(1, waiting) });
        waiting -= 1;
        return false;
      }
      delivered.push({ kind: event.kind, at: event.at, attempts });
      return true;
    });
    await gateway.queue({ messages: taken.map(unacknowledged) }, env, context);
  },

  scheduled: (event, env, context) => gateway.scheduled(event, env, context),
};

/** A message whose first acknowledgement gets lost, where messages are scattered. */
function unacknowledged(message) {
  const { id, body, attempts, timestamp } = message;
  const ack = () => (faults.scattered > 0 && attempts === 2 ? message.retry({ delaySeconds: 1 }) : message.ack());
  return { id, body, attempts, timestamp, ack, retry: (options) => message.retry(options) };
}
