export default {
  title: 'Another OpenID provider',
  fields: [
    { name: 'url', question: 'Issuer: exactly the `iss` of the tokens', example: 'https://auth.example.com' },
    { name: 'audience', question: 'Audience: what must be in `aud`', example: 'api' },
  ],
  issuer: ({ url, audience }, { algorithms = ['RS256'] } = {}) => ({
    name: 'main', issuer: url, audiences: [audience], algorithms, verify: { discovery: true },
  }),
  comments: { algorithms: 'Those that the provider signs with: never inferred from a token.' },
  setup: [
    'Find the issuer: the address before `/.well-known/openid-configuration`, with or without a slash at the end, exactly as in `iss`.',
    'Find out what `aud` access tokens have, and which claim holds roles: decode one token. `claims` in [the configuration](../configuration.md#claims) maps them.',
  ],
  token: 'The **access token**, if it is a JWT for your API.',
  mistake: '`issuer` differs from `iss` by a slash at the end.',
};
