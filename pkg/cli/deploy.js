// `edgeward deploy`: checks, says what would be created and asks, deploys, waits until the gateway is ready.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { core } from './core.js';
import { deployed, secretsOf } from './deploy/state.js';
import { Failure, asker as terminal, say } from './terminal.js';
import { wrangler, wranglerProgram } from './wrangler.js';

const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 1_000;
const OPTIONS = { env: { type: 'string' }, config: { type: 'string' }, url: { type: 'string' }, yes: { type: 'boolean' } };

export async function run(words) {
  const { values } = parseArgs({ args: words, options: OPTIONS });
  wranglerProgram();
  const project = await checked(values);
  const asker = values.yes ? undefined : terminal();
  try {
    return await deploy(project, values, asker);
  } finally {
    asker?.close();
  }
}

/** The project, once its configuration has no errors: { section, place, secrets }. */
async function checked({ config, env }) {
  const { file, whole } = core().wranglerFile(config);
  const place = env === undefined ? [] : ['--env', env];
  const { stdout, stderr, code } = await core().command(['check', ...place, file]);
  say((stdout + stderr).trimEnd());
  if (code !== 0) throw new Failure('nothing was deployed: the configuration has errors');
  const { stdout: json } = await core().command(['check', '--json', ...place, file]);
  const section = env === undefined ? whole : { ...whole.env?.[env], name: whole.env?.[env]?.name ?? `${whole.name}-${env}` };
  return { section, place: ['--config', file, ...place], secrets: JSON.parse(json).assumed_secrets };
}

async function deploy({ section, place, secrets }, { url, yes }, asker) {
  const before = await deployed(place);
  const missing = await missingSecrets(secrets, place, before);
  const creates = creations(section, before);
  say(`\n${before ? 'Deploys' : 'Creates'} the Worker \`${section.name}\`.`);
  for (const what of creates) say(`  creates ${what}`);
  for (const name of missing) say(`  asks for the secret ${name}`);
  if (missing.length > 0 && yes) throw new Failure(`nothing was deployed: expected the secrets ${missing.join(', ')}. Run: npx wrangler secret put ${missing[0]}`);
  if (asker && !(await asker.confirm('Go on?'))) throw new Failure('nothing was deployed');
  asker?.close();
  for (const name of missing) await must(['secret', 'put', name, ...place], `the secret ${name} was not stored`);
  const database = section.d1_databases?.find(({ binding }) => binding === 'EDGEWARD_DB');
  const migrate = () => must(['d1', 'migrations', 'apply', 'EDGEWARD_DB', '--remote', ...place], 'the migrations of EDGEWARD_DB were not applied');
  // Tables first, because the new version may need them; a database that does not exist yet is created by the deployment.
  const isThere = before && database;
  if (isThere) await migrate();
  const targets = await upload(place);
  if (database && !isThere) await migrate();
  // Before the wait: it is needed most where that fails.
  say(`\nTo go back: ${before ? `npx wrangler rollback ${before.version}` : 'npx wrangler delete'} ${place.join(' ')}`);
  return wait(url ?? targets.find((target) => target.startsWith('https://')));
}

async function missingSecrets(names, place, before) {
  if (names.length === 0) return [];
  const there = before ? await secretsOf(place) : [];
  return names.filter((name) => !there.includes(name));
}

/** What a deployment creates besides the Worker: what has no id in the file, and is not bound in the newest version. */
function creations({ kv_namespaces: stores = [], d1_databases: databases = [], durable_objects: { bindings: objects = [] } = {} }, { bound } = { bound: [] }) {
  const isNew = ({ binding, name }) => !bound.includes(binding ?? name);
  return [
    ...stores.filter((store) => store.id === undefined && isNew(store)).map(({ binding }) => `the KV namespace of ${binding}`),
    ...databases.filter((database) => database.database_id === undefined && isNew(database)).map(({ binding }) => `the D1 database of ${binding}`),
    ...objects.filter((object) => object.script_name === undefined && isNew(object)).map(({ class_name: name }) => `the Durable Object ${name}`),
  ];
}

async function must(words, failure) {
  const { code } = await wrangler(words, { isShown: true });
  if (code !== 0) throw new Failure(`${failure}; the message of wrangler is above`);
}

/** Deploys; the addresses at which the Worker answers. */
async function upload(place) {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-deploy-'));
  const file = join(folder, 'output.ndjson');
  try {
    const { code } = await wrangler(['deploy', ...place], { isShown: true, env: { WRANGLER_OUTPUT_FILE_PATH: file } });
    if (code !== 0) throw new Failure('wrangler did not finish the deployment; its message is above');
    const entries = readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
    return entries.findLast(({ type }) => type === 'deploy')?.targets ?? [];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function wait(address) {
  if (address === undefined) {
    say('\nDeployed. It has no address of its own: with --url URL this command waits until it is ready there.');
    return 0;
  }
  const url = `${address.replace(/\/$/, '')}/.edgeward/ready`;
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let said = 'no answer';
  for (;;) {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(POLL_MS * 10) }).catch(() => undefined);
    if (response?.status === 200) break;
    if (response) said = `status ${response.status}`;
    if (Date.now() > deadline) throw new Failure(`deployed, but ${url} is not ready after ${READY_TIMEOUT_MS / 1000} s: ${said}. \`npx wrangler tail\` shows why, \`npx edgeward doctor ${address}\` looks for causes`);
    await sleep(POLL_MS);
  }
  say(`\nReady: ${address}`);
  return 0;
}
