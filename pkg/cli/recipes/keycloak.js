export default {
  title: 'Keycloak',
  fields: [
    { name: 'domain', question: 'Host of Keycloak', example: 'sso.example.com' },
    { name: 'realm', question: 'Realm', example: 'main' },
    { name: 'audience', question: 'Audience: the client ID of the API in Keycloak', example: 'api' },
  ],
  issuer: ({ domain, realm, audience }) => ({
    name: 'keycloak', issuer: `https://${domain}/realms/${realm}`, audiences: [audience], algorithms: ['RS256'], verify: { discovery: true },
    claims: { roles: ['realm_access.roles', `resource_access.${audience}.roles`] },
  }),
  comments: { audiences: 'The client ID of the API; Keycloak needs an audience mapper for it.' },
  setup: [
    'Create a client for the API (its ID is the audience); it needs no flow of its own.',
    'Create a client scope with a mapper of type *Audience*: *Included Client Audience* is the API\'s client, *Add to access token* is on.',
    'Add that scope to the clients that call the API, as *Default*.',
  ],
  token: 'The **access token**. Roles of the realm and of the API\'s client arrive together.',
  mistake: 'There is no audience mapper. Keycloak then writes `"aud": "account"`.',
};
