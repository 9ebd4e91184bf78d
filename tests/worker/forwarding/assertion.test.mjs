// The gateway's own assertion: origins verify it, one signature serves many requests, and nothing goes without.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { setTimeout as passed } from 'node:timers/promises';

import { calculateJwkThumbprint, createLocalJWKSet, createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';

import { inParallel, send } from '../../harness/client.mjs';
import { assertProblem, assertUnavailable } from '../../harness/config.mjs';
import { startDjango } from '../../harness/django.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, ISSUER, startSigner } from '../../harness/signer.mjs';
import { foldings } from '../../harness/spellings.mjs';

const TYPE = 'edgeward-assertion+jwt';
const NAME = 'x-auth-assertion';
const POLICY = { issuer: 'edgeward', audience: 'main', algorithms: ['EdDSA'], typ: TYPE };

async function makeAssertionKey() {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  return exportJWK(privateKey);
}

const publicOf = ({ d, ...jwk }) => jwk;

let origin, signer, key, next;
before(async () => {
  [origin, signer, key, next] = await Promise.all([startOrigin(), startSigner(), makeAssertionKey(), makeAssertionKey()]);
});
after(() => origin?.stop());

const ROUTES = [
  { path: '/api/**' },
  { path: '/other/**', origin: 'other' },
  { path: '/stripped/**', authorization: 'strip' },
  { path: '/optional/**', access: 'optional' },
];

function start(assertion = {}, secret = JSON.stringify(key)) {
  const config = configuration(origin, signer.issuer(), ROUTES, { assertion: { key: 'ASSERTION_KEY', ...assertion } });
  config.origins.push({ name: 'other', url: origin.url });
  return startGateway({ config, secrets: { ASSERTION_KEY: secret } });
}

/** Sends, and returns what the origin received. */
async function received(gateway, path, headers) {
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, requestText('GET', path, headers));
  assert.equal(answer.status, 200, answer.text);
  assert.equal(origin.requests.length, first + 1);
  return origin.requests.at(-1);
}

async function assertionOf(gateway, token, path = '/api/a') {
  const values = valuesOf(await received(gateway, path, [bearer(token)]), NAME);
  assert.equal(values.length, 1);
  return values[0];
}

const keysOf = (gateway) => `${gateway.url}/.edgeward/jwks.json`;

describe('with a key', () => {
  let gateway;
  before(async () => {
    gateway = await start();
  });
  after(() => gateway?.stop());

  test('its public half is published, for everybody and for a while', async () => {
    const answer = await send(keysOf(gateway));
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'application/jwk-set+json');
    assert.equal(answer.headers['cache-control'], 'public, max-age=300');
    const kid = await calculateJwkThumbprint(publicOf(key));
    assert.deepEqual(answer.json, { keys: [{ kty: 'OKP', crv: 'Ed25519', x: key.x, kid, use: 'sig', alg: 'EdDSA' }] });
    assert.ok(!answer.text.includes(key.d));
    assertProblem(await send(keysOf(gateway), { method: 'POST' }), 405, 'method_not_allowed');
  });

  test('an origin verifies who calls, by the published key alone', async () => {
    const claims = { sub: 'zo\u{eb}', roles: ['user', 'a,"b'], scope: 'read write', tenant: 'acme', sid: 's-1', jti: 't-1', email: undefined };
    const before = Math.floor(Date.now() / 1000);
    const text = await assertionOf(gateway, await signer.token(claims));
    const { payload } = await jwtVerify(text, createRemoteJWKSet(new URL(keysOf(gateway))), POLICY);
    const { iat, exp, ...facts } = payload;
    assert.deepEqual(facts, {
      iss: 'edgeward', aud: 'main', sub: 'zo\u{eb}', issuer: ISSUER, roles: ['user', 'a,"b'], scope: 'read write', tenant: 'acme',
      session: 's-1', token_id: 't-1',
    });
    assert.equal(exp - iat, 60);
    assert.ok(iat >= before && iat <= Date.now() / 1000);
  });

  test('one signature serves a token and an origin, and no other', async () => {
    const [one, other] = await Promise.all([signer.token({ sub: 'one' }), signer.token({ sub: 'other' })]);
    const first = await assertionOf(gateway, one);
    assert.equal(await assertionOf(gateway, one), first);
    assert.equal(await assertionOf(gateway, one, '/api/b?c'), first);
    const elsewhere = await assertionOf(gateway, one, '/other/a');
    assert.notEqual(elsewhere, first);
    const keys = createRemoteJWKSet(new URL(keysOf(gateway)));
    await assert.rejects(jwtVerify(elsewhere, keys, POLICY), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim: 'aud' });
    assert.equal((await jwtVerify(await assertionOf(gateway, other), keys, POLICY)).payload.sub, 'other');
    assert.equal(await assertionOf(gateway, one), first);
  });

  test('a burst of first requests passes, each with an assertion', async () => {
    const token = await signer.token();
    const first = origin.requests.length;
    const answers = await inParallel(60, 30, () => send(`${gateway.url}/api/burst`, { token }));
    assert.deepEqual(answers.map(({ status }) => status), Array(60).fill(200));
    const keys = createRemoteJWKSet(new URL(keysOf(gateway)));
    for (const record of origin.requests.slice(first)) await jwtVerify(valuesOf(record, NAME)[0], keys, POLICY);
  });

  test('what a client sends under its name, in any spelling, never arrives', async () => {
    const forged = [...foldings(NAME), NAME, NAME.toUpperCase()].map((name) => [name, 'forged']);
    const token = await signer.token();
    const record = await received(gateway, '/api/a', [...forged, bearer(token), ['Connection', `close, ${NAME}`]]);
    assert.deepEqual(valuesOf(record, NAME), [await assertionOf(gateway, token)]);
    const anonymous = await received(gateway, '/optional/a', forged);
    assert.ok(!JSON.stringify([record.headers, anonymous.headers]).includes('forged'));
    assert.deepEqual(valuesOf(anonymous, NAME), []);
  });

  test('where the token is stripped, the assertion says who calls', async () => {
    const token = await signer.token({ sub: 'stripped' });
    const record = await received(gateway, '/stripped/a', [bearer(token)]);
    assert.deepEqual(valuesOf(record, 'authorization'), []);
    assert.ok(!JSON.stringify(record.headers).includes(token));
    const { payload } = await jwtVerify(valuesOf(record, NAME)[0], createRemoteJWKSet(new URL(keysOf(gateway))), POLICY);
    assert.deepEqual([payload.sub, valuesOf(record, 'x-auth-subject')], ['stripped', ['stripped']]);
  });

  test('no assertion and no key shows in what it prints', async () => {
    const text = await assertionOf(gateway, await signer.token());
    for (const secret of [text, text.split('.')[2], key.d]) assert.ok(!gateway.output().includes(secret));
  });
});

test('a signature is renewed when half of its life is over', async (t) => {
  const gateway = await start({ lifetime_seconds: 10 });
  t.after(() => gateway.stop());
  const token = await signer.token();
  const first = await assertionOf(gateway, token);
  assert.equal(await assertionOf(gateway, token), first);
  await passed(5_100);
  const second = await assertionOf(gateway, token);
  assert.notEqual(second, first);
  const keys = createRemoteJWKSet(new URL(keysOf(gateway)));
  const ends = await Promise.all([first, second].map(async (text) => (await jwtVerify(text, keys, POLICY)).payload.exp));
  assert.ok(ends[1] > ends[0], 'and the first is good for the rest of it');
});

test('keys rotate without a gap: what is published before the change verifies what is signed after it', async (t) => {
  const published = { keys: [publicOf(key), publicOf(next)] };
  const earlier = await start({ published });
  const later = await start({ published }, JSON.stringify(next));
  t.after(() => Promise.all([earlier.stop(), later.stop()]));
  const sets = await Promise.all([earlier, later].map(async (gateway) => (await send(keysOf(gateway))).json));
  const kids = sets.map(({ keys }) => keys.map(({ kid }) => kid));
  assert.deepEqual(kids[0], [...kids[1]].reverse(), 'the one that signs comes first');
  const token = await signer.token();
  for (const gateway of [earlier, later]) {
    const text = await assertionOf(gateway, token);
    for (const set of sets) await jwtVerify(text, createLocalJWKSet(set), POLICY);
  }
});

describe('without a signature nothing goes to an origin', () => {
  test('halves of two keys: 503 for callers, and not ready', async (t) => {
    const gateway = await start({}, JSON.stringify({ ...next, x: key.x }));
    t.after(() => gateway.stop());
    const first = origin.requests.length;
    const token = await signer.token();
    for (let n = 0; n < 2; n += 1) assertUnavailable(await send(`${gateway.url}/api/a`, { token }), 'assertion_unavailable');
    assert.equal(origin.requests.length, first, 'no origin was asked');
    assert.equal((await send(`${gateway.url}/.edgeward/ready`)).status, 503);
    assert.equal((await send(`${gateway.url}/.edgeward/me`, { token })).status, 200, 'the gateway needs no proof of itself');
    await received(gateway, '/optional/a', []);
    assert.ok(gateway.logs().some(({ code, status }) => code === 'assertion_unavailable' && status === 503));
  });

  test('a secret that is no key, or none: the configuration is invalid, and the log repeats nothing of it', async (t) => {
    for (const secret of ['hunter2-hunter2', JSON.stringify(publicOf(key)), JSON.stringify({ ...key, d: 'c2VjcmV0' })]) {
      const gateway = await start({}, secret);
      t.after(() => gateway.stop());
      assertProblem(await send(`${gateway.url}/api/a`), 503, 'configuration_invalid');
      const log = gateway.output();
      assert.match(log, /assertion\.key: expected a private JWK of Ed25519/);
      for (const part of ['hunter2', 'c2VjcmV0', key.x]) assert.ok(!log.includes(part));
    }
  });
});

describe('Django verifies it with PyJWT', () => {
  let django, gateway, mirror;
  before(async () => {
    // Django is told the address of the keys before the gateway, which is told Django's, has one.
    mirror = createServer(async (_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end((await send(keysOf(gateway))).text);
    }).listen(0, '127.0.0.1');
    await once(mirror, 'listening');
    const edgewardJwks = `http://127.0.0.1:${mirror.address().port}/`;
    django = await startDjango({ issuer: 'https://django.example', edgewardJwks });
    const issuer = {
      name: 'django', issuer: django.issuer, audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['JWT_SECRET'] },
      claims: { roles: 'role', tenant: 'org.id' },
    };
    const config = configuration(django, issuer, [{ path: '/**' }, { path: '/elsewhere/**', origin: 'other' }], { assertion: { key: 'ASSERTION_KEY' } });
    config.origins.push({ name: 'other', url: origin.url });
    gateway = await startGateway({ config, secrets: { JWT_SECRET: django.secret, ASSERTION_KEY: JSON.stringify(key) } });
  });
  after(async () => {
    mirror?.close();
    await Promise.all([django?.stop(), gateway?.stop()]);
  });

  test('views that ask for a role answer by the assertion', async () => {
    const expected = { ada: [200, 200], bob: [403, 200], eve: [403, 403] };
    for (const [name, statuses] of Object.entries(expected)) {
      const { access } = await django.login(name);
      const answers = await Promise.all(['/api/reports/', '/api/exams/'].map((path) => send(gateway.url + path, { token: access })));
      assert.deepEqual(answers.map(({ status }) => status), statuses, name);
    }
  });

  test('past the gateway, plain headers prove nothing, and neither does an assertion for another or an altered one', async () => {
    const { access } = await django.login('ada');
    const direct = (headers) => send(`${django.url}/api/reports/`, { headers });
    const plain = { 'x-auth-subject': 'user-1', 'x-auth-roles': '"admin"' };
    assert.equal((await direct(plain)).status, 401);
    const echoed = await send(`${gateway.url}/api/echo/`, { token: access });
    const ours = echoed.json.headers[NAME];
    const elsewhere = await assertionOf(gateway, access, '/elsewhere/a');
    const [header, , signature] = ours.split('.');
    const claims = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(ours.split('.')[1], 'base64url')), sub: 'user-9' })).toString('base64url');
    for (const text of [elsewhere, `${header}.${claims}.${signature}`, access, 'rubbish', '']) {
      assert.equal((await direct({ ...plain, [NAME]: text })).status, 401, text);
    }
    // It is bound to a token and an origin, and not to one request.
    assert.equal((await direct({ [NAME]: ours })).status, 200);
  });
});
