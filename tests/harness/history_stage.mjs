// The stage of the history checker: several isolates over one log, strict and bounded routes, clients that record what they do.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { protect } from './config.mjs';
import { startGateway } from './gateway.mjs';
import { check, report } from './history.mjs';
import { startIssuer } from './issuer.mjs';
import { startOrigin } from './origin.mjs';
import { Clients } from './revocation_clients.mjs';

/** The bound of bounded routes here: a short one, so that much can happen after it is over. */
export const BOUND_MS = 1000;

const ROUTES = ['strict', 'bounded'].map((revocation) => ({ path: `/${revocation}/**`, methods: ['*'], access: 'authenticated', revocation }));

/** How long a person is of interest to those who revoke: bounds run out while they go on. */
export const LASTING_MS = 2.5 * BOUND_MS;

export class HistoryStage {
  #isolates;
  #faulty;
  #directory = mkdtempSync(join(tmpdir(), 'edgeward-history-'));

  /** `isolates` gates over one log; with `faulty` that goes wrong as `gateway.faults` is told. */
  static async start({ isolates = 3, faulty = false } = {}) {
    const stage = new HistoryStage();
    stage.#isolates = isolates;
    stage.#faulty = faulty;
    try {
      stage.issuer = await startIssuer({ algorithms: ['ES256'] });
      stage.origin = await startOrigin();
      await stage.startGateway();
    } catch (error) {
      await stage.stop();
      throw error;
    }
    return stage;
  }

  /** Starts the gates, on the log that is there. */
  async startGateway() {
    const { issuer, origin } = this;
    const config = {
      ...protect({ origin, issuers: [issuer.config()], admin: { require: { role: 'admin' } } }),
      routes: ROUTES,
      revocation: { bound_seconds: BOUND_MS / 1000 },
    };
    const build = process.env.BUILD ?? 'build';
    const log = join(this.#directory, 'log');
    this.gateway = await startGateway({ config, build, kv: 'none', log, faulty: this.#faulty, isolates: this.#isolates });
  }

  /** Ends all gates and the log with SIGKILL, whatever they are doing. */
  async killGateway() {
    await this.gateway.stop();
    this.gateway = undefined;
  }

  /** Clients of these gates with a history of their own; `apart` keeps the first gate for administrators. */
  async clients(seed, { apart = false } = {}) {
    const clients = new Clients({ issuer: this.issuer, seed });
    const { urls } = this.gateway;
    if (apart) await clients.useGates(urls.slice(1), { admin: urls.slice(0, 1) });
    else await clients.useGates(urls);
    return clients;
  }

  async stop() {
    await Promise.all([this.gateway?.stop(), this.issuer?.stop(), this.origin?.stop()]);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** What the checker says of a history: { violations, counts, text }. */
export function judged({ history }) {
  const { violations, counts } = check(history, { boundMs: BOUND_MS });
  return { violations, counts, text: report(violations) };
}
