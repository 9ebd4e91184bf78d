// A client that sends its own copy of every header that the gateway adds, under every spelling, on every kind of route: what reaches
// the origin is what reaches it without these copies. The names come from the code: tests/it/added_headers.rs sees that the list is whole.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { exportJWK, generateKeyPair } from 'jose';

import { until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';
import { fold, foldings, marked, MARKS, spellings } from '../../harness/spellings.mjs';

const ADDED = JSON.parse(readFileSync(new URL('../../harness/added_headers.json', import.meta.url), 'utf8'));
const REQUEST_ID = 'x-request-id';
const HEADERS = {
  names: { email: 'remote-email' },
  claims: [
    { header: 'x-plan', claim: 'org.plan' },
    { header: 'x-org', claim: 'org', encoding: 'json' },
    { header: 'groups-of', claim: 'groups', encoding: 'list' },
  ],
};
const CONFIGURED = [...Object.values(HEADERS.names), ...HEADERS.claims.map(({ header }) => header)];
const NAMES = [...ADDED.filter((name) => name !== REQUEST_ID), ...CONFIGURED];
const EVERYWHERE = NAMES.flatMap((name) => MARKS.map((mark) => marked(name, mark)));
/** What the gateway says of the client on every request to an origin, the last where the platform names an address. */
const FORWARDED = ['x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-for'];
const ADDRESS = ['CF-Connecting-IP', '203.0.113.7'];
/** Those that a caller with every claim has; `remote-email` has taken the place of `x-auth-email`. */
const IDENTITY = NAMES.filter((name) => !['x-auth-email', 'x-auth-shadow', 'x-edgeward-sync', ...FORWARDED].includes(name));
const CLAIMS = {
  sub: 'user-1', email: 'user@example.com', roles: ['user'], scope: 'read', tenant: 'acme', sid: 'session-1', jti: 'token-1',
  org: { plan: 'pro' }, groups: ['a', 'b'],
};
const PREFLIGHT = [['Origin', 'https://app.example'], ['Access-Control-Request-Method', 'POST']];
const TOLD = '/internal/sync';

let origin;
let gateway;
const cases = {};

before(async () => {
  origin = await startOrigin();
  const [signer, { privateKey }] = await Promise.all([startSigner(), generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true })]);
  const routes = [
    { path: '/api/**' },
    { path: '/optional/**', access: 'optional' },
    { path: '/public/**', access: 'public' },
    { path: '/shadow/**', mode: 'shadow' },
    { path: '/shadow/admin/**', mode: 'shadow', require: { role: 'admin' } },
    { path: '/cors/**', cors_preflight: true },
    { path: '/told/**', origin: 'service', sync: TOLD },
  ];
  const rest = {
    headers: HEADERS,
    assertion: { key: 'ASSERTION_KEY' },
    origins: [{ name: 'main', url: origin.url }, { name: 'service', url: origin.url }],
    tenants: [{ name: 'acme', hosts: ['gateway.example'], origin: 'main' }],
  };
  const secrets = { ASSERTION_KEY: JSON.stringify(await exportJWK(privateKey)) };
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes, rest), secrets });
  const [good, expired] = await Promise.all([signer.token(CLAIMS), signer.token({ ...CLAIMS, exp: 1 })]);
  const known = [bearer(good)];
  Object.assign(cases, {
    'an authenticated route': { path: '/api/a', headers: known, expected: IDENTITY },
    'an optional route, with a caller': { path: '/optional/a', headers: known, expected: IDENTITY },
    'an optional route, without one': { path: '/optional/a', expected: [] },
    'a public route, with a token': { path: '/public/a', headers: known, expected: [] },
    'a public route': { path: '/public/a', expected: [] },
    'a shadow route that would let pass': { path: '/shadow/a', headers: known, expected: IDENTITY },
    'a shadow route that would refuse, without a token': { path: '/shadow/a', expected: ['x-auth-shadow'] },
    'a shadow route that would refuse, with a bad token': { path: '/shadow/a', headers: [bearer(expired)], expected: ['x-auth-shadow'] },
    'a shadow route that would refuse a caller': { path: '/shadow/admin/a', headers: known, expected: ['x-auth-shadow'] },
    'a preflight': { method: 'OPTIONS', path: '/cors/a', headers: PREFLIGHT, expected: [] },
    'a preflight with a token': { method: 'OPTIONS', path: '/cors/a', headers: [...PREFLIGHT, ...known], expected: [] },
    'a write that is told on': { method: 'POST', path: '/told/a', headers: [...known, ['Content-Length', '0']], expected: IDENTITY },
  });
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** Sends, and returns what the origin saw of it. */
async function seen({ method = 'GET', path, headers = [] }, extra) {
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, requestText(method, path, [...extra, ...headers, ADDRESS]));
  assert.equal(answer.status, 200, answer.text);
  const records = origin.requests.slice(first).filter(({ target }) => target === path);
  assert.equal(records.length, 1);
  return records[0];
}

/** All that an origin may take for the gateway's, by name: an assertion's signature differs from one to the next. */
function ours(record) {
  const reads = (name) => NAMES.includes(fold(name)) || /^x-(auth|edgeward)-/.test(fold(name));
  const value = (name, text) => (fold(name) === 'x-auth-assertion' && /^ey[\w-]+\.ey[\w-]+\.[\w-]+$/.test(text) ? 'signed' : text);
  return record.headers.filter(([name]) => reads(name)).map(([name, text]) => [name.toLowerCase(), value(name, text)]).sort();
}

const copies = (forms) => forms.map((form, n) => [form, `forged-${n}`]);

function assertSame(record, control, what) {
  assert.deepEqual(ours(record), control, what);
  assert.ok(!JSON.stringify(record.headers).includes('forged'), `${what}: ${JSON.stringify(record.headers)}`);
}

test('the list holds names, and whoever has every claim has every header', () => {
  assert.ok(ADDED.length >= 12 && NAMES.length === new Set(NAMES).size, NAMES.join());
  assert.equal(IDENTITY.length, ADDED.length - 4 - FORWARDED.length + CONFIGURED.length);
});

for (const what of [
  'an authenticated route', 'an optional route, with a caller', 'an optional route, without one', 'a public route, with a token', 'a public route',
  'a shadow route that would let pass', 'a shadow route that would refuse, without a token', 'a shadow route that would refuse, with a bad token',
  'a shadow route that would refuse a caller', 'a preflight', 'a preflight with a token', 'a write that is told on',
]) {
  describe(`on ${what}`, () => {
    let control;
    before(async () => {
      control = ours(await seen(cases[what], []));
    });

    test('without copies the headers are those that belong there', () => {
      assert.deepEqual(control.map(([name]) => name), [...cases[what].expected, ...FORWARDED].sort());
    });

    test('no copy of any header passes, whatever its spelling, nor takes ours away', async () => {
      for (const name of NAMES) {
        assertSame(await seen(cases[what], copies(spellings(name))), control, name);
        assertSame(await seen(cases[what], [['Connection', `close, ${name}`], ...copies([name])]), control, `${name}, nominated`);
      }
    });

    test('nor do copies of all of them at once, with each mark', async () => {
      assertSame(await seen(cases[what], copies(EVERYWHERE)), control, 'all');
    });

    test('the request has one id: the client\'s own, and no other spelling of the name', async () => {
      const ids = ({ headers }) => headers.filter(([name]) => fold(name) === REQUEST_ID);
      const others = foldings(REQUEST_ID).filter((form) => form !== REQUEST_ID);
      assert.ok(others.length >= MARKS.length - 1);
      const forged = copies([...others, ...others.map((form) => form.toUpperCase())]);
      const kept = ids(await seen(cases[what], [['X-Request-Id', 'of-the-client'], ...forged]));
      assert.deepEqual(kept.map(([, value]) => value), ['of-the-client']);
      const made = ids(await seen(cases[what], forged));
      assert.equal(made.length, 1);
      assert.match(made[0][1], /^[0-9a-f]{16}-[0-9a-f]+$/);
      for (const bad of ['a b', `a"b`, 'x'.repeat(500), '']) {
        const [[, value], ...more] = ids(await seen(cases[what], [['X-Request-Id', bad]]));
        assert.deepEqual([more, value === bad], [[], false], bad);
      }
    });
  });
}

test('a tenant that is told of a write gets the gateway\'s word alone', async () => {
  origin.reply(({ url }) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ at: url }) }));
  const told = async (extra) => {
    const first = origin.requests.length;
    await seen(cases['a write that is told on'], extra);
    const telling = () => origin.requests.slice(first).find(({ target }) => target === TOLD);
    await until(telling, 'the telling');
    return telling();
  };
  const control = ours(await told([]));
  // The telling is the gateway's own request, about the host that was asked: no client's address belongs to it.
  assert.deepEqual(control.map(([name]) => name), [...IDENTITY, 'x-edgeward-sync', ...FORWARDED.filter((name) => name !== 'x-forwarded-for')].sort());
  for (const name of NAMES) assertSame(await told(copies(spellings(name))), control, name);
  assert.deepEqual(valuesOf(await told([['X-Request-Id', 'of-the-client']]), REQUEST_ID), ['of-the-client']);
});

test('a copy on a request that is refused reaches nobody', async () => {
  const earlier = origin.requests.length;
  const answer = await rawRequest(gateway.port, requestText('GET', '/api/a', copies(EVERYWHERE)));
  assert.equal(answer.status, 401);
  assert.equal(origin.requests.length, earlier);
});
