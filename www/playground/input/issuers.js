// Which issuers a configuration names, and what each of them needs that does not stand in it. Only to
// know which fields to show; what is wrong with them the checker says.

/** `[{ name, issuer, keysFrom, address, secrets }]`; `issuer` is its `iss`, `keysFrom` the way, or `null` where none are needed. */
export function issuersOf(config) {
  const issuers = Array.isArray(config?.issuers) ? config.issuers : [];
  return issuers.filter((issuer) => typeof issuer?.name === 'string').map(described);
}

function described(issuer) {
  const verify = issuer.verify ?? {};
  const ways = [verify, verify.fallback, verify.signed_by].filter((way) => way && typeof way === 'object');
  const way = ways.find((one) => typeof one.jwks === 'string' || one.discovery === true);
  const secrets = ways.flatMap((one) => (Array.isArray(one.secrets) ? one.secrets : []));
  return {
    name: issuer.name,
    issuer: typeof issuer.issuer === 'string' ? issuer.issuer : null,
    keysFrom: way ? (way.discovery ? 'discovery' : 'jwks') : null,
    address: way ? addressOf(way, issuer) : null,
    isInline: ways.some((one) => one.keys),
    isAsked: typeof verify.me === 'string' || typeof verify.introspection === 'string',
    secrets: secrets.filter((name) => typeof name === 'string'),
  };
}

function addressOf(way, issuer) {
  if (!way.discovery) return way.jwks;
  const base = typeof issuer.issuer === 'string' ? issuer.issuer.replace(/\/$/, '') : '';
  return `${base}/.well-known/openid-configuration`;
}
