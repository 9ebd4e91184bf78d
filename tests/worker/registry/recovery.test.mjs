// The registry behind a queue that repeats and scatters, beside a database that is away under load, and after a crash.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { inParallel, send, until } from '../../harness/client.mjs';
import { assertProblem } from '../../harness/config.mjs';
import { FAULTY, hashOf, startRegistry } from '../../harness/registry_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

describe('the registry', () => {
  let stage;
  let admin;
  before(async () => {
    stage = await startRegistry({ queue: true, more: FAULTY });
    admin = (await stage.server.login('ada')).accessToken;
  });
  after(() => stage?.stop());

  const plant = async (faults) => assert.equal((await stage.ask('PUT', '/faults', undefined, faults)).status, 200);
  const delivered = async () => (await stage.ask('GET', '/faults')).json;
  const done = ({ status, json, text }) => {
    assert.equal(status, 200, text);
    return json;
  };
  const login = async (name) => done(await stage.post('/api/auth/login', { email: emailOf(name), password: PASSWORD }));
  const refresh = async ({ refreshToken }) => done(await stage.post('/api/auth/refresh', { refreshToken }));
  const api = async (token) => (await stage.ask('GET', '/api/x', token)).status;
  const list = async (query) => done(await stage.ask('GET', `/.edgeward/admin/tokens?limit=1000&${query}`, admin)).tokens;
  const both = ({ refreshToken, accessToken }) => [refreshToken, accessToken].map(hashOf);

  /** A login, a use, two refreshes and a logout: five events. The tokens, in their order. */
  const tale = async (name) => {
    const first = await login(name);
    assert.equal(await api(first.accessToken), 200);
    const second = await refresh(first);
    const third = await refresh(second);
    const { status } = await stage.post('/api/auth/logout', { refreshToken: third.refreshToken }, { headers: { authorization: `Bearer ${third.accessToken}` } });
    assert.ok(status < 300, `${status}`);
    return [first, second, third].flatMap(both);
  };
  /** What the registry has of a tale: what is the same for everybody who has lived it. */
  const rows = async (name, hashes) => {
    const tokens = await list(`subject=${emailOf(name)}`);
    const place = (hash) => (hash === null ? null : hashes.indexOf(hash));
    const shown = tokens.map(({ hash, parent, kind, state, issued_at: issued, true_expires_at: until, browser, family, device, reference }) => ({
      place: place(hash), parent: place(parent), kind, state, lifetime: until - issued, browser,
      same: [family, device, reference].map((value, n) => value === [tokens[0].family, tokens[0].device, tokens[0].reference][n]),
    }));
    return shown.sort((one, other) => one.place - other.place);
  };

  test('messages that come twice and in the opposite order leave the rows that they leave in order', async () => {
    const expected = await tale('bob');
    const inOrder = await until(async () => {
      const found = await rows('bob', expected);
      return found.length === 6 && found.every(({ state }) => state === 'expired') && found;
    }, 'the rows of a tale in order', 20_000);
    assert.deepEqual(inOrder.map(({ parent }) => parent), [null, 0, 0, 2, 2, 4]);

    await plant({ scattered: 5 });
    const hashes = await tale('eve');
    const messages = await until(async () => {
      const all = await delivered();
      return all.filter(({ attempts }) => attempts === 3).length === 5 && all;
    }, 'each of the five messages twice', 40_000);
    const times = messages.filter(({ attempts }) => attempts === 2);
    assert.deepEqual(times.map(({ kind }) => kind), ['ended', 'pair', 'pair', 'seen', 'pair'], 'the last came first');
    assert.deepEqual(await rows('eve', hashes), inOrder);
    await plant({});
    const [{ devices, connections, ended }] = await stage.gateway.sql(
      'SELECT (SELECT count(*) FROM devices) AS devices, (SELECT count(*) FROM connections) AS connections, (SELECT count(*) FROM ended_families) AS ended',
    );
    assert.deepEqual({ devices, connections, ended }, { devices: 2, connections: 2, ended: 2 });
  });

  for (const database of ['fails', 'hangs']) {
    test(`a database that ${database} under load: no request waits for it, and afterwards every token is there`, async () => {
      const known = new Set();
      /** Some clients, each of which logs in, uses its token and refreshes it, over and over. */
      const load = (rounds) => inParallel(8 * rounds, 8, async () => {
        const first = await login('bob');
        assert.equal(await api(first.accessToken), 200);
        const second = await refresh(first);
        assert.equal(await api(second.accessToken), 200);
        for (const hash of [first, second].flatMap(both)) known.add(hash);
      });
      await load(1);
      await plant({ database });
      // All of them are answered before the database is back.
      await load(5);
      await until(async () => (await delivered()).length > 0, 'messages that cannot be written', 60_000);
      assertProblem(await stage.ask('GET', '/.edgeward/admin/tokens', admin), 503, 'registry_unavailable');
      await plant({});
      await load(1);
      assert.equal(known.size, 8 * 7 * 4);
      await until(async () => {
        const found = new Set((await list(`subject=${emailOf('bob')}`)).map(({ hash }) => hash));
        return [...known].every((hash) => found.has(hash));
      }, 'every token', 90_000);
      // Those that hang may be written when the database is back, and need not come again.
      if (database === 'fails') assert.ok((await delivered()).some(({ attempts }) => attempts > 1), 'messages have come again');
      assert.ok(!stage.gateway.logs().some(({ event }) => event === 'registry_event_lost'));
    });
  }

  for (const extent of ['token', 'family']) {
    test(`a crash between the log and the rows (${extent}): the log refuses all the time, and the same order brings the rows up to date`, async () => {
      const tokens = await login('eve');
      const next = await refresh(tokens);
      const own = [tokens, next].flatMap(both);
      const active = async () => (await list(`subject=${emailOf('eve')}&state=active`)).filter(({ hash }) => own.includes(hash)).length;
      await until(async () => await active() === 4, 'its registration', 30_000);
      assert.equal(await api(next.accessToken), 200);
      await plant({ database: 'hangs', sql: 'UPDATE tokens SET expires_at' });
      const order = { hash: hashOf(next.accessToken), extent };
      const url = `${stage.gateway.url}/.edgeward/admin/tokens/expire`;
      const unanswered = assert.rejects(send(url, { method: 'POST', token: admin, headers: { 'content-type': 'application/json' }, body: order }));
      await until(async () => await api(next.accessToken) === 401, 'the refusal of the log');
      await stage.gateway.restart();
      await unanswered;
      assert.equal(await active(), 4, 'the rows know nothing of it');
      const isEnded = extent === 'family';
      const refused = async () => {
        assert.deepEqual([await api(next.accessToken), await api(tokens.accessToken)], [401, isEnded ? 401 : 200]);
        if (isEnded) assert.equal((await stage.post('/api/auth/refresh', { refreshToken: next.refreshToken })).status, 401);
      };
      await refused();
      const again = () => stage.ask('POST', '/.edgeward/admin/tokens/expire', admin, order);
      assert.deepEqual(done(await again()), { expired: isEnded ? 4 : 1 });
      assert.equal(await active(), isEnded ? 0 : 3);
      assert.deepEqual(done(await again()), { expired: 0 });
      await refused();
    });
  }
});
