// What a refused caller lacks, in words, from explanations by the core itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { explain } from '../../pkg/node.js';
import { demoKey } from '../../www/playground/demo/sign.js';
import { gotOf, lacking } from '../../www/playground/view/lacking.js';
import { headline } from '../../www/playground/view/outcome.js';

const NOW = 1_767_225_600;
const CLAIMS = { iss: 'https://i', sub: 'ada', aud: 'api', iat: NOW - 60, exp: NOW + 600 };

async function explained(require, claims, { now = NOW, more = {}, route = {}, path = '/x' } = {}) {
  const key = await demoKey();
  const config = {
    realm: 'api', origins: [{ name: 'main', url: 'https://o.example.com' }],
    issuers: [{ name: 'main', issuer: 'https://i', audiences: ['api'], algorithms: ['ES256'], verify: { keys: JSON.parse(key.keySet) } }],
    routes: [{ path: '/**', access: 'authenticated', ...(require ? { require } : {}), ...route }], ...more,
  };
  const headers = [['authorization', `Bearer ${await key.sign({ ...CLAIMS, ...claims })}`]];
  const { explanation } = await explain({ config, request: { method: 'GET', url: `https://a.example.com${path}`, headers }, now_seconds: now });
  return explanation;
}

async function lack(require, claims, options) {
  const { findings, at_seconds: at } = await explained(require, claims, options);
  return lacking(findings.at(-1), at);
}

/** name → the requirement, the claims, and what is said. */
const CASES = {
  'a role': [{ role: 'admin' }, { roles: ['member'] }, 'needs role `admin`; has `member`'],
  'a role, of several': [{ role: 'admin' }, { roles: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }, 'needs role `admin`; has `a`, `b`, `c`, `d`, `e` and 2 more'],
  'a role, with an empty list': [{ role: 'admin' }, { roles: [] }, 'needs role `admin`; has none'],
  'a role, without the claim': [{ role: 'admin' }, {}, 'needs role `admin`; the token does not say'],
  'a scope': [{ scope: 'users:write' }, { scope: 'users:read mail' }, 'needs scope `users:write`; has `users:read`, `mail`'],
  'a tenant': [{ tenant: 'acme' }, { tenant: 'globex' }, 'needs tenant `acme`; has `globex`'],
  'an issuer': [{ not: { issuer: 'main' } }, {}, 'needs a caller without issuer `main`; has `main`'],
  'the age of the login': [{ max_age_seconds: 300 }, { auth_time: NOW - 3600 }, 'needs a login at most 5 min ago; the login was at 2025-12-31T23:00:00Z, 1 h ago'],
  'a login that no claim tells': [{ max_age_seconds: 300 }, {}, 'needs a login at most 5 min ago; the token does not say'],
  'an acr': [{ acr: ['mfa', 'phr'] }, { acr: 'pwd' }, 'needs `acr` `mfa` or `phr`; has `pwd`'],
  'the value of a claim': [{ claim: 'org.plan', equals: 'pro' }, { org: { plan: 'free' } }, 'needs claim `org.plan` = `"pro"`; has `"free"`'],
  'one of the values of a claim': [{ claim: 'plan', one_of: ['a', 2] }, { plan: 'free' }, 'needs claim `plan` = `"a"` or `2`; has `"free"`'],
  'an item of a claim': [{ claim: 'groups', contains: 'ops' }, { groups: ['dev'] }, 'needs claim `groups` with `"ops"` in it; has `["dev"]`'],
  'a claim of another type': [{ claim: 'level', min: 3 }, { level: 'x' }, 'needs claim `level` of at least 3; has `"x"`, which cannot be checked'],
  'a claim in a range': [{ claim: 'level', min: 3, max: 5 }, { level: 2 }, 'needs claim `level` from 3 to 5; has `2`'],
  'the segment of the path': [{ claim: 'user', path_segment: 1 }, { user: 'ada' }, 'needs claim `user` equal to segment 1 of the path, `bob`; has `"ada"`', { route: { path: '/x/*' }, path: '/x/bob' }],
  'a claim that must be there': [{ claim: 'level', exists: true }, {}, 'needs claim `level`; has none'],
  'a claim that must not be there': [{ claim: 'guest', exists: false }, { guest: true }, 'needs no claim `guest`; has `true`'],
  'what must not hold': [{ not: { role: 'guest' } }, { roles: ['guest', 'x'] }, 'needs a caller without role `guest`; has `guest`, `x`'],
  'what must not hold and is not told': [{ not: { role: 'guest' } }, {}, 'needs a caller without role `guest`; the token does not say'],
  'one of two, by the same claim': [{ any: [{ role: 'a' }, { role: 'b' }] }, { roles: ['c'] }, 'needs role `a` or role `b`; has `c`'],
  'one of many': [{ any: [...'abcdefgh'].map((role) => ({ role })) }, { roles: ['x'] }, 'needs role `a`, role `b`, role `c`, role `d`, role `e` or 3 more; has `x`'],
  'what is left of all': [{ all: [{ role: 'a' }, { scope: 'w' }] }, { roles: ['a'], scope: 'r' }, 'needs scope `w`; has `r`'],
  'all, and one of two': [
    { all: [{ role: 'a' }, { any: [{ scope: 'w' }, { claim: 'plan', equals: 'pro' }] }] }, { roles: ['b'], scope: 'r', plan: 'free' },
    'needs role `a` (has `b`) and either scope `w` (has `r`) or claim `plan` = `"pro"` (has `"free"`)',
  ],
  'not several': [{ not: { any: [{ role: 'a' }, { scope: 'w' }] } }, { roles: ['a'], scope: 'r' }, 'needs a caller without (role `a` or scope `w`)'],
};

for (const [name, [require, claims, text, options]] of Object.entries(CASES)) {
  test(`a refusal names what is missing: ${name}`, async () => assert.equal(await lack(require, claims, options), text));
}

test('a refusal names the tenant and the audience that were expected', async () => {
  const tenants = { tenants: [{ name: 'acme', hosts: ['a.example.com'], origin: 'main' }] };
  assert.equal(await lack(null, { tenant: 'globex' }, { more: tenants }), 'needs tenant `acme`; has `globex`');
  assert.equal(await lack(null, {}, { more: tenants }), 'needs tenant `acme`; has none');
  assert.equal(await lack(null, { aud: ['x', 'y'] }), 'needs `aud`: `api`; has `x, y`');
});

test('a backtick or a long text of a token stays inside its mark', async () => {
  assert.equal(await lack({ role: 'a' }, { roles: ['x` y `z'] }), 'needs role `a`; has `x’ y ’z`');
  assert.equal(await lack({ role: 'a' }, { roles: ['x'.repeat(500)] }), `needs role \`a\`; has \`${'x'.repeat(80)}…\``);
});

test('what passes, or is refused for another reason, lacks nothing', async () => {
  assert.equal(await lack({ role: 'a' }, { roles: ['a'] }), null);
  assert.equal(await lack(null, { exp: NOW - 600 }), null);
});

test('the headline names what is missing, in shadow mode as well', async () => {
  const refused = headline(await explained({ role: 'admin' }, { roles: ['member'] }));
  assert.equal(refused.why, 'needs role `admin`; has `member`.');
  const shadow = headline(await explained({ role: 'admin' }, { roles: ['member'] }, { route: { mode: 'shadow' } }));
  assert.deepEqual([shadow.does, shadow.code], ['forward', 'insufficient_scope']);
  assert.match(shadow.why, /`insufficient_scope`: needs role `admin`; has `member`\.$/);
});

test('the headline and a required login tell times in ISO 8601', async () => {
  const { why } = headline(await explained(null, {}, { now: NOW + 3600 }));
  assert.match(why, /`exp` 2026-01-01T00:10:00Z, now 2026-01-01T00:59:30Z/);
  const [check] = (await explained({ max_age_seconds: 300 }, { auth_time: NOW - 3600 })).findings.at(-1).checks;
  assert.equal(gotOf(check), `${NOW - 3600}, 2025-12-31T23:00:00Z`);
  assert.equal(gotOf({ what: 'exp', got: null }), null);
});
