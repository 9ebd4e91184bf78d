export default {
  title: 'Django SimpleJWT, with RS256',
  fields: [
    { name: 'url', question: 'ISSUER in SIMPLE_JWT', example: 'https://auth.example.com' },
    { name: 'audience', question: 'AUDIENCE in SIMPLE_JWT', example: 'api' },
    { name: 'key', question: 'File with the public key in PEM', example: 'public.pem', kind: 'public key' },
  ],
  issuer: ({ url, audience, key }) => ({
    name: 'django', issuer: url, audiences: [audience], algorithms: ['RS256'], verify: { keys: { keys: [key] } }, claims: { subject: 'user_id' },
    required_claims: ['user_id'],
  }),
  comments: { verify: 'The public key: SimpleJWT publishes none.' },
  setup: [
    'Make a pair of keys: `openssl genrsa -out private.pem 2048`, `openssl rsa -in private.pem -pubout -out public.pem`.',
    'In Django: `SIMPLE_JWT = { "ALGORITHM": "RS256", "SIGNING_KEY": <private.pem>, "VERIFYING_KEY": <public.pem>, "ISSUER": "https://auth.example.com", "AUDIENCE": "api" }`.',
    '`npx edgeward init` writes the public key into the configuration. It is no secret.',
    'Clients that log in through the gateway have no token yet: add a route for the login, such as `{ "path": "/api/token/**", "methods": ["POST"], "access": "public", "authorization": "strip" }`, or let the gateway keep [sessions](../sessions.md). `check` then warns that it is public beneath a route that needs a token: add `--allow public_beneath_protected --allow methods_shadowed` to the script `check`.',
    'For roles, put them into the token: as installed it has none, and a route that requires a role lets nobody pass. Let `TOKEN_OBTAIN_SERIALIZER` in `SIMPLE_JWT` name a subclass of `TokenObtainPairSerializer`. Its class method `get_token` adds `token["roles"] = [group.name for group in user.groups.all()]` to what `super().get_token(user)` returns. A refresh copies the roles of the login.',
  ],
  token: 'The **access token** (`access` in the answer of `token/`).',
  mistake: '`AUDIENCE` is not set in Django. The tokens then have no `aud`.',
};
