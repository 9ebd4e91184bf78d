// Headers that the configuration names are as much ours as the default ones.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';
import { fold, spellings } from '../../harness/spellings.mjs';

const OURS = {
  'remote-user': 'user-1',
  'x-id-roles': '"user"',
  'x-plan': 'pro',
  'x-org': Buffer.from('{"plan":"pro"}').toString('base64url'),
  'x-groups': '"a", "b c"',
};

let origin;
let gateway;
let token;
let bare;

before(async () => {
  origin = await startOrigin();
  const signer = await startSigner();
  const headers = {
    prefix: 'x-id-',
    names: { subject: 'remote-user' },
    claims: [
      { header: 'x-plan', claim: 'org.plan', encoding: 'plain' },
      { header: 'x-org', claim: 'org', encoding: 'json' },
      { header: 'x-groups', claim: 'groups', encoding: 'list' },
    ],
  };
  const routes = [{ path: '/public/**', access: 'public' }, { path: '/api/**' }];
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes, { headers }) });
  token = await signer.token({ roles: ['user'], org: { plan: 'pro' }, groups: ['a', 'b c'] });
  bare = await signer.token();
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

async function seen(target, headers) {
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, requestText('GET', target, headers));
  assert.equal(answer.status, 200, answer.text);
  return origin.requests[first];
}

const forged = (name) => spellings(name).map((spelling) => [spelling, 'forged']);

for (const name of Object.keys(OURS)) {
  test(`no spelling of ${name} passes, and on an authenticated route it is ours alone`, async () => {
    const open = await seen('/public/a', forged(name));
    assert.deepEqual(open.headers.filter(([each]) => fold(each) === name), []);
    const closed = await seen('/api/a', [bearer(token), ...forged(name), ['Connection', name]]);
    const ours = closed.headers.filter(([each]) => fold(each) === name);
    assert.deepEqual(ours.map(([each, value]) => [each.toLowerCase(), value]), [[name, OURS[name]]]);
  });
}

test('the prefix that was given up belongs to the clients, x-edgeward- never does', async () => {
  const record = await seen('/public/a', [['X-Auth-Subject', 'theirs'], ...forged('x-edgeward-x'), ...forged('x-id-zzz')]);
  assert.deepEqual(valuesOf(record, 'x-auth-subject'), ['theirs']);
  assert.ok(!JSON.stringify(record.headers).includes('forged'));
});

test('a claim that the token lacks has no header, whatever the client sends', async () => {
  const record = await seen('/api/a', [bearer(bare), ...forged('x-plan'), ...forged('x-id-roles')]);
  assert.deepEqual(record.headers.filter(([name]) => ['x-plan', 'x-id-roles'].includes(fold(name))), []);
  assert.deepEqual(valuesOf(record, 'remote-user'), ['user-1']);
});
