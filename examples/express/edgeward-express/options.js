// Options, checked when the middleware is made: every fault at once.

/** The facts that have a header: the member of the assertion, and how the header writes it. */
export const FACTS = {
  subject: ['sub', 'plain'],
  issuer: ['issuer', 'plain'],
  email: ['email', 'plain'],
  roles: ['roles', 'list'],
  scope: ['scope', 'words'],
  tenant: ['tenant', 'plain'],
  session: ['session', 'plain'],
  token_id: ['token_id', 'plain'],
};

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const HEADER = /^[a-z0-9-]+$/;

const isText = (value) => typeof value === 'string' && value !== '';
const isHeader = (value) => typeof value === 'string' && HEADER.test(value);
const isTable = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Each option: what is expected, and whether it is. */
const OPTIONS = {
  jwksUrl: ['https://…/.edgeward/jwks.json (http is for loopback hosts)', isKeyUrl],
  audience: ['the name that the gateway has for this application\'s origin', isText],
  issuer: ['the gateway\'s `assertion.issuer`', isText],
  tokenIssuers: ['a list of the `iss` of tokens that are accepted', (value) => value === undefined || (Array.isArray(value) && value.length > 0 && value.every(isText))],
  leewaySeconds: ['a number from 0 to 300, the gateway\'s `leeway_seconds`', (value) => Number.isFinite(value) && value >= 0 && value <= 300],
  prefix: ['lower-case letters, digits and `-`, with `-` at the end', (value) => isHeader(value) && value.endsWith('-')],
  names: ['a table of facts and header names in lower case', (value) => isTable(value) && Object.entries(value).every(([fact, name]) => fact in FACTS && isHeader(name))],
  claimHeaders: ['a list of { header, claim, encoding }', (value) => Array.isArray(value) && value.every(isClaimHeader)],
  optional: ['true or false', (value) => typeof value === 'boolean'],
  log: ['a function that takes a code', (value) => typeof value === 'function'],
  keys: ['a function from a `kid` to its key, for tests', (value) => value === undefined || typeof value === 'function'],
};

const DEFAULTS = {
  issuer: 'edgeward', leewaySeconds: 30, prefix: 'x-auth-', names: {}, claimHeaders: [], optional: false, tokenIssuers: undefined, keys: undefined,
  log: (code) => console.warn(`edgeward-express refused: ${code}`),
};

/** The options with their defaults. Throws a TypeError that names each fault. */
export function checked(given) {
  const options = { ...DEFAULTS, ...given };
  const unknown = Object.keys(options).filter((name) => !(name in OPTIONS)).map((name) => `${name}: unknown option`);
  const wrong = Object.entries(OPTIONS).filter(([name, [, holds]]) => !holds(options[name])).map(([name, [expected]]) => `${name}: expected ${expected}`);
  if (unknown.length + wrong.length > 0) throw new TypeError(`edgeward-express: ${[...unknown, ...wrong].join('; ')}`);
  const headerOf = (fact) => options.names[fact] ?? options.prefix + fact.replaceAll('_', '-');
  return { ...options, jwksUrl: new URL(options.jwksUrl), headerOf };
}

function isKeyUrl(value) {
  if (!isText(String(value ?? '')) || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname));
}

function isClaimHeader(value) {
  if (!isTable(value) || !Object.keys(value).every((name) => ['header', 'claim', 'encoding'].includes(name))) return false;
  return isHeader(value.header) && isText(value.claim) && ['plain', 'list', 'json', undefined].includes(value.encoding);
}
