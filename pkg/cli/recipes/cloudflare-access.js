export default {
  title: 'Cloudflare Access',
  fields: [
    { name: 'team', question: 'Name of the team', example: 'example' },
    { name: 'audience', question: 'AUD tag of the application', example: '32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228' },
  ],
  issuer: ({ team, audience }) => ({
    name: 'access', issuer: `https://${team}.cloudflareaccess.com`, audiences: [audience], algorithms: ['RS256'],
    verify: { jwks: `https://${team}.cloudflareaccess.com/cdn-cgi/access/certs` },
  }),
  comments: { audiences: 'The AUD tag of the application.' },
  route: { credentials: [{ header: 'cf-access-jwt-assertion' }] },
  setup: [
    'In Zero Trust, under *Access → Applications*, protect the gateway\'s host name. The *Application Audience (AUD) Tag* is on its overview.',
    'Nothing in the application: Access signs the user in and adds the header `Cf-Access-Jwt-Assertion` to each request.',
    'Give the gateway no `workers.dev` address (`"workers_dev": false`): Access does not stand in front of it.',
  ],
  token: 'None of your own: Access sends its **application token** in `Cf-Access-Jwt-Assertion`.',
  mistake: 'The AUD tag is that of another application. Each has its own.',
};
