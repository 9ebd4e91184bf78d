// The Durable Object SessionFamily: it calls the auth server, shares and stores its answers. What is done with a token, the wasm
// decides. Its name is a hash of issuer, tenant and session or subject, so that all refreshes of one login meet here.
import { DurableObject } from 'cloudflare:workers';
import { ANSWER_BYTES, bodyFor, bodyOf, isDecoded, legible } from './body.js';
import { lasting } from './cookie.js';
import { claimsOf, handleOf, withMember } from './handle.js';
import { append, verdictOf } from './log.js';
import { call } from './module.js';
import { opened, sealed } from './seal.js';

/** After the log gave no answer. */
const RETRY_MS = 1000;

export class SessionFamily extends DurableObject {
  /** The calls under way, by family and attempt. Only inside one object may they be shared. */
  #calls = new Map();
  /** Whether the tables are known to be there. */
  #isOpen = false;

  /**
   * Refreshes. The request is the one for the auth server; the header `edgeward-refresh` says about which token. The answer is the
   * auth server's, with the outcome in `edgeward-outcome`; it has no other headers where the gateway itself refuses.
   */
  async fetch(request) {
    const order = JSON.parse(decodeURIComponent(request.headers.get('edgeward-refresh')));
    const headers = new Headers(request.headers);
    headers.delete('edgeward-refresh');
    const body = new Uint8Array(await request.arrayBuffer());
    const { answer, ...outcome } = await this.#refresh(order, { method: request.method, headers, body });
    return respond(answer, outcome);
  }

  /** Registers the tokens of a login; the number of their family. */
  async login(message, access) {
    const own = this.#transact('family_login', message, access, Date.now());
    await this.#wakeForExpired();
    return own;
  }

  /** An access token was used. */
  see(hash) {
    return this.#exists() && this.#transact('family_see', hash);
  }

  /** The state of a refresh token. */
  state(hash) {
    return this.#exists() ? this.#transact('family_state', hash) : 'unknown';
  }

  /** Whether an access token is one of a family here. */
  knows(hash) {
    return this.#exists() && [...this.ctx.storage.sql.exec('SELECT 1 FROM access WHERE hash = ?', hash)].length > 0;
  }

  /**
   * Ends families and tells the log; their numbers. Where the log cannot be told, it will be, and the caller is to know: this throws, or
   * with `isAnswered` says so beside the numbers, which a second call would not have, and whether there is a family at all.
   */
  async end(order, isAnswered = false) {
    if (!this.#exists()) return [];
    const families = Array.from(this.#transact('family_end', order));
    await this.#wakeForExpired();
    const told = this.#tell();
    if (!isAnswered) return told.then(() => families);
    const isKnown = [...this.ctx.storage.sql.exec('SELECT 1 FROM family LIMIT 1')].length > 0;
    return { families, is_known: isKnown, is_told: await told.then(() => true, () => false) };
  }

  async alarm() {
    if (!this.#exists()) return;
    const isTold = await this.#tell().then(() => true, () => false);
    const next = this.#transact('family_remove_expired', Date.now());
    const at = isTold ? next : Date.now() + RETRY_MS;
    if (at >= 0) await this.ctx.storage.setAlarm(Math.max(at, Date.now() + RETRY_MS));
    else await this.#removeIfEmpty();
  }

  async #refresh(order, request) {
    const { message, limit, handle } = order;
    // Under no key a handle opens for nobody: the token is not used up for it.
    if (handle !== null && typeof this.env[handle.handle_key] !== 'string') return { outcome: 'unavailable', reason: 'handle_key' };
    const verdict = await verdictOf(this.env, order.location, message.names, message.issued_at);
    if (verdict === 'revoked') return this.#deny(message);
    if (verdict !== 'clear') return { outcome: 'unavailable', reason: verdict };
    // What has ended or was used, or shares a call, uses up nobody's limit.
    const isShared = [...this.#calls.values()].some(({ hash }) => hash === message.hash);
    if (limit !== null && !isShared && ['current', 'unknown'].includes(this.state(message.hash))) {
      const wait = this.#transact('family_count', limit.requests, limit.seconds, Date.now());
      if (wait > 0) return { outcome: 'limited', wait };
    }
    // The answer that began a session, before it had this object, came with an access token that ends with it.
    if (order.access) this.#transact('family_login', JSON.stringify(message), JSON.stringify(order.access), Date.now());
    const known = message.is_opaque ? this.#calls.get('opaque') : undefined;
    if (known !== undefined) {
      return known.request === message.request ? { ...await known.answer, isShared: true } : { outcome: 'denied', reason: 'other_request' };
    }
    const presented = JSON.parse(this.#transact('family_present', JSON.stringify(message), [...this.#calls.keys()].join('\n'), Date.now()));
    const { family, attempt, reason, replays } = presented;
    const key = message.is_opaque ? 'opaque' : `${family}:${attempt}`;
    switch (presented.outcome) {
      case 'call': {
        const answer = this.#call(order, request, { family, attempt }).finally(() => this.#calls.delete(key));
        this.#calls.set(key, { answer, request: message.request, hash: message.hash });
        // It goes on when the client leaves.
        this.ctx.waitUntil(answer.catch(() => {}));
        return answer;
      }
      case 'share':
        return { ...await this.#calls.get(key).answer, isShared: true };
      case 'replay': {
        const stored = this.#transact('family_answer', family);
        const answer = stored === undefined ? undefined : await opened(stored, order.token);
        return answer === undefined ? { outcome: 'unavailable', reason: 'answer' } : { outcome: 'replayed', family, replays, answer };
      }
      case 'end':
        await this.#tellSoon();
        return { outcome: 'reused', family, reason, hasEnded: true };
      default:
        await this.#removeIfEmpty();
        return { outcome: 'denied', family, reason };
    }
  }

  /** Refuses a revoked token; its family ends, if it has one. */
  async #deny({ hash, is_opaque: isOpaque }) {
    const [ended] = isOpaque || !this.#exists() ? [] : this.#transact('family_end', JSON.stringify({ which: { of: hash }, reason: 'revoked' }));
    if (ended !== undefined) await this.#tellSoon();
    return { outcome: 'denied', reason: 'revoked', family: ended, hasEnded: ended !== undefined };
  }

  /** Calls the auth server, and commits its answer. */
  async #call(order, request, place) {
    const { message } = order;
    const began = Date.now();
    let answer = await fetched(this.env, order, request);
    const upstream = Date.now() - began;
    // Whether a connection that broke had carried the request nobody can tell.
    let reply = { kind: 'unknown', access: null, refresh: null };
    if (answer !== undefined) {
      const cookies = lasting(answer.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value));
      reply = JSON.parse(call('session_reply', order.endpoint, order.tokens, message.iss, order.token, answer.status, legible(answer.body), cookies.join('\n')));
    }
    if (['rotated', 'kept'].includes(reply.kind)) {
      const given = await withOwn(this.env, order, { answer, reply, began });
      // Its path is another for JavaScript: the token itself would go out.
      if (given === undefined) reply = { ...reply, kind: 'unknown' };
      else answer = given;
    }
    const hasNew = reply.kind === 'rotated' || reply.kind === 'kept';
    // What was revoked meanwhile must not live on in its successor. Where nobody can tell, the answer is kept and not given: who comes
    // again is asked about first.
    const verdict = hasNew ? await verdictOf(this.env, order.location, message.names, message.issued_at) : 'clear';
    const isDead = verdict === 'revoked';
    const kept = reply.kind === 'rotated' && !isDead ? await sealed(answer, order.token) : new Uint8Array();
    const outcome = { message, ...place, kind: reply.kind, access: reply.access, refresh: reply.refresh, is_revoked: isDead,
      ends_others: order.expire_tree && hasNew };
    const committed = JSON.parse(this.#transact('family_commit', JSON.stringify(outcome), kept, Date.now()));
    const told = { family: place.family, upstream };
    if (committed.outcome === 'ended' || isDead) {
      await this.#tellSoon();
      return { ...told, outcome: 'denied', reason: committed.reason ?? 'revoked', hasEnded: isDead };
    }
    if (order.expire_tree && hasNew) await this.#tellSoon();
    await this.#wakeForExpired();
    if (verdict !== 'clear') return { ...told, outcome: 'unavailable', reason: verdict };
    if (message.is_opaque && reply.kind !== 'rotated') await this.#removeIfEmpty();
    // A success without tokens that can be read hides a successor: nobody gets it.
    const isUnreadable = reply.kind === 'unknown' && answer?.status >= 200 && answer.status < 300;
    if (isUnreadable) return { ...told, outcome: 'unavailable', reason: 'answer_unreadable' };
    if (committed.outcome === 'superseded' || answer === undefined) return { ...told, outcome: 'unavailable', reason: 'auth_server' };
    return { ...told, outcome: reply.kind, answer, tokens: { access: reply.access, refresh: reply.refresh, owner: reply.owner } };
  }

  /** Tells the log now or, where it cannot be told, soon: what has ended refuses here anyway. */
  async #tellSoon() {
    await this.#tell().catch(() => this.#wake(Date.now() + RETRY_MS));
  }

  async #tell() {
    for (;;) {
      const order = this.#transact('family_unlogged');
      if (order === undefined) return;
      try {
        await append(this.env, order);
      } catch (error) {
        await this.#wake(Date.now() + RETRY_MS);
        throw error;
      }
      this.#transact('family_logged', order);
    }
  }

  /** An alarm for what will be over. */
  async #wakeForExpired() {
    const next = this.#transact('family_remove_expired', Date.now());
    if (next >= 0) await this.#wake(next);
  }

  /** An alarm at `time`, unless an earlier one is set. */
  async #wake(time) {
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > time) await this.ctx.storage.setAlarm(Math.max(time, Date.now() + RETRY_MS));
  }

  /** Whether there are tables. What is only asked about makes none: anybody may ask about any token. */
  #exists() {
    if (!this.#isOpen && [...this.ctx.storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'family'")].length > 0) {
      // An object of an earlier version has fewer tables.
      call('family_open', this.ctx);
      this.#isOpen = true;
    }
    return this.#isOpen;
  }

  /** An object that keeps nothing is not kept either. */
  async #removeIfEmpty() {
    if (this.#calls.size > 0 || !this.#exists() || !this.#transact('family_is_empty')) return;
    this.#isOpen = false;
    await this.ctx.storage.deleteAll();
  }

  /**
   * Makes the tables. Families are numbered from a random number on: an object that was emptied would otherwise give a number again, by
   * which the registry knows a family that has ended.
   */
  #open() {
    const isNew = !this.#exists();
    call('family_open', this.ctx);
    if (!isNew) return;
    const [first] = crypto.getRandomValues(new Uint32Array(1));
    this.ctx.storage.sql.exec("INSERT INTO sqlite_sequence(name, seq) VALUES ('family', ?)", first >>> 2);
  }

  /** One transaction: an error, and a trap of the wasm, take back what was written. */
  #transact(name, ...values) {
    return this.ctx.storage.transactionSync(() => {
      if (!this.#isOpen) this.#open();
      const value = call(name, this.ctx, ...values);
      this.#isOpen = true;
      return value;
    });
  }
}

/** The answer of the auth server as it came; nothing where there is none that can be read. */
async function fetched(env, { to, binding, timeout }, { method, headers, body }) {
  try {
    const init = { method, headers, body, redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(timeout) };
    const response = await (binding === '' ? fetch(to, init) : env[binding].fetch(to, init));
    const whole = await bodyOf(response.body, ANSWER_BYTES);
    if (whole === undefined || !isDecoded(response.headers) || response.status < 200 || response.status > 599) return undefined;
    return { status: response.status, headers: fields(response.headers), body: whole };
  } catch {
    return undefined;
  }
}

const UNSENT = ['set-cookie', 'content-encoding', 'content-length', 'transfer-encoding', 'edgeward-refresh', 'edgeward-outcome'];

/** Names and values. The body is what it is after its encoding was undone. */
function fields(headers) {
  const own = [...headers].filter(([name]) => !UNSENT.includes(name));
  return [...own, ...headers.getSetCookie().map((value) => ['set-cookie', value])];
}

/**
 * The answer with a handle in the place of the refresh token, or with the token itself for a client that has a handle no longer. Clients
 * get either although the auth server repeats no token that it keeps. Nothing where a new token cannot be replaced.
 */
async function withOwn(env, { handle, is_drained: isDrained, message, token, owner: before, response_refresh: path }, { answer, reply, began }) {
  if (handle === null && !isDrained) return answer;
  const next = reply.texts.refresh ?? token;
  const { owner, access } = reply;
  // A family stores the access tokens that come later.
  const claims = claimsOf({ owner, access: message.is_opaque ? access : null }, began, before);
  const text = handle === null ? next : await handleOf(env, handle, { token: next, object: handle.object, claims });
  const body = withMember(answer.body, path, text, { isAdded: message.is_opaque || isDrained });
  if (body === undefined) return reply.kind === 'kept' ? answer : undefined;
  return { ...answer, body };
}

function respond(answer, outcome) {
  const headers = new Headers();
  for (const [name, value] of answer?.headers ?? []) headers.append(name, value);
  headers.set('edgeward-outcome', encodeURIComponent(JSON.stringify(outcome)));
  const status = answer?.status ?? 204;
  return new Response(bodyFor(status, answer?.body), { status, headers });
}
