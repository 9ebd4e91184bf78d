// Writes docs/recipes from the recipes that `edgeward init` writes configurations by, and from what the gateway's core says about a token
// of each provider: scripts/recipes.mjs [--check]. With --check it fails where a page is not what would be written.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { core } from '../pkg/cli/core.js';
import { lines, wranglerFile } from '../pkg/cli/init/configuration.js';
import { NAMES, provider } from '../tests/harness/recipes.mjs';

const FOLDER = fileURLToPath(new URL('../docs/recipes/', import.meta.url));
const NOW = 1_800_000_000;
const ORIGIN = 'https://api.internal.example.com';

/** What `edgeward explain` says about a request with `token`, under the configuration that `init` writes. */
export async function explained(name, token) {
  const { recipe, answers, jwks, secrets, headers } = provider(name);
  const issuer = recipe.issuer(answers).name;
  Object.assign(process.env, Object.fromEntries(Object.entries(secrets).map(([secret, value]) => [`RECIPE_${secret}`, value])));
  const words = [
    'explain', '--now', `${NOW}`, ...(jwks.keys.length > 0 ? ['--jwks', `${issuer}=jwks.json`] : []),
    ...Object.keys(secrets).flatMap((secret) => ['--secret', `${secret}=RECIPE_${secret}`]),
    ...headers(token).flatMap(([field, value]) => ['-H', `${field}: ${value}`]), 'GET', '/api/hello',
  ];
  const wrangler = wranglerFile({ name: 'gateway', origin: ORIGIN, recipe, answers, found: {} });
  const { stdout, stderr, code } = await core().command(words, { 'wrangler.jsonc': wrangler, 'jwks.json': JSON.stringify(jwks) });
  if (code !== 0) throw new Error(`${name}: ${stderr}`);
  return stdout;
}

/** The text of a page. */
export async function page(name) {
  const { recipe, token, mistaken } = provider(name);
  const passes = await explained(name, await token(NOW));
  const refused = await explained(name, await mistaken(NOW));
  const command = ['npx edgeward init', `--issuer ${name}`, ...recipe.fields.map((field) => `--${field.name} ${field.example}`), `--origin ${ORIGIN}`].join(' ');
  return `\
# ${recipe.title}

${recipe.setup.map((step, index) => `${index + 1}. ${step}`).join('\n')}

## Configuration

\`\`\`sh
${command} --yes
\`\`\`

writes these lines, and what is around them:

\`\`\`jsonc
${lines(recipe, provider(name).answers)}
\`\`\`
${recipe.allow ? `\n\`edgeward check\` warns of \`${recipe.allow}\` ([what follows](../errors.md#codes-of-warnings)). The project's workflow accepts that with \`--allow ${recipe.allow}\`.\n` : ''}
## The token

${recipe.token}

The API behind the gateway receives, besides the request itself:

\`\`\`
${arriving(passes)}
\`\`\`

## The most common mistake

${recipe.mistake} The answer is 401 \`invalid_token\`, and \`edgeward explain\` says why:

\`\`\`
${stopping(refused)}
\`\`\`
`;
}

/** The identity headers of a request that passes. */
export function arriving(text) {
  const found = [...text.matchAll(/^ {2}set {6}(x-auth-.*)$/gm)].map(([, line]) => line);
  if (found.length === 0) throw new Error(`expected it to pass:\n${text}`);
  return found.join('\n');
}

/** The step at which a request stops. */
export function stopping(text) {
  const [, step] = /^(STOP .*)$/m.exec(text) ?? [];
  if (step === undefined) throw new Error(`expected it to be refused:\n${text}`);
  const details = text.slice(text.indexOf(step) + step.length + 1).split('\n');
  const failed = details.slice(0, details.findIndex((line) => !line.startsWith('     '))).filter((line) => /^ +no /.test(line));
  return [step, ...failed].join('\n');
}

/** The index of the pages. */
function index() {
  const rows = NAMES.map((name) => `- [${provider(name).recipe.title}](${name}.md)`);
  return `# Recipes\n\nWhat to set at the provider, the lines here, which token to send, what the API receives, and the most common mistake.\n\n${rows.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isCheck = process.argv.includes('--check');
  mkdirSync(FOLDER, { recursive: true });
  const pages = [['README', index()], ...await Promise.all(NAMES.map(async (name) => [name, await page(name)]))];
  for (const [name, text] of pages) {
    const file = join(FOLDER, `${name}.md`);
    const isSame = existsSync(file) && readFileSync(file, 'utf8') === text;
    if (isSame) continue;
    if (isCheck) {
      console.error(`docs/recipes/${name}.md is not what its recipe says. -> Run: node scripts/recipes.mjs`);
      process.exitCode = 1;
    } else writeFileSync(file, text);
  }
}
