// `edgeward init`, and `npm create edgeward`: writes a project.
import { existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { core } from './core.js';
import { answersOf, originProblem } from './init/answers.js';
import { issuerOf, wranglerFile } from './init/configuration.js';
import { discover } from './init/discovery.js';
import { FRAMEWORK_NAMES, files, source } from './init/files.js';
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
  assertAlone(folder);
  const project = await described(folder, given, asker);
  const { recipe } = project;
  const answers = await answersOf(recipe, given, asker);
  const { note, ...found } = given.offline ? {} : await discover(issuerOf(recipe, answers));
  if (note) say(`  ${note}`);
  const wrangler = wranglerFile({ ...project, answers, found });
  await assertGood(wrangler);
  const left = await write(folder, files(project, wrangler), { asker, isForced: given.force });
  const isWhole = todo(left, project);
  if (left.includes('.gitignore') && recipe.secrets) say('\nAdd `.dev.vars*` to .gitignore unless it is there: the file .dev.vars holds your secrets.');
  if (isWhole) next(folder, recipe);
  return isWhole ? 0 : 1;
}

/** Of two wrangler files only one is read, and not the same one by every command. */
function assertAlone(folder) {
  const other = ['wrangler.toml', 'wrangler.json'].find((file) => existsSync(join(folder, file)));
  if (other) throw new Failure(`${other} is there already, and a wrangler.jsonc beside it would be another Worker: name a new folder, such as \`edgeward init gateway\``);
}

/** Says what is missing in files that were left; false where the project is no gateway without it. */
function todo(left, { isGate }) {
  const needs = {
    'wrangler.jsonc': 'has no configuration of the gateway, unless you wrote it',
    'src/index.js': `must have this line: ${source(isGate).trim()}`,
    'package.json': 'must have both packages: npm install edgeward, npm install --save-dev wrangler',
  };
  const open = Object.keys(needs).filter((path) => left.includes(path));
  if (open.length > 0) say(`\nBefore it works:\n\n${open.map((path) => `  ${path} ${needs[path]}`).join('\n')}`);
  return open.length === 0;
}

async function described(folder, given, asker) {
  const missing = (option, example) => new UsageError(`expected --${option}, such as --${option} ${example}`);
  const issuer = given.issuer ?? await asker?.choose('Who issues the tokens?', Object.values(recipes).map(({ name, title }) => [name, title]));
  if (issuer === undefined) throw missing('issuer', 'auth0');
  if (!Object.hasOwn(recipes, issuer)) throw new UsageError(`--issuer: expected one of ${Object.keys(recipes).join(', ')}`);
  assertAsked(recipes[issuer], issuer, given);
  const origin = given.origin ?? await asker?.ask('Address of the API, such as https://api.internal.example.com', { problem: originProblem });
  if (origin === undefined) throw missing('origin', 'https://api.internal.example.com');
  if (originProblem(origin)) throw new UsageError(`--origin: ${originProblem(origin)}`);
  const framework = given.framework ?? await asker?.choose('What is the API made with?', FRAMEWORK_NAMES.map((name) => [name, name])) ?? 'other';
  if (!FRAMEWORK_NAMES.includes(framework)) throw new UsageError(`--framework: expected one of ${FRAMEWORK_NAMES.join(', ')}`);
  return { name: workerName(given.name ?? basename(folder)), origin: origin.replace(/\/$/, ''), recipe: recipes[issuer], framework, isGate: given.gate ?? false };
}

/** An option that nothing reads, such as an audience where tokens have none, would be a rule that does not hold. */
function assertAsked({ fields }, issuer, given) {
  const known = fields.map(({ name }) => name);
  const other = FIELDS.find((name) => given[name] !== undefined && !known.includes(name));
  if (other) throw new UsageError(`--${other}: ${issuer} takes ${known.map((name) => `--${name}`).join(', ') || 'no option of its own'}`);
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

function next(folder, recipe) {
  const path = relative(process.cwd(), folder);
  const steps = [path && `cd ${path}`, 'npm install', recipe.secrets && 'cp .dev.vars.example .dev.vars   # and fill in the secrets', 'npx edgeward dev   # or, without your issuer and API: npx edgeward dev --demo'];
  say(`\nNext:\n\n${steps.filter(Boolean).map((step) => `  ${step}`).join('\n')}\n\n${recipe.title}: ${plain(recipe.token)}`);
}

const plain = (text) => text.replace(/[*`]/g, '');

