// The store behind revocation: when it fails, when it hangs, how often it is asked, and how long an answer is kept.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertProblem, assertTokenRefused, assertUnavailable, protect } from '../../harness/config.mjs';
import { send, sleep } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { entryName, tokenEntry } from '../../harness/revocation_names.mjs';
import { startStage } from '../../harness/revocation_stage.mjs';

const REUSE_MS = 5_000;
const MARGIN_MS = 1_000;
const asksForRevocation = (names) => names.some((name) => name.startsWith('revoked:'));

const ROUTES = [
  { path: '/open/**', methods: ['*'], access: 'authenticated', revocation: 'off' },
  { path: '/eventual/**', methods: ['*'], access: 'authenticated', revocation: 'eventual' },
  { path: '/optional/**', methods: ['*'], access: 'optional' },
  { path: '/public/**', methods: ['*'], access: 'public' },
  { path: '/**', methods: ['*'], access: 'authenticated' },
];

/** A stage over a memory KV, its keys already fetched. */
async function stage(t) {
  const kv = memoryKv();
  const running = await startStage({ kv, routes: ROUTES });
  t.after(() => running.stop());
  assertPassed(await running.get(await running.issuer.token(), '/open/x'));
  return { ...running, kv, mint: (claims) => running.issuer.token(claims) };
}

describe('a store that fails', () => {
  test('500: 503 with Retry-After, the origin is not asked, and recovery is noticed at once', async (t) => {
    const { kv, get, mint, origin } = await stage(t);
    kv.failing = asksForRevocation;
    const seen = origin.requests.length;
    for (const path of ['/x', '/eventual/x', '/optional/x']) assertUnavailable(await get(await mint(), path), 'revocation_unavailable', path);
    assert.equal(origin.requests.length, seen);
    kv.failing = () => false;
    for (const path of ['/x', '/eventual/x', '/optional/x']) assertPassed(await get(await mint(), path), path);
  });

  test('a token refused for another reason is told that, store or no store', async (t) => {
    const { kv, get, mint } = await stage(t);
    kv.failing = asksForRevocation;
    assertTokenRefused(await get(await mint({ exp: 1_000_000 })));
    assertProblem(await get(undefined), 401, 'credential_missing');
  });

  test('routes with revocation = "off" and public routes do not ask the store', async (t) => {
    const { kv, get, mint } = await stage(t);
    kv.failing = asksForRevocation;
    const reads = kv.revocationReads();
    assertPassed(await get(await mint(), '/open/x'));
    assertPassed(await get(await mint(), '/public/x'));
    assertPassed(await get(undefined, '/optional/x'));
    assert.equal(kv.revocationReads(), reads);
  });

  test('an answer that is no JSON: 503', async (t) => {
    const { kv, get, mint } = await stage(t);
    kv.instead = (names) => asksForRevocation(names) && new Response('{"revoked:tok');
    assertUnavailable(await get(await mint()), 'revocation_unavailable');
  });

  test('a connection cut: 503', async (t) => {
    const { kv, get, mint } = await stage(t);
    kv.instead = (names) => {
      if (asksForRevocation(names)) throw new Error('cut');
    };
    assertUnavailable(await get(await mint()), 'revocation_unavailable');
  });

  test('no answer at all: 503 in bounded time, also for many at once', async (t) => {
    const { kv, get, mint, origin } = await stage(t);
    kv.hanging = asksForRevocation;
    const seen = origin.requests.length;
    const tokens = await Promise.all(Array.from({ length: 20 }, () => mint()));
    for (const answer of await Promise.all(tokens.map((token) => get(token)))) {
      assertUnavailable(answer, 'revocation_unavailable');
      assert.ok(answer.ms < 8_000, `${Math.round(answer.ms)} ms`);
    }
    assert.equal(origin.requests.length, seen);
    kv.hanging = () => false;
    assertPassed(await get(await mint()));
  });
});

describe('how often the store is asked', () => {
  test('one read for a token within 5 s, and one read holds every name', async (t) => {
    const { kv, get, mint, issuer } = await stage(t);
    const token = await mint({ sid: 's', org: { id: 'o' } });
    const { jti, sub } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    const from = kv.gets.length;
    for (let n = 0; n < 30; n += 1) {
      assertPassed(await get(token));
      await sleep(100);
    }
    const reads = kv.gets.slice(from).filter(asksForRevocation);
    assert.equal(reads.length, 1);
    const expected = [['token', jti], ['session', 's'], ['subject', sub], ['tenant', 'o'], ['issuer', '']];
    assert.deepEqual([...reads[0]].sort(), expected.map(([kind, value]) => entryName(kind, issuer.issuer, value)).sort());
  });

  test('a token without jti, session and tenant is asked for by its signing input', async (t) => {
    const { kv, get, mint, issuer } = await stage(t);
    const token = await mint({ jti: undefined });
    const from = kv.gets.length;
    assertPassed(await get(token));
    const [names] = kv.gets.slice(from).filter(asksForRevocation);
    const expected = [tokenEntry(token), entryName('subject', issuer.issuer, 'user-1'), entryName('issuer', issuer.issuer)];
    assert.deepEqual([...names].sort(), expected.sort());
  });

  test('two tokens do not share a verdict', async (t) => {
    const { kv, get, mint } = await stage(t);
    const [one, two] = await Promise.all([mint(), mint()]);
    assertPassed(await get(one));
    kv.put(tokenEntry(two), '1');
    assertTokenRefused(await get(two));
    assertPassed(await get(one));
  });
});

describe('how long an answer is kept', { concurrency: true }, () => {
  test('an entry written behind the gateway\'s back holds at once for a token not seen before', async (t) => {
    const { kv, get, mint } = await stage(t);
    const token = await mint();
    kv.put(tokenEntry(token), '1');
    assertTokenRefused(await get(token));
  });

  test('for a token seen before it holds within 5 s, however often the token is used', async (t) => {
    const { kv, get, mint } = await stage(t);
    const token = await mint();
    assertPassed(await get(token));
    kv.put(tokenEntry(token), '1');
    const written = Date.now();
    while ((await get(token)).status === 200) {
      assert.ok(Date.now() - written < REUSE_MS + MARGIN_MS, 'still passed');
      await sleep(100);
    }
    for (let n = 0; n < 5; n += 1) assertTokenRefused(await get(token));
  });

  test('a store lost after a good answer: 200 for at most 5 s, then 503', async (t) => {
    const { kv, get, mint } = await stage(t);
    const token = await mint();
    assertPassed(await get(token));
    kv.failing = asksForRevocation;
    assertPassed(await get(token), 'inside the 5 s');
    await sleep(REUSE_MS + MARGIN_MS);
    assertUnavailable(await get(token), 'revocation_unavailable');
  });

  test('a verdict from a route with revocation = "off" is none for a route that checks', async (t) => {
    const { kv, get, mint } = await stage(t);
    const token = await mint();
    kv.put(tokenEntry(token), '1');
    assertPassed(await get(token, '/open/x'), 'the route that does not check');
    assertTokenRefused(await get(token, '/x'), 'the route that checks');
    assertPassed(await get(token, '/open/x'));
    assertTokenRefused(await get(token, '/optional/x'));
  });

  test('an admin revocation drops the verdicts of the isolate that served it', async (t) => {
    const { get, mint, revoke } = await stage(t);
    const sid = randomUUID();
    const tokens = await Promise.all(Array.from({ length: 5 }, () => mint({ sid })));
    for (const token of tokens) assertPassed(await get(token));
    assert.equal((await revoke({ issuer: 'main', session: sid })).status, 201);
    for (const token of tokens) assertTokenRefused(await get(token));
  });

  test('an answer asked for before a revocation is not kept after it', async (t) => {
    const { kv, get, mint, revoke } = await stage(t);
    const token = await mint();
    const slow = async (names) => {
      if (!names.includes(tokenEntry(token))) return undefined;
      await sleep(800);
      return Response.json(Object.fromEntries(names.map((name) => [name, null])));
    };
    kv.instead = slow;
    const overtaken = get(token);
    await sleep(200);
    kv.instead = () => undefined;
    assert.equal((await revoke({ token })).status, 201);
    await overtaken;
    assertTokenRefused(await get(token), 'the token, revoked while its look-up was under way');
  });

  test('a token that expires while its verdict is kept is refused', async (t) => {
    const { get, mint } = await stage(t);
    const token = await mint({ exp: Math.floor(Date.now() / 1000) - 30 + 3 });
    assertPassed(await get(token));
    await sleep(3_100);
    assertTokenRefused(await get(token));
  });
});

test('no store where a route wants one is a configuration error', async (t) => {
  const kv = memoryKv();
  const { issuer, origin } = await startStage({ kv }).then((running) => (t.after(() => running.stop()), running));
  for (const [revocation, status] of [['bounded', 503], ['eventual', 503], ['strict', 503], ['off', 200]]) {
    const gateway = await startGateway({ config: protect({ origin, issuers: [issuer.config()], route: { revocation } }), kv: 'none' });
    t.after(() => gateway.stop());
    const answer = await send(`${gateway.url}/x`, { token: await issuer.token() });
    if (status === 200) assertPassed(answer);
    else assertProblem(answer, 503, 'configuration_invalid', revocation);
  }
});
