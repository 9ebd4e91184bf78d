// The introspection endpoint: RFC 7662, and signed answers by RFC 9701.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';

import { send } from '../../harness/client.mjs';
import { basicOf, CLIENT, startIntrospection } from '../../harness/introspection.mjs';
import { makeKey } from '../../harness/issuer.mjs';

const SIGNED = 'application/token-introspection+jwt';

let server;
before(async () => { server = await startIntrospection(); });
after(() => server?.stop());

describe('answers', () => {
  test('an active token is told of with its members, further ones included', async () => {
    const token = server.tokens.issue({ scope: 'read write', org: { id: 'acme' }, username: undefined });
    const answer = await server.introspect(token);
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type'], /^application\/json/);
    assert.equal(answer.headers['cache-control'], 'no-store');
    const { iat, exp, jti, ...rest } = answer.json;
    assert.deepEqual([exp - iat, typeof jti], [600, 'string']);
    assert.deepEqual(rest, {
      active: true, iss: server.url, sub: 'user-1', aud: 'api', client_id: 'app', token_type: 'Bearer', scope: 'read write', org: { id: 'acme' },
    });
  });

  test('of a token that is unknown, ended or over, nothing is told but that it is inactive', async () => {
    const ended = server.tokens.issue();
    server.tokens.end(ended);
    for (const token of ['unknown', ended, server.tokens.issue({}, { lifetimeSeconds: 0 })]) {
      const answer = await server.introspect(token);
      assert.deepEqual([answer.status, answer.json], [200, { active: false }]);
    }
  });

  test('a token is over at its time', async (t) => {
    const now = () => now.ms;
    now.ms = Date.UTC(2030, 0, 1);
    const timed = await startIntrospection({ now });
    t.after(() => timed.stop());
    const token = timed.tokens.issue({}, { lifetimeSeconds: 60 });
    now.ms += 59_999;
    assert.equal((await timed.introspect(token)).json.active, true);
    now.ms += 1;
    assert.deepEqual((await timed.introspect(token)).json, { active: false });
  });

  test('what is asked is kept as SHA-256, and how the client proved itself', async () => {
    const token = server.tokens.issue();
    await server.introspect(token, { method: 'post' });
    const call = server.calls.at(-1);
    assert.equal(call.token, createHash('sha256').update(token).digest('hex'));
    assert.equal(call.clientAuthentication, 'client_secret_post');
    assert.ok(![token, CLIENT.secret].some((text) => JSON.stringify(server.calls).includes(text)));
  });

  test('it can fail like any other server', async () => {
    const token = server.tokens.issue();
    server.fail({ kind: 'wrong types' });
    assert.equal((await server.introspect(token)).json.active, 'true');
    server.fail({ kind: 'status 500' });
    assert.equal((await server.introspect(token)).status, 500);
    assert.equal((await server.introspect(token)).json.active, true);
  });
});

describe('clients', () => {
  test('client_secret_basic, encoded by RFC 6749, and client_secret_post both pass', async () => {
    for (const method of ['basic', 'post']) {
      const answer = await server.introspect(server.tokens.issue(), { method });
      assert.equal(answer.json.active, true, method);
      assert.equal(server.calls.at(-1).clientAuthentication, `client_secret_${method}`);
    }
  });

  test('a wrong secret, an unknown client, none, both ways at once, or Basic without encoding: 401', async () => {
    const wrong = { ...CLIENT, secret: 'wrong' };
    const unencoded = `Basic ${Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')}`;
    const attempts = {
      'a wrong secret': { client: wrong },
      'a wrong secret in the form': { client: wrong, method: 'post' },
      'an unknown client': { client: { id: 'unknown', secret: CLIENT.secret } },
      'no client': { method: 'none' },
      'a bearer token': { method: 'none', headers: { authorization: 'Bearer x' } },
      'both at once': { fields: { client_id: CLIENT.id, client_secret: CLIENT.secret } },
      'Basic without a colon': { method: 'none', headers: { authorization: `Basic ${Buffer.from('x').toString('base64')}` } },
      'Basic without encoding': { method: 'none', headers: { authorization: unencoded } },
    };
    for (const [what, attempt] of Object.entries(attempts)) {
      const answer = await server.introspect(server.tokens.issue(), attempt);
      assert.deepEqual([answer.status, answer.json], [401, { error: 'invalid_client' }], what);
      assert.match(answer.headers['www-authenticate'], /^Basic /, what);
    }
  });

  test('no token, a token twice, JSON, or GET are no requests', async () => {
    assert.equal((await server.introspect('')).status, 400);
    const headers = { authorization: basicOf(CLIENT) };
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    assert.equal((await send(server.endpoint, { method: 'POST', headers: form, body: 'token=a&token=b' })).status, 400);
    assert.equal((await server.introspect('a', { headers: { 'content-type': 'application/json' } })).status, 400);
    const got = await send(`${server.endpoint}?token=a`, { headers });
    assert.deepEqual([got.status, got.headers.allow], [405, 'POST']);
  });
});

for (const alg of ['ES256', 'RS256']) {
  describe(`signed answers, ${alg}`, () => {
    let signer;
    before(async () => { signer = await startIntrospection({ alg }); });
    after(() => signer?.stop());

    const ask = (token) => signer.introspect(token, { headers: { accept: SIGNED } });
    const verify = (jwt) => jwtVerify(jwt, createRemoteJWKSet(new URL(signer.jwksUrl)), {
      issuer: signer.url, audience: CLIENT.id, typ: 'token-introspection+jwt', algorithms: [alg],
    });

    test('verify with the published key and hold the answer as a member', async () => {
      const answer = await ask(signer.tokens.issue({ sub: 'user-7' }));
      assert.deepEqual([answer.status, answer.headers['content-type']], [200, SIGNED]);
      const { payload } = await verify(answer.text);
      assert.deepEqual([payload.token_introspection.active, payload.token_introspection.sub], [true, 'user-7']);
      assert.deepEqual([payload.sub, payload.exp], [undefined, undefined]);
      assert.deepEqual((await verify((await ask('unknown')).text)).payload.token_introspection, { active: false });
    });

    test('are given to those alone who ask for them', async () => {
      assert.match((await signer.introspect('unknown')).headers['content-type'], /^application\/json/);
    });

    test('can be made wrong: another key, audience or type', async (t) => {
      t.after(() => { signer.tokens.signed = { header: {}, payload: {}, key: undefined }; });
      const wrong = [{ key: await makeKey(alg, { kid: signer.tokens.key.kid }) }, { payload: { aud: 'another' } }, { header: { typ: 'JWT' } }];
      for (const each of wrong) {
        signer.tokens.signed = { header: {}, payload: {}, ...each };
        await assert.rejects(verify((await ask(signer.tokens.issue())).text), JSON.stringify(Object.keys(each)));
      }
      signer.tokens.signed = { header: { kid: undefined }, payload: {} };
      assert.equal(decodeProtectedHeader((await ask('unknown')).text).kid, undefined);
    });
  });
}
