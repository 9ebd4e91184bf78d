export default {
  title: 'A Node server with jsonwebtoken',
  fields: [
    { name: 'url', question: '`issuer` of jwt.sign', example: 'https://auth.example.com' },
    { name: 'audience', question: '`audience` of jwt.sign', example: 'api' },
  ],
  issuer: ({ url, audience }) => ({
    name: 'node', issuer: url, audiences: [audience], algorithms: ['HS256'], verify: { secrets: ['JWT_SECRET'] },
  }),
  comments: { verify: 'The text that jwt.sign gets as its secret, as it stands.' },
  secrets: { JWT_SECRET: 'change-me-0123456789-abcdefgh-ijklmnop' },
  setup: [
    'Sign with issuer, audience and lifetime: `jwt.sign({ roles: user.roles }, process.env.JWT_SECRET, { subject: user.id, issuer: "https://auth.example.com", audience: "api", expiresIn: "15m" })`.',
    'The secret needs at least 32 bytes. Store the same text at the gateway: `npx wrangler secret put JWT_SECRET`; locally it stands in `.dev.vars`.',
    'Clients that log in through the gateway have no token yet: add a route for the login, such as `{ "path": "/api/login", "methods": ["POST"], "access": "public", "authorization": "strip" }`, or let the gateway [refresh and log out](../sessions.md#presets), too. `check` then warns that it is public beneath a route that needs a token: add `--allow public_beneath_protected --allow methods_shadowed` to the script `check`.',
  ],
  token: 'What `jwt.sign` returns.',
  mistake: 'There is no `expiresIn`. Such a token never ends, and the gateway accepts none without `exp`.',
};
