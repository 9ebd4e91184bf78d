// The admin call that revokes: who may make it, what it takes, what it writes and for how long.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { entryName, tokenEntry } from '../../harness/revocation_names.mjs';
import { ADMIN_PATH, now, startStage } from '../../harness/revocation_stage.mjs';

const LEEWAY = 30;
let stage;
before(async () => {
  stage = await startStage();
});
after(() => stage.stop());

const names = async () => (await stage.kv.list()).map((key) => key.name).filter((name) => name.startsWith('revoked:'));

describe('who may revoke', () => {
  const body = () => ({ issuer: 'main', session: randomUUID() });
  test('no token: 401 without an error code', async () => {
    const answer = await stage.revoke(body(), { token: undefined });
    assertProblem(answer, 401, 'credential_missing');
    assert.equal(answer.headers['www-authenticate'], 'Bearer realm="edgeward"');
  });
  test('a bad token: 401', async () => {
    assertTokenRefused(await stage.revoke(body(), { token: await stage.issuer.token({ roles: ['admin'], exp: now() - 100 }) }));
    assertTokenRefused(await stage.revoke(body(), { token: `${await stage.issuer.token({ roles: ['admin'] })}A` }));
  });
  test('a token without the role: 403', async () => {
    for (const roles of [undefined, [], ['user'], ['Admin'], ['administrator']]) {
      assertProblem(await stage.revoke(body(), { token: await stage.issuer.token({ roles }) }), 403, 'insufficient_scope');
    }
  });
  test('an admin whose own token is revoked: 401', async () => {
    const token = await stage.issuer.token({ roles: ['admin'] });
    assert.equal((await stage.revoke(body(), { token })).status, 201);
    assert.equal((await stage.revoke({ token }, { token })).status, 201);
    assertTokenRefused(await stage.revoke(body(), { token }));
  });
  test('nothing was written by those who may not', async () => {
    const before = (await names()).length;
    const session = randomUUID();
    await stage.revoke({ issuer: 'main', session }, { token: await stage.issuer.token() });
    assert.equal((await names()).length, before);
    assertPassed(await stage.get(await stage.issuer.token({ sid: session })));
  });
});

test('methods other than POST and DELETE: 405 with Allow', async () => {
  const token = await stage.issuer.token({ roles: ['admin'] });
  for (const method of ['GET', 'PUT', 'PATCH', 'OPTIONS', 'PURGE']) {
    const answer = await send(stage.gateway.url + ADMIN_PATH, { method, token });
    assertProblem(answer, 405, 'method_not_allowed', method);
    assert.equal(answer.headers.allow, 'POST, DELETE');
  }
});

test('without an admin table in the configuration the path does not exist', async (t) => {
  const { issuer, origin } = stage;
  const gateway = await startGateway({ config: protect({ origin, issuers: [issuer.config()] }) });
  t.after(() => gateway.stop());
  const seen = origin.requests.length;
  const token = await issuer.token({ roles: ['admin'] });
  for (const method of ['POST', 'GET']) {
    assertProblem(await send(gateway.url + ADMIN_PATH, { method, token, body: method === 'POST' ? '{}' : undefined }), 404, 'route_not_found');
  }
  assert.equal(origin.requests.length, seen, 'the origin is not asked either');
});

describe('a body that does not say one thing: 400 with a detail', () => {
  const bad = {
    'nothing': '', 'no JSON': 'session=1', 'an array': '[]', 'null': 'null', 'an empty object': '{}', 'trailing text': '{"issuer":"main","session":"a"}x',
    'only an issuer of a wrong type': '{"issuer":7}',
    'an issuer not configured': '{"issuer":"nobody","session":"a"}',
    'a session without issuer': '{"session":"a"}',
    'two things at once': '{"issuer":"main","session":"a","jti":"b"}',
    'a token and a session': '{"token":"a.b.c","issuer":"main","session":"a"}',
    'an unknown member': '{"issuer":"main","session":"a","why":"b"}',
    'one member twice': '{"issuer":"main","session":"a","session":"b"}',
    'a session that is a number': '{"issuer":"main","session":7}',
    'a session that is null': '{"issuer":"main","session":null}',
    'before on a session': '{"issuer":"main","session":"a","before":7}',
    'before that is a string': '{"issuer":"main","subject":"a","before":"7"}',
    'before below zero': '{"issuer":"main","subject":"a","before":-7}',
    'before in milliseconds on a subject': { issuer: 'main', subject: 'a', before: Date.now() },
    'before in milliseconds on a tenant': { issuer: 'main', tenant: 'a', before: Date.now() },
    'before in milliseconds on an issuer, which would lock everybody out': { issuer: 'main', before: Date.now() },
    'before that is two minutes ahead': { issuer: 'main', subject: 'a', before: now() + 120 },
    'expires_at that is a string': '{"issuer":"main","jti":"a","expires_at":"7"}',
    'expires_at of a jti that is now': { issuer: 'main', jti: 'a', expires_at: now() },
    'expires_at of a jti that has passed within the leeway': { issuer: 'main', jti: 'a', expires_at: now() - 5 },
    'expires_at of a session that has passed': { issuer: 'main', session: 'a', expires_at: now() - 3600 },
    'expires_at that is zero': { issuer: 'main', session: 'a', expires_at: 0 },
    'a token that is none': '{"token":"a.b.c"}',
    'a token that is a number': '{"token":7}',
    'invalid UTF-8': Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('latin1'),
  };
  for (const [what, body] of Object.entries(bad)) {
    test(what, async () => {
      const before = (await names()).length;
      const answer = await stage.revoke(body);
      assertProblem(answer, 400, 'invalid_request');
      assert.ok(answer.json.detail?.length > 10, `a detail that says what is wrong: ${answer.text}`);
      assert.equal((await names()).length, before, 'nothing is stored');
    });
  }
  test('a token of an issuer not known here', async () => {
    const answer = await stage.revoke({ token: await stage.issuer.token({ iss: 'https://another.example' }) });
    assertProblem(answer, 400, 'invalid_request');
  });
  test('a megabyte', async () => {
    const answer = await stage.revoke({ issuer: 'main', session: 'a'.repeat(1024 * 1024) });
    assert.ok([400, 413].includes(answer.status), `${answer.status}`);
  });
});

describe('how long an entry lives', () => {
  const expiration = async (name) => (await stage.kv.list()).find((key) => key.name === name).expiration ?? null;
  /** Revokes and returns what KV holds as the entry's expiry; the answer must say the same. */
  async function written(body, name) {
    const answer = await stage.revoke(body);
    assert.equal(answer.status, 201, answer.text);
    const stored = await expiration(name ?? answer.json.entry);
    assert.equal(answer.json.expires_at === null, stored === null, `${answer.text} against ${stored}`);
    if (stored !== null) assert.ok(Math.abs(answer.json.expires_at - stored) <= 1, `${answer.text} against ${stored}`);
    return stored ?? Infinity;
  }
  test('a token, with and without jti, whatever its exp says: for good', async () => {
    for (const claims of [{ exp: now() + 3600 }, { exp: now() + 3 }, { exp: now() - LEEWAY + 5 }, { jti: undefined, exp: now() + 7200 }]) {
      const token = await stage.issuer.token(claims);
      assert.equal(await written({ token }, tokenEntry(token)), Infinity, JSON.stringify(claims));
      assertTokenRefused(await stage.get(token));
    }
  });
  test('an expires_at beyond what KV can count: for good, or as long as it says', async () => {
    for (const expires_at of [now() + 2 ** 31 - 40, now() + 2 ** 31 - 31, now() + 2 ** 31, 4_102_444_800, 99_999_999_999]) {
      assert.ok((await written({ issuer: 'main', jti: randomUUID(), expires_at })) >= expires_at, `${expires_at}`);
    }
  });
  test('an expires_at that is nearer than 60 s: KV takes no less', async () => {
    assert.ok((await written({ issuer: 'main', jti: randomUUID(), expires_at: now() + 2 })) >= now() + 58);
  });
  test('a jti with expires_at: not shorter than that; without: for good', async () => {
    assert.ok((await written({ issuer: 'main', jti: randomUUID(), expires_at: now() + 5000 })) >= now() + 4998);
    assert.ok((await written({ issuer: 'main', jti: randomUUID() })) >= now() + 365 * 86_400);
  });
  test('sessions and cut-offs, whose tokens are not known: for good', async () => {
    for (const body of [{ session: randomUUID() }, { subject: randomUUID() }, { tenant: randomUUID() }]) {
      assert.ok((await written({ issuer: 'main', ...body })) >= now() + 365 * 86_400, JSON.stringify(body));
    }
  });
});

describe('of two orders for one name', () => {
  const KINDS = ['jti', 'session'];
  /** Gives the orders one after the other; what KV holds then, and the last answer. */
  async function ordered(kind, ...orders) {
    const body = { issuer: 'main', [kind]: randomUUID() };
    let answer;
    for (const order of orders) {
      answer = await stage.revoke({ ...body, ...order });
      assert.equal(answer.status, 201, answer.text);
    }
    return stored(answer);
  }
  async function stored(answer) {
    const { entry, expires_at: told } = answer.json;
    const { expiration } = (await stage.kv.list()).find(({ name }) => name === entry);
    return { value: JSON.parse(await stage.kv.get(entry)), expiration: expiration ?? null, told };
  }
  const FOR_GOOD = { value: {}, expiration: null, told: null };

  for (const kind of KINDS) {
    test(`the later expiry counts, whichever comes first (${kind})`, async () => {
      const [sooner, later] = [now() + 100, now() + 5000];
      for (const orders of [[sooner, later], [later, sooner], [later, later]]) {
        const { value, expiration, told } = await ordered(kind, ...orders.map((expires_at) => ({ expires_at })));
        assert.deepEqual(value, { expires_at: later }, `${orders}`);
        assert.ok(expiration >= later + LEEWAY && expiration <= later + LEEWAY + 5, `${orders}: ${expiration} for ${later}`);
        assert.ok(Math.abs(told - expiration) <= 1, `${told} against ${expiration}`);
      }
    });

    test(`the one without an expiry counts, whichever comes first (${kind})`, async () => {
      assert.deepEqual(await ordered(kind, {}, { expires_at: now() + 100 }), FOR_GOOD);
      assert.deepEqual(await ordered(kind, { expires_at: now() + 100 }, {}), FOR_GOOD);
      assert.deepEqual(await ordered(kind, { expires_at: now() + 100 }, {}, { expires_at: now() + 200 }), FOR_GOOD);
    });
  }

  test('a token that was revoked for good is not let back in by its jti with an expiry', async () => {
    const token = await stage.issuer.token({ exp: now() + 7200 });
    const { jti } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    const first = await stage.revoke({ token });
    const second = await stage.revoke({ issuer: 'main', jti, expires_at: now() + 100 });
    assert.deepEqual([first.status, second.status, second.json.entry], [201, 201, first.json.entry]);
    assert.deepEqual(await stored(second), FOR_GOOD);
    assertTokenRefused(await stage.get(token));
  });

  test('an entry that somebody put there without a word of its end stays for good', async () => {
    const session = randomUUID();
    await stage.kv.put(entryName('session', stage.issuer.issuer, session), 'logged out');
    assert.deepEqual(await stored(await stage.revoke({ issuer: 'main', session, expires_at: now() + 100 })), FOR_GOOD);
  });
});

test('a cut-off may lie ahead by as much as clocks differ', async () => {
  const answer = await stage.revoke({ issuer: 'main', subject: randomUUID(), before: now() + LEEWAY });
  assert.equal(answer.status, 201, answer.text);
});

test('a later, smaller cut-off does not undo an earlier, larger one', async () => {
  const sub = randomUUID();
  const token = await stage.issuer.token({ sub, iat: now() - 60 });
  assert.equal((await stage.revoke({ issuer: 'main', subject: sub, before: now() - 10 })).status, 201);
  const second = await stage.revoke({ issuer: 'main', subject: sub, before: now() - 1000 });
  assert.ok([201, 409].includes(second.status), second.text);
  assertTokenRefused(await stage.get(token));
});

test('a revocation is logged without the token, its subject or its jti', async () => {
  const token = await stage.issuer.token({ sub: `subject-${randomUUID()}` });
  const { jti, sub } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  const answer = await stage.revoke({ token });
  assert.equal(answer.status, 201);
  assert.ok(stage.gateway.logs().some((line) => line.event === 'revoked' && line.entry === answer.json.entry), 'a line for the operator');
  for (const secret of [jti, sub, token.split('.')[2], token.split('.')[1]]) {
    assert.ok(!stage.gateway.output().includes(secret), 'said in the log');
  }
});

test('a store that does not answer a write or a deletion: 503', async (t) => {
  const kv = memoryKv();
  const faulty = await startStage({ kv });
  t.after(() => faulty.stop());
  kv.hangingWrites = true;
  const orders = [['POST', { issuer: 'main', session: 'x' }], ['DELETE', { entry: entryName('session', faulty.issuer.url, 'x') }]];
  for (const [method, order] of orders) {
    const body = JSON.stringify(order);
    const headers = { 'content-length': String(Buffer.byteLength(body)) };
    assertUnavailable(await faulty.revoke(body, { method, headers }), 'revocation_unavailable', method);
  }
});

test('a store that refuses the write: 503, and nothing is said to be revoked', async (t) => {
  const kv = memoryKv();
  const faulty = await startStage({ kv });
  t.after(() => faulty.stop());
  kv.refusingWrites = true;
  const token = await faulty.issuer.token();
  assertUnavailable(await faulty.revoke({ token }), 'revocation_unavailable');
  kv.refusingWrites = false;
  assert.equal((await faulty.revoke({ token })).status, 201);
  assert.ok(kv.entries.has(tokenEntry(token)));
  assert.equal(kv.entries.get(entryName('subject', faulty.issuer.issuer, 'user-1')), undefined);
});

test('a text that no request can carry as a token is refused, though some issuer has opaque tokens', async (t) => {
  const opaque = { name: 'opaque', issuer: 'https://opaque.example', opaque: true, audiences: ['api'], verify: { me: 'http://127.0.0.1:9/me' } };
  const config = protect({ origin: stage.origin, issuers: [stage.issuer.config(), opaque], admin: { require: { role: 'admin' } } });
  const gateway = await startGateway({ config });
  t.after(() => gateway.stop());
  const admin = await stage.issuer.token({ roles: ['admin'] });
  const revoke = (text) => send(gateway.url + ADMIN_PATH, { method: 'POST', token: admin, headers: { 'content-type': 'application/json' }, body: { token: text } });
  for (const text of ['Bearer abc', '"abc"', 'a,b', 'ä', 'a\u0000b']) assertProblem(await revoke(text), 400, 'invalid_request', text);
  const { json } = await revoke('abc');
  assert.equal((await revoke(' abc\n')).json.entry, json.entry);
});
