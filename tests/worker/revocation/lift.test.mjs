// Taking a revocation back: who may, what it takes, and that nothing else of the store can be taken away by it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { entryName, tokenEntry } from '../../harness/revocation_names.mjs';
import { ADMIN_PATH, now, startStage } from '../../harness/revocation_stage.mjs';

let stage;
before(async () => {
  stage = await startStage();
});
after(() => stage.stop());

/** The call that takes an entry back; Node frames no body of a DELETE by itself. */
function lift(body, { on = stage, ...options } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  return on.revoke(text, { method: 'DELETE', headers, ...options });
}

const issuer = () => stage.issuer.issuer;
const mint = (claims) => stage.issuer.token(claims);

/** What can be revoked: a token that it concerns, the order, and the name of the entry. */
const KINDS = {
  token: async () => {
    const token = await mint();
    return { token, order: { token }, entry: tokenEntry(token) };
  },
  input: async () => {
    const token = await mint({ jti: undefined, one: randomUUID() });
    return { token, order: { token }, entry: tokenEntry(token) };
  },
  session: async () => {
    const session = randomUUID();
    return { token: await mint({ sid: session }), order: { issuer: 'main', session }, entry: entryName('session', issuer(), session) };
  },
  subject: async () => {
    const subject = randomUUID();
    return { token: await mint({ sub: subject }), order: { issuer: 'main', subject }, entry: entryName('subject', issuer(), subject) };
  },
  tenant: async () => {
    const tenant = randomUUID();
    return { token: await mint({ org: { id: tenant } }), order: { issuer: 'main', tenant }, entry: entryName('tenant', issuer(), tenant) };
  },
  issuer: async () => ({
    // The administrator's own token is of this second, and stays good.
    token: await mint({ iat: now() - 60 }), order: { issuer: 'main', before: now() - 30 }, entry: entryName('issuer', issuer()),
  }),
};

describe('an entry that is taken back', () => {
  for (const [kind, make] of Object.entries(KINDS)) {
    test(`lets the token pass again at once (${kind})`, async () => {
      const { token, order, entry } = await make();
      assert.equal((await stage.revoke(order)).json.entry, entry);
      assertTokenRefused(await stage.get(token));
      const answer = await lift({ entry });
      assert.deepEqual([answer.status, answer.json], [200, { entry, was_revoked: true }]);
      assert.match(answer.headers['content-type'], /^application\/json/);
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.equal(await stage.kv.get(entry), null);
      assertPassed(await stage.get(token));
    });
  }

  test('is told from one that was not there, which is no fault', async () => {
    const { order, entry } = await KINDS.session();
    assert.deepEqual((await lift({ entry })).json, { entry, was_revoked: false });
    await stage.revoke(order);
    for (const expected of [true, false]) {
      const answer = await lift({ entry });
      assert.deepEqual([answer.status, answer.json], [200, { entry, was_revoked: expected }]);
    }
  });

  test('takes no other with it', async () => {
    const [gone, kept] = [await KINDS.session(), await KINDS.session()];
    for (const { order } of [gone, kept]) await stage.revoke(order);
    await lift({ entry: gone.entry });
    assertPassed(await stage.get(gone.token));
    assertTokenRefused(await stage.get(kept.token));
  });

  test('can be revoked again, for a shorter time than before', async () => {
    const { token, order, entry } = await KINDS.session();
    await stage.revoke(order);
    await lift({ entry });
    const expires_at = now() + 100;
    const answer = await stage.revoke({ ...order, expires_at });
    assert.ok(answer.json.expires_at >= expires_at && answer.json.expires_at < expires_at + 60, answer.text);
    assertTokenRefused(await stage.get(token));
  });

  test('has a line of its own in the log, with its kind and name, and nothing of the token', async () => {
    const { token, order, entry } = await KINDS.subject();
    await stage.revoke(order);
    const before = stage.gateway.logs().length;
    await lift({ entry }, { headers: { 'x-request-id': 'lifted-1', 'content-length': JSON.stringify({ entry }).length } });
    const lines = stage.gateway.logs().slice(before);
    assert.deepEqual(lines, [{ event: 'revocation_lifted', request_id: 'lifted-1', kind: 'subject', entry, reason: 'admin' }]);
    for (const secret of [order.subject, ...token.split('.').slice(1)]) assert.ok(!stage.gateway.output().includes(secret));
  });
});

describe('who may take back', () => {
  let revoked;
  before(async () => {
    revoked = await KINDS.session();
    await stage.revoke(revoked.order);
  });
  const refusals = {
    'no token: 401': [async () => undefined, 401, 'credential_missing'],
    'an expired administrator: 401': [() => mint({ roles: ['admin'], exp: now() - 100 }), 401, 'invalid_token'],
    'a forged administrator: 401': [async () => `${await mint({ roles: ['admin'] })}A`, 401, 'invalid_token'],
    'a token without the role: 403': [() => mint(), 403, 'insufficient_scope'],
    'a token with a role like it: 403': [() => mint({ roles: ['Admin', 'administrator'] }), 403, 'insufficient_scope'],
    'an administrator whose own token is revoked: 401': [async () => {
      const token = await mint({ roles: ['admin'] });
      assert.equal((await stage.revoke({ token })).status, 201);
      return token;
    }, 401, 'invalid_token'],
  };
  for (const [what, [make, status, code]] of Object.entries(refusals)) {
    test(`${what}, and the entry stays`, async () => {
      assertProblem(await lift({ entry: revoked.entry }, { token: await make() }), status, code);
      assert.notEqual(await stage.kv.get(revoked.entry), null);
      assertTokenRefused(await stage.get(revoked.token));
    });
  }

  test('where nobody is an administrator the path does not exist', async (t) => {
    const config = protect({ origin: stage.origin, issuers: [stage.issuer.config()] });
    const gateway = await startGateway({ config });
    t.after(() => gateway.stop());
    const token = await mint({ roles: ['admin'] });
    assertProblem(await send(gateway.url + ADMIN_PATH, { method: 'DELETE', token }), 404, 'route_not_found');
  });
});

describe('a body that names no entry: 400 with a detail, and the store stays as it is', () => {
  const hash = 'A'.repeat(43);
  const OTHERS = ['config', 'config:good', `jwks:${hash}`, `remote:${hash}`, 'ready', 'somebody-elses'];
  const REVOKED = `revoked:session:${hash}`;
  before(async () => {
    for (const name of [...OTHERS, REVOKED]) await stage.kv.put(name, '{}');
  });
  const malformed = [
    '', ' ', 'revoked', 'revoked:', 'revoked:session', 'revoked:session:', `revoked:${hash}`, `revoked::${hash}`, `session:${hash}`,
    `revoked:other:${hash}`, `Revoked:session:${hash}`, `revoked:Session:${hash}`, `REVOKED:SESSION:${hash}`, `revoked:session:${hash}A`,
    `revoked:session:${hash.slice(1)}`, `revoked:session:${hash.slice(1)}=`, `revoked:session:${hash.slice(1)}+`, `revoked:session:${hash} `,
    ` revoked:session:${hash}`, `revoked:session:${hash}\n`, `revoked:session:${hash}\0`, `revoked:session:${hash}:x`, `revoked:session:../../config`,
    `revoked:session:${hash}\nconfig`, '../config', 'revoked:*',
  ];
  const bad = {
    'nothing': '', 'no JSON': REVOKED, 'a text': JSON.stringify(REVOKED), 'an array': JSON.stringify([REVOKED]), 'null': 'null', 'an empty object': '{}',
    'trailing text': `${JSON.stringify({ entry: REVOKED })}x`,
    'an entry that is null': { entry: null }, 'an entry that is a number': { entry: 7 }, 'several entries': { entry: [REVOKED] },
    'an unknown member': { entry: REVOKED, why: 'a' },
    'one member twice': `{"entry":"${REVOKED}","entry":"${REVOKED}"}`,
    'what POST takes, a session': { issuer: 'main', session: 'a' }, 'what POST takes, a token': { token: 'a.b.c' },
    'more than 20 KiB': `${JSON.stringify({ entry: REVOKED })}${' '.repeat(20 * 1024)}`,
    ...Object.fromEntries([...OTHERS, ...malformed].map((entry) => [`the name ${JSON.stringify(entry)}`, { entry }])),
  };
  const snapshot = async () => (await stage.kv.list()).map(({ name }) => name).sort();
  for (const [what, body] of Object.entries(bad)) {
    test(what, async () => {
      const [before, lines] = [await snapshot(), stage.gateway.logs().length];
      const answer = await lift(body);
      assertProblem(answer, 400, 'invalid_request');
      assert.match(answer.json.detail ?? '', /^(expected |unknown )/);
      assert.deepEqual(await snapshot(), before);
      assert.deepEqual(stage.gateway.logs().slice(lines).map(({ event }) => event), ['refused']);
    });
  }

  test('of the same store, the entry itself can be taken back, and nothing else goes', async () => {
    const before = await snapshot();
    assert.deepEqual((await lift({ entry: REVOKED })).json, { entry: REVOKED, was_revoked: true });
    assert.deepEqual(await snapshot(), before.filter((name) => name !== REVOKED));
  });
});

describe('a store in trouble: 503, and nothing is said to be taken back', () => {
  let faulty;
  let revoked;
  const kv = memoryKv();
  before(async () => {
    faulty = await startStage({ kv });
    const token = await faulty.issuer.token();
    revoked = { token, entry: tokenEntry(token) };
    assert.equal((await faulty.revoke({ token })).status, 201);
  });
  after(() => faulty?.stop());

  for (const [what, begin, end] of [
    ['it refuses the deletion', () => { kv.refusingWrites = true; }, () => { kv.refusingWrites = false; }],
    ['it cannot be read', () => { kv.failing = (names) => names[0] === revoked.entry && names.length === 1; }, () => { kv.failing = () => false; }],
  ]) {
    test(what, async () => {
      begin();
      try {
        assertUnavailable(await lift({ entry: revoked.entry }, { on: faulty }), 'revocation_unavailable');
      } finally {
        end();
      }
      assert.ok(kv.entries.has(revoked.entry));
      assertTokenRefused(await faulty.get(revoked.token));
      assert.ok(!faulty.gateway.logs().some(({ event }) => event === 'revocation_lifted'));
    });
  }
});
