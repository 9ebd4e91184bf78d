export default {
  title: 'GitHub Actions',
  fields: [
    { name: 'audience', question: 'Audience that workflows ask for', example: 'https://api.example.com' },
    { name: 'repository', question: 'Repositories that may call, with commas between them', example: 'octo-org/octo-repo', many: true },
  ],
  issuer: ({ audience }) => ({
    name: 'github', issuer: 'https://token.actions.githubusercontent.com', audiences: [audience], algorithms: ['RS256'], verify: { discovery: true },
    claims: { tenant: 'repository_owner' },
  }),
  comments: { audiences: 'The workflow names it when it asks for the token.' },
  route: { require: ({ repository }) => ({ claim: 'repository', one_of: repository }) },
  setup: [
    'In the workflow: `permissions: { id-token: write }`.',
    'Ask for a token: `curl -s -H "Authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=https://api.example.com" | jq -r .value`.',
    'Every repository on GitHub gets tokens of this issuer. `require` names those that may call. For one branch: `{ "all": [{ "claim": "repository", … }, { "claim": "ref", "one_of": ["refs/heads/main"] }] }`.',
  ],
  token: 'The **OIDC token** of the job. It lives for minutes; ask for it in the job that uses it.',
  mistake: 'The workflow asks without `audience`. The token is then for the owner\'s URL.',
};
