// The files of a project besides its configuration.
import { readFileSync } from 'node:fs';

import { OBJECTS } from '../objects.js';

const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export const source = (isGate) => (isGate
  ? 'export { default } from "edgeward/gate";\n'
  : `export { ${['default', ...OBJECTS.map(({ className }) => className)].join(', ')} } from "edgeward/worker";\n`);

const checks = ({ allow = [] }) => ['edgeward check --strict', ...allow.map((code) => `--allow ${code}`)].join(' ');

function packageJson({ name, recipe }) {
  return {
    name, private: true, type: 'module',
    scripts: { dev: 'edgeward dev', check: checks(recipe), deploy: 'edgeward deploy' },
    dependencies: { edgeward: `^${own.version}` },
    devDependencies: { wrangler: own.peerDependencies.wrangler },
  };
}

const WORKFLOW = `\
# Fails a change whose configuration has errors, or warnings that nobody accepted.
name: check
on: [push, pull_request]
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm install
      - run: npm run check
      - run: npx wrangler deploy --dry-run
`;

const IGNORED = ['node_modules/', '.wrangler/', 'wrangler.edgeward-demo.json', '.dev.vars*', '!.dev.vars.example', '.env*'];

const FRAMEWORKS = {
  django: 'Django reads them as `request.META["HTTP_X_AUTH_SUBJECT"]`. Set `USE_X_FORWARDED_HOST = True` and `SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")`.',
  express: 'Express reads them as `request.get("x-auth-subject")`. Set `app.set("trust proxy", 1)`.',
  other: 'Read them as any other header.',
};
export const FRAMEWORK_NAMES = Object.keys(FRAMEWORKS);

const readme = ({ name, origin, recipe, framework }) => `\
# ${name}

[Edgeward](https://www.npmjs.com/package/edgeward) in front of ${origin}: it verifies tokens (${recipe.title}) and forwards what may pass.
Node.js 22 is needed.

\`\`\`sh
npm install
npm run dev       # http://127.0.0.1:8787, and the playground at /.edgeward/playground/
npm run check     # what is wrong or unusual in wrangler.jsonc
npm run deploy
\`\`\`
${recipe.secrets ? `\nCopy \`.dev.vars.example\` to \`.dev.vars\` and fill in the secrets; for the deployed gateway: ${Object.keys(recipe.secrets).map((secret) => `\`npx wrangler secret put ${secret}\``).join(', ')}.\n` : ''}
The API gets who is calling in headers that a client cannot set: \`x-auth-subject\`, \`x-auth-roles\`, \`x-auth-scope\`, \`x-auth-email\`.
${FRAMEWORKS[framework]}
\`x-auth-roles\` is a list with each item in quotes, such as \`"user", "editor"\`: compare whole items. What a token does not have has no header.

Close the API to everybody but the gateway, by a service binding, a tunnel, mutual TLS or a firewall rule. These headers prove nothing to a server
that others can reach.${origin.startsWith('service:') ? '' : ` \`npx edgeward doctor URL --origin ${origin}\` checks whether they can.`}
`;

/** The files by their paths. Those that may be there already in any project are lists of lines, or objects, to be added to. */
export function files(project, wrangler) {
  const { recipe, isGate } = project;
  return {
    'wrangler.jsonc': wrangler,
    'src/index.js': source(isGate),
    'package.json': packageJson(project),
    ...(recipe.secrets && { '.dev.vars.example': Object.entries(recipe.secrets).map(([secret, value]) => `${secret}="${value}"\n`).join('') }),
    '.gitignore': IGNORED,
    '.github/workflows/check.yml': WORKFLOW,
    'README.md': readme(project),
  };
}
