// `edgeward check`, `explain` and `schema` as Node runs them from the archive, held against the native program byte by byte.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';

import { NOW, issuerOf } from './issuer.mjs';
import { ROOT } from './package.mjs';
import { project } from './project.mjs';

const NATIVE = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug', 'edgeward');

const TABLE = {
  origins: [{ name: 'main', url: 'https://api.internal.example.com' }],
  issuers: [
    { name: 'keys', issuer: 'https://auth.example.com', audiences: ['api'], algorithms: ['ES256', 'RS256', 'EdDSA'], verify: { discovery: true } },
    { name: 'secret', issuer: 'https://secret.example.com', audiences: ['api'], algorithms: ['HS256'], verify: { secrets: ['SECRET'] } },
    { name: 'client', issuer: 'https://client.example.com', audiences: ['api'], audience_claim: 'client_id', algorithms: ['ES256'], verify: { discovery: true } },
  ],
  routes: [{ path: '/api/**', access: 'authenticated' }, { path: '/api/admin/**', access: 'authenticated', require: { role: 'admin' } }],
};
const WHOLE = { name: 'gateway', kv_namespaces: [{ binding: 'EDGEWARD_KV', id: 'x' }], vars: { EDGEWARD: TABLE }, env: { staging: {} } };
const TOML = `
[[kv_namespaces]]
binding = "EDGEWARD_KV"
id = "x"

[[vars.EDGEWARD.origins]]
name = "main"
url = "http://api.example.com"        # no https

[[vars.EDGEWARD.routes]]
path = "/ä/**"
access = "open"
`;

let place;
let issuer;
let tokens;
before(async () => {
  issuer = await issuerOf('ES256');
  tokens = {
    good: await issuer.token(), expired: await issuer.token({ exp: NOW - 60 }), admin: await issuer.token({ roles: ['user'], odd: '\u001b[31m\u202e' }),
    forged: `${(await issuer.token()).slice(0, -6)}AAAAAA`,
  };
  place = project({
    'wrangler.jsonc': `// a comment\n${JSON.stringify(WHOLE, null, 2)}\n`, 'faulty.toml': TOML, 'broken.toml': 'a = [', 'broken.jsonc': '{ "vars": }',
    'config.json': TABLE, 'keys.json': { keys: [issuer.key.publicJwk] }, 'none.jsonc': { name: 'x' }, 'latin1.toml': 'x',
  });
});

/** Both programs with the same words: what Node printed, after it was seen that the native one prints the same. */
function both(words, { input = '', more = {} } = {}) {
  const npm = place.run('edgeward', words, { input, more });
  const options = { cwd: place.folder, encoding: 'utf8', input, env: { ...place.env, ...more } };
  const { status, stdout, stderr } = spawnSync(NATIVE, words, options);
  assert.deepEqual(npm, { status, stdout, stderr }, words.join(' '));
  return npm;
}

const explain = (token, path = '/api/x', ...more) => ['explain', '--now', `${NOW}`, '--jwks', 'keys=keys.json', '--token', token, ...more, 'GET', path];

describe('Node prints and exits as the native program does', () => {
  test('for configurations, good and faulty, in every form', () => {
    assert.equal(both(['check']).status, 0);
    assert.equal(both(['check', '--strict']).status, 1);
    assert.equal(both(['check', '--strict', '--allow', 'audience_claim']).status, 0);
    assert.equal(both(['check', '--strict', '--allow', 'any_audience']).status, 1, 'another code');
    assert.equal(both(['check', '--json', 'wrangler.jsonc']).status, 0);
    const { status, stdout } = both(['check', 'faulty.toml']);
    assert.equal(status, 1);
    assert.match(stdout, /^faulty\.toml:8: error: origins\[0\]\.url$/m);
    assert.match(stdout, /^faulty\.toml:12: error: routes\[0\]\.access$/m);
    for (const file of ['config.json', 'broken.toml', 'broken.jsonc', 'none.jsonc', 'nowhere.toml', '.', 'faulty.toml']) {
      both(['check', file]);
      both(['check', '--json', file]);
    }
    both(['check', '--env', 'staging']);
    both(['check', '--env', 'stagin']);
  });

  test('for requests that pass, and that are refused at each step', () => {
    assert.match(both(explain(tokens.good)).stdout, /^PASSES to `main`/m);
    for (const [token, path] of [[tokens.expired, '/api/x'], [tokens.admin, '/api/admin/x'], [tokens.forged, '/api/x'], ['x', '/api/x'], [tokens.good, '/no']]) {
      assert.match(both(explain(token, path)).stdout, /^REFUSED with 40/m);
      both(explain(token, path, '--json'));
    }
    both(explain(tokens.good, '/api/x', '--revoked', 'token'));
    both(explain(tokens.good, '/api/x', '--store-down'));
    both(['explain', '--now', `${NOW}`, 'GET', 'https://api.example.com/api/x']);
  });

  test('for signatures of every kind that WebCrypto and software know', async () => {
    for (const alg of ['RS256', 'EdDSA']) {
      const other = await issuerOf(alg);
      place.put(`${alg}.json`, { keys: [other.key.publicJwk] });
      const words = ['explain', '--now', `${NOW}`, '--jwks', `keys=${alg}.json`, '--token', await other.token(), 'GET', '/api/x'];
      assert.match(both(words).stdout, /^PASSES/m, alg);
    }
    const secret = await issuerOf('HS256');
    const token = await secret.token({ iss: 'https://secret.example.com' });
    const words = ['explain', '--now', `${NOW}`, '--secret', 'SECRET=HS_KEY', '--token', token, 'GET', '/api/x'];
    assert.match(both(words, { more: { HS_KEY: secret.secret } }).stdout, /^PASSES/m);
    assert.equal(both(words).status, 1, 'the variable is not set');
  });

  test('for a token on standard input', () => {
    assert.match(both(explain('-'), { input: `${tokens.good}\n` }).stdout, /^PASSES/m);
    both(explain('-'), { input: '' });
    both(explain('-'), { input: 'x'.repeat(100_000) });
  });

  test('for the schema, the version, and words that are not understood', () => {
    both(['schema']);
    both(['schema', '--wrangler']);
    both(['--version']);
    for (const words of [['check', '--what'], ['explain', 'GET'], ['explain', '/x', 'GET'], ['explain', '--now', 'x', 'GET', '/x'], ['check', '--env']]) {
      assert.equal(both(words).status, 2);
    }
  });
});

test('help names every command, and a word that is none is refused with it', () => {
  const { status, stdout } = place.run('edgeward', ['--help']);
  assert.equal(status, 0);
  for (const name of ['init', 'dev', 'deploy', 'doctor', 'check', 'explain', 'schema']) assert.match(stdout, new RegExp(`^  edgeward ${name} `, 'm'));
  assert.equal(place.run('edgeward', []).stdout, stdout);
  assert.equal(place.run('edgeward', ['dev', '--help']).stdout, stdout);
  const other = place.run('edgeward', ['chekc']);
  assert.deepEqual([other.status, other.stdout], [2, '']);
  assert.match(other.stderr, /^edgeward: expected init, dev, check, explain, schema, deploy, doctor or audit; see `edgeward --help`$/m);
});

test('an unknown option is refused with the same words by every command', () => {
  for (const name of ['init', 'dev', 'deploy', 'doctor']) {
    const { status, stderr } = place.run('edgeward', [name, '--what']);
    assert.equal(status, 2, name);
    assert.match(stderr, /^edgeward: unknown option '--what'; see `edgeward --help`\n$/);
  }
});
