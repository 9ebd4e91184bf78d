// The lines that `wrangler dev` prints, as a person wants to read them.
import { styleText } from 'node:util';

import { KEY_REASONS, REASONS } from '../reasons.js';
import { visible } from '../text.js';

/** Wrangler's line about a request that was answered. */
const REQUEST = /^(?:\[wrangler:info\] )?([A-Z]+) (\S+) (\d{3}) .*\((\d+)ms\)$/;
const NOISE = /⛅️ wrangler |update available|^[─-]+$|^⎔|has access to the following|^(?:Binding |env\.)|^\s*$|Ready on http|not connected|Logs were written to/;
/** The runtime's own words about an issuer that cannot be reached; `keys_failed` says the same. */
const RUNTIME = /failed to lookup address|^\s+stack: /;
/** What this command asks itself, and the files of the playground's page. */
const OWN = /^\/\.edgeward\/(ready$|playground\/.)/;

/**
 * Makes what to print of each line: `line(text)` returns lines. A refusal waits for the request that it belongs to. `columns` is a terminal's
 * width, `clock` gives milliseconds.
 */
export function decisions(columns = process.stdout.columns, clock = Date.now) {
  const seen = { refusals: [], told: [], isOwn: false, clock };
  const lines = linesOf(seen);
  return { line: (text) => lines(text).map((row) => printed(row, columns)) };
}

function linesOf(seen) {
  return (text) => {
    // A name of a key comes from the client, before anything is verified.
    const plain = visible(text.replace(/\u001b\[[0-9;]*m/g, '').replaceAll('\t', '  ')).replace(/^\[[^\]:]+\] (?=\{)/, '');
    const event = eventOf(plain);
    if (event) return [...unclaimed(seen), ...told(event, seen)];
    const [, method, path, status, ms] = REQUEST.exec(plain) ?? [];
    if (path !== undefined && OWN.test(path) && (status < 400 || status >= 500)) return unseen(path, Number(status), seen);
    if (status !== undefined) return [...unclaimed(seen), ...answered({ method, path, status: Number(status), ms }, seen)];
    return NOISE.test(plain) || RUNTIME.test(plain) ? [] : [{ plain }];
  };
}

function eventOf(text) {
  if (!text.startsWith('{')) return undefined;
  try {
    const event = JSON.parse(text, (_, value) => (typeof value === 'string' ? visible(value) : value));
    return typeof event.event === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}

/** The gateway says why before wrangler says of what, and soon after: what is not claimed by then belongs to a client that has hung up. */
const WAITING_MS = 1000;

/** With these the handler of a route answers itself: it writes no `refused`, because the events of sessions say more. */
const REFUSING = /^(revoked|unavailable|rate_limited|invalid|malformed|media_type|too_large)$/;

function told(event, seen) {
  seen.isOwn ||= REFUSING.test(event.outcome) || event.event.endsWith('_refused') || (event.event === 'expire' && event.outcome === 'refused');
  if (event.event !== 'refused') return [row('', '', about(event))];
  seen.refusals.push({ ...event, at: seen.clock() });
  return [];
}

function unclaimed(seen) {
  const due = seen.clock() - WAITING_MS;
  seen.told = seen.told.filter(({ at }) => at >= due);
  return taken(seen, ({ at }) => at < due).map((refusal) => row(refusal.status, '', reason(refusal)));
}

/** A request that is not shown takes its reason along, which would otherwise be printed by itself. */
function unseen(path, status, seen) {
  const mine = seen.refusals.find((refusal) => belongs(refusal, path, status));
  taken(seen, (refusal) => refusal === mine);
  return [];
}

const belongs = (refusal, path, status) => refusal.status === status && (refusal.route === undefined || fits(refusal.route, path));

/** Takes the refusals that `isMeant` out of those that wait. */
function taken(seen, isMeant) {
  const found = seen.refusals.filter(isMeant);
  seen.refusals = seen.refusals.filter((refusal) => !found.includes(refusal));
  return found;
}

/** Requests that are under way at once may be refused alike: a reason stands beside a request only if it can be no other's. */
function answered({ method, path, status, ms }, seen) {
  const request = `${method} ${path}`;
  const mine = seen.refusals.filter((refusal) => belongs(refusal, path, status));
  const [first] = mine;
  // One whose reason was printed by itself may be the next to come.
  const isAwaited = seen.told.some((reason) => reason.status === status);
  if (first && !isAwaited && mine.every((refusal) => placed(refusal) === placed(first))) {
    taken(seen, (refusal) => refusal === first);
    seen.isOwn = false;
    return [row(status, request, reason(first, method))];
  }
  const reasons = taken(seen, (refusal) => refusal.status === status);
  seen.told.push(...reasons);
  const at = seen.told.findIndex((reason) => reason.status === status);
  if (at >= 0) seen.told.splice(at, 1);
  const isTold = at >= 0 || seen.isOwn;
  seen.isOwn = false;
  return [...reasons.map((refusal) => row(status, '', reason(refusal))), row(status, request, `${without(path, status, isTold)} in ${ms} ms`)];
}

/** Whether a path may be one of a route's pattern. The gateway decodes it first, and a slash at the end makes no difference. */
function fits(route, path) {
  const segments = withoutSlash(decoded(path.split(/[?#]/)[0])).split('/');
  const pattern = withoutSlash(route).split('/');
  const isOpen = pattern.at(-1) === '**';
  const fixed = isOpen ? pattern.slice(0, -1) : pattern;
  return (isOpen ? segments.length >= fixed.length : segments.length === fixed.length) && fixed.every((part, at) => part === '*' || part === segments[at]);
}

const withoutSlash = (path) => path.replace(/\/$/, '');

/** Only what stands for a letter, a digit or one of `-._~` is the same as the character itself. */
const decoded = (path) => path.replace(/%([0-9a-f]{2})/gi, (text, code) => {
  const character = String.fromCharCode(parseInt(code, 16));
  return /[\w.~-]/.test(character) ? character : text.toUpperCase();
});

/** What became of a request that no refusal belongs to. */
function without(path, status, isOwn) {
  if (path.startsWith('/.edgeward/') && !isOwn) return 'the gateway\'s own,';
  if (status < 400) return 'passed';
  return isOwn ? 'refused by the gateway, as a line above says,' : 'answered by the origin';
}

const row = (status, request, why) => ({ status, request, why });

/** A row as it is printed. A terminal would break a long one anywhere: it is broken between words, below the request. */
function printed({ plain, status, request, why }, columns = Infinity) {
  if (plain !== undefined) return plain;
  const line = request === '' ? why : `${request.padEnd(32)} ${why}`;
  const width = columns - INDENT;
  if (line.length <= width || why.includes('\n')) return `  ${coloured(status)}  ${line}`.trimEnd();
  const lines = request === '' ? [''] : [request, ''];
  for (const word of why.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (longer.length <= width || lines.at(-1) === '') lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return `  ${coloured(status)}  ${lines.join(`\n${' '.repeat(INDENT)}`)}`;
}

/** Two spaces, a status, two spaces. */
const INDENT = 7;

function coloured(status) {
  const text = `${status}`.padEnd(3);
  if (!process.stdout.isTTY || status === '') return text;
  return styleText(status < 400 ? 'green' : status < 500 ? 'yellow' : 'red', text);
}

const reason = (refusal, method) => `refused: ${words(refusal)}${method === 'OPTIONS' && refusal.code === 'credential_missing' ? PREFLIGHT : ''} (${placed(refusal)})`;

/** Browsers ask before a page of another host calls an API, and send no token then. */
const PREFLIGHT = '; a browser\'s preflight passes with `cors_preflight` on the route';

const placed = ({ code, route, issuer }) => [code, route && `route ${route}`, issuer && `issuer ${issuer}`].filter(Boolean).join(', ');

/** The routes of administrators have no `require` of their own. */
function words({ code, route }) {
  const text = REASONS[code] ?? code;
  return /^\/\.edgeward\/(admin|metrics)\b/.test(route) ? text.replace('the route\'s `require`', '`admin.require`') : text;
}

const TABLES_MISSING = 'the registry has no tables: run `npx wrangler d1 migrations apply EDGEWARD_DB --local`, then repeat the request';

function about({ event, code, issuer, errors = [], routes, usable, ...rest }) {
  const keys = KEY_REASONS[code] ?? code;
  if (rest.reason === 'tables_missing') return TABLES_MISSING;
  switch (event) {
    case 'configuration_read': return `configuration read: ${routes} route${routes === 1 ? '' : 's'}`;
    case 'configuration_invalid': return ['the configuration has errors, and everything is refused:', ...errors].join('\n         ');
    case 'keys_fetched': return `keys of ${issuer}: ${usable} usable`;
    case 'keys_loaded': return `keys of ${issuer}: ${usable} usable, from KV's copy`;
    case 'keys_failed': return `keys of ${issuer}: ${keys} (${code})`;
    case 'keys_stale': return `keys of ${issuer}: older ones go on serving, because ${keys} (${code})`;
    case 'shadow': return `passed, but would be refused: ${REASONS[code] ?? code} (${placed({ code, issuer, ...rest })}, shadow mode)`;
    case 'passed': return `forwarded (route ${rest.route}${issuer ? `, issuer ${issuer}` : ''})`;
    default: return `${event}: ${members({ outcome: rest.outcome, reason: rest.reason, code, issuer, ...rest })}`;
  }
}

/** The members of an event that has no words of its own; the id of the request leads nowhere here. */
function members({ outcome, request_id: _, ...rest }) {
  const said = Object.entries(rest).filter(([, value]) => value !== undefined);
  return [outcome, ...said.map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)].filter(Boolean).join(', ');
}
