// Every way to revoke, through the admin call and straight into the store, and what each reaches.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertTokenRefused } from '../../harness/config.mjs';
import { entryName, otherSignature, tokenEntry } from '../../harness/revocation_names.mjs';
import { now, startStage } from '../../harness/revocation_stage.mjs';

let stage;
before(async () => {
  stage = await startStage();
});
after(() => stage.stop());

const mint = (claims) => stage.issuer.token(claims);
const issuedAt = (seconds, claims = {}) => mint({ iat: seconds, ...claims });

/** Each kind: two tokens it must tell apart, the admin call's body, the entry's name and what stands in it. */
const KINDS = {
  'a token by jti': async () => {
    const [hit, miss] = await Promise.all([mint(), mint()]);
    return { hit, miss, body: { token: hit }, name: tokenEntry(hit), value: '1' };
  },
  'a token by jti, without the token at hand': async () => {
    const jti = randomUUID();
    const [hit, miss] = await Promise.all([mint({ jti }), mint()]);
    const body = { issuer: 'main', jti, expires_at: now() + 700 };
    return { hit, miss, body, name: entryName('token', stage.issuer.issuer, jti), value: 'logged out' };
  },
  'a token without jti by its signing input': async () => {
    const [hit, miss] = await Promise.all([mint({ jti: undefined, n: 1 }), mint({ jti: undefined, n: 2 })]);
    return { hit, miss, body: { token: hit }, name: tokenEntry(hit), value: '1' };
  },
  'a session': async () => {
    const sid = randomUUID();
    const [hit, miss] = await Promise.all([mint({ sid }), mint({ sid: `${sid}x` })]);
    return { hit, miss, body: { issuer: 'main', session: sid }, name: entryName('session', stage.issuer.issuer, sid), value: 'true' };
  },
  'a subject cut-off': async () => {
    const sub = `user-${randomUUID()}`;
    const [hit, miss] = await Promise.all([issuedAt(now() - 60, { sub }), issuedAt(now() - 60)]);
    const before = now() - 30;
    return { hit, miss, body: { issuer: 'main', subject: sub, before }, name: entryName('subject', stage.issuer.issuer, sub), value: JSON.stringify({ before }) };
  },
  'a tenant cut-off': async () => {
    const id = `org-${randomUUID()}`;
    const [hit, miss] = await Promise.all([issuedAt(now() - 60, { org: { id } }), issuedAt(now() - 60, { org: { id: 'other' } })]);
    const before = now() - 30;
    return { hit, miss, body: { issuer: 'main', tenant: id, before }, name: entryName('tenant', stage.issuer.issuer, id), value: JSON.stringify({ before }) };
  },
};

for (const [what, make] of Object.entries(KINDS)) {
  test(`${what}, revoked by the admin call, is refused from then on, and nothing else is`, async () => {
    const { hit, miss, body, name } = await make();
    assertPassed(await stage.get(hit), 'before');
    const answer = await stage.revoke(body);
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.json.entry, name);
    assert.ok('expires_at' in answer.json, answer.text);
    assertTokenRefused(await stage.get(hit), 'at once after the call');
    assertPassed(await stage.get(miss), 'another token');
    assert.notEqual(await stage.kv.get(name), null, 'the entry stands in KV under the documented name');
  });

  test(`${what}, put into KV under the documented name, is refused`, async () => {
    const { hit, miss, name, value } = await make();
    await stage.kv.put(name, value);
    assertTokenRefused(await stage.get(hit));
    assertPassed(await stage.get(miss));
  });
}

test('a revoked token is refused with the body of any bad token, and the reason stands in the log only', async () => {
  const token = await mint();
  await stage.kv.put(tokenEntry(token), '1');
  const revoked = await stage.get(token);
  const expired = await stage.get(await mint({ exp: now() - 600 }));
  const shape = ({ status, json: { request_id, ...rest }, headers }) => ({ status, rest, challenge: headers['www-authenticate'] });
  assert.deepEqual(shape(revoked), shape(expired));
  const line = stage.gateway.logs().find((entry) => entry.request_id === revoked.json.request_id);
  assert.match(line.code, /revoked/);
});

test('the other signature of a revoked ES256 token is refused too', async () => {
  for (const claims of [{}, { jti: undefined, one: randomUUID() }]) {
    const token = await mint(claims);
    const twin = otherSignature(token);
    assert.notEqual(twin, token);
    assertPassed(await stage.get(twin), 'the twin is a valid token');
    assert.equal((await stage.revoke({ token })).status, 201);
    assertTokenRefused(await stage.get(token));
    assertTokenRefused(await stage.get(twin), 'the twin, seen before');
    const direct = await mint(claims.one ? { ...claims, one: randomUUID() } : claims);
    await stage.kv.put(tokenEntry(direct), '1');
    assertTokenRefused(await stage.get(otherSignature(direct)), 'the twin, not seen before');
  }
});

describe('a cut-off', () => {
  const cuts = {
    subject: (value) => ({ claims: { sub: value }, name: entryName('subject', stage.issuer.issuer, value), body: { subject: value } }),
    tenant: (value) => ({ claims: { org: { id: value } }, name: entryName('tenant', stage.issuer.issuer, value), body: { tenant: value } }),
  };
  for (const [kind, cut] of Object.entries(cuts)) {
    test(`by ${kind} refuses iat before it, and passes iat equal to it and after`, async () => {
      const { claims, name } = cut(randomUUID());
      const at = now() - 100;
      const [earlier, equal, later] = await Promise.all([at - 1, at, at + 1].map((iat) => issuedAt(iat, claims)));
      await stage.kv.put(name, JSON.stringify({ before: at }));
      assertTokenRefused(await stage.get(earlier), 'iat before');
      assertPassed(await stage.get(equal), 'iat equal');
      assertPassed(await stage.get(later), 'iat after');
    });

    test(`by ${kind} refuses a token without iat`, async () => {
      const { claims, name } = cut(randomUUID());
      await stage.kv.put(name, JSON.stringify({ before: now() - 100 }));
      assertTokenRefused(await stage.get(await mint({ ...claims, iat: undefined })));
    });

    test(`by ${kind} without "before" means now: tokens issued so far are refused`, async () => {
      const { claims, body, name } = cut(randomUUID());
      const token = await mint(claims);
      const asked = Date.now() / 1000;
      assert.equal((await stage.revoke({ issuer: 'main', ...body })).status, 201);
      assertTokenRefused(await stage.get(token));
      const { before } = JSON.parse(await stage.kv.get(name));
      assert.ok(before >= asked && before <= now() + 1, `before is now, rounded up: ${before}`);
      assertPassed(await stage.get(await issuedAt(before, claims)), 'a token issued at the cut-off');
    });

    test(`by ${kind} that cannot be read refuses`, async () => {
      for (const value of ['', 'x', '{}', '{"before":"5"}', '{"before":null}', '[]', '17', '{"before":1e400}']) {
        const { claims, name } = cut(randomUUID());
        await stage.kv.put(name, value);
        const answer = await stage.get(await mint(claims));
        assert.ok([401, 503].includes(answer.status), `${JSON.stringify(value)} let the token pass`);
      }
    });
  }
});

test('a cut-off with a fraction of a second refuses the token issued in the second before it', async () => {
  const sub = randomUUID();
  const at = now() - 50;
  await stage.kv.put(entryName('subject', stage.issuer.issuer, sub), JSON.stringify({ before: at + 0.5 }));
  const answer = await stage.get(await issuedAt(at, { sub }));
  assert.ok([401, 503].includes(answer.status), answer.text);
});

test('what is revoked for one issuer says nothing about another', async () => {
  const token = await mint();
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  await stage.kv.put(entryName('token', 'https://another.example', jti), '1');
  assertPassed(await stage.get(token));
});

test('kinds are not mixed up: the same text revoked as a session leaves a subject and a jti alone', async () => {
  const text = randomUUID();
  await stage.kv.put(entryName('session', stage.issuer.issuer, text), '1');
  assertPassed(await stage.get(await mint({ sub: text, jti: text, org: { id: text } })));
  assertTokenRefused(await stage.get(await mint({ sid: text })));
});

test('claims with a NUL, quotes and other scripts are named by their exact text', async () => {
  for (const odd of ['a\0b', '"quoted"', 'Ünïcödé 漢字', ' spaced ', 'x'.repeat(400)]) {
    const token = await mint({ sid: odd });
    assertPassed(await stage.get(token), JSON.stringify(odd));
    await stage.kv.put(entryName('session', stage.issuer.issuer, odd), '1');
    assertTokenRefused(await stage.get(await mint({ sid: odd })), JSON.stringify(odd));
  }
});

test('issuer cut-off: every token issued before it is refused, whoever it belongs to', async () => {
  const name = entryName('issuer', stage.issuer.issuer);
  const at = now() - 5;
  try {
    await stage.kv.put(name, JSON.stringify({ before: at }));
    assertTokenRefused(await stage.get(await issuedAt(at - 1, { sub: 'a' })));
    assertPassed(await stage.get(await issuedAt(at, { sub: 'a' })));
    await stage.kv.delete(name);
    const answer = await stage.revoke({ issuer: 'main', before: at + 1 });
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.json.entry, name);
    assertTokenRefused(await stage.get(await issuedAt(at, { sub: 'b' })));
    assertPassed(await stage.get(await issuedAt(at + 1, { sub: 'b' })));
  } finally {
    await stage.kv.delete(name);
  }
});
