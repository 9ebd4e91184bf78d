// The registry of tokens, devices and sessions in D1: it is told after the response, at least once, and no verdict depends on it.
import Bowser from 'bowser';
import { env, waitUntil } from 'cloudflare:workers';
import { log } from './bridge.js';
import { freshKey } from './handle.js';
import { count } from './metrics.js';
import { call } from './module.js';

/** How long a statement is waited for behind a response, where there is no queue. */
const WRITE_MS = 5000;
/** How long the answer about readiness waits for it. */
const READY_MS = 2000;
/** The most that is read of a user agent. */
const AGENT_LETTERS = 512;
/** The most that is kept of a name in it: an agent that nobody knows may call itself anything. */
const NAME_LETTERS = 64;

const now = () => Math.floor(Date.now() / 1000);

/**
 * Registers the tokens of an answer. `family` is the number of their family in the object of `known`, the presented or first token; `owner` is the
 * subject with the tenant as the new access token names them, which may have changed since.
 */
export function registerPair({ given, settings }, known, { family, parent, access, refresh, owner }) {
  const { register, issuer } = settings;
  if (register === null || (access === null && refresh === null)) return;
  const own = ownerOf(known, owner);
  record({
    kind: 'pair', reference: freshKey(), issuer, iss: own.iss, tenant: own.tenant ?? '',
    subject: register.user ? own.subject : null, session: known.session, object: known.object, family: familyOf(known.object, family),
    parent, access, refresh, device: register.device ? deviceOf(given.request, register.address) : null, at: now(),
  });
}

/** A token with the owner that a newer access token names, as far as it does. */
export const ownerOf = (known, owner) => ({
  ...known, iss: owner?.iss ?? known.iss, tenant: owner?.tenant ?? known.tenant, subject: owner?.subject ?? known.subject,
});

/** Tells the registry that families of an object have ended. */
export function registerEnd({ settings }, object, families) {
  if (settings.register === null || families.length === 0) return;
  record({ kind: 'ended', families: families.map((family) => familyOf(object, family)), at: now() });
}

/** Tells the registry that a token was used. */
export function registerUse(hash) {
  if (env.EDGEWARD_DB !== undefined) record({ kind: 'seen', hash, at: now() });
}

/** The name of a family among those of all objects. */
export const familyOf = (object, family) => `${object}.${family}`;

/** Sends an event to the queue, or writes it after the response. What is lost is counted and logged. */
export function record(event) {
  waitUntil(recorded(event).catch(() => {
    count('edgeward_registry_events_lost_total', { event: event.kind });
    log({ event: 'registry_event_lost', kind: event.kind });
  }));
}

async function recorded(event) {
  if (env.EDGEWARD_EVENTS !== undefined) {
    try {
      return await env.EDGEWARD_EVENTS.send({ registry: 1, event });
    } catch {
      // Full, or unreachable: written directly, it is not lost.
    }
  }
  return write(env, [event]);
}

/** Writes events in one transaction. */
export async function write({ EDGEWARD_DB: db }, events) {
  const statements = events.flatMap((event) => JSON.parse(call('registry_write', JSON.stringify(event))));
  await inTime(db.batch(statements.map((statement) => prepared(db, statement))));
}

/** Whether the database answers, and has the tables. */
export async function registryAnswers({ EDGEWARD_DB: db }) {
  try {
    await inTime(db.batch(['SELECT 1 FROM tokens LIMIT 1', 'SELECT 1 FROM audit LIMIT 1'].map((sql) => db.prepare(sql))), READY_MS);
    return true;
  } catch {
    return false;
  }
}

/** A statement of the wasm for D1. */
export const prepared = (db, { sql, values }) => db.prepare(sql).bind(...values);

/** What `work` comes to; an error where it takes too long. */
export function inTime(work, limit = WRITE_MS) {
  return Promise.race([work, scheduler.wait(limit).then(() => {
    throw new Error('expected an answer of the database');
  })]);
}

/** Whether a message of a queue is one for the registry. */
export const isRegistryMessage = ({ body }) => body?.registry === 1;

/** Writes the messages of a queue; what cannot be written comes again. */
export async function consumeRegistry(messages, env) {
  try {
    await write(env, messages.map(({ body }) => body.event));
    for (const message of messages) message.ack();
  } catch {
    // One that cannot be written must not hold up the others.
    for (const message of messages) {
      await write(env, [message.body.event]).then(() => message.ack(), () => message.retry({ delaySeconds: Math.min(3600, 5 * 2 ** message.attempts) }));
    }
  }
}

/** The device of a request, as far as it says which, and its network, as the platform says. */
export function deviceOf(request, hasAddress) {
  const { browser, os, platform } = Bowser.parse(agentOf(request.headers), hintsOf(request.headers));
  const version = browser.version?.split('.')[0];
  return {
    browser: nameOf(browser.name, version),
    system: nameOf(os.name, os.versionName ?? os.version),
    platform: platform.type ?? null,
    country: request.cf?.country ?? '', asn: request.cf?.asn ?? 0,
    address: hasAddress ? request.headers.get('cf-connecting-ip') ?? '' : '',
  };
}

/** A name with its version; nothing without a name. Half of a character, where one was cut, is no text to the wasm: the whole event would be lost. */
const nameOf = (name, version) => (name ? [name, version].filter(Boolean).join(' ').slice(0, NAME_LETTERS).toWellFormed() : null);

const agentOf = (headers) => (headers.get('user-agent') || 'unknown').slice(0, AGENT_LETTERS);

/** User-Agent Client Hints, as Bowser wants them. */
function hintsOf(headers) {
  const brands = [...(headers.get('sec-ch-ua') ?? '').slice(0, AGENT_LETTERS).matchAll(/"([^"]*)";v="(\d+)"/g)].map(([, brand, version]) => ({ brand, version }));
  const platform = /^"([^"]{1,40})"$/.exec(headers.get('sec-ch-ua-platform') ?? '')?.[1];
  if (brands.length === 0) return undefined;
  return { brands, mobile: headers.get('sec-ch-ua-mobile') === '?1', ...platform !== undefined && { platform } };
}
