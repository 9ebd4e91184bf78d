// Which issuers a configuration names, and what each of them needs that does not stand in it. Only to
// know which fields to show; what is wrong with them the checker says.

/**
 * `[{ name, issuer, keysFrom, address, secrets }]`; `issuer` is its `iss`, `keysFrom` the way, or `null` where none are needed; `address` is that of the keys, or with
 * `discovery` that of the metadata that names it.
 */
export function issuersOf(config) {
  const issuers = Array.isArray(config?.issuers) ? config.issuers : [];
  return issuers.filter((issuer) => typeof issuer?.name === 'string').map(described);
}

function described(issuer) {
  const verify = issuer.verify ?? {};
  const ways = [verify, verify.fallback, verify.signed_by].filter((way) => way && typeof way === 'object');
  const way = ways.find((one) => typeof one.jwks === 'string' || isDiscovery(one.discovery));
  const secrets = ways.flatMap((one) => (Array.isArray(one.secrets) ? one.secrets : []));
  return {
    name: issuer.name,
    issuer: typeof issuer.issuer === 'string' ? issuer.issuer : null,
    keysFrom: way ? (typeof way.jwks === 'string' ? 'jwks' : 'discovery') : null,
    address: way ? addressOf(way, issuer) : null,
    isInline: ways.some((one) => one.keys),
    isAsked: typeof verify.me === 'string' || typeof verify.introspection === 'string',
    secrets: secrets.filter((name) => typeof name === 'string'),
  };
}

/** `true`, or the URL of the metadata. */
const isDiscovery = (discovery) => discovery === true || (typeof discovery === 'string' && discovery !== '');

function addressOf(way, issuer) {
  if (typeof way.jwks === 'string') return way.jwks;
  if (typeof way.discovery === 'string') return way.discovery;
  const base = typeof issuer.issuer === 'string' ? issuer.issuer.replace(/\/$/, '') : '';
  return `${base}/.well-known/openid-configuration`;
}

/** The host of the demo's issuer, which exists beside `make dev` alone. */
const DEMO_HOST = 'issuer.demo';

const isLoopback = (host) => host === 'localhost' || host === '127.0.0.1';

/** Where the keys of the demo's issuer are, for a page at `location`; `null` for an address of another host. */
export function demoKeysAt(address, location) {
  if (!URL.canParse(address) || new URL(address).hostname !== DEMO_HOST) return null;
  const gateway = isLoopback(location.hostname) ? location.origin : 'http://127.0.0.1:8787';
  return `${gateway}/demo/.well-known/jwks.json`;
}

/**
 * The key sets to keep beside another configuration: the examples' own is kept for the issuer alone whose tokens it verifies, however another
 * configuration calls its issuer.
 */
export function keysBeside(keys, own, config) {
  if (!own || config === null) return keys;
  const isOther = ({ name, issuer, address }) => keys[name] === own.text && (name !== own.name || issuer !== own.issuer || address !== own.address);
  const others = issuersOf(config).filter(isOther).map(({ name }) => name);
  return Object.fromEntries(Object.entries(keys).filter(([name]) => !others.includes(name)));
}
