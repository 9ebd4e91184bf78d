// `edgeward init`, and `npm create edgeward`: writes a project.
import { basename, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { core } from './core.js';
import { answersOf, originProblem } from './init/answers.js';
import { issuerOf, wranglerFile } from './init/configuration.js';
import { discover } from './init/discovery.js';
import { FRAMEWORK_NAMES, files } from './init/files.js';
import { write } from './init/write.js';
import { recipes } from './recipes/index.js';
import { Failure, UsageError, asker as terminal, say } from './terminal.js';

const FIELDS = [...new Set(Object.values(recipes).flatMap(({ fields }) => fields.map(({ name }) => name)))];
const TEXT = ['issuer', 'origin', 'name', 'framework', ...FIELDS];
const FLAGS = ['gate', 'offline', 'force', 'yes', 'list'];
const OPTIONS = Object.fromEntries([...TEXT.map((name) => [name, { type: 'string' }]), ...FLAGS.map((name) => [name, { type: 'boolean' }])]);

/** Runs it; without a folder in `words` the project is made in `usual`. */
export async function run(words, usual = '.') {
  const { values, positionals } = parseArgs({ args: words, options: OPTIONS, allowPositionals: true });
  if (values.list) return list();
  if (positionals.length > 1) throw new UsageError('expected one folder at most');
  const asker = values.yes ? undefined : terminal();
  try {
    return await make(resolve(positionals[0] ?? usual), values, asker);
  } finally {
    asker?.close();
  }
}

function list() {
  for (const { name, title, fields } of Object.values(recipes)) say(`${name.padEnd(18)} ${title}: ${fields.map((field) => `--${field.name}`).join(' ')}`);
  return 0;
}

async function make(folder, given, asker) {
  const project = await described(folder, given, asker);
  const { recipe } = project;
  const answers = await answersOf(recipe, given, asker);
  const { note, ...found } = given.offline ? {} : await discover(issuerOf(recipe, answers));
  if (note) say(`  ${note}`);
  const wrangler = wranglerFile({ ...project, answers, found });
  await assertGood(wrangler);
  const left = await write(folder, files(project, wrangler), { asker, isForced: given.force });
  next(folder, left, recipe);
  return left.includes('wrangler.jsonc') ? 1 : 0;
}

async function described(folder, given, asker) {
  const missing = (option, example) => new UsageError(`expected --${option}, such as --${option} ${example}`);
  const issuer = given.issuer ?? await asker?.choose('Who issues the tokens?', Object.values(recipes).map(({ name, title }) => [name, title]));
  if (issuer === undefined) throw missing('issuer', 'auth0');
  if (!Object.hasOwn(recipes, issuer)) throw new UsageError(`--issuer: expected one of ${Object.keys(recipes).join(', ')}`);
  const origin = given.origin ?? await asker?.ask('Address of the API, such as https://api.internal.example.com', { problem: originProblem });
  if (origin === undefined) throw missing('origin', 'https://api.internal.example.com');
  if (originProblem(origin)) throw new UsageError(`--origin: ${originProblem(origin)}`);
  const framework = given.framework ?? await asker?.choose('What is the API made with?', FRAMEWORK_NAMES.map((name) => [name, name])) ?? 'other';
  if (!FRAMEWORK_NAMES.includes(framework)) throw new UsageError(`--framework: expected one of ${FRAMEWORK_NAMES.join(', ')}`);
  return { name: workerName(given.name ?? basename(folder)), origin: origin.replace(/\/$/, ''), recipe: recipes[issuer], framework, isGate: given.gate ?? false };
}

/** A name that the platform takes: lower case, digits and dashes. */
function workerName(text) {
  return text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 54) || 'gateway';
}

/** Nothing is written that `check` refuses. */
async function assertGood(text) {
  const { stdout, stderr, code } = await core().command(['check', 'wrangler.jsonc'], { 'wrangler.jsonc': text });
  if (code !== 0) throw new Failure(`these answers make no valid configuration; nothing was written\n\n${stdout}${stderr}`.trimEnd());
}

function next(folder, left, recipe) {
  const path = relative(process.cwd(), folder);
  const steps = [path && `cd ${path}`, 'npm install', recipe.secrets && 'cp .dev.vars.example .dev.vars   # and fill in the secrets', 'npx edgeward dev'];
  if (left.length === 0) say(`\nNext:\n\n${steps.filter(Boolean).map((step) => `  ${step}`).join('\n')}\n\n${recipe.title}: ${plain(recipe.token)}`);
}

const plain = (text) => text.replace(/[*`]/g, '');

