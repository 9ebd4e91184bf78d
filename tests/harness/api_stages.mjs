// The gateways that the tests of docs/openapi.yaml ask: together they give every answer that it describes.
import { exportJWK, generateKeyPair } from 'jose';

import { startGateway } from './gateway.mjs';
import { startIssuer } from './issuer.mjs';
import { memoryKv } from './memory_kv.mjs';
import { deadPort, startOrigin } from './origin.mjs';
import { startRegistry } from './registry_stage.mjs';
import { entryName } from './revocation_names.mjs';
import { configuration, startSigner } from './signer.mjs';
import { startWrangler } from './wrangler.mjs';

const UNREACHABLE = 'https://unreachable.example';
const ASKED = 'https://asked.example';
const KV = { kv_namespaces: [{ binding: 'EDGEWARD_KV', id: 'edgeward' }] };
/** All that operators learn besides the log. */
const OBSERVED = { audit: 'database', metrics: 'object' };
const LIMITED = [{ require: { role: 'admin' } }, { require: { all: [{ role: 'rvt' }, { acr: ['phr'] }] } }, { require: { role: 'user' }, issuers: ['unreachable'] }];
const SINK = { bindings: [{ name: 'EDGEWARD_METRICS', class_name: 'MetricsSink' }] };
export const CLIENT = { client_id: 'app', client_secret: 'the secret of the app' };

/**
 * Under wrangler, with every resource. ada is an administrator of everything, eve one of another issuer than her own, and bob one as soon as he has logged
 * in again. `tokens` are good ones of theirs; of somebody who is nobody's administrator; and of two issuers of whom nobody can be asked.
 */
export async function startEverything() {
  const [port, signer, assertion] = await Promise.all([deadPort(), startSigner(), generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })]);
  const of = (name, issuer, verify) => ({ name, issuer, audiences: ['api'], verify, ...'jwks' in verify && { algorithms: ['ES256'] } });
  const stage = await startRegistry({
    issuers: [of('unreachable', UNREACHABLE, { jwks: `http://127.0.0.1:${port}/jwks.json` }), of('asked', ASKED, { me: `http://127.0.0.1:${port}/me` })],
    config: { admin: LIMITED, assertion: { key: 'ASSERTION_KEY' }, ...OBSERVED },
    vars: { ASSERTION_KEY: JSON.stringify(await exportJWK(assertion.privateKey)) },
    more: KV,
  });
  const { auth } = stage.server;
  stage.tokens = {
    admin: await auth.token('ada'), limited: await auth.token('eve'), step_up: await auth.token('bob'),
    nobody: await auth.token('eve', { organization: { id: 'other', role: 'none' } }),
    forged: `${(await auth.token('ada')).slice(0, -6)}AAAAAA`,
    unreachable: await signer.token({ iss: UNREACHABLE }), asked: await signer.token({ iss: ASKED }),
  };
  return stage;
}

/** The same, and the revocation log fails: its class was created without SQL. */
export async function startWithoutLog() {
  const migrations = [{ tag: 'v1', new_classes: ['RevocationLog'], new_sqlite_classes: ['SessionFamily', 'MetricsSink'] }];
  const stage = await startRegistry({ config: OBSERVED, more: { ...KV, migrations } });
  stage.tokens = { admin: await stage.server.auth.token('ada') };
  return stage;
}

/**
 * Without a registry: `importing` has a revocation in KV, which waits to be imported, and a client that may revoke; `kv` has no log; `bare` has neither, and no
 * administrator; the configuration of `invalid` has an error, and that of `unread` cannot be read. The object of
 * `unmeasured` that sums up the metrics fails: its class was created without SQL.
 */
export async function startSmall() {
  const parts = [];
  const add = async (part) => {
    parts.push(await part);
    return parts.at(-1);
  };
  const stop = () => Promise.all(parts.map((part) => part.stop()));
  try {
    const [issuer, origin] = [await add(startIssuer()), await add(startOrigin())];
    const [old, failing] = [memoryKv(), memoryKv()];
    old.put(entryName('session', issuer.url, 'old'), '{}');
    failing.failing = () => true;
    const made = (rest) => configuration(origin, issuer.config(), [{ path: '/**' }], rest);
    const admin = { require: { role: 'admin' } };
    const clients = [{ ...CLIENT, client_secret: 'APP_SECRET' }];
    return {
      stop,
      issuer,
      admin: await issuer.token({ roles: ['admin'] }),
      importing: await add(startGateway({
        config: made({ admin, revocation: { clients } }), kv: { handler: old.handler }, log: 'new', secrets: { APP_SECRET: CLIENT.client_secret },
      })),
      kv: await add(startGateway({ config: made({ admin }) })),
      bare: await add(startGateway({ config: made({}), kv: 'none' })),
      invalid: await add(startGateway({ config: made({ surprise: true }), kv: 'none' })),
      unmeasured: await add(startWrangler({
        config: made({ metrics: 'object', metrics_require: { role: 'admin' } }), more: { durable_objects: SINK, migrations: [{ tag: 'v1', new_classes: ['MetricsSink'] }] },
      })),
      unread: await add(startGateway({ config: made({ config_from: 'kv' }), kv: { handler: failing.handler } })),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
