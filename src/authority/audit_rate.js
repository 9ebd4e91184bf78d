// Limits the rows of the audit trail that requests can cause: anyone who floods the gateway must not choose the bill, nor outrun the seals.

/** Rows of one kind in one second of this isolate, as src/limits.rs has it for refusals. */
const MOST = 5;
/** Kinds that are remembered: a subject is part of one. */
const KINDS = 1000;

/** By kind: { since, written, left }, the one that was met last at the end. */
const floods = new Map();

/** For how many events a row of this kind stands; 0 where there is to be none now: then a later one stands for it, too. */
export function rowStandsFor(kind, now = Date.now()) {
  const known = floods.get(kind);
  const isFresh = known !== undefined && now - known.since < 1000;
  const flood = isFresh ? known : { since: now, written: 0, left: known?.left ?? 0 };
  floods.delete(kind);
  floods.set(kind, flood);
  if (floods.size > KINDS) floods.delete(floods.keys().next().value);
  if (flood.written >= MOST) {
    flood.left += 1;
    return 0;
  }
  flood.written += 1;
  const count = flood.left + 1;
  flood.left = 0;
  return count;
}
