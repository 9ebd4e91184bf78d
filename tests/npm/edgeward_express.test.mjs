// The package of examples/express/edgeward-express, under a real Express: which requests it believes, and how it gets the gateway's keys.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import express from 'express';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

import { agrees } from '../../examples/express/edgeward-express/headers.js';
import { edgeward, hasAnyRole, hasRole, hasScope, onlySync } from '../../examples/express/edgeward-express/index.js';
import { gatewayKeys, KeysUnavailable, KeyUnknown, usableKeys } from '../../examples/express/edgeward-express/keys.js';
import { send } from '../harness/client.mjs';

const FOLDER = fileURLToPath(new URL('../../examples/express/edgeward-express/', import.meta.url));
const OPTIONS = {
  jwksUrl: 'https://api.example.com/.edgeward/jwks.json', issuer: 'https://gateway.example', audience: 'acme', tokenIssuers: ['https://main.example'],
  claimHeaders: [{ header: 'x-auth-plan', claim: 'org.plan' }],
};
const CLAIMS = { sub: 'user-2', issuer: 'https://main.example', email: 'bob@example.com', roles: ['rvt'], scope: 'users:read other', tenant: 'acme', claims: { 'org.plan': 'pro' } };
const HEADERS = {
  'x-auth-subject': 'user-2', 'x-auth-issuer': 'https://main.example', 'x-auth-email': 'bob@example.com', 'x-auth-roles': '"rvt"',
  'x-auth-scope': 'users:read other', 'x-auth-tenant': 'acme', 'x-auth-plan': 'pro',
};
const seconds = () => Math.floor(Date.now() / 1000);

const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
const privateJwk = await exportJWK(pair.privateKey);
const publicJwk = { ...await exportJWK(pair.publicKey), kid: 'a' };
const set = (...keys) => JSON.stringify({ keys });

/** An assertion with these claims and header members over those that are always there; undefined leaves one out. */
function assertion(claims = {}, header = {}, key = pair.privateKey) {
  const now = seconds();
  const present = (table) => Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined));
  return new SignJWT(present({ iss: OPTIONS.issuer, aud: OPTIONS.audience, iat: now, exp: now + 60, ...CLAIMS, ...claims }))
    .setProtectedHeader(present({ alg: 'EdDSA', typ: 'edgeward-assertion+jwt', kid: 'a', ...header })).sign(key);
}

describe('the middleware', () => {
  let server, url, codes;
  before(async () => {
    const find = gatewayKeys(OPTIONS.jwksUrl, { fetched: async () => set(publicJwk) });
    const options = { ...OPTIONS, keys: find, log: (code) => codes.push(code) };
    const app = express();
    const show = (request, response) => response.json({ caller: request.caller, token: request.caller?.token });
    app.get('/optional', edgeward({ ...options, optional: true }), show);
    app.get('/broken', edgeward({ ...options, keys: gatewayKeys(OPTIONS.jwksUrl, { fetched: async () => { throw new Error(); } }) }), show);
    app.use(edgeward(options));
    app.get('/show', show);
    app.get('/role', hasRole('rvt'), show);
    app.get('/any', hasAnyRole('admin', 'doctor'), show);
    app.get('/scope', hasScope('users:read', 'users:write'), show);
    app.get('/sync', onlySync, show);
    server = http.createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${server.address().port}`;
  });
  after(() => server.closeAllConnections() ?? server.close());

  const ask = async (path, { headers = {}, claims, header } = {}) => {
    codes = [];
    const all = { ...HEADERS, 'x-auth-assertion': await assertion(claims, header), authorization: 'Bearer own.token', ...headers };
    return send(url + path, { headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) });
  };
  const refused = (answer, code) => {
    assert.deepEqual([answer.status, answer.json, answer.headers['www-authenticate'], codes], [
      401, { title: 'the request did not come through the gateway', status: 401, code: 'gateway_required' }, 'Bearer', [code],
    ]);
  };

  test('a request of the gateway has its caller, and the token is in no JSON of it', async () => {
    const { status, json } = await ask('/show');
    assert.equal(status, 200);
    assert.deepEqual(json, {
      caller: {
        subject: 'user-2', issuer: 'https://main.example', email: 'bob@example.com', tenant: 'acme', roles: ['rvt'], scope: ['users:read', 'other'],
        claims: { 'org.plan': 'pro' },
      },
      token: 'own.token',
    });
  });

  test('identity headers without an assertion are refused, also where nobody passes', async () => {
    for (const path of ['/show', '/optional']) refused(await ask(path, { headers: { 'x-auth-assertion': undefined } }), 'assertion_missing');
    const none = Object.fromEntries(Object.keys({ ...HEADERS, 'x-auth-assertion': '' }).map((name) => [name, undefined]));
    refused(await ask('/show', { headers: none }), 'assertion_missing');
    assert.deepEqual((await ask('/optional', { headers: none })).json, {});
  });

  test('a header that differs from the assertion is refused', async () => {
    for (const [name, value] of [
      ['subject', 'user-1'], ['subject', undefined], ['issuer', 'https://other.example'], ['email', undefined], ['roles', '"rvt", "admin"'], ['roles', ''], ['roles', undefined],
      ['scope', 'users:write'], ['tenant', 'other'], ['session', 's-1'], ['token-id', '1'], ['plan', 'free'], ['plan', undefined], ['email', '%'],
    ]) refused(await ask('/show', { headers: { [`x-auth-${name}`]: value } }), 'header_differs');
  });

  test('an assertion with another member is refused', async () => {
    const now = seconds();
    for (const [code, claims, header] of [
      ['assertion_expired', { iat: now - 120, exp: now - 40 }], ['assertion_invalid', { iat: now + 60 }], ['assertion_invalid', { aud: 'globex' }],
      ['assertion_invalid', { aud: ['acme'] }], ['assertion_invalid', { aud: undefined }], ['assertion_invalid', { iss: 'https://main.example' }],
      ['assertion_invalid', { exp: undefined }], ['assertion_invalid', { iat: undefined }], ['assertion_invalid', {}, { typ: 'JWT' }],
      ['assertion_invalid', {}, { typ: undefined }], ['key_unknown', {}, { kid: undefined }], ['key_unknown', {}, { kid: 'b' }], ['token_issuer_refused', { issuer: 'https://other.example' }],
    ]) refused(await ask('/show', { claims, header }), code);
    assert.equal((await ask('/show', { claims: { exp: now - 10 } })).status, 200, 'within the leeway');
  });

  test('an assertion of another key or algorithm is refused', async () => {
    const other = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const secret = Buffer.from(publicJwk.x, 'base64url');
    for (const text of [
      await assertion({}, {}, other.privateKey),
      // The public key taken for a secret (RFC 8725 §2.1).
      await assertion({}, { alg: 'HS256' }, secret),
      `${Buffer.from('{"alg":"none","typ":"edgeward-assertion+jwt","kid":"a"}').toString('base64url')}.${(await assertion()).split('.')[1]}.`,
      'a.b.c', 'x',
    ]) refused(await ask('/show', { headers: { 'x-auth-assertion': text } }), 'assertion_invalid');
  });

  test('roles and scope decide, and a 403 says so', async () => {
    assert.equal((await ask('/role')).status, 200);
    for (const path of ['/any', '/scope', '/sync']) assert.deepEqual([(await ask(path)).status, (await ask(path)).json.code], [403, 'forbidden'], path);
    const both = { claims: { scope: 'users:read users:write', roles: ['doctor'] }, headers: { 'x-auth-scope': 'users:read users:write', 'x-auth-roles': '"doctor"' } };
    for (const path of ['/any', '/scope']) assert.equal((await ask(path, both)).status, 200, path);
    for (const [value, status] of [['1', 200], ['0', 403]]) assert.equal((await ask('/sync', { headers: { 'x-edgeward-sync': value } })).status, status);
  });

  test('while nobody can tell it is 503, and never 401', async () => {
    const answer = await ask('/broken');
    assert.deepEqual([answer.status, answer.json.code, codes], [503, 'keys_unavailable', ['keys_unavailable']]);
  });
});

test('headers are compared as the gateway writes them', () => {
  const json = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const [header, value, encoding] of [
    ['J%c3%b6rg%20100%25', 'Jörg 100%', 'plain'], ['7', 7, 'plain'], ['1.50', 1.5, 'plain'], ['true', true, 'plain'], ['a b%20c 7', ['a', 'b c', 7], 'plain'],
    ['"a,b", %"z%c3%bcrich"', ['a,b', 'zürich'], 'list'], ['"with \\"quotes\\" and \\\\"', ['with "quotes" and \\'], 'list'], [json({ a: 1, b: 2 }), { b: 2, a: 1 }, 'json'],
    ['', '', 'plain'], ['', [], 'plain'], ['', [''], 'plain'], ['', [], 'list'], ['1e-7 1', [1e-7, 1], 'plain'], ['"1e-7", "true"', [1e-7, true], 'list'], ['bnVsbA', null, 'json'],
    ['%c3%a9 a', '%c3%a9 a', 'words'], [undefined, undefined, 'plain'],
  ]) assert.equal(agrees(header, value, encoding), true, header);
  for (const [header, value, encoding] of [
    ['ada', 'Ada', 'plain'], ['8', 7, 'plain'], ['x', 7, 'plain'], ['1', true, 'plain'], ['a', ['a', 'b'], 'plain'], ['"b", "a"', ['a', 'b'], 'list'], ['!', {}, 'json'],
    ['true', 1, 'plain'], ['null', null, 'plain'], ['a  b', ['a', 'b'], 'plain'], ['a b', 'b a', 'words'],
    ['x', undefined, 'plain'], ['', undefined, 'plain'], [undefined, 'x', 'plain'], [undefined, '', 'plain'], ['', 'x', 'plain'], ['{}', {}, 'plain'],
  ]) assert.equal(agrees(header, value, encoding), false, header);
});

describe('the gateway\'s keys', () => {
  const stage = (body = set(publicJwk)) => {
    const on = { now: 1_000_000, count: 0, body };
    on.find = gatewayKeys('https://api.example.com/keys', {
      clock: () => on.now,
      fetched: async () => {
        on.count += 1;
        if (on.body instanceof Error) throw on.body;
        return on.body;
      },
    });
    return on;
  };

  test('one fetch serves while they are fresh, also requests at the same moment', async () => {
    const on = stage();
    await Promise.all(Array.from({ length: 8 }, () => on.find('a')));
    on.now += 300_000;
    await on.find('a');
    assert.equal(on.count, 1);
  });

  test('a request whose key is known does not wait for a fetch', async () => {
    const on = stage();
    await on.find('a');
    on.now += 300_001;
    // Never answers.
    on.body = new Promise(() => {});
    assert.ok(await on.find('a'));
    assert.equal(on.count, 2);
  });

  test('unknown names fetch once in a pause, and a new key is found after it', async () => {
    const on = stage();
    for (let n = 0; n < 20; n += 1) await assert.rejects(on.find(`made-up-${n}`), KeyUnknown);
    assert.equal(on.count, 1);
    on.body = set({ ...publicJwk, kid: 'b' });
    on.now += 30_000;
    assert.ok(await on.find('b'));
    await assert.rejects(on.find('a'), KeyUnknown, 'a key that was withdrawn');
  });

  test('while the gateway gives none the last ones serve for an hour, and then none', async () => {
    const on = stage();
    await on.find('a');
    on.body = new Error('unreachable');
    on.now += 300_000 + 3_600_000;
    assert.ok(await on.find('a'));
    on.now += 30_001;
    await assert.rejects(on.find('a'), KeysUnavailable);
    on.body = set(publicJwk);
    on.now += 30_000;
    assert.ok(await on.find('a'));
  });

  test('without any key it is asked once in a pause', async () => {
    for (const body of ['', '[]', '{"keys":[]}', '{"keys":7}', new Error('unreachable')]) {
      const on = stage(body);
      for (let n = 0; n < 3; n += 1) await assert.rejects(on.find('a'), KeysUnavailable);
      assert.equal(on.count, 1);
    }
  });

  test('keys of other kinds, private ones and shared names are left aside', async () => {
    const others = [{ kid: 'twice' }, { kid: 'twice' }, { ...privateJwk, kid: 'private' }, { kid: 'rsa', kty: 'RSA' }, { kid: 7 }, { kid: 'x', x: 'AA' }, { kid: 'y', crv: 'X25519' }];
    assert.deepEqual([...(await usableKeys(set(publicJwk, null, 'text', ...others.map((other) => ({ ...publicJwk, ...other }))))).keys()], ['a']);
  });

  test('only a 200 of a bounded size is an answer', async () => {
    const server = http.createServer(({ url }, response) => {
      response.statusCode = { '/moved': 302, '/fails': 500 }[url] ?? 200;
      response.setHeader('location', '/keys');
      response.end(url === '/large' ? set({ ...publicJwk, x5c: 'x'.repeat(70_000) }) : set(publicJwk));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const at = (path) => gatewayKeys(`http://127.0.0.1:${server.address().port}${path}`)('a');
      assert.ok(await at('/keys'));
      for (const path of ['/moved', '/fails', '/large']) await assert.rejects(at(path), KeysUnavailable, path);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

test('wrong options are named, all at once, when the middleware is made', () => {
  const wrong = { jwksUrl: 'http://api.example.com/keys', audience: '', tokenIssuers: 'x', leewaySeconds: 301, prefix: 'x-auth', names: { user: 'x' }, claimHeaders: [{ header: 'x' }], optional: 1, typo: 1 };
  assert.throws(() => edgeward({ ...wrong }), (error) => error instanceof TypeError && Object.keys(wrong).every((name) => error.message.includes(`${name}: `)));
  for (const make of [() => edgeward({}), () => edgeward({ ...OPTIONS, tokenIssuers: [] }), () => hasRole(''), () => hasAnyRole(), () => hasScope(7)]) assert.throws(make, TypeError);
});

test('the package has all of its files, and its types hold for what uses them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-express-'));
  try {
    const packed = spawnSync('npm', ['pack', '--dry-run', '--json'], { cwd: FOLDER, encoding: 'utf8', env: { ...process.env, npm_config_cache: join(folder, 'cache') } });
    const [{ files }] = JSON.parse(packed.stdout);
    assert.deepEqual(files.map(({ path }) => path).sort(), ['README.md', 'headers.js', 'index.d.ts', 'index.js', 'keys.js', 'options.js', 'package.json']);
    cpSync(FOLDER, join(folder, 'node_modules', 'edgeward-express'), { recursive: true });
    const uses = `import { edgeward, hasRole, type CallerRequest } from 'edgeward-express';
      edgeward({ jwksUrl: 'https://a.example', audience: 'acme', names: { subject: 'x-user' } });
      export const role = (request: CallerRequest): readonly string[] => request.caller?.roles ?? [];
      // @ts-expect-error an audience is required
      edgeward({ jwksUrl: 'https://a.example' });
      // @ts-expect-error one text
      hasRole(['admin']);\n`;
    writeFileSync(join(folder, 'uses.ts'), uses);
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom'];
    const compiled = spawnSync(process.execPath, [tsc, ...options, join(folder, 'uses.ts')], { encoding: 'utf8' });
    assert.equal(compiled.status, 0, compiled.stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
