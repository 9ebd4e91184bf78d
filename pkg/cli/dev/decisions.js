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

/** Makes what to print of each line: `line(text)` returns lines. A refusal waits for the request that it belongs to. `columns` is a terminal's width. */
export function decisions(columns = process.stdout.columns) {
  const seen = { refusals: [], isOwn: false };
  const lines = linesOf(seen);
  return { line: (text) => lines(text).map((row) => printed(row, columns)) };
}

function linesOf(seen) {
  return (text) => {
    // A name of a key comes from the client, before anything is verified.
    const plain = visible(text.replace(/\u001b\[[0-9;]*m/g, '').replaceAll('\t', '  ')).replace(/^\[[^\]:]+\] (?=\{)/, '');
    const event = eventOf(plain);
    if (event) return told(event, seen);
    const [, method, path, status, ms] = REQUEST.exec(plain) ?? [];
    if (path !== undefined && OWN.test(path)) return [];
    if (status !== undefined) return [answered({ method, path, status: Number(status), ms }, seen)];
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

/** The gateway says why before wrangler says of what. */
const MOST_WAITING = 100;

/** With these the handler of a route answers itself: it writes no `refused`, because the events of sessions say more. */
const REFUSING = /^(revoked|unavailable|rate_limited|invalid|malformed|media_type|too_large)$/;

function told(event, seen) {
  const { refusals } = seen;
  seen.isOwn ||= REFUSING.test(event.outcome) || event.event.endsWith('_refused');
  if (event.event !== 'refused') return [row('', '', about(event))];
  refusals.push(event);
  // What never comes to a request, because the client hung up, must not wait for ever.
  return refusals.length > MOST_WAITING ? [row(refusals[0].status, '', reason(refusals.shift()))] : [];
}

function answered({ method, path, status, ms }, seen) {
  const at = seen.refusals.findIndex((refusal) => refusal.status === status);
  const why = at < 0 ? `${without(path, status, seen.isOwn)} in ${ms} ms` : reason(seen.refusals.splice(at, 1)[0]);
  seen.isOwn = false;
  return row(status, `${method} ${path}`, why);
}

/** What became of a request that no refusal belongs to. */
function without(path, status, isOwn) {
  if (path.startsWith('/.edgeward/')) return 'the gateway\'s own,';
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

const reason = (refusal) => `refused: ${words(refusal)} (${placed(refusal)})`;

const placed = ({ code, route, issuer }) => [code, route && `route ${route}`, issuer && `issuer ${issuer}`].filter(Boolean).join(', ');

/** The routes of administrators have no `require` of their own. */
function words({ code, route }) {
  const text = REASONS[code] ?? code;
  return /^\/\.edgeward\/(admin|metrics)\b/.test(route) ? text.replace('the route\'s `require`', '`admin.require`') : text;
}

function about({ event, code, issuer, errors = [], routes, usable, ...rest }) {
  const keys = KEY_REASONS[code] ?? code;
  switch (event) {
    case 'configuration_read': return `configuration read: ${routes} route${routes === 1 ? '' : 's'}`;
    case 'configuration_invalid': return ['the configuration has errors, and everything is refused:', ...errors].join('\n         ');
    case 'keys_fetched': return `keys of ${issuer}: ${usable} usable`;
    case 'keys_loaded': return `keys of ${issuer}: ${usable} usable, from KV's copy`;
    case 'keys_failed': return `keys of ${issuer}: ${keys} (${code})`;
    case 'keys_stale': return `keys of ${issuer}: older ones go on serving, because ${keys} (${code})`;
    case 'shadow': return `passed, but would be refused: ${REASONS[code] ?? code} (${code}, shadow mode)`;
    case 'passed': return `forwarded (route ${rest.route}${issuer ? `, issuer ${issuer}` : ''})`;
    default: return `${event}: ${members({ outcome: rest.outcome, reason: rest.reason, code, issuer, ...rest })}`;
  }
}

/** The members of an event that has no words of its own; the id of the request leads nowhere here. */
function members({ outcome, request_id: _, ...rest }) {
  const said = Object.entries(rest).filter(([, value]) => value !== undefined);
  return [outcome, ...said.map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)].filter(Boolean).join(', ');
}
