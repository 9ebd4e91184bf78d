// OIDC discovery: whose document is believed, and where it may point.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { connections, send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startIssuer } from '../../harness/issuer.mjs';
import { startDecoy } from '../../harness/issuer_faults.mjs';
import { startOrigin } from '../../harness/origin.mjs';

let origin;
before(async () => {
  origin = await startOrigin();
});
after(() => origin.stop());

async function stage(t, prepare = () => {}, overrides = () => ({})) {
  const issuer = await startIssuer();
  t.after(() => issuer.stop());
  prepare(issuer);
  const entry = issuer.config({ verify: { discovery: true }, ...overrides(issuer) });
  const gateway = await startGateway({ config: protect({ origin, issuers: [entry] }) });
  t.after(() => gateway.stop());
  return { issuer, gateway, get: (token, options) => send(`${gateway.url}/x`, { token, ...options }) };
}

test('keys are found through the discovery document', async (t) => {
  const { issuer, get } = await stage(t);
  assertPassed(await get(await issuer.token()));
  assert.deepEqual([issuer.discoveries, issuer.fetches], [1, 1]);
  for (let n = 0; n < 5; n += 1) assertPassed(await get(await issuer.token()));
  assert.deepEqual([issuer.discoveries, issuer.fetches], [1, 1]);
});

test('an issuer with a path keeps it before /.well-known, with or without a trailing slash', async (t) => {
  for (const path of ['/realms/a', '/realms/a/', '/']) {
    const { issuer, get } = await stage(t, (each) => {
      each.issuer = each.url + path;
      each.prefix = path.replace(/\/$/, '');
    });
    assertPassed(await get(await issuer.token()), path);
    assert.equal(issuer.discoveries, 1);
  }
});

test('100 first requests at once read one document and one key set', async (t) => {
  const { issuer, get } = await stage(t);
  issuer.delay = 250;
  const agent = connections(100);
  t.after(() => agent.destroy());
  const tokens = await Promise.all(Array.from({ length: 100 }, () => issuer.token()));
  for (const answer of await Promise.all(tokens.map((token) => get(token, { agent })))) assertPassed(answer);
  assert.deepEqual([issuer.discoveries, issuer.fetches], [1, 1]);
});

test('a document and a key set that are both slow, each in time, are asked for once', async (t) => {
  const { issuer, get } = await stage(t);
  issuer.delay = 1_600;
  const agent = connections(20);
  t.after(() => agent.destroy());
  const tokens = await Promise.all(Array.from({ length: 20 }, () => issuer.token()));
  const answers = await Promise.all(tokens.map((token) => get(token, { agent })));
  assert.deepEqual([issuer.discoveries, issuer.fetches], [1, 1]);
  for (const answer of answers) assertPassed(answer);
});

test('a key rotated in under discovery is found by one more fetch', async (t) => {
  const { issuer, get } = await stage(t);
  assertPassed(await get(await issuer.token()));
  await issuer.rotate({ overlap: false });
  assertPassed(await get(await issuer.token()));
  assert.equal(issuer.fetches, 2);
});

const LIES = {
  'another issuer': () => ({ issuer: 'https://another.example' }),
  'a trailing slash more': (issuer) => ({ issuer: `${issuer.issuer}/` }),
  'another letter case': (issuer) => ({ issuer: issuer.issuer.replace('http', 'HTTP') }),
  'an explicit path of /.': (issuer) => ({ issuer: `${issuer.issuer}/.` }),
  'an array': (issuer) => ({ issuer: [issuer.issuer] }),
  'no issuer at all': () => ({ issuer: undefined }),
  'no jwks_uri': () => ({ jwks_uri: undefined }),
  'a jwks_uri that is not a string': (issuer) => ({ jwks_uri: [issuer.jwksUrl] }),
  'a jwks_uri over http to another host': () => ({ jwks_uri: 'http://keys.example/jwks.json' }),
  'a jwks_uri that is no http address': () => ({ jwks_uri: 'data:application/json,{"keys":[]}' }),
};
for (const [what, lie] of Object.entries(LIES)) {
  test(`a discovery document with ${what} is not believed`, async (t) => {
    const { issuer, gateway, get } = await stage(t, (each) => {
      each.discovery = lie(each);
    });
    assertUnavailable(await get(await issuer.token()), 'keys_unavailable');
    assertUnavailable(await get(await issuer.token()), 'keys_unavailable', 'again, in the cool-down');
    assert.deepEqual([issuer.discoveries, issuer.fetches], [1, 0]);
    const line = gateway.logs().find((entry) => entry.event === 'keys_failed');
    assert.equal(line?.issuer, 'main', JSON.stringify(gateway.logs()));
    assert.ok(line.code, 'the log says why');
  });
}

test('a redirect instead of the discovery document is not followed', async (t) => {
  const issuer = await startIssuer();
  t.after(() => issuer.stop());
  const decoy = await startDecoy(() => ({ issuer: issuer.issuer, jwks_uri: issuer.jwksUrl }));
  t.after(() => decoy.stop());
  issuer.redirectDiscovery = decoy.url;
  const gateway = await startGateway({ config: protect({ origin, issuers: [issuer.config({ verify: { discovery: true } })] }) });
  t.after(() => gateway.stop());
  assertUnavailable(await send(`${gateway.url}/x`, { token: await issuer.token() }), 'keys_unavailable');
  assert.deepEqual([decoy.contacts, issuer.fetches], [0, 0]);
});

const REFUSED_ADDRESSES = [
  'http://keys.example/jwks.json', 'http://127.0.0.1.example/jwks.json', 'http://10.0.0.1/jwks.json',
  'ftp://127.0.0.1/jwks.json', 'https://user:password@keys.example/jwks.json', 'jwks.json', '',
];
for (const jwks of REFUSED_ADDRESSES) {
  test(`jwks = "${jwks}" is a configuration error`, async (t) => {
    const issuer = await startIssuer();
    t.after(() => issuer.stop());
    const gateway = await startGateway({ config: protect({ origin, issuers: [issuer.config({ verify: { jwks } })] }) });
    t.after(() => gateway.stop());
    const seen = origin.requests.length;
    assertProblem(await send(`${gateway.url}/x`, { token: await issuer.token() }), 503, 'configuration_invalid');
    assert.equal(origin.requests.length, seen);
    const line = gateway.logs().find((entry) => entry.event === 'configuration_invalid');
    assert.match(JSON.stringify(line), /issuers\[0\]\.verify/, 'the log names the place');
  });
}

test('an address of keys is asked for as it stands, query and trailing slash included', async (t) => {
  const targets = ['/jwks.json?p=b2c_1_sign_in&v=2', '/jwks.json/', '/jwks.json/?p=a%20b'];
  for (const target of targets) {
    const issuer = await startIssuer();
    t.after(() => issuer.stop());
    issuer.jwksUrl = issuer.url + target;
    for (const verify of [{ jwks: issuer.jwksUrl }, { discovery: true }]) {
      const gateway = await startGateway({ config: protect({ origin, issuers: [issuer.config({ verify })] }) });
      t.after(() => gateway.stop());
      assertPassed(await send(`${gateway.url}/x`, { token: await issuer.token() }), `${JSON.stringify(verify)} ${target}`);
      assert.equal(issuer.targets.at(-1), target);
    }
  }
});

test('an http issuer on another host cannot be discovered: a configuration error', async (t) => {
  const { gateway, issuer, get } = await stage(t, (each) => {
    each.issuer = 'http://issuer.example';
  });
  assertProblem(await get(await issuer.token()), 503, 'configuration_invalid');
  assert.match(JSON.stringify(gateway.logs()), /issuers\[0\]/);
});

test('a token of an issuer not configured is refused without asking anybody', async (t) => {
  const { issuer, get } = await stage(t);
  assertTokenRefused(await get(await issuer.token({ iss: `${issuer.issuer}/` })));
  assert.deepEqual([issuer.discoveries, issuer.fetches], [0, 0]);
});

test('keys behind a service binding are fetched through it, whatever their address says', async (t) => {
  const issuer = await startIssuer();
  t.after(() => issuer.stop());
  issuer.issuer = 'https://auth.internal.example';
  issuer.jwksUrl = 'https://auth.internal.example/jwks.json';
  for (const verify of [{ jwks: issuer.jwksUrl, service: 'AUTH' }, { discovery: true, service: 'AUTH' }]) {
    const fetches = issuer.fetches;
    const config = protect({ origin, issuers: [issuer.config({ verify })] });
    const gateway = await startGateway({ config, services: { AUTH: issuer.url } });
    t.after(() => gateway.stop());
    assertPassed(await send(`${gateway.url}/x`, { token: await issuer.token() }), JSON.stringify(verify));
    assert.equal(issuer.fetches, fetches + 1);
  }
});

test('the metadata of a template are believed, whatever they call the claim, and each key signs for the issuer that it names', async (t) => {
  const issuer = await startIssuer();
  t.after(() => issuer.stop());
  const iss = (tenant) => `${issuer.url}/${tenant}/v2.0`;
  issuer.prefix = '/common/v2.0';
  issuer.discovery = { issuer: iss('{tenantid}') };
  const [key] = issuer.keys;
  const own = await issuer.addKey(key.alg);
  issuer.document = { keys: [{ ...key.publicJwk, issuer: iss('{tenantid}') }, { ...own.publicJwk, issuer: iss('one') }] };
  const entry = issuer.config({
    issuer: iss('{tid}'), allowed: ['one', 'two'], verify: { discovery: `${issuer.url}/common/v2.0/.well-known/openid-configuration` },
  });
  const gateway = await startGateway({ config: protect({ origin, issuers: [entry] }) });
  t.after(() => gateway.stop());
  const get = async (claims, options) => send(`${gateway.url}/x`, { token: await issuer.token(claims, options) });
  assertPassed(await get({ iss: iss('one'), tid: 'one' }, { key }));
  assertPassed(await get({ iss: iss('two'), tid: 'two' }, { key }));
  assert.equal(Object.fromEntries(origin.requests.at(-1).headers)['x-auth-issuer'], iss('two'));
  assertPassed(await get({ iss: iss('one'), tid: 'one' }, { key: own }));
  assertTokenRefused(await get({ iss: iss('two'), tid: 'two' }, { key: own }), 'key of one tenant');
  assertTokenRefused(await get({ iss: iss('three'), tid: 'three' }, { key }), 'not allowed');
  assertTokenRefused(await get({ iss: iss('one'), tid: 'two' }, { key }), 'two tenants');
  assert.equal(issuer.discoveries, 1 + (issuer.fetches - 1), 'the metadata are read with each fetch of the keys');
});
