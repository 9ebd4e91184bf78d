export default {
  title: 'Supabase',
  fields: [{ name: 'project', question: 'Reference of the project', example: 'abcdefghijklmnopqrst' }],
  issuer: ({ project }) => ({
    name: 'supabase', issuer: `https://${project}.supabase.co/auth/v1`, audiences: ['authenticated'], algorithms: ['ES256', 'RS256'],
    verify: { jwks: `https://${project}.supabase.co/auth/v1/.well-known/jwks.json` },
    claims: { roles: 'app_metadata.roles', session: 'session_id' },
  }),
  comments: { claims: 'Users cannot write `app_metadata`; `user_metadata` they can.' },
  setup: [
    'Under *Project Settings → JWT Keys*, migrate to asymmetric signing keys (ES256). Projects with the legacy secret publish no keys.',
    'For roles, write `app_metadata.roles` by the admin API.',
    'In the application: `const { data: { session } } = await supabase.auth.getSession()`; the token is `session.access_token`.',
  ],
  token: 'The **access token** of the user\'s session.',
  mistake: 'The application sends the project\'s `anon` key, because nobody is signed in. It is a JWT, but of another issuer, and names no user.',
};
