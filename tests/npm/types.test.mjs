// The types tell the truth: tsc compiles what the package really returns against them, and uses that must not compile do not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, test } from 'node:test';

import { ISSUER, NOW, issuerOf } from './issuer.mjs';
import { imported, install } from './package.mjs';

const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');

let place;
let edgeward;
before(async () => {
  place = install();
  edgeward = await imported(place);
});

/** Literals, so that a member too many or too few is an error. */
const literal = (name, type, value) => `export const ${name}: ${type} = ${JSON.stringify(value)};\n`;

function compile(name, text) {
  const file = join(place.folder, name);
  writeFileSync(file, text);
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--module', 'nodenext', '--lib', 'es2022,dom'];
  return spawnSync(process.execPath, [TSC, ...options, file], { encoding: 'utf8' });
}

test('results have exactly their types', async () => {
  const issuer = await issuerOf('ES256');
  const config = {
    origins: [{ name: 'main', url: 'https://api.example.com' }],
    issuers: [{ name: 'main', issuer: ISSUER, audiences: ['api'], algorithms: ['ES256'], verify: { keys: { keys: [issuer.key.publicJwk] } } }],
    routes: [{ path: '/api/**', access: 'authenticated', require: { any: [{ role: 'admin' }, { scope: 'x' }] } }],
  };
  const explained = async (token, url = '/api/x') => {
    const headers = token === undefined ? [] : [['authorization', `Bearer ${token}`], ['x-auth-subject', 'forged']];
    return edgeward.explain({ config, request: { method: 'GET', url, headers }, now_seconds: NOW });
  };
  const type = 'Awaited<ReturnType<typeof explain>>';
  const text = [
    "import { check, explain, verify, type Stage } from 'edgeward';\n",
    literal('passed', type, await explained(await issuer.token())),
    literal('refused', type, await explained(await issuer.token({ roles: [] }, { typ: undefined, kid: undefined }))),
    literal('anonymous', type, await explained()),
    literal('served', type, await explained(undefined, '/.edgeward/health')),
    literal('verified', 'Awaited<ReturnType<typeof verify>>', await edgeward.verify(await issuer.token(), issuer.options())),
    literal('untyped', 'Awaited<ReturnType<typeof verify>>', await edgeward.verify(await issuer.token({}, { typ: undefined }), issuer.options())),
    literal('checked', 'ReturnType<typeof check>', edgeward.check({ ...config, realm: '<x>', nonsense: 1 })),
  ].join('');
  const { status, stdout } = compile('results.mts', text);
  assert.equal(status, 0, stdout);
  assert.notEqual(compile('more.mts', text.replaceAll('"is_set"', '"was_set"')).status, 0, 'a member of another name is seen');
});

test('uses compile, and misuses do not', () => {
  const { status, stdout } = compile('uses.mts', `
import { EdgewardError, check, createVerifier, explain, schema, verify, type VerifierOptions } from 'edgeward';
import worker, { MetricsSink, RevocationLog, SessionFamily } from 'edgeward/worker';
import alone, { createGate } from 'edgeward/gate';
import { create } from 'edgeward/create';

const keys = { keys: [] };
const common = { issuer: 'i', audiences: ['a'], algorithms: ['ES256', 'Ed25519'] as ['ES256', 'Ed25519'] };
const byUrl: VerifierOptions = { ...common, jwks_url: 'https://i/jwks', typ: 'at+jwt', leeway_seconds: 1, claims: { roles: ['a', 'b'] } };
const bySecrets: VerifierOptions = { issuer: 'i', audiences: ['a'], algorithms: ['HS256'], secrets: ['s'], now_seconds: 1 };
const subject: Promise<string | null> = createVerifier(byUrl).verify('t').then(({ identity }) => identity.subject);
const outcome = explain({ config: {}, request: { method: 'GET', url: '/' }, revoked: ['jti', 'subject=7'], answer: 'no' })
  .then(({ explanation }) => explanation.outcome.does === 'refuse' ? explanation.outcome.code : explanation.outcome.does);
const places: string[] = check({}).errors.map(({ path }) => path);
const title: unknown = schema().title;
const gate = createGate({});
const response: Promise<Response> = gate.fetch(new Request('https://a'), {}, { waitUntil() {} }, () => new Response());
export const code = (error: unknown): string | undefined => error instanceof EdgewardError ? error.code : undefined;

// @ts-expect-error two sources of keys
export const two: VerifierOptions = { ...common, jwks: keys, keys };
// @ts-expect-error no source of keys
export const none: VerifierOptions = common;
// @ts-expect-error WebCrypto has no ES256K
export const other: VerifierOptions = { ...byUrl, algorithms: ['ES256K'] };
// @ts-expect-error an unknown option
verify('t', { ...bySecrets, audience: 'a' });
// @ts-expect-error nobody else makes one
new EdgewardError({ code: 'x', message: 'x' });
// @ts-expect-error an unknown kind
explain({ config: {}, request: { method: 'GET', url: '/' }, revoked: ['all'] });
// @ts-expect-error without next
gate.fetch(new Request('https://a'), {}, { waitUntil() {} });

const served: Promise<Response> = alone.fetch(new Request('https://a'), {}, { waitUntil() {} });
const made: Promise<number> = create(['gateway', '--yes']);
export { worker as default, MetricsSink, RevocationLog, SessionFamily };
export const all = [subject, outcome, places, title, response, served, made];
`);
  assert.equal(status, 0, stdout);
});
