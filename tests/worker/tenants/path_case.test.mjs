// Tenants by path, whose own servers distinguish case, beside a server for all of them that does not: Express as it is installed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { sight, startExpress } from '../../harness/express.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

let express;
let gateway;
let token;

before(async () => {
  express = await startExpress();
  const signer = await startSigner();
  const own = (name) => ({ name, url: express.url, case_sensitive_paths: true });
  gateway = await startGateway({
    config: configuration(express, signer.issuer({ claims: { tenant: 'org' } }), [{ path: '/**' }, { path: '/*/*', origin: 'main' }], {
      origins: [{ name: 'main', url: express.url }, own('tasks'), own('beta')],
      tenants: ['tasks', 'beta'].map((name) => ({ name, path_prefix: `/${name}`, origin: name })),
    }),
  });
  token = bearer(await signer.token({ org: 'beta' }));
});
after(() => Promise.all([gateway, express].map((each) => each?.stop())));

const ask = async (target) => {
  const answer = await rawRequest(gateway.port, requestText('GET', target, [token]));
  return { answer, code: answer.status === 200 ? undefined : JSON.parse(answer.text).code, seen: sight(answer) };
};

test('a caller of another tenant is refused', async () => {
  const { answer, code } = await ask('/tasks/7');
  assert.deepEqual([answer.status, code], [403, 'tenant_mismatch']);
});

test('so it is in another case, where the server of the route takes it for the same path', async () => {
  assert.equal((await express.ask('GET', '/TASKS/7')).route, 'a task, for workers', 'by itself');
  for (const target of ['/TASKS/7', '/Tasks/7', '/%54asks/7', '/ta%C5%BFks/7']) {
    const { answer, code, seen } = await ask(target);
    assert.deepEqual([answer.status, code, seen?.route], [400, 'path_ambiguous', undefined], target);
  }
});

test('a path that is no tenant\'s in any case reaches the route\'s server', async () => {
  const { answer, seen } = await ask('/Nobody/7');
  assert.deepEqual([answer.status, seen?.route], [200, 'anything else']);
});
