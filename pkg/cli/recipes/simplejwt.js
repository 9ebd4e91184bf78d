export default {
  title: 'Django SimpleJWT, as installed',
  fields: [{ name: 'url', question: 'Address of the Django server, for logs and revocations', example: 'https://auth.example.com' }],
  issuer: ({ url }) => ({
    name: 'django', issuer: url, without_iss: true, any_audience: true, algorithms: ['HS256'], verify: { secrets: ['JWT_SECRET'] },
    claims: { subject: 'user_id' }, required_claims: ['user_id'],
  }),
  comments: {
    without_iss: 'As installed, SimpleJWT writes neither `iss` nor `aud`.',
    verify: 'The text of Django\'s SIGNING_KEY, which is SECRET_KEY unless set.',
  },
  secrets: { JWT_SECRET: 'django-insecure-change-me-0123456789-abcdefgh' },
  allow: ['any_audience'],
  setup: [
    'Give the signing key a setting of its own, so that it is not `SECRET_KEY`: `SIMPLE_JWT = { "SIGNING_KEY": os.environ["JWT_SECRET"] }`. It needs at least 32 bytes.',
    'Store the same text as the gateway\'s secret: `npx wrangler secret put JWT_SECRET`; locally it stands in `.dev.vars`.',
    'Better, if you can change it: [SimpleJWT with RS256](simplejwt-rs256.md). With a shared secret the gateway could sign tokens, too.',
    'Clients that log in through the gateway have no token yet: add a route for the login, such as `{ "path": "/api/token/**", "methods": ["POST"], "access": "public", "authorization": "strip" }`, or let the gateway keep [sessions](../sessions.md). `check` then warns that it is public beneath a route that needs a token: add `--allow public_beneath_protected --allow methods_shadowed` to the script `check`.',
    'For roles, put them into the token: as installed it has none, and a route that requires a role lets nobody pass. Let `TOKEN_OBTAIN_SERIALIZER` in `SIMPLE_JWT` name a subclass of `TokenObtainPairSerializer`. Its class method `get_token` adds `token["roles"] = [group.name for group in user.groups.all()]` to what `super().get_token(user)` returns. A refresh copies the roles of the login.',
  ],
  token: 'The **access token** (`access` in the answer of `token/`).',
  mistake: 'The client sends the refresh token.',
};
