export default {
  title: 'Okta',
  fields: [
    { name: 'domain', question: 'Okta domain', example: 'example.okta.com' },
    { name: 'server', question: 'ID of the authorization server', example: 'default', usual: 'default' },
    { name: 'audience', question: 'Audience of the authorization server', example: 'api://default', usual: 'api://default' },
  ],
  issuer: ({ domain, server, audience }) => ({
    name: 'okta', issuer: `https://${domain}/oauth2/${server}`, audiences: [audience], algorithms: ['RS256'], verify: { discovery: true },
    claims: { roles: 'groups', scope: 'scp' },
  }),
  comments: { issuer: 'A custom authorization server; the org server\'s tokens are for Okta alone.' },
  setup: [
    'Under *Security → API → Authorization Servers*, open a custom server, such as `default`. Its *Issuer URI* ends in its ID; its *Audience* is the audience.',
    'For roles, add a claim `groups` to the access token there (value type *Groups*).',
    'Use the server\'s own endpoints in the application: `https://example.okta.com/oauth2/default/v1/authorize`.',
  ],
  token: 'The **access token** of the custom authorization server.',
  mistake: 'The application uses the endpoints of the org authorization server (`/oauth2/v1/…`). Its `iss` is the domain alone, and Okta does not let others verify its access tokens.',
};
