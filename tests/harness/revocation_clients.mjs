// Clients of several gates over one log, and administrators who revoke, lift and cut off at random: all that they do is recorded, for
// the checker in history.mjs.
import { randomUUID } from 'node:crypto';

import { connections, send, sleep } from './client.mjs';
import { ADMIN_PATH } from './revocation_stage.mjs';
import { entryName, tokenEntry } from './revocation_names.mjs';

/** Entries for different reasons stand beside each other. */
const REASONS = ['admin', 'logout'];
const named = (entry, reason) => `${entry} ${reason}`;
/** The tokens of a person, by the second of their `iat` before now, and cut-offs between them. */
const AGES = [400, 300, 200, 100];
const CUTOFFS = [350, 250, 150, 50];
/** So many changes concern a person, before another comes in his place. */
const CHANGES = 12;
/** The share of changes that lift something, where there is something. */
const LIFTED = 0.45;
/** Of so many people something may still have to show when changes have ended. */
const RECENT = 80;

export class Clients {
  history = { tokens: new Map(), requests: [], changes: [] };
  /** How often each answer came, by status and code. */
  answers = new Map();
  /** How many changes of each kind were acknowledged. */
  acknowledged = { revoke: 0, lift: 0 };
  #people = [];
  #issuer;
  #random;
  #agent = connections(64);
  #urls = [];
  #adminUrls = [];
  #started = 0;
  #admin;

  /** `issuer` signs the tokens. With the same `seed` the same is chosen; what overtakes what is another matter. */
  constructor({ issuer, seed = 1 }) {
    this.#issuer = issuer;
    this.#random = mulberry32(seed);
  }

  /** The gates from now on: `urls` of as many isolates, which know nothing yet. Administrators use those of `admin`. */
  async useGates(urls, { admin = urls } = {}) {
    this.#urls = urls;
    this.#adminUrls = admin;
    this.#started += 1;
    const { text } = await this.#mint({ roles: ['admin'], sub: `admin-${randomUUID()}`, org: { id: 'admins' } });
    this.#admin = text;
  }

  /**
   * Sends requests on `width` connections, while `changers` administrators change `rate` entries a second: until `isOver()`, until
   * there were so many acknowledged `revocations`, or until `limitMs` is over. `strict` is the share of requests on strict routes,
   * `cutoffs` that of revocations which are cut-offs, `lasting` how long a person is of interest (ms).
   */
  async run({
    revocations = Infinity, isOver: isEnded = () => false, limitMs, lasting, rate = 100, changers = 8, probes = 2, cutoffs = 0.3, width = 12,
    strict = 0.5, pauseMs = 10,
  }) {
    const deadline = performance.now() + limitMs;
    const before = this.acknowledged.revoke;
    const isOver = () => isEnded() || this.acknowledged.revoke - before >= revocations || performance.now() > deadline;
    const active = Math.ceil(rate * lasting / 1000 / CHANGES);
    while (this.#people.length < active) await this.#addPerson();
    const lanes = [
      ...Array.from({ length: width }, () => this.#askOn({ isOver, strict, active, pauseMs })),
      ...Array.from({ length: changers }, () => this.#changeOn({ isOver, active, probes, cutoffs, everyMs: 1000 * changers / rate })),
    ];
    await Promise.all(lanes);
  }

  /** Requests without changes, for `ms`: what has happened must show. */
  async settle({ ms, width = 12, strict = 0.5, pauseMs = 10 }) {
    const deadline = performance.now() + ms;
    const isOver = () => performance.now() > deadline;
    await Promise.all(Array.from({ length: width }, () => this.#askOn({ isOver, strict, active: RECENT / 2, pauseMs })));
  }

  async #askOn({ isOver, strict, active, pauseMs }) {
    while (!isOver()) {
      // Those of the past are still asked about: their bounds run out now.
      const { tokens } = this.#pick(this.#people.slice(-2 * active));
      await this.#ask(this.#pick(tokens), this.#random() < strict ? 'strict' : 'bounded');
      await sleep(this.#random() * pauseMs);
    }
  }

  async #changeOn({ isOver, active, probes, cutoffs, everyMs }) {
    while (!isOver()) {
      const due = performance.now() + everyMs * (0.5 + this.#random());
      const person = this.#pick(this.#people.slice(-active));
      const concerned = await this.#change(person, cutoffs);
      await Promise.all(Array.from({ length: probes }, () => this.#ask(this.#pick(concerned), 'strict')));
      await sleep(Math.max(0, due - performance.now()));
    }
  }

  async #ask(token, level) {
    const isolate = Math.floor(this.#random() * this.#urls.length);
    const request = { token: token.id, level, isolate: `${this.#started}.${isolate}`, begin: performance.now(), end: Infinity, status: 0 };
    this.history.requests.push(request);
    const answer = await this.#send(`${this.#urls[isolate]}/${level}/x`, { token: token.text });
    request.end = performance.now();
    request.status = answer.status;
    this.#count(answer, 'request');
  }

  /** Revokes something of a person, or lifts what was revoked; the tokens concerned. */
  async #change(person, cutoffShare) {
    person.changes += 1;
    if (person.changes === CHANGES) await this.#addPerson();
    const revoked = person.targets.filter(({ name }) => person.revoked.has(name));
    const lifts = revoked.length > 0 && this.#random() < LIFTED;
    const { name, entry, reason, order, cutoffs, tokens } = lifts ? this.#pick(revoked) : this.#target(person, cutoffShare);
    const before = cutoffs === undefined || lifts ? undefined : this.#pick(cutoffs);
    person.revoked[lifts ? 'delete' : 'add'](name);
    const change = { kind: lifts ? 'lift' : 'revoke', name, before, begin: performance.now(), end: Infinity, acknowledged: false };
    this.history.changes.push(change);
    const answer = await this.#order(lifts ? 'DELETE' : 'POST', { ...lifts ? { entry } : { ...order, before }, reason });
    change.end = performance.now();
    change.acknowledged = answer.status === (lifts ? 200 : 201);
    if (change.acknowledged) this.acknowledged[change.kind] += 1;
    const isOther = change.acknowledged && (answer.json?.entry !== entry || answer.json.reason !== reason);
    if (isOther) throw new Error(`expected ${name} to be changed, got ${answer.text}`);
    this.#count(answer, change.kind);
    return tokens;
  }

  #target({ targets }, cutoffShare) {
    const isCutoff = this.#random() < cutoffShare;
    return this.#pick(targets.filter(({ cutoffs }) => (cutoffs !== undefined) === isCutoff));
  }

  #order(method, order) {
    const body = JSON.stringify(order);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return this.#send(this.#pick(this.#adminUrls) + ADMIN_PATH, { method, token: this.#admin, headers, body });
  }

  /** A connection that breaks is an answer, too: none. */
  #send(url, options) {
    return send(url, { agent: this.#agent, ...options }).catch((error) => ({ status: 0, json: { code: error.code ?? 'broken' }, text: '' }));
  }

  #count({ status, json }, what) {
    const key = json?.code === undefined ? `${what} ${status}` : `${what} ${status} ${json.code}`;
    this.answers.set(key, (this.answers.get(key) ?? 0) + 1);
  }

  async #addPerson() {
    const [sub, now, { issuer }] = [randomUUID(), Math.floor(Date.now() / 1000), this.#issuer];
    const sessions = [randomUUID(), randomUUID()];
    const subject = entryName('subject', issuer, sub);
    const tokens = await Promise.all(AGES.map(async (age, n) => {
      const sid = sessions[n % sessions.length];
      const minted = await this.#mint({ sub, sid, iat: now - age });
      return { ...minted, session: entryName('session', issuer, sid), issuedAt: now - age };
    }));
    for (const { id, own, session, issuedAt } of tokens) {
      this.history.tokens.set(id, { names: [own, session, subject].flatMap((entry) => REASONS.map((reason) => named(entry, reason))), issuedAt });
    }
    const targets = [
      ...tokens.map((token) => ({ entry: token.own, order: { issuer: 'main', jti: token.id }, tokens: [token] })),
      ...sessions.map((sid) => {
        const entry = entryName('session', issuer, sid);
        return { entry, order: { issuer: 'main', session: sid }, tokens: tokens.filter(({ session }) => session === entry) };
      }),
      { entry: subject, order: { issuer: 'main', subject: sub }, cutoffs: CUTOFFS.map((age) => now - age), tokens },
    ].flatMap((target) => REASONS.map((reason) => ({ ...target, reason, name: named(target.entry, reason) })));
    this.#people.push({ tokens, targets, revoked: new Set(), changes: 0 });
  }

  async #mint(claims) {
    const id = randomUUID();
    const text = await this.#issuer.token({ jti: id, ...claims });
    return { id, text, own: tokenEntry(text) };
  }

  #pick(list) {
    return list[Math.floor(this.#random() * list.length)];
  }
}

/** Numbers from 0 to 1 that only the seed determines (public domain, by Tommy Ettinger). */
function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
