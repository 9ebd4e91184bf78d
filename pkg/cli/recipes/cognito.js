export default {
  title: 'Amazon Cognito',
  fields: [
    { name: 'region', question: 'Region', example: 'eu-west-1' },
    { name: 'pool', question: 'ID of the user pool', example: 'eu-west-1_Example' },
    { name: 'client-id', question: 'ID of the app client', example: '4example23456789' },
  ],
  issuer: ({ region, pool, 'client-id': id }) => ({
    name: 'cognito', issuer: `https://cognito-idp.${region}.amazonaws.com/${pool}`, audiences: [id], audience_claim: 'client_id', algorithms: ['RS256'],
    verify: { discovery: true }, claims: { roles: 'cognito:groups' }, token_types: ['access'],
  }),
  comments: {
    audience_claim: 'Access tokens have no `aud`: the app client that got the token takes its place.',
    token_types: '`token_use`: ID tokens are for the application.',
  },
  allow: ['audience_claim'],
  setup: [
    'In the user pool, create an app client. Its ID is the audience.',
    'Put users into groups; the groups arrive as roles.',
    'With several APIs behind one pool, add a resource server with scopes of its own, and `"require": { "scope": "orders/read" }` to the routes.',
  ],
  token: 'The **access token** (`AccessToken`).',
  mistake: 'The application sends the ID token, as with API Gateway\'s older authorizer.',
};
