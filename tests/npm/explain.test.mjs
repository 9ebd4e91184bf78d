// Decisions explained and configurations checked in Node, and held against the command line, which verifies in software.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { ISSUER, NOW, PUBLIC_KEY, SECRET_KEY, issuerOf } from './issuer.mjs';
import { ROOT, errorOf, imported } from './package.mjs';

const CLI = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug', 'edgeward');
const URL_OF_JWKS = 'https://auth.example.com/jwks.json';
const SECRET = 'SECRET';

/** One issuer under both kinds of keys, a route that requires a role, one for callers of an auth server. */
function configuration(issuer, verify) {
  return {
    origins: [{ name: 'main', url: 'https://api.internal.example.com' }],
    issuers: [
      { name: 'main', issuer: ISSUER, audiences: ['api'], algorithms: [issuer.alg], verify },
      { name: 'asked', issuer: 'https://asked.example.com', verify: { me: 'https://asked.example.com/me' }, opaque: true },
    ],
    routes: [
      { path: '/api/**', methods: ['GET'], access: 'authenticated', require: { role: 'admin' } },
      { path: '/open', methods: ['GET'], access: 'public' },
    ],
  };
}

let edgeward;
let issuer;
let config;
let folder;
before(async () => {
  edgeward = await imported();
  issuer = await issuerOf('ES256');
  config = configuration(issuer, { jwks: URL_OF_JWKS });
  folder = mkdtempSync(join(tmpdir(), 'edgeward-explain-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
});

const jwks = () => ({ keys: [issuer.key.publicJwk] });
const bearer = (token) => [['Authorization', `Bearer ${token}`], ['X-Auth-Subject', 'forged']];
const request = (token, url = '/api/x') => ({ method: 'GET', url, headers: token === undefined ? [] : bearer(token) });
const order = (more) => ({ config, now_seconds: NOW, keys: { main: jwks() }, ...more });
const outcome = async (more) => (await edgeward.explain(order(more))).explanation.outcome;

/** What the command line says about the same. */
function told(name, { config: whole, request: { method, url, headers }, keys = {}, now_seconds: now }, ...options) {
  const file = (suffix, value) => {
    const path = join(folder, `${name}.${suffix}`);
    writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
    return path;
  };
  const fields = headers.flatMap(([field, value]) => ['-H', `${field}: ${value}`]);
  const sets = Object.entries(keys).flatMap(([of, set]) => ['--jwks', `${of}=${file(`${of}.jwks`, set)}`]);
  const all = ['explain', '--json', '--config', file('config.json', whole), '--now', String(now), ...sets, ...fields, ...options, method, url];
  return JSON.parse(execFileSync(CLI, all, { encoding: 'utf8', env: { ...process.env, EDGEWARD_SECRET: issuer.secret } }));
}

describe('explain', () => {
  test('what passes is forwarded, with ours in the place of what the client sent', async () => {
    const forward = await outcome({ request: request(await issuer.token()) });
    assert.equal(forward.does, 'forward');
    assert.deepEqual(forward.headers.find(({ name }) => name === 'x-auth-subject'), { name: 'x-auth-subject', value: 'ada', is_set: true });
    assert.ok(forward.removed.some(({ name }) => name === 'x-auth-subject'));
  });

  test('each thing that can be given decides', async () => {
    const good = await issuer.token();
    const code = async (more) => (await outcome({ request: request(good), ...more })).code;
    assert.equal(await code({}), undefined);
    assert.equal(await code({ request: request() }), 'credential_missing');
    assert.equal(await code({ request: request(good, '/nowhere') }), 'route_not_found');
    assert.equal(await code({ request: request(await issuer.token({ roles: [] })) }), 'insufficient_scope');
    assert.equal(await code({ now_seconds: NOW + 630 }), 'token_expired');
    assert.equal(await code({ keys: {} }), 'keys_unavailable');
    assert.equal(await code({ keys: { main: { keys: [(await issuerOf('ES256')).key.publicJwk] } } }), 'key_unknown');
    for (const kind of ['jti', 'token', 'subject', 'issuer', `subject=${NOW + 1}`]) assert.equal(await code({ revoked: [kind] }), 'token_revoked', kind);
    for (const kind of ['session', 'tenant', `subject=${NOW}`]) assert.equal(await code({ revoked: [kind] }), undefined, kind);
    assert.equal(await code({ store_down: true }), 'revocation_unavailable');
  });

  test('an auth server answers what was given', async () => {
    const asked = (answer) => edgeward.explain(order({ request: request('opaque-token'), answer }));
    const code = async (answer) => (await asked(answer)).explanation.outcome.code;
    assert.equal(await code({ id: 7, sub: 'ada', roles: ['admin'] }), undefined);
    assert.equal(await code('{"sub":"ada","roles":["admin"]}'), undefined);
    assert.equal(await code({ sub: 'ada', roles: [] }), 'insufficient_scope');
    assert.equal(await code('no'), 'refused_by_auth_server');
    for (const answer of ['none', undefined]) assert.equal(await code(answer), 'auth_server_unavailable');
    assert.ok((await asked(undefined)).assumed.includes('the auth server does not answer, because nothing is fetched here'));
  });

  test('it repeats neither the token nor a secret', async () => {
    const own = await issuerOf('HS256');
    const whole = configuration(own, { secrets: [SECRET] });
    const token = await own.token();
    const given = { config: whole, request: request(token), now_seconds: NOW, secrets: { [SECRET]: own.secret } };
    const text = JSON.stringify(await edgeward.explain(given));
    assert.ok(text.includes('"forward"'));
    assert.ok(!text.includes(token) && !text.includes(own.secret));
    const { explanation, assumed } = await edgeward.explain({ ...given, secrets: {} });
    assert.equal(explanation.outcome.code, 'signature_invalid');
    assert.ok(assumed.some((text) => text.startsWith(`the text of the secret ${SECRET} is not known`)), assumed.join());
  });

  test('a configuration with errors is one error, with every place', async () => {
    const error = await errorOf(edgeward.explain(order({ config: { ...config, nonsense: 1, routes: [] }, request: request() })));
    assert.ok(error instanceof edgeward.EdgewardError);
    assert.equal(error.code, 'configuration_invalid');
    assert.deepEqual(error.errors.map(({ path }) => path), ['routes', 'nonsense']);
    assert.match(error.message, /^routes: expected at least one route\nnonsense: unknown field$/);
  });

  test('what is not understood is refused, and not repeated', async () => {
    const token = await issuer.token();
    const wrong = {
      nonsense: 1, request: { method: 'GET', url: 7, headers: [token] }, keys: [], secrets: { A: 7 }, revoked: ['everything'], store_down: 'yes', answer: 7,
    };
    const error = await errorOf(edgeward.explain(order(wrong)));
    assert.equal(error.code, 'options_invalid');
    const paths = error.errors.map(({ path }) => path).sort();
    assert.deepEqual(paths, ['answer', 'keys', 'nonsense', 'request', 'revoked[0]', 'secrets', 'store_down']);
    assert.ok(!error.message.includes(token));
    for (const nothing of [undefined, null, 7, 'text', []]) assert.equal((await errorOf(edgeward.explain(nothing))).code, 'options_invalid');
  });
});

describe('beside the command line', { skip: !existsSync(CLI) && 'it is not built' }, () => {
  for (const alg of [...PUBLIC_KEY, ...SECRET_KEY]) {
    test(`${alg}: the explanation is the same`, async () => {
      issuer = await issuerOf(alg);
      const isSecret = SECRET_KEY.includes(alg);
      const given = {
        config: configuration(issuer, isSecret ? { secrets: [SECRET] } : { jwks: URL_OF_JWKS }),
        now_seconds: NOW,
        request: request(await issuer.token(), 'https://api.example.com/api/x?y=1'),
        ...(isSecret ? {} : { keys: { main: jwks() } }),
      };
      const here = await edgeward.explain({ ...given, ...(isSecret ? { secrets: { [SECRET]: issuer.secret } } : {}) });
      const there = told(alg, given, ...(isSecret ? ['--secret', `${SECRET}=EDGEWARD_SECRET`] : []));
      assert.equal(here.explanation.outcome.does, 'forward');
      assert.deepEqual(here.explanation, there.explanation);
    });
  }

  test('refusals are the same', async () => {
    issuer = await issuerOf('ES256');
    config = configuration(issuer, { jwks: URL_OF_JWKS });
    const cases = {
      expired: [{ now_seconds: NOW + 3600 }, []],
      revoked: [{ revoked: ['subject'] }, ['--revoked', 'subject']],
      down: [{ store_down: true }, ['--store-down']],
    };
    for (const [name, [more, options]] of Object.entries(cases)) {
      const given = order({ request: request(await issuer.token(), 'https://api.example.com/api/x'), ...more });
      const there = told(name, given, ...options);
      assert.equal(there.explanation.outcome.does, 'refuse');
      assert.deepEqual((await edgeward.explain(given)).explanation, there.explanation, name);
    }
  });

  test('check and schema are the same', () => {
    const open = { ...config, routes: [...config.routes, { path: '/**', access: 'public' }] };
    const faulty = { ...config, nonsense: 1, routes: [{ path: 'x', methods: [] }], realm: '<name>' };
    for (const [name, whole] of Object.entries({ open, faulty })) {
      const path = join(folder, `${name}.json`);
      writeFileSync(path, JSON.stringify(whole));
      let text;
      try {
        text = execFileSync(CLI, ['check', '--json', path], { encoding: 'utf8' });
      } catch ({ stdout }) {
        text = stdout;
      }
      const there = JSON.parse(text);
      const here = edgeward.check(whole);
      const places = (entries, message) => entries.map((entry) => `${entry.path} ${entry.code} ${entry[message]}`).sort();
      assert.deepEqual(places(here.errors, 'message'), places(there.errors, 'text'));
      assert.deepEqual(places(here.warnings, 'message'), places(there.warnings, 'text'));
      if (name === 'open') assert.ok(here.warnings.some(({ code }) => code === 'public_catch_all'));
      else assert.ok(here.errors.some(({ message }) => message === "expected a value instead of the template's <name>"));
    }
    assert.deepEqual(edgeward.schema(), JSON.parse(execFileSync(CLI, ['schema'], { encoding: 'utf8' })));
  });
});

test('check takes what is bound to be there, and refuses what is no plain data', async () => {
  const origins = [{ name: 'main', url: 'service:ANY' }];
  const routes = [{ path: '/**', access: 'public', limit: { binding: 'LIMITER', per: 'address' } }];
  assert.deepEqual(edgeward.check({ origins, routes }).errors, []);
  assert.deepEqual(edgeward.check(undefined).errors.map(({ path }) => path), ['EDGEWARD']);
  assert.equal((await errorOf(() => edgeward.check({ realm: 1n }))).code, 'options_invalid');
});
