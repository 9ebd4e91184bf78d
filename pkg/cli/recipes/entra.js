export default {
  title: 'Entra ID, one tenant',
  fields: [
    { name: 'tenant', question: 'ID of the tenant (a GUID)', example: '0f5e1c3a-1111-4222-8333-444455556666' },
    { name: 'client-id', question: 'Client ID of the API\'s app registration', example: '6e74172b-be56-4843-9ff4-e66a39bb12e3' },
  ],
  issuer: ({ tenant, 'client-id': id }) => ({
    name: 'entra', issuer: `https://login.microsoftonline.com/${tenant}/v2.0`, audiences: [id], algorithms: ['RS256'], verify: { discovery: true },
    claims: { subject: 'oid', roles: 'roles', scope: 'scp', email: 'preferred_username', tenant: 'tid' },
  }),
  comments: {
    audiences: 'In tokens of version 2.0 `aud` is the API\'s client ID.',
    claims: '`oid` names a user for all your applications; `sub` differs in each.',
  },
  setup: [
    'Register the API as an application. Under *Expose an API*, add a scope such as `access_as_user`; under *App roles*, add the roles.',
    'In its *Manifest*, set `requestedAccessTokenVersion` to `2`.',
    'In the client, ask for the scope `api://<client ID>/access_as_user`.',
  ],
  token: 'The **access token** for the API\'s own scope. A token for Microsoft Graph is for Graph alone.',
  mistake: '`requestedAccessTokenVersion` is still `null`. The tokens are then of version 1.0 and have another `iss`, `https://sts.windows.net/…`.',
};
