// The lines that `wrangler dev` prints, as a person wants to read them.
import { styleText } from 'node:util';

import { KEY_REASONS, REASONS } from '../reasons.js';

/** Wrangler's line about a request that was answered. */
const REQUEST = /^(?:\[wrangler:info\] )?([A-Z]+) (\S+) (\d{3}) .*\((\d+)ms\)$/;
const NOISE = /⛅️ wrangler |update available|^[─-]+$|^⎔|has access to the following|^(?:Binding |env\.)|^\s*$|Ready on http|not connected|Logs were written to/;
/** The runtime's own words about an issuer that cannot be reached; `keys_failed` says the same. */
const RUNTIME = /failed to lookup address|^\s+stack: /;
/** What this command asks itself, and the files of the playground's page. */
const OWN = /^\/\.edgeward\/(ready$|playground\/.)/;

/** Makes what to print of each line: `line(text)` returns lines. A refusal waits for the request that it belongs to. */
export function decisions() {
  const refusals = [];
  return {
    line(text) {
      const plain = text.replace(/\u001b\[[0-9;]*m/g, '').replace(/^\[[^\]:]+\] (?=\{)/, '');
      const event = eventOf(plain);
      if (event) return told(event, refusals);
      const [, method, path, status, ms] = REQUEST.exec(plain) ?? [];
      if (path !== undefined && OWN.test(path)) return [];
      if (status !== undefined) return [answered({ method, path, status: Number(status), ms }, refusals)];
      return NOISE.test(plain) || RUNTIME.test(plain) ? [] : [plain];
    },
  };
}

function eventOf(text) {
  if (!text.startsWith('{')) return undefined;
  try {
    const event = JSON.parse(text);
    return typeof event.event === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}

/** The gateway says why before wrangler says of what. */
const MOST_WAITING = 100;

function told(event, refusals) {
  if (event.event !== 'refused') return [row('', '', about(event))];
  refusals.push(event);
  // What never comes to a request, because the client hung up, must not wait for ever.
  return refusals.length > MOST_WAITING ? [row(refusals[0].status, '', reason(refusals.shift()))] : [];
}

function answered({ method, path, status, ms }, refusals) {
  const at = refusals.findIndex((refusal) => refusal.status === status);
  const why = at < 0 ? `${status < 400 ? 'passed' : 'answered by the origin'} in ${ms} ms` : reason(refusals.splice(at, 1)[0]);
  const own = at < 0 && path.startsWith('/.edgeward/') ? `the gateway's own, in ${ms} ms` : why;
  return row(status, `${method} ${path}`, own);
}

const row = (status, request, why) => `  ${coloured(status)}  ${request === '' ? '' : `${request.padEnd(32)} `}${why}`.trimEnd();

function coloured(status) {
  const text = `${status}`.padEnd(3);
  if (!process.stdout.isTTY || status === '') return text;
  return styleText(status < 400 ? 'green' : status < 500 ? 'yellow' : 'red', text);
}

const reason = ({ code, route, issuer }) => `refused: ${REASONS[code] ?? code} (${[code, route && `route ${route}`, issuer && `issuer ${issuer}`].filter(Boolean).join(', ')})`;

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
    default: return `${event}: ${JSON.stringify({ ...(code && { code }), ...(issuer && { issuer }), ...rest })}`;
  }
}
