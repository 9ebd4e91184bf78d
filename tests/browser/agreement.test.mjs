// A token that verifies in the playground verifies at the edge, and the other way round: the same requests to both, and their
// outcomes compared: status, code, response, and the headers that the origin receives.
import assert from 'node:assert/strict';
import http from 'node:http';
import { parse } from 'smol-toml';

import { startGateway } from '../harness/gateway.mjs';
import { startOrigin } from '../harness/origin.mjs';
import { until } from './harness/browser.mjs';
import { CONFIGURATION, useDemo } from './harness/demo.mjs';

const ID = 'as-in-the-playground';

const demo = useDemo();
const { opened, login } = demo;

/** One request as it stands: { status, headers, text }. */
function send(url, method, headers) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers }, async (answer) => {
      const chunks = await answer.toArray();
      resolve({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() });
    });
    request.on('error', reject).end();
  });
}

/** With other claims under the same signature. */
const raised = (token, claims) => {
  const [header, payload, signature] = token.split('.');
  const raised = { ...JSON.parse(Buffer.from(payload, 'base64url')), ...claims };
  return [header, Buffer.from(JSON.stringify(raised)).toString('base64url'), signature].join('.');
};

/** With one character changed, which stays base64url. */
const altered = (token, part, at) => {
  const parts = token.split('.');
  const next = parts[part].at(at) === 'A' ? 'B' : 'A';
  parts[part] = parts[part].slice(0, at) + next + parts[part].slice(at + 1);
  return parts.join('.');
};

const unsigned = (token) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`;

/** name → what is asked: { path, method, token, headers, expected: [does, code] }; with `revoked` the token is revoked before. */
const CASES = {
  'good, RS256': { token: () => login('ada'), expected: ['forward'] },
  'good, ES256': { token: () => login('bob', { alg: 'ES256' }), expected: ['forward'] },
  'good, EdDSA': { token: () => login('ada', { alg: 'EdDSA' }), expected: ['forward'] },
  expired: { token: () => login('ada', { expires_in: -31 }), expected: ['refuse', 'token_expired'] },
  'expired within the leeway': { token: () => login('ada', { expires_in: -5 }), expected: ['forward'] },
  'for another audience': { token: () => login('ada', { audience: 'other' }), expected: ['refuse', 'audience_mismatch'] },
  'with a role that its subject has not': { path: '/api/admin/users', token: async () => raised(await login('bob'), { roles: ['admin'] }), expected: ['refuse', 'signature_invalid'] },
  'with altered claims': { token: async () => altered(await login('ada'), 1, 10), expected: ['refuse', 'token_malformed'] },
  'with an altered signature': { token: async () => altered(await login('ada'), 2, 30), expected: ['refuse', 'signature_invalid'] },
  'signed by nobody': { token: async () => unsigned(await login('ada')), expected: ['refuse', 'algorithm_unknown'] },
  'cut off': { token: async () => (await login('ada')).slice(0, -2), expected: ['refuse', 'signature_invalid'] },
  'of two parts': { token: async () => (await login('ada')).split('.').slice(0, 2).join('.'), expected: ['refuse', 'token_malformed'] },
  'without the role': { path: '/api/admin/users', token: () => login('bob'), expected: ['refuse', 'insufficient_scope'] },
  'with the role': { path: '/api/admin/users?page=2', token: () => login('ada'), expected: ['forward'] },
  revoked: { token: () => login('bob'), revoked: true, expected: ['refuse', 'token_revoked'] },
  missing: { expected: ['refuse', 'credential_missing'] },
  'missing on a public route': { path: '/public/page', expected: ['forward'] },
  'missing on an optional route': { path: '/optional/page', expected: ['forward'] },
  'bad on an optional route': { path: '/optional/page', token: () => login('ada', { expires_in: -60 }), expected: ['refuse', 'token_expired'] },
  'good, with headers that pass for the gateway\'s': {
    token: () => login('bob'), headers: { 'X-Auth-Subject': 'root', x_auth_roles: '"admin"', 'X-Auth-Assertion': 'x', 'X-Kept': 'a, b' }, expected: ['forward'],
  },
  'good, where there is no route': { path: '/nowhere', token: () => login('ada'), expected: ['refuse', 'route_not_found'] },
  'good, on a path with two readings': { path: '/api/..%2fadmin', token: () => login('ada'), expected: ['refuse', 'path_ambiguous'] },
  'missing with another scheme': { headers: { Authorization: 'Basic eDp5' }, expected: ['refuse', 'credential_missing'] },
  'good, by another method': { method: 'DELETE', path: '/api/things/7', token: () => login('ada'), expected: ['forward'] },
};

opened(`the playground and the gateway agree on ${Object.keys(CASES).length} requests`, async ({ p }) => {
  await p.ask({ configuration: CONFIGURATION, keys: { demo: demo.keys } });
  for (const [name, { method = 'GET', path = '/api/hello', token, headers = {}, revoked = false, expected }] of Object.entries(CASES)) {
    const text = await token?.() ?? '';
    if (revoked) await revoke(text);
    const sent = { Accept: 'application/json', 'X-Request-Id': ID, ...headers };
    const id = `${ID}-${Object.keys(CASES).indexOf(name)}`;
    sent['X-Request-Id'] = id;
    const url = demo.dev.url + path;
    const real = await send(url, method, { ...sent, ...text && { Authorization: `Bearer ${text}` } });
    await assume(p, revoked);
    await p.ask({ method, url, token: text, headers: Object.entries(sent).map(([field, value]) => `${field}: ${value}`).join('\n') });
    await p.present();
    const shown = await p.outcome();
    assert.deepEqual([shown.does, ...shown.code ? [shown.code] : []], expected, name);
    if (shown.does === 'forward') assertForwarded(name, shown, real, { text, sent });
    else await assertRefused(name, shown, real, id);
  }
}, { limitMs: 120_000 });

async function revoke(token) {
  const answer = await fetch(`${demo.dev.url}/.edgeward/admin/revocations`, {
    method: 'POST', headers: { authorization: `Bearer ${await login('ada')}`, 'content-type': 'application/json' }, body: JSON.stringify({ token }),
  });
  assert.equal(answer.status, 201);
}

async function assume(p, revoked) {
  const box = p.page.getByRole('group', { name: 'Revoked' }).getByRole('checkbox', { name: 'token' });
  await p.tab('Assumptions').click();
  if (await box.isChecked() !== revoked) await p.after(() => box.setChecked(revoked));
}

/** What the gateway sets, however much of it. */
const OURS = /^x[-_]?auth|^x-request-id$|^x-forwarded-(?:host|proto)$|^cache-control$|^pragma$/;

/** The demo's origin answers with what it has received. */
function assertForwarded(name, shown, real, { text, sent }) {
  assert.equal(real.status, 200, `${name}: ${real.text}`);
  const received = JSON.parse(real.text).headers;
  for (const [field, value] of Object.entries(shown.headers)) {
    if (field !== 'authorization') assert.equal(received[field], value, `${name}: ${field}`);
  }
  const ours = Object.keys(received).filter((field) => OURS.test(field));
  assert.deepEqual(ours.sort(), shown.set.sort(), `${name}: what the gateway sets`);
  const clients = Object.keys(sent).map((field) => field.toLowerCase()).filter((field) => field in received).sort();
  const expected = Object.keys(shown.headers).filter((field) => field in lowered(sent)).sort();
  assert.deepEqual(clients, expected, `${name}: what is kept of the request`);
  if (text) {
    assert.equal(received.authorization, `Bearer ${text}`, name);
    assert.match(shown.headers.authorization, new RegExp(`\\b${text.length} bytes`), name);
  }
}

const lowered = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function assertRefused(name, shown, real, id) {
  assert.equal(real.status, shown.status, `${name}: ${real.text}`);
  assert.deepEqual(JSON.parse(real.text), shown.body, name);
  for (const [field, value] of Object.entries(shown.headers)) assert.equal(real.headers[field], value, `${name}: ${field}`);
  // What the caller is told is the same for all faults of a token; the log knows more.
  const line = await until(() => demo.dev.logs().find((line) => line.event === 'refused' && line.request_id === id), () => `no line of ${id} in the log`);
  assert.equal(line.code, shown.code, name);
}

opened('the playground\'s own examples come to the same at a gateway with their configuration and key', async ({ p, page }) => {
  const origin = await startOrigin();
  let gateway;
  try {
    gateway = await startAs(await p.field('Configuration').inputValue(), await p.field('Keys of demo').inputValue(), origin);
    const examples = await page.getByRole('group', { name: 'Examples' }).getByRole('button').allTextContents();
    assert.ok(examples.length >= 8, examples.join());
    for (const example of examples) {
      await p.after(() => p.button(example).click());
      const shown = await p.outcome();
      const first = origin.requests.length;
      const real = await ask(gateway, p, shown);
      if (shown.does === 'refuse') {
        assert.deepEqual([real.status, JSON.parse(real.text).code], [shown.status, shown.body.code], example);
        assert.equal(real.headers['www-authenticate'], shown.headers['www-authenticate'], example);
        assert.equal(gateway.logs().findLast((line) => line.event === 'refused').code, shown.code, example);
        assert.equal(origin.requests.length, first, example);
      } else {
        assert.equal(real.status, 200, `${example}: ${real.text}`);
        const received = Object.fromEntries(origin.requests.at(-1).headers.map(([name, value]) => [name.toLowerCase(), value]));
        // The example's client used https, and this one has an id of its own.
        const differs = ['x-request-id', 'x-forwarded-proto'];
        for (const name of shown.set.filter((name) => !differs.includes(name))) assert.equal(received[name], shown.headers[name], `${example}: ${name}`);
        assert.deepEqual(Object.keys(received).filter((name) => /^x[-_]auth/.test(name)).sort(), shown.set.filter((name) => name.startsWith('x-auth')).sort(), example);
      }
    }
  } finally {
    await gateway?.stop();
    await origin.stop();
  }
});

/** The configuration as it stands, but for where its keys and its origins are. */
function startAs(text, keys, origin) {
  const config = parse(text).vars.EDGEWARD;
  for (const one of config.origins) one.url = origin.url;
  for (const tenant of config.tenants ?? []) if (/^https?:/.test(tenant.origin)) tenant.origin = origin.url;
  for (const issuer of config.issuers) issuer.verify = { keys: JSON.parse(keys) };
  return startGateway({ config });
}

async function ask(gateway, p, shown) {
  const [method, url, token, fields] = await Promise.all([
    p.page.getByRole('combobox', { name: 'Method' }).inputValue(), p.field('URL').inputValue(), p.field('Token').inputValue(), p.field('Headers').inputValue(),
  ]);
  // What is assumed there stands in the store here, under the names that the page shows.
  if (shown.code === 'token_revoked') {
    const rows = await p.rows(p.step('revocation').locator('table'));
    const [entry, ...others] = rows.filter((cells) => !cells.includes('no entry'));
    assert.deepEqual(others, []);
    await gateway.kv.put(entry.find((cell) => cell.startsWith('revoked:')), '1');
  }
  const { host, pathname, search } = new URL(url);
  const headers = Object.fromEntries(fields.split('\n').filter(Boolean).map((line) => line.split(/:\s*/)));
  return send(`${gateway.url}${pathname}${search}`, method, { ...headers, Host: host, ...token && { Authorization: `Bearer ${token}` } });
}
