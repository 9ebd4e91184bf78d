// Lines that no flood of other lines hides: each event has a number of its own within a second, and the next line counts what was left out.

/** As many lines of an event as an isolate writes within a second: `LINES_LOGGED` of the gate. */
const MOST = 100;

/** By event: when its second began, and how many lines were written in it and left out. */
const written = new Map();

/** Writes a line, unless its event has had its number within this second. */
export function weighty(line) {
  const now = Date.now();
  let own = written.get(line.event);
  if (own === undefined || now - own.since >= 1000) written.set(line.event, own = { since: now, logged: 0, unlogged: own?.unlogged ?? 0 });
  if (own.logged >= MOST) {
    own.unlogged += 1;
    return;
  }
  own.logged += 1;
  console.log(JSON.stringify(own.unlogged > 0 ? { ...line, unlogged: own.unlogged } : line));
  own.unlogged = 0;
}
