// What is deployed already, as wrangler tells it.
import { Failure } from '../terminal.js';
import { wrangler } from '../wrangler.js';

/** Cloudflare's code for a Worker that does not exist. Other things may not exist either: then nobody knows whether there is a Worker to delete. */
const NO_WORKER = /\[code: 10007\]|This Worker does not exist/;

/** The newest deployment: { version, bound }, with the names that are bound in it; undefined where there is none. */
export async function deployed(place) {
  const answer = await wrangler(['deployments', 'list', '--json', ...place]);
  if (answer.code !== 0 && NO_WORKER.test(answer.stdout + answer.stderr)) return undefined;
  const deployments = listOf(answer, 'what is deployed');
  const newest = deployments.toSorted((one, other) => Date.parse(one.created_on) - Date.parse(other.created_on)).at(-1);
  return newest && { version: newest.versions[0].version_id, bound: await boundIn(newest.versions[0].version_id, place) };
}

async function boundIn(version, place) {
  const { code, stdout } = await wrangler(['versions', 'view', version, '--json', ...place]);
  // Where it cannot be told, what the file names is listed as created: asking once too often does no harm.
  if (code !== 0) return [];
  const { resources } = JSON.parse(stdout.slice(stdout.indexOf('{')));
  return (resources?.bindings ?? []).map(({ name }) => name);
}

/** The names of the secrets that the Worker has. */
export async function secretsOf(place) {
  return listOf(await wrangler(['secret', 'list', '--format', 'json', ...place]), 'the secrets').map(({ name }) => name);
}

function listOf({ code, stdout, stderr }, what) {
  const at = stdout.indexOf('[');
  if (code === 0 && at >= 0) return JSON.parse(stdout.slice(at));
  const advice = process.env.CLOUDFLARE_API_TOKEN ? 'Check that CLOUDFLARE_API_TOKEN may edit Workers.' : 'Run: npx wrangler login';
  throw new Failure(`wrangler could not list ${what}. ${advice}\n${(stderr || stdout).trim()}`);
}
