// Refusals of the registry's resources, as problem documents, and the answers of its database.
import { inTime, prepared } from './registry.js';

/** How long an answer of the database is waited for. */
export const READ_MS = 5000;

/** A refusal that is not the gate's. */
export class Problem extends Error {
  constructor(status, code, title, detail) {
    super(title);
    Object.assign(this, { status, code, title, detail });
  }
}

export const badRequest = (detail) => new Problem(400, 'invalid_request', 'the request is not what is expected here', detail);
export const denied = (detail) => new Problem(403, 'insufficient_scope', 'the token does not permit this', detail);
/** `reason` is for the log. */
export const unavailable = (reason) => Object.assign(new Problem(503, 'registry_unavailable', 'the registry cannot be asked at the moment'), { reason });

/** The rows of a statement; an error where the database gives none. */
export async function rowsOf({ EDGEWARD_DB: db }, statement) {
  try {
    return (await inTime(prepared(db, statement).all(), READ_MS)).results;
  } catch (error) {
    throw unavailable(/no such table/.test(error.message) ? 'tables_missing' : 'database');
  }
}
