// `routes[].sync`: after a write that one origin has carried out, its answer is posted to the tenant's origin. Nothing is decided here.
import { current, log, withContext } from './bridge.js';
import { sync_target } from './index.js';

/** The longest answer that is told on. It is held in memory until the tenant has it. */
const BODY_BYTES = 64 * 1024;
/** Before the second, third and fourth attempt. */
const PAUSES_MS = [250, 1000, 4000];
/** A Worker has 30 s after its answer; what is not told by then could not even be logged. */
const LIMIT_MS = 25_000;
/** How long one telling waits for an earlier one of the same caller. */
const TURN_MS = 10_000;
const POLL_MS = 20;
const CALLERS = 1000;

/**
 * Behind the queue, in seconds before the second to the eighth attempt: about four hours in all. What is then not told is given up
 * and logged; the queue itself must not do so before, where nobody would learn of it.
 */
const DELAYS_S = [5, 30, 120, 600, 1800, 3600, 7200];

/** Says that trying again may help. */
const isPassing = (status) => status >= 500 || [408, 425, 429].includes(status);
const isJson = (type) => /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type ?? '');
/** Whether the platform has undone the encoding: nobody here can undo another. */
const isDecoded = (encoding) => [null, '', 'identity', 'gzip', 'br'].includes(encoding);

/**
 * `answer` as the client gets it, and the tenant's origin told of it, if it says that the write was carried out. `order` is the
 * path, the authority that the client asked for, the request's id, the tenant's name, what an assertion says of the caller, and the
 * caller, a line each; `identity` names and values by turns.
 */
export function follow(held, answer, order, identity) {
  const { env, context } = held ?? current();
  const [path, authority, id, tenant, facts, ...caller] = order.split('\n');
  let telling;
  const handed = answer.then((response) => {
    if (!response.ok) return response;
    const [client, copy] = response.body?.tee() ?? [null, null];
    const type = copy === null ? null : response.headers.get('content-type');
    const told = { path, authority, id, tenant, facts, identity, type, caller: JSON.stringify([tenant, ...caller]) };
    const isTellable = copy === null || (isJson(type) && isDecoded(response.headers.get('content-encoding')));
    telling = tell(told, copy, isTellable, { env, context }).then((outcome) => giveUp(told, outcome));
    return new Response(client, response);
  });
  // The write is carried out even if the client hangs up; so the tenant is told even then.
  context.waitUntil(handed.then(() => telling, () => {}));
  return handed;
}

function giveUp({ id, tenant }, { code, attempts }) {
  if (code !== undefined) log({ event: 'sync_failed', request_id: id, tenant, code, attempts });
}

/** Tells in turn, and again while that may help: nothing of a code when it is told. */
async function tell(told, copy, isTellable, around) {
  const started = Date.now();
  const leave = join(told.caller, started);
  try {
    const { code, body } = await read(copy, isTellable);
    if (code !== undefined) return { code, attempts: 0 };
    await leave.turn();
    if (await enqueue({ ...told, body }, around.env)) return {};
    return await deliver({ ...told, body }, around, started + LIMIT_MS);
  } finally {
    leave();
  }
}

/** Whether the queue has it, where one is bound. Neither the token nor an assertion waits in it. */
async function enqueue(told, { EDGEWARD_SYNC: queue }) {
  if (typeof queue?.send !== 'function') return false;
  try {
    await queue.send(told, { contentType: 'v8' });
    return true;
  } catch (error) {
    // It is told at once, then, and with less patience.
    log({ event: 'sync_not_queued', request_id: told.id, tenant: told.tenant, error: error?.name });
    return false;
  }
}

/** The Worker's entry point for what waited in the queue: one after the other, so that a caller's changes keep their order. */
export async function consume(batch, env, context) {
  const held = new Map();
  for (const message of batch.messages) {
    const { body: told, attempts } = message;
    if (!isTold(told)) {
      giveUp({ id: message.id }, { code: 'sync_malformed', attempts });
      message.ack();
      continue;
    }
    const before = held.get(told.caller);
    if (before !== undefined) {
      message.retry({ delaySeconds: before });
      continue;
    }
    const { code, mayHelp } = await attempt(told, { env, context });
    const delaySeconds = DELAYS_S[attempts - 1];
    if (code !== undefined && mayHelp && delaySeconds !== undefined) {
      held.set(told.caller, delaySeconds);
      message.retry({ delaySeconds });
    } else {
      giveUp(told, { code, attempts });
      message.ack();
    }
  }
}

const isTold = (told) => ['path', 'authority', 'id', 'tenant', 'facts', 'caller'].every((name) => typeof told?.[name] === 'string')
  && Array.isArray(told.identity);

async function deliver(told, around, deadline) {
  for (let attempts = 1; ; attempts += 1) {
    const { code, mayHelp } = await attempt(told, around);
    const pause = PAUSES_MS[attempts - 1];
    if (code === undefined) return {};
    if (!mayHelp || pause === undefined || Date.now() + pause > deadline) return { code, attempts };
    await scheduler.wait(pause);
  }
}

/** Where to, and with which assertion, is asked for each attempt: both may have changed, and an assertion lives for a minute. */
async function attempt({ path, authority, id, tenant, facts, identity, type, body }, { env, context }) {
  try {
    const target = await withContext(env, context, () => sync_target(tenant, path, authority, facts));
    const [url, binding, timeout, ...fields] = target.split('\n');
    if (binding === undefined) return { code: url, mayHelp: url !== 'sync_gone' };
    const headers = new Headers({ 'x-request-id': id, 'x-edgeward-sync': '1' });
    for (let n = 0; n < identity.length; n += 2) headers.set(identity[n], identity[n + 1]);
    for (let n = 0; n < fields.length; n += 2) headers.set(fields[n], fields[n + 1]);
    if (type !== null) headers.set('content-type', type);
    const init = {
      method: 'POST', headers, body, redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(Number(timeout)),
    };
    const response = await (binding === '' ? fetch(url, init) : env[binding].fetch(url, init));
    await response.body?.cancel();
    return response.ok ? {} : { code: 'sync_status', mayHelp: isPassing(response.status) };
  } catch (error) {
    return { code: error?.name === 'TimeoutError' ? 'sync_timeout' : 'sync_unreachable', mayHelp: true };
  }
}

/** The whole body, or why it is none to be told. It is read at once, so that it holds up no client. */
async function read(copy, isTellable) {
  if (copy === null) return { body: null };
  if (!isTellable) {
    await copy.cancel();
    return { code: 'sync_not_json' };
  }
  const parts = [];
  let bytes = 0;
  try {
    for await (const part of copy) {
      parts.push(part);
      bytes += part.byteLength;
      if (bytes > BODY_BYTES) return { code: 'sync_too_large' };
    }
  } catch {
    return { code: 'sync_answer_broken' };
  }
  return { body: await new Blob(parts).arrayBuffer() };
}

/**
 * Of each caller the tellings under way in this isolate, the oldest first. Another request's promise must not be awaited, so each
 * looks by itself whether it is its turn.
 */
const queues = new Map();

function join(caller, now) {
  if (queues.size >= CALLERS) queues.clear();
  const own = { until: now + LIMIT_MS };
  const queue = queues.get(caller) ?? [];
  queues.set(caller, queue);
  queue.push(own);
  const leave = () => {
    const at = queue.indexOf(own);
    if (at >= 0) queue.splice(at, 1);
    if (queue.length === 0 && queues.get(caller) === queue) queues.delete(caller);
  };
  leave.turn = async () => {
    const late = now + TURN_MS;
    while (queue[0] !== own && Date.now() < late) {
      // One whose isolate's time was over never left.
      if (queue[0].until < Date.now()) queue.shift();
      else await scheduler.wait(POLL_MS);
    }
  };
  return leave;
}
