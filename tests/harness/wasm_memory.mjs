// The built gateway with a way to see how much memory its wasm has, in front of an origin in the same process.
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { platform } from './gateway.mjs';
import { connections, inParallel, send } from './client.mjs';
import { embed, startWorkerd } from './workerd.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SECRET = 's'.repeat(32);
const ISSUER = 'i';
const AUDIENCE = 'a';
/** Of RFC 8037, appendix A.1. */
const SIGNING_KEY = JSON.stringify({
  kty: 'OKP', crv: 'Ed25519', d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
});
const WIDTH = 32;

const MAIN = `import gateway from './index.js';
export default { fetch(request, env, context) {
  if (request.url.endsWith('/wasm-memory')) return new Response(String(globalThis.wasmMemory()));
  return gateway.fetch(request, env, context);
} };`;
const ORIGIN = 'export default { fetch: () => new Response("ok") };';

/**
 * Starts it with `origins` origins, each with a route `/N/**`, and with an assertion for each if `asserts`. `grow(count, claims)`
 * sends requests with `count` new tokens, with these claims besides, to each of the origins; the wasm's memory in bytes after it.
 */
export async function startMeasured({ build = 'build', origins = 1, asserts = false } = {}) {
  const numbers = Array.from({ length: origins }, (_, n) => n);
  const config = {
    origins: numbers.map((n) => ({ name: `o${n}`, url: `https://o${n}.example`, timeout_ms: 0 })),
    issuers: [{ name: 'main', issuer: ISSUER, audiences: [AUDIENCE], algorithms: ['HS256'], verify: { secrets: ['SECRET'] } }],
    routes: numbers.map((n) => ({ path: `/${n}/**`, access: 'authenticated', revocation: 'off', origin: `o${n}` })),
    ...(asserts ? { assertion: { key: 'SIGNING_KEY' } } : {}),
  };
  const workerd = await startWorkerd((directory) => describe(directory, resolve(ROOT, build), config));
  const url = `http://127.0.0.1:${workerd.ports.get('entry')}`;
  const agent = connections(WIDTH);
  let minted = 0;
  const ask = async (path, token) => {
    const answer = await send(url + path, { token, agent });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.text;
  };
  return {
    pid: workerd.pid,
    async grow(count, claims = {}) {
      const first = minted;
      minted += count;
      await inParallel(count, WIDTH, async (n) => {
        const token = mint(first + n, claims);
        for (const origin of numbers) await ask(`/${origin}/x`, token);
      });
      return Number(await ask('/wasm-memory'));
    },
    async stop() {
      agent.destroy();
      await workerd.stop();
    },
  };
}

function fileIn(directory, name, text) {
  const path = join(directory, name);
  writeFileSync(path, text);
  return embed(path);
}

/** The modules of the gateway in the folder `build`, which answers `/wasm-memory` with the bytes of its wasm's memory. */
export function measuredModules(directory, build) {
  const bundle = readFileSync(join(build, 'index.js'), 'utf8');
  // The bundle's own name for its wasm stands before `.memory.buffer`.
  const [, wasm] = /([\w$]+)\.memory\.buffer/.exec(bundle);
  return [
    { name: 'main.js', esModule: fileIn(directory, 'main.js', MAIN) },
    { name: 'index.js', esModule: fileIn(directory, 'index.js', `${bundle};globalThis.wasmMemory=()=>${wasm}.memory.buffer.byteLength;`) },
    { name: 'index_bg.wasm', wasm: embed(join(build, 'index_bg.wasm')) },
    { name: 'authority_bg.wasm', wasm: embed(join(build, 'authority_bg.wasm')) },
  ];
}

function describe(directory, build, config) {
  const file = (name, text) => fileIn(directory, name, text);
  const modules = measuredModules(directory, build);
  const bindings = [
    { name: 'EDGEWARD', json: file('EDGEWARD', JSON.stringify(config)) },
    { name: 'SECRET', text: SECRET },
    { name: 'SIGNING_KEY', text: file('SIGNING_KEY', SIGNING_KEY) },
  ];
  const origin = { ...platform(), modules: [{ name: 'origin.js', esModule: file('origin.js', ORIGIN) }] };
  return {
    services: [
      { name: 'gateway', worker: { ...platform(), modules, bindings, globalOutbound: 'origin' } },
      { name: 'origin', worker: origin },
    ],
    extensions: [],
    sockets: [{ name: 'entry', address: '127.0.0.1:0', http: {}, service: 'gateway' }],
  };
}

/** About 160 bytes without further claims. */
function mint(n, claims) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'HS256' })}.${encode({ iss: ISSUER, aud: AUDIENCE, sub: String(n), exp: 4_102_444_800, ...claims })}`;
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
}
