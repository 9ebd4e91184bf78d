// Verification alone: WebCrypto per algorithm, and the HMAC of the gateway's own wasm.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes, createHmac } from 'node:crypto';
import { platform, startGateway } from '../tests/harness/gateway.mjs';
import { send } from '../tests/harness/client.mjs';
import { embed } from '../tests/harness/workerd.mjs';
import { cpuClock } from './proc.mjs';
import { startStage } from './stage.mjs';
import { median } from './statistics.mjs';
import { ALGORITHMS, mint } from './tokens.mjs';

const VERIFICATIONS = 2000;
const CASES = 5000;
const MESSAGE_BYTES = 300;

/** µs of CPU time per verification: { webcrypto: { alg }, wasm: { HS256 } }. */
export async function measureVerification(stage, rounds) {
  const webcrypto = {};
  for (const alg of ALGORITHMS) webcrypto[alg] = await webCrypto(alg, stage, rounds);
  const hasVectors = existsSync(join(stage.root, 'build-conformance', 'index.js'));
  return { webcrypto, wasm: hasVectors ? { HS256: await wasmHmac(rounds) } : {} };
}

async function webCrypto(alg, stage, rounds) {
  const key = stage.keys[alg];
  const [token] = await mint(key, { count: 1 });
  const jwk = key.secret ? { kty: 'oct', k: Buffer.from(key.secret).toString('base64url') } : key.publicJwk;
  const worker = {
    ...platform(),
    modules: [{ name: 'main.js', esModule: embed(stage.script('verify')) }],
    bindings: [{ name: 'ALG', text: alg }, { name: 'JWK', json: JSON.stringify(jwk) }, { name: 'TOKEN', text: token }],
  };
  const running = await startStage(stage, [], { services: { verify: worker } });
  const url = (n) => `http://127.0.0.1:${running.port('verify')}/?n=${n}`;
  try {
    const many = () => spent(running.pid, () => send(url(VERIFICATIONS)));
    const none = () => spent(running.pid, () => send(url(0)));
    return await perPiece(many, none, VERIFICATIONS, rounds);
  } finally {
    await running.stop();
  }
}

/** Raw HS256 cases of the conformance build, less the same cases that fail just before the HMAC. */
async function wasmHmac(rounds) {
  const gateway = await startGateway({ build: 'build-conformance', kv: 'none' });
  const url = `${gateway.url}/.edgeward/conformance`;
  const secret = randomBytes(32);
  const message = randomBytes(MESSAGE_BYTES);
  const one = {
    msg: message.toString('hex'), sig: createHmac('sha256', secret).update(message).digest('hex'),
    jwk: { kty: 'oct', k: secret.toString('base64url') },
  };
  const body = (alg) => JSON.stringify({ cases: Array.from({ length: CASES }, () => ({ ...one, alg })) });
  const [hmac, before] = [body('HS256'), body('RS256')];
  const post = (text) => spent(gateway.pid, () => send(url, { method: 'POST', body: text }));
  try {
    return await perPiece(() => post(hmac), () => post(before), CASES, rounds);
  } finally {
    await gateway.stop();
  }
}

async function perPiece(whole, rest, count, rounds) {
  await whole();
  await rest();
  const pieces = [];
  for (let round = 0; round < rounds; round += 1) pieces.push(((await whole()) - (await rest())) / count);
  return median(pieces);
}

async function spent(pid, work) {
  const elapsed = cpuClock(pid);
  const { status, text } = await work();
  if (status !== 200) throw new Error(`expected 200, got ${status} ${text}`);
  return elapsed();
}
