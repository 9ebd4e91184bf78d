export default {
  title: 'Auth0',
  fields: [
    { name: 'domain', question: 'Domain of the Auth0 tenant, or its custom domain', example: 'example.eu.auth0.com' },
    { name: 'audience', question: 'Identifier of the API in Auth0', example: 'https://api.example.com' },
  ],
  issuer: ({ domain, audience }) => ({
    name: 'auth0', issuer: `https://${domain}/`, audiences: [audience], algorithms: ['RS256'], verify: { discovery: true }, claims: { roles: 'permissions' },
  }),
  comments: { issuer: 'With the slash: exactly the `iss` of the tokens.', audiences: 'The identifier of the API.' },
  setup: [
    'Under *Applications → APIs*, create an API. Its *Identifier* is the audience. Leave the signing algorithm at RS256.',
    'For roles, turn on *Enable RBAC* and *Add Permissions in the Access Token* in the API\'s settings. Permissions then arrive as roles.',
    'In the application, ask for the token with `audience` set to the identifier.',
  ],
  token: 'The **access token**. Without `audience` in the request, Auth0 gives an opaque one, which no gateway can verify.',
  mistake: 'The application sends the ID token. Its `aud` is the application\'s client ID, not the API.',
};
