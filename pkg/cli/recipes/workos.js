export default {
  title: 'WorkOS AuthKit',
  fields: [
    { name: 'client-id', question: 'Client ID', example: 'client_01EXAMPLE' },
    { name: 'url', question: '`iss` of an access token, copied from one', example: 'https://api.workos.com', usual: 'https://api.workos.com' },
  ],
  issuer: ({ 'client-id': id, url }) => ({
    name: 'workos', issuer: url, any_audience: true, algorithms: ['RS256'], verify: { jwks: `https://api.workos.com/sso/jwks/${id}` },
    claims: { roles: 'roles', scope: 'permissions', tenant: 'org_id' },
  }),
  comments: {
    issuer: 'It differs with the age of the environment and with a custom domain: decode one token.',
    any_audience: 'Session tokens have no `aud`. Their keys are this client\'s alone.',
  },
  allow: ['any_audience'],
  setup: [
    'In the dashboard, under *API Keys*, find the *Client ID*.',
    'Sign in once, decode the access token, and copy its `iss`.',
    'Roles and permissions come from *Authorization*; permissions arrive as scopes.',
  ],
  token: 'The **access token** of the session (`accessToken`).',
  mistake: '`issuer` is not the `iss` of the tokens: with a custom authentication domain it is that domain.',
};
