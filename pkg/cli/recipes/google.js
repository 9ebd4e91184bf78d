export default {
  title: 'Google',
  fields: [{ name: 'client-id', question: 'OAuth client ID', example: '1234567890-abc.apps.googleusercontent.com' }],
  issuer: ({ 'client-id': id }) => ({
    name: 'google', issuer: 'https://accounts.google.com', audiences: [id], algorithms: ['RS256'], verify: { discovery: true }, claims: { tenant: 'hd' },
  }),
  comments: { claims: 'The domain of a Workspace account; other accounts have none.' },
  setup: [
    'In the Google Cloud console, under *APIs & Services → Credentials*, create an OAuth client ID. It is the audience.',
    'Sign users in with Google Identity Services, or with any OpenID library and the scope `openid email`.',
    'Anyone has a Google account. To let in one organization alone, add `"require": { "claim": "hd", "one_of": ["example.com"] }` to the routes.',
  ],
  token: 'The **ID token** (`credential` in Google Identity Services, `id_token` at the token endpoint). It lives for an hour.',
  mistake: 'The application sends the access token (`ya29.…`). It is opaque, and for Google\'s own APIs.',
};
