// The configuration in KV: takes effect without a restart, and a bad one never does.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { assertPassed, assertProblem, assertUnavailable } from '../../harness/config.mjs';
import { connections, send, sleep, until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startIssuer } from '../../harness/issuer.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

const DOCUMENT = 'config';
const LAST_GOOD = 'config:good';
const SWITCH = { config_from: 'kv', config_refresh_seconds: 1 };

let origin;
let signer;
let token;
before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  token = await signer.token();
});
after(() => origin?.stop());

/** A configuration in which one path is open, which tells it from the others. */
const opening = (path, rest = {}) =>
  configuration(origin, signer.issuer(), [{ path: '/api/**' }, { path, access: 'public' }], { admin: { require: { claim: 'sub', equals: 'user-1' } }, ...rest });
const text = (config) => JSON.stringify(config);
const BAD = () => text({ ...opening('/bad'), surprise: true });

/** A fresh isolate on `kv`, whose deployed table is `deployed` (by default one that opens /deployed). */
async function isolateOn(t, kv, deployed = { ...opening('/deployed'), ...SWITCH }) {
  const gateway = await startGateway({ config: deployed, kv });
  t.after(() => gateway.stop());
  const get = (path, options) => send(`${gateway.url}${path}`, options);
  return {
    gateway,
    get,
    /** Asks for what `path` opens until it is open. */
    opens: (path, what) => until(async () => (await get(path)).status === 200, what ?? `${path} to be open`),
    events: (event) => gateway.logs().filter((line) => line.event === event),
  };
}

function storeWith(entries) {
  const kv = memoryKv();
  for (const [name, value] of Object.entries(entries)) kv.put(name, value);
  return kv;
}

const documentReads = (kv) => kv.gets.filter((names) => names.includes(DOCUMENT)).length;

/** Waits until the isolate has looked at the store twice more: once may have been under way. */
async function lookedAgain({ get }, kv) {
  const reads = documentReads(kv);
  await until(async () => {
    await get('/nowhere');
    return documentReads(kv) >= reads + 2;
  }, 'the document to be read again');
  await sleep(50);
}

test('without the switch the store is not asked for a configuration', async (t) => {
  const kv = storeWith({ [DOCUMENT]: text(opening('/document')) });
  const { get } = await isolateOn(t, kv, opening('/deployed'));
  assertPassed(await get('/deployed'));
  assert.equal((await get('/document')).status, 404);
  assert.equal(documentReads(kv), 0);
});

describe('a document', () => {
  test('rules from the first request on', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/document')) });
    const isolate = await isolateOn(t, kv);
    assert.equal((await isolate.get('/deployed')).status, 404);
    assertPassed(await isolate.get('/document'));
    assertPassed(await isolate.get('/api/a', { token }));
    assert.deepEqual(isolate.events('configuration_read').map(({ from }) => from), ['document']);
    await until(() => kv.entries.has(LAST_GOOD), 'the copy of the last good document');
    assert.equal(kv.entries.get(LAST_GOOD).value, kv.entries.get(DOCUMENT).value);
  });

  test('rules over a deployed table that is not good, or that holds nothing but the switch', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/document')) });
    for (const deployed of [SWITCH, { ...SWITCH, surprise: 1 }]) {
      const { get } = await isolateOn(t, kv, deployed);
      assertPassed(await get('/document'));
    }
  });

  test('takes effect without a restart, and so do its deletion and the next one', async (t) => {
    const kv = storeWith({});
    const isolate = await isolateOn(t, kv);
    assertPassed(await isolate.get('/deployed'));
    kv.put(DOCUMENT, text(opening('/first')));
    await isolate.opens('/first');
    assert.equal((await isolate.get('/deployed')).status, 404);
    kv.put(DOCUMENT, text(opening('/second')));
    await isolate.opens('/second');
    assert.equal((await isolate.get('/first')).status, 404);
    await until(() => kv.entries.get(LAST_GOOD)?.value === text(opening('/second')), 'the copy');
    kv.entries.delete(DOCUMENT);
    await isolate.opens('/deployed');
    assert.equal((await isolate.get('/second')).status, 404);
    await until(() => !kv.entries.has(LAST_GOOD), 'the copy to go');
    assert.deepEqual(isolate.events('configuration_read').map(({ from }) => from), ['vars', 'document', 'document', 'vars']);
  });

  test('takes effect in the real local KV', async (t) => {
    const isolate = await isolateOn(t, 'local');
    assertPassed(await isolate.get('/deployed'));
    await isolate.gateway.kv.put(DOCUMENT, text(opening('/first')));
    await isolate.opens('/first');
    await until(async () => (await isolate.gateway.kv.get(LAST_GOOD)) === text(opening('/first')), 'the copy');
    await isolate.gateway.kv.delete(DOCUMENT);
    await isolate.opens('/deployed');
    await until(async () => (await isolate.gateway.kv.get(LAST_GOOD)) === null, 'the copy to go');
  });

  test('of another audience refuses a token that was remembered under the one before', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/first')) });
    const isolate = await isolateOn(t, kv);
    assertPassed(await isolate.get('/api/a', { token }));
    assertPassed(await isolate.get('/api/a', { token }));
    const other = opening('/second');
    other.issuers[0].audiences = ['another'];
    kv.put(DOCUMENT, text(other));
    await isolate.opens('/second');
    assertProblem(await isolate.get('/api/a', { token }), 401, 'invalid_token');
  });

  test('does not touch requests that are under way, and a failure among them names no route of the new one', async (t) => {
    const slow = await startOrigin();
    t.after(() => slow.stop());
    let release;
    const held = new Promise((resolve) => { release = resolve; });
    slow.reply(async (request, response) => {
      await held;
      if (request.url === '/first?fails') response.destroy();
      else return { status: 200, body: 'late' };
    });
    const before = opening('/first');
    before.origins[0].url = slow.url;
    const kv = storeWith({ [DOCUMENT]: text(before) });
    const isolate = await isolateOn(t, kv);
    const under = [isolate.get('/first'), isolate.get('/first?fails')];
    await until(() => slow.requests.length === 2, 'both requests at the origin');
    kv.put(DOCUMENT, text(opening('/second')));
    await isolate.opens('/second');
    assert.equal((await isolate.get('/first')).status, 404);
    release();
    const [late, failed] = await Promise.all(under);
    assert.deepEqual([late.status, late.text], [200, 'late']);
    assertProblem(failed, 502, 'origin_unreachable');
    const line = await until(() => isolate.events('refused').find(({ code }) => code === 'origin_unreachable'), 'its line');
    assert.equal(line.route, undefined, 'the index of a route under the old configuration named one of the new');
  });

  test('is not read again while it is fresh, and a request never waits for it again', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/first')) });
    const isolate = await isolateOn(t, kv, { config_from: 'kv' });
    for (let n = 0; n < 20; n += 1) assertPassed(await isolate.get('/first'));
    assert.equal(documentReads(kv), 1);
  });

  test('is read once for a burst of first requests', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/first')) });
    const handler = kv.handler;
    kv.handler = async (request) => {
      await sleep(300);
      return handler(request);
    };
    const isolate = await isolateOn(t, kv);
    const agent = connections(50);
    t.after(() => agent.destroy());
    const bodies = Array.from({ length: 50 }, (_, n) => isolate.get('/first', { method: 'POST', body: `body ${n}`, agent }));
    for (const answer of await Promise.all(bodies)) assertPassed(answer);
    assert.equal(documentReads(kv), 1);
  });
});

describe('a bad document', () => {
  test('leaves the last good one in force, is logged once, and shows in ready', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/first')) });
    const isolate = await isolateOn(t, kv);
    assertPassed(await isolate.get('/first'));
    await until(() => kv.entries.has(LAST_GOOD), 'the copy');
    const bad = opening('/bad');
    bad.leeway_seconds = 301;
    bad.issuers[0].audiences = [];
    kv.put(DOCUMENT, text(bad));
    await lookedAgain(isolate, kv);
    await lookedAgain(isolate, kv);
    assertPassed(await isolate.get('/first'));
    assert.equal((await isolate.get('/bad')).status, 404);
    const lines = isolate.events('configuration_rejected');
    assert.equal(lines.length, 1, JSON.stringify(lines));
    assert.deepEqual(lines[0].errors, [
      'leeway_seconds: expected a whole number from 0 to 300',
      'issuers[0].audiences: expected a list of texts with at least one entry',
    ]);
    assert.equal(lines[0].in_force, 'document');
    assert.equal(kv.entries.get(LAST_GOOD).value, text(opening('/first')));

    const asked = await isolate.get('/.edgeward/ready', { token });
    assert.equal(asked.status, 200);
    assert.deepEqual(asked.json.configuration_errors, lines[0].errors);
    assert.equal(asked.json.checks.configuration, 'document');
    assert.deepEqual((await isolate.get('/.edgeward/ready')).json, { status: 'ready' });

    kv.put(DOCUMENT, text(opening('/mended')));
    await isolate.opens('/mended');
    assert.deepEqual((await isolate.get('/.edgeward/ready', { token })).json.configuration_errors, []);
  });

  test('leaves a fresh isolate the last good one, not the deployed table', async (t) => {
    for (const bad of [BAD(), '', '{', 'null', `${text(opening('/bad'))}x`]) {
      const kv = storeWith({ [DOCUMENT]: bad, [LAST_GOOD]: text(opening('/first')) });
      const isolate = await isolateOn(t, kv);
      assertPassed(await isolate.get('/first'), bad);
      for (const path of ['/deployed', '/bad']) assert.equal((await isolate.get(path)).status, 404, path);
      assert.deepEqual(isolate.events('configuration_rejected').map(({ in_force }) => in_force), ['last_good']);
      assert.equal(kv.entries.get(LAST_GOOD).value, text(opening('/first')));
    }
  });

  test('leaves the deployed table where no document was ever good', async (t) => {
    const isolate = await isolateOn(t, storeWith({ [DOCUMENT]: BAD() }));
    assertPassed(await isolate.get('/deployed'));
    assert.deepEqual(isolate.events('configuration_rejected').map(({ in_force }) => in_force), ['vars']);
  });

  test('with nothing good beside it lets nothing pass, until it is mended', async (t) => {
    const kv = storeWith({ [DOCUMENT]: BAD() });
    const isolate = await isolateOn(t, kv, SWITCH);
    for (const path of ['/bad', '/api/a', '/.edgeward/health']) {
      assertProblem(await isolate.get(path, { token }), 503, 'configuration_invalid', path);
    }
    await lookedAgain(isolate, kv);
    const lines = isolate.events('configuration_invalid');
    assert.equal(lines.length, 1, JSON.stringify(lines));
    kv.put(DOCUMENT, text(opening('/mended')));
    await isolate.opens('/mended');
  });

  test('beside a last good one that is no longer good lets nothing pass', async (t) => {
    const isolate = await isolateOn(t, storeWith({ [DOCUMENT]: BAD(), [LAST_GOOD]: BAD() }));
    assertProblem(await isolate.get('/deployed'), 503, 'configuration_invalid');
  });
});

test('with the switch alone and no document nothing passes, and the log says what is missing', async (t) => {
  const isolate = await isolateOn(t, storeWith({}), SWITCH);
  assertProblem(await isolate.get('/api/a', { token }), 503, 'configuration_invalid');
  const [line] = await until(() => isolate.events('configuration_invalid'), 'a line');
  assert.deepEqual(line.errors, ['EDGEWARD: expected a document `config` in EDGEWARD_KV']);
});

test('the switch without KV is an error', async (t) => {
  const isolate = await isolateOn(t, 'none');
  assertProblem(await isolate.get('/deployed'), 503, 'configuration_invalid');
  const [line] = await until(() => isolate.events('configuration_invalid'), 'a line');
  assert.deepEqual(line.errors, ['config_from: expected a KV binding `EDGEWARD_KV` for it']);
});

describe('a store in trouble', () => {
  test('at the start lets nothing pass, within its time, and is asked again at the next request', async (t) => {
    for (const trouble of ['failing', 'hanging']) {
      const kv = storeWith({ [DOCUMENT]: text(opening('/document')) });
      kv[trouble] = () => true;
      const isolate = await isolateOn(t, kv);
      const answers = await Promise.all(Array.from({ length: 10 }, () => isolate.get('/deployed')));
      for (const answer of answers) {
        assertUnavailable(answer, 'configuration_unavailable', trouble);
        assert.ok(answer.ms < 3_500, `${trouble}: ${Math.round(answer.ms)} ms`);
      }
      assert.equal(isolate.events('configuration_unread').length, 1);
      kv[trouble] = () => false;
      assertPassed(await isolate.get('/document'), trouble);
    }
  });

  test('that answers with a text that is no document has not said that there is none', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/document')) });
    for (const something of ['', 'null', 'undefined']) {
      kv.instead = () => new Response(something);
      const isolate = await isolateOn(t, kv);
      assertProblem(await isolate.get('/deployed'), 503, 'configuration_invalid', something);
    }
  });

  test('that does not answer for the last good document where it is needed lets nothing pass, and is asked again', async (t) => {
    for (const trouble of ['failing', 'hanging']) {
      const kv = storeWith({ [DOCUMENT]: BAD(), [LAST_GOOD]: text(opening('/good')) });
      kv[trouble] = (names) => names.includes(LAST_GOOD);
      const isolate = await isolateOn(t, kv);
      const answer = await isolate.get('/deployed');
      assertUnavailable(answer, 'configuration_unavailable', trouble);
      assert.ok(answer.ms < 3_500, `${trouble}: ${Math.round(answer.ms)} ms`);
      kv[trouble] = () => false;
      assertPassed(await isolate.get('/good'), trouble);
      assertProblem(await isolate.get('/deployed'), 404, 'route_not_found');
    }
  });

  test('that does not answer for the last good document where it is not needed holds nothing up', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/document')) });
    kv.hanging = (names) => names.includes(LAST_GOOD);
    const isolate = await isolateOn(t, kv);
    const answer = await isolate.get('/document');
    assertPassed(answer);
    assert.ok(answer.ms < 1_500, `${Math.round(answer.ms)} ms`);
    kv.hanging = () => false;
    await lookedAgain(isolate, kv);
    await until(() => kv.entries.has(LAST_GOOD), 'the copy');
  });

  test('that failed at first hides no error of what it holds', async (t) => {
    const kv = storeWith({});
    kv.failing = () => true;
    const isolate = await isolateOn(t, kv, SWITCH);
    assertUnavailable(await isolate.get('/api/a', { token }), 'configuration_unavailable');
    kv.failing = () => false;
    assertProblem(await isolate.get('/api/a', { token }), 503, 'configuration_invalid');
    await lookedAgain(isolate, kv);
    assert.equal(isolate.events('configuration_invalid').length, 1);
  });

  test('in which somebody overwrites the last good document has it put right', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/document')) });
    const isolate = await isolateOn(t, kv);
    assertPassed(await isolate.get('/document'));
    const copy = () => kv.entries.get(LAST_GOOD)?.value;
    await until(() => copy() === text(opening('/document')), 'the copy');
    kv.put(LAST_GOOD, text(opening('/old')));
    await lookedAgain(isolate, kv);
    await until(() => copy() === text(opening('/document')), 'the copy again');
  });

  test('later leaves what is in force', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/document')) });
    const isolate = await isolateOn(t, kv);
    assertPassed(await isolate.get('/document'));
    for (const trouble of ['failing', 'hanging']) {
      kv[trouble] = () => true;
      await lookedAgain(isolate, kv);
      const answer = await isolate.get('/document');
      assertPassed(answer, trouble);
      assert.ok(answer.ms < 1_000, `${Math.round(answer.ms)} ms`);
      kv[trouble] = () => false;
    }
    kv.put(DOCUMENT, text(opening('/next')));
    await isolate.opens('/next');
  });

  test('that takes no writes keeps nothing from being used, and gets its copy when it does again', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/document')) });
    kv.refusingWrites = true;
    const isolate = await isolateOn(t, kv);
    assertPassed(await isolate.get('/document'));
    await lookedAgain(isolate, kv);
    assert.equal(kv.entries.has(LAST_GOOD), false);
    kv.refusingWrites = false;
    await lookedAgain(isolate, kv);
    await until(() => kv.entries.has(LAST_GOOD), 'the copy');
  });

  test('that never answers a write does not hold the first request up', async (t) => {
    const kv = storeWith({ [DOCUMENT]: text(opening('/document')) });
    kv.hangingWrites = true;
    const { get } = await isolateOn(t, kv);
    const answer = await get('/document');
    assertPassed(answer);
    assert.ok(answer.ms < 1_500, `${Math.round(answer.ms)} ms`);
  });
});

test('another document with the same issuer does not have its keys fetched again', async (t) => {
  const issuer = await startIssuer();
  t.after(() => issuer.stop());
  const document = (path) => configuration(origin, issuer.config(), [{ path }, { path: '/open', access: 'public' }]);
  const kv = storeWith({ [DOCUMENT]: text(document('/first')) });
  const isolate = await isolateOn(t, kv);
  const own = await issuer.token();
  assertPassed(await isolate.get('/first', { token: own }));
  kv.put(DOCUMENT, text(document('/second')));
  await until(async () => (await isolate.get('/second', { token: own })).status === 200, 'the second document');
  assert.equal(issuer.fetches, 1);
});

test('5,000 routes come by the store and decide', async (t) => {
  const routes = Array.from({ length: 5_000 }, (_, n) => ({ path: `/service-${n % 50}/resource-${n}/*`, require: { role: `role-${n}` } }));
  const kv = storeWith({ [DOCUMENT]: text(configuration(origin, signer.issuer(), [...routes, { path: '/open', access: 'public' }])) });
  const isolate = await isolateOn(t, kv);
  assertPassed(await isolate.get('/open'));
  const chosen = await signer.token({ roles: ['role-4321'] });
  assertPassed(await isolate.get('/service-21/resource-4321/x', { token: chosen }));
  assertProblem(await isolate.get('/service-22/resource-4322/x', { token: chosen }), 403, 'insufficient_scope');
  assert.equal((await isolate.get('/service-22/resource-5000/x', { token: chosen })).status, 404);
});
