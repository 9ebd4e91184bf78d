// What an administrator may act on: a list of groups, each with its issuers and tenants, or `null` for everything.

/** Whether an administrator may act on a token, or a row. A missing tenant is the same as an empty one. */
export const isWithin = (scope, { issuer, tenant }) => scope === null
  || scope.some(({ issuers, tenants }) => allows(issuers, issuer) && allows(tenants, tenant ?? ''));

/** Whether an administrator may act on all tenants of an issuer. */
export const isOfAllTenants = (scope, issuer) => scope === null || scope.some(({ issuers, tenants }) => tenants === null && allows(issuers, issuer));

const allows = (list, value) => list === null || list.includes(value);
