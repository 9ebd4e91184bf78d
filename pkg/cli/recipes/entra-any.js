export default {
  title: 'Entra ID, any tenant',
  fields: [
    { name: 'tenants', question: 'IDs of the tenants that may pass, with commas between them', example: '0f5e1c3a-1111-4222-8333-444455556666', many: true },
    { name: 'client-id', question: 'Client ID of the API\'s app registration', example: '6e74172b-be56-4843-9ff4-e66a39bb12e3' },
  ],
  issuer: ({ tenants, 'client-id': id }) => ({
    name: 'entra', issuer: 'https://login.microsoftonline.com/{tid}/v2.0', allowed: tenants, audiences: [id], algorithms: ['RS256'],
    verify: { discovery: 'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration' },
    claims: { subject: 'oid', roles: 'roles', scope: 'scp', email: 'preferred_username', tenant: 'tid' },
  }),
  comments: {
    allowed: 'The tenants. "any" accepts all there are: anyone can open one.',
    audiences: 'In tokens of version 2.0 `aud` is the API\'s client ID.',
  },
  setup: [
    'Register the API as an application with *Accounts in any organizational directory*. Under *Expose an API*, add a scope; in its *Manifest*, set `requestedAccessTokenVersion` to `2`.',
    'An administrator of each customer\'s tenant consents to the application once.',
    'Add the ID of each customer\'s tenant to `allowed`.',
  ],
  token: 'The **access token** for the API\'s own scope.',
  mistake: 'A new customer\'s tenant is not in `allowed` yet.',
};
