// The commands that `make dev` prints. Each works as it stands, in any order, as often as one likes.

const TAKE_TOKEN = `sed 's/.*"access_token":"//;s/".*//'`;

export function lines(gateway) {
  const login = (user) => `curl -s ${gateway}/demo/login -d '{"user":"${user}"}' | ${TAKE_TOKEN}`;
  const bearer = (token) => `-H "Authorization: Bearer ${token}"`;
  const passes = `curl -s ${gateway}/api/hello ${bearer(`$(${login('ada')})`)}`;
  const refused = `curl -si ${gateway}/api/hello -w '\\n'`;
  const revoke = [
    `curl -s ${gateway}/.edgeward/admin/revocations -H 'Content-Type: application/json'`,
    bearer(`$(${login('ada')})`),
    `-d "{\\"token\\":\\"$token\\"}"`,
  ].join(' ');
  const strict = `curl -si ${gateway}/api/payments/1 ${bearer('$token')} -w '\\n'`;
  const bounded = `sleep 5; curl -si ${gateway}/api/hello ${bearer('$token')} -w '\\n'`;
  const revoked = `token=$(${login('bob')}); ${revoke}; echo; ${strict}; ${bounded}`;

  const trail = `curl -s '${gateway}/.edgeward/admin/audit?limit=5' ${bearer(`$(${login('ada')})`)} -w '\\n'`;
  const metrics = `sleep 12; curl -s ${gateway}/.edgeward/metrics ${bearer(`$(${login('ada')})`)}`;

  return `
Ready. In a browser, to see why a request passes or not:

${gateway}/.edgeward/playground/

In another terminal:

# passes: the origin shows the request as it arrived, with the caller's identity in x-auth-* headers
${passes}

# refused: no token (401)
${refused}

# revokes bob's new token as ada the admin (201), then shows it refused (401): at once where the route says strict,
# within 5 s elsewhere
${revoked}

# who did what: the last rows of the audit trail, as ada the admin
${trail}

# what was decided how often, for Prometheus; isolates report every 10 s
${metrics}

The users are ada (role admin) and bob (role user); "alg" may be RS256, ES256 or EdDSA; "audience" and "expires_in"
(seconds, below 0 too) make tokens that are refused. Ctrl-C ends everything.
`;
}
