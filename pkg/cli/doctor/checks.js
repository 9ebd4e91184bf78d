// What can be seen of a deployed gateway from outside. Each check returns findings: [level, what, what to do].
import { textOf } from '../text.js';

const TIMEOUT_MS = 5_000;
/** The gateway's own leeway for clocks. */
const LEEWAY_SECONDS = 30;
/** What the gateway reads of a document of an issuer. */
const BYTES = 128 * 1024;

/** Asks for a URL: { response, text }, or { error } with a word for people. The text is empty where it is too long. */
export async function ask(url, headers = {}) {
  try {
    const response = await fetch(url, { headers: { 'user-agent': 'edgeward-doctor', ...headers }, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { response, text: await textOf(response, BYTES) ?? '' };
  } catch (error) {
    return { error: error.name === 'TimeoutError' ? `no answer within ${TIMEOUT_MS / 1000} s` : error.cause?.code ?? 'no connection' };
  }
}

const ok = (what) => ['ok', what];
const warn = (what, advice) => ['warn', what, advice];
const fail = (what, advice) => ['fail', what, advice];

export async function life(base) {
  const { response, text, error } = await ask(`${base}/.edgeward/health`);
  if (error) return [fail(`${base} does not answer: ${error}`, 'look at the address, DNS and the routes in the wrangler file')];
  if (response.status === 503) return [fail('health: 503, the configuration has errors or could not be read', 'npx edgeward check; `npx wrangler tail` shows `configuration_invalid`')];
  if (response.status !== 200 || !text.includes('"alive"')) return [fail(`health: expected status 200 and \`alive\`, got ${response.status}${response.status === 200 ? ' and something else' : ''}`, 'is this the gateway? Something else answers at this address, such as an access policy')];
  return [ok('the gateway is alive'), ...await readiness(base)];
}

async function readiness(base) {
  const { response, text, error } = await ask(`${base}/.edgeward/ready`);
  if (response?.status === 200 && text.includes('"ready"')) return [ok('ready: keys and stores answer')];
  return [fail(`ready: ${error ?? `status ${response.status}`}`, 'an issuer gives no keys, or KV or the revocation log does not answer: `npx wrangler tail` shows which')];
}

const isLoopback = ({ hostname }) => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

export async function transport(base) {
  const url = new URL(base);
  if (url.protocol === 'https:') {
    const { response } = await ask(`http://${url.host}/.edgeward/health`);
    return response?.status === 200
      ? [warn('plain http is answered: a client may send its token unencrypted', 'turn on "Always Use HTTPS" for the zone')]
      : [ok('plain http is not answered')];
  }
  return isLoopback(url) ? [] : [fail('the address is not https: tokens are sent unencrypted', 'use https')];
}

export async function clock(base, now = Date.now()) {
  const { response } = await ask(`${base}/.edgeward/health`);
  const date = Date.parse(response?.headers.get('date') ?? '');
  if (Number.isNaN(date)) return [];
  const seconds = Math.round((date - now) / 1000);
  return Math.abs(seconds) <= LEEWAY_SECONDS
    ? [ok(`clocks: its and this machine's differ by ${Math.abs(seconds)} s`)]
    : [warn(`clocks: its is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine's`, 'set the clock by NTP; where it is an issuer\'s, its tokens are refused as expired or not yet valid')];
}

export async function refusals(base) {
  const findings = [];
  const { response, text } = await ask(`${base}/.edgeward/me`);
  const challenge = response?.headers.get('www-authenticate') ?? '';
  if (response?.status === 401 && /^Bearer realm="/.test(challenge)) findings.push(ok('a request without a token is refused, with a challenge'));
  else findings.push(fail(`/.edgeward/me without a token: expected 401 with WWW-Authenticate, got ${response?.status ?? 'no answer'}${response?.status === 401 ? ' without it' : ''}`, 'something in between changes answers or answers itself'));
  if (response && !/no-store/.test(response.headers.get('cache-control') ?? '')) findings.push(fail('a refusal does not say `no-store`', 'something in between changes `Cache-Control`'));
  if (response && !isProblem(response, text)) findings.push(warn('a refusal is no problem document', 'an error page of the zone may take its place'));
  const wrong = await ask(`${base}/.edgeward/me`, { authorization: 'Bearer not.a.token' });
  if (wrong.response?.status === 401) findings.push(ok('a token that is none is refused'));
  else findings.push(fail(`a token that is none: expected 401, got ${wrong.response?.status ?? wrong.error}`, 'is this the gateway?'));
  return findings;
}

/** A path of the API, which needs a token. */
export async function route(base, path) {
  const { response, error } = await ask(base + path);
  if (error) return [fail(`${path}: ${error}`, 'look at the address')];
  const { status } = response;
  if ([401, 403].includes(status) || (status >= 300 && status < 400)) return [ok(`${path} without a token is refused, with ${status}`)];
  if (status >= 400) return [warn(`${path} without a token: expected 401, got ${status}`, 'name a path of the API that needs a token with --path')];
  return [fail(`${path} without a token: expected 401, got ${status}`, 'its route is public, or in shadow mode: look at `access` and `mode`')];
}

const isProblem = (response, text) => response.headers.get('content-type')?.startsWith('application/problem+json') && text.includes('"request_id"');

export async function caches(base) {
  const url = `${base}/edgeward-doctor-${Math.random().toString(36).slice(2)}`;
  const answers = [await ask(url), await ask(url)].filter(({ response }) => response);
  const ids = answers.map(({ response }) => response.headers.get('x-request-id'));
  const isHit = answers.some(({ response }) => /^(HIT|STALE|REVALIDATED)$/i.test(response.headers.get('cf-cache-status') ?? '') || Number(response.headers.get('age') ?? 0) > 0);
  if (isHit || (ids[0] !== null && ids[0] === ids[1])) return [fail('a cache answers in the gateway\'s place', 'no cache rule and no [cache] for this host: what it holds passes no check')];
  return answers.length === 2 ? [ok('no cache is in the way')] : [];
}

export async function assertionKeys(base) {
  const { response, text } = await ask(`${base}/.edgeward/jwks.json`);
  if (response?.status === 404) return [warn('no assertion: the API cannot tell the gateway\'s requests from others', 'close the API to everybody but the gateway, or configure `assertion`')];
  const count = keysIn(text);
  return response?.status === 200 && count > 0 ? [ok(`the assertion's key set answers, with ${count} key${count === 1 ? '' : 's'}`)] : [];
}

const keysIn = (text) => {
  try {
    const { keys } = JSON.parse(text);
    return Array.isArray(keys) ? keys.length : 0;
  } catch {
    return 0;
  }
};

export async function issuerKeys({ name, issuer, verify = {} }) {
  let url = verify.jwks;
  if (verify.service !== undefined) return [];
  if (verify.discovery !== undefined) {
    const metadata = verify.discovery === true ? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration` : verify.discovery;
    const { response, text, error } = await ask(metadata);
    if (response?.status !== 200) return [fail(`issuer ${name}: ${metadata}: ${error ?? `status ${response.status}`}`, 'look at `issuer`: its discovery document must be there')];
    try {
      const said = JSON.parse(text);
      if (verify.discovery === true && said.issuer !== issuer) return [fail(`issuer ${name}: its discovery document names another issuer`, 'put exactly that into `issuer`')];
      url = said.jwks_uri;
      if (!isKeyAddress(url, metadata)) return [fail(`issuer ${name}: ${metadata}: expected \`jwks_uri\` with an https address`, 'the issuer is to say where its keys are')];
    } catch {
      return [fail(`issuer ${name}: its discovery document is no JSON`, 'look at `issuer`')];
    }
  }
  if (url === undefined) return [];
  const { response, text = '', error } = await ask(url);
  const count = keysIn(text);
  if (response?.status === 200 && count > 0) return [ok(`issuer ${name}: its key set answers, with ${count} key${count === 1 ? '' : 's'}`)];
  return [fail(`issuer ${name}: ${url}: ${error ?? (response.status === 200 ? 'no keys' : `status ${response.status}`)}`, 'look at `verify`')];
}

/** Whether an API can be reached around the gateway, and believes what anyone writes into an identity header. */
export async function around(origin, path) {
  const url = new URL(path, `${origin.replace(/\/$/, '')}/`).href;
  const { response, error } = await ask(url, { 'x-auth-subject': 'edgeward-doctor' });
  if (error) return [ok(`${origin} cannot be reached from here: ${error}`)];
  if ([401, 403].includes(response.status)) return [warn(`${origin} can be reached around the gateway; it refuses ${path} with ${response.status}`, 'close it: a service binding, a tunnel, mutual TLS or a firewall rule')];
  return [fail(`${origin} can be reached around the gateway: ${path} answers ${response.status} to a made-up identity header`, 'close it: a service binding, a tunnel, mutual TLS or a firewall rule; or verify the assertion')];
}

/** An address that the gateway, too, asks for keys. No issuer elsewhere leads to what runs on this machine. */
function isKeyAddress(text, metadata) {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const url = new URL(text);
  return isLoopback(url) ? ['http:', 'https:'].includes(url.protocol) && isLoopback(new URL(metadata)) : url.protocol === 'https:';
}

export async function token(base, text) {
  const url = new URL(base);
  if (url.protocol !== 'https:' && !isLoopback(url)) return [fail('the token was not sent: the address is not https', 'use https')];
  const { response } = await ask(`${base}/.edgeward/me`, { authorization: `Bearer ${text}` });
  if (response?.status === 200) return [ok('the token is accepted')];
  return [fail(`the token: status ${response?.status ?? 'none'}`, 'npx edgeward explain --token - GET /.edgeward/me, with the token on standard input')];
}
