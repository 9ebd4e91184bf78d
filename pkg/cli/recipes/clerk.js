export default {
  title: 'Clerk',
  fields: [
    { name: 'domain', question: 'Host of the Frontend API', example: 'clerk.example.com' },
    { name: 'app', question: 'Origin of the application, as browsers see it', example: 'https://app.example.com' },
  ],
  issuer: ({ domain, app }) => ({
    name: 'clerk', issuer: `https://${domain}`, audiences: [app], audience_claim: 'azp', algorithms: ['RS256'],
    verify: { jwks: `https://${domain}/.well-known/jwks.json` }, claims: { roles: 'o.rol', tenant: 'o.id' },
  }),
  comments: {
    audience_claim: 'Session tokens have no `aud`: `azp` is the page that got the token.',
    claims: 'The role in the active organization, and the organization.',
  },
  allow: ['audience_claim'],
  setup: [
    'In the dashboard, under *API keys*, find the *Frontend API URL*. Its host is the domain.',
    'In the application: `const token = await session.getToken()` (or `useAuth().getToken()`).',
    'Clerk\'s tokens live for a minute; ask for one before each call, the SDK keeps it.',
  ],
  token: 'The **session token** of `getToken()`, in `Authorization`.',
  mistake: 'A page at another origin calls the API, such as a preview deployment or `http://localhost:3000`. Its `azp` is not in `audiences`.',
};
