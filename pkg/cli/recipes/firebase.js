export default {
  title: 'Firebase Authentication',
  fields: [{ name: 'project', question: 'ID of the Firebase project', example: 'example-project' }],
  issuer: ({ project }) => ({
    name: 'firebase', issuer: `https://securetoken.google.com/${project}`, audiences: [project], algorithms: ['RS256'],
    verify: { jwks: 'https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com' },
    claims: { roles: 'roles' },
  }),
  comments: { claims: 'A custom claim: `setCustomUserClaims(uid, { roles: ["admin"] })`.' },
  setup: [
    'Nothing: a project has its issuer and keys from the start. The project\'s ID is in *Project settings*.',
    'For roles, set a custom claim by the Admin SDK: `getAuth().setCustomUserClaims(uid, { roles: ["admin"] })`. It is in the next ID token.',
    'In the application: `const token = await getAuth().currentUser.getIdToken()`.',
  ],
  token: 'The **ID token** of `getIdToken()`. It lives for an hour, and the SDK renews it.',
  mistake: 'The application sends the custom token that a server made with `createCustomToken()`. It is for `signInWithCustomToken()` alone.',
};
