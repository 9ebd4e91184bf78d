// The recipes by name, in the order in which `init` shows them. One file has all there is about a provider.
const NAMES = [
  'auth0', 'okta', 'entra', 'entra-any', 'google', 'keycloak', 'cognito', 'firebase', 'supabase', 'clerk', 'workos', 'zitadel', 'cloudflare-access',
  'simplejwt', 'simplejwt-rs256', 'jsonwebtoken', 'github-actions', 'oidc',
];

export const recipes = Object.fromEntries(await Promise.all(NAMES.map(async (name) => [name, { name, ...(await import(`./${name}.js`)).default }])));
