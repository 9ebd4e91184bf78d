export default {
  title: 'Zitadel',
  fields: [
    { name: 'domain', question: 'Host of the instance', example: 'example-abc123.zitadel.cloud' },
    { name: 'project', question: 'ID of the project', example: '280000000000000001' },
  ],
  issuer: ({ domain, project }) => ({
    name: 'zitadel', issuer: `https://${domain}`, audiences: [project], algorithms: ['RS256'], verify: { discovery: true },
    claims: { roles: { path: 'urn:zitadel:iam:org:project:roles', keys: true } },
  }),
  comments: { audiences: 'The project\'s ID: applications of the same project are in `aud`, too.', claims: 'The roles are the keys of an object.' },
  setup: [
    'In the project, turn on *Assert Roles on Authentication*. Its *Resource Id* is the audience.',
    'In the application, under *Token Settings*, set *Auth Token Type* to *JWT*, and turn on *Add user roles to the access token*.',
    'Ask for the scope `urn:zitadel:iam:org:project:id:<project ID>:aud`.',
  ],
  token: 'The **access token**, as a JWT.',
  mistake: '*Auth Token Type* is still *Bearer Token*. Such a token is opaque.',
};
