// `edgeward doctor URL`: examines a deployed gateway from outside.
import { parseArgs } from 'node:util';

import { core } from './core.js';
import { around, assertionKeys, caches, clock, issuerKeys, life, refusals, route, token, transport } from './doctor/checks.js';
import { Failure, UsageError, say } from './terminal.js';
import { visible } from './text.js';

const OPTIONS = { origin: { type: 'string', multiple: true }, config: { type: 'string' }, env: { type: 'string' }, path: { type: 'string' }, 'token-env': { type: 'string' } };
const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' };

export async function run(words) {
  const { values, positionals } = parseArgs({ args: words, options: OPTIONS, allowPositionals: true });
  const [url, ...more] = positionals;
  if (!/^https?:\/\/[^/]+/.test(url ?? '') || !URL.canParse(url) || more.length > 0) throw new UsageError('expected one address, such as https://api.example.com');
  const levels = await examine(url.replace(/\/$/, ''), values);
  const count = (level) => levels.filter((found) => found === level).length;
  say(`\n${count('fail')} problem${count('fail') === 1 ? '' : 's'}, ${count('warn')} warning${count('warn') === 1 ? '' : 's'}`);
  return count('fail') > 0 ? 1 : 0;
}

async function examine(base, values) {
  const table = tableOf(values);
  const alive = report(await life(base));
  if (alive[0] === 'fail') return alive;
  const levels = [...alive];
  for (const check of [transport, clock, refusals, caches, assertionKeys]) levels.push(...report(await check(base)));
  const path = values.path ?? pathOf(table);
  if (path !== undefined) levels.push(...report(await route(base, path)));
  if (table.issuers === undefined && values.config === undefined) levels.push(...report([NO_FILE]));
  for (const issuer of table.issuers ?? []) levels.push(...report(await issuerKeys(issuer)));
  const origins = values.origin ?? (table.origins ?? []).map(({ url }) => url).filter((url) => /^https?:/.test(url));
  for (const origin of origins) levels.push(...report(await around(origin, path ?? '/')));
  const variable = values['token-env'];
  if (variable !== undefined) {
    if (!process.env[variable]) throw new UsageError('--token-env: expected the name of an environment variable that is set');
    levels.push(...report(await token(base, process.env[variable])));
  }
  return levels;
}

/** The configuration here, where there is one: it says whose keys and which APIs to look at. */
function tableOf({ config, env }) {
  try {
    const { whole } = core().wranglerFile(config);
    return (env === undefined ? whole : whole.env?.[env])?.vars?.EDGEWARD ?? {};
  } catch (error) {
    if (!(error instanceof Failure) || config !== undefined) throw error;
    return {};
  }
}

const NO_FILE = [
  'warn', 'no configuration here: the issuers\' keys were not checked, nor, without --origin, whether the API can be reached around the gateway',
  'run it in the folder of the wrangler file, or name that with --config',
];

/** A path that needs a token; none without such a route. */
function pathOf({ routes = [] }) {
  const { path } = routes.find(({ access }) => access === 'authenticated') ?? {};
  return path?.replace(/\*\*$/, '').replace(/\*/g, 'x');
}

function report(findings) {
  for (const [level, what, advice] of findings) say(`${MARKS[level]} ${visible(what)}${advice ? `\n     -> ${visible(advice)}` : ''}`);
  return findings.map(([level]) => level);
}
