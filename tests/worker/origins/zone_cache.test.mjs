// Behind the gateway stands the cache of a zone, which shares a file by its URL: no caller gets another's, and what a route says that
// all may have is answered without the origin.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';
import { startZoneCache } from '../../harness/zone_cache.mjs';

const FILES = ['/api/me/x.css', '/files/invoice.pdf'];
const CREDENTIALS = [{ authorization: 'Bearer' }, { cookie: '__Host-at' }, { query: 'access_token' }, { subprotocol: 'bearer' }, { header: 'x-api-token' }];
/** Where a caller's token may stand, as (target, token) → [target, headers]; what reaches the cache is everywhere the same URL. */
const PLACES = {
  'Authorization, which is stripped': (target, token) => [target, [bearer(token)]],
  'a cookie': (target, token) => [target, [['Cookie', `a=1; __Host-at=${token}`]]],
  'the query': (target, token) => [`${target}?access_token=${token}`, []],
  'a subprotocol': (target, token) => [target, [['Sec-WebSocket-Protocol', `bearer, ${token}, chat`]]],
  'a header of its own': (target, token) => [target, [['X-Api-Token', token]]],
};

let origin;
let zone;
let gateway;
const tokens = {};

/** Each caller is answered with who it is, and nothing in the answer says that this is nobody else's business. */
const personal = (req, res, record) => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: valuesOf(record, 'x-auth-subject')[0] ?? 'nobody' });

before(async () => {
  origin = await startOrigin();
  zone = await startZoneCache(origin.url);
  const signer = await startSigner();
  const routes = [
    ...['/api/**', '/files/**'].map((path) => ({ path, credentials: CREDENTIALS, authorization: 'strip' })),
    { path: '/kept/**', credentials: CREDENTIALS },
    { path: '/shared/**', access: 'public', cache: 'zone' },
    { path: '/unshared/**', access: 'public' },
    { path: '/perhaps/**', access: 'optional', cache: 'zone', credentials: CREDENTIALS, authorization: 'strip' },
    { path: '/believed/**', access: 'public', cache: 'zone', origin: 'believing' },
    { path: '/unsaid/**', access: 'optional', credentials: CREDENTIALS, authorization: 'strip' },
  ];
  const origins = [{ name: 'main', url: zone.url }, { name: 'believing', url: zone.url, forwarded: 'keep' }];
  const single = routes.map((route) => ({ origin: 'main', ...route }));
  gateway = await startGateway({ config: configuration(zone, signer.issuer(), single, { origins }) });
  for (const sub of ['ada', 'bob']) tokens[sub] = await signer.token({ sub });
});

after(async () => {
  await gateway?.stop();
  await zone?.stop();
  await origin?.stop();
});

beforeEach(() => origin.reply(personal));

async function ask(port, target, headers = [], method = 'GET') {
  const answer = await rawRequest(port, requestText(method, target, headers));
  assert.equal(answer.status, 200, answer.text);
  return { text: answer.text, cached: answer.headers.get('cf-cache-status')?.[0], headers: answer.headers };
}

const through = (target, headers, method) => ask(gateway.port, target, headers, method);
const asCaller = (place, target, sub) => through(...PLACES[place](target, tokens[sub]));

async function textAndCached(asked) {
  const { text, cached } = await asked;
  return [text, cached];
}

describe('the cache by itself', () => {
  const direct = (target, headers, method) => ask(Number(new URL(zone.url).port), target, headers, method);
  const as = (sub) => [['X-Auth-Subject', sub]];
  const NO_STORE = [['Cache-Control', 'no-cache'], ['Pragma', 'no-cache']];

  test('gives one caller what belongs to another', async () => {
    for (const file of FILES.map((path) => `/direct${path}`)) {
      assert.deepEqual([(await direct(file, as('ada'))).text, (await direct(file, as('bob'))).text], ['ada', 'ada'], file);
      assert.equal((await direct(`${file}?other`, as('bob'))).text, 'bob');
    }
  });

  test('neither reads nor writes for a request that says no-store, nor for one with Authorization', async () => {
    for (const [n, extra] of [NO_STORE, [['Authorization', 'Bearer x']]].entries()) {
      const file = `/direct/${n}.css`;
      assert.equal((await direct(file, [...as('ada'), ...extra])).cached, 'BYPASS');
      assert.deepEqual([(await direct(file, as('bob'))).text, (await direct(file)).text], ['bob', 'bob']);
      assert.equal((await direct(file, [...as('ada'), ...extra])).text, 'ada');
    }
  });

  test('keeps no page, no other method, and no answer that says it is private or has a cookie', async () => {
    for (const target of ['/direct/page', '/direct/page.html', '/direct/a.css/b']) {
      await direct(target, as('ada'));
      assert.deepEqual([(await direct(target, as('bob'))).text, (await direct(target)).cached], ['bob', 'DYNAMIC'], target);
    }
    await direct('/direct/posted.css', [...as('ada'), ['Content-Length', 0]], 'POST');
    assert.equal((await direct('/direct/posted.css', as('bob'))).text, 'bob');
    for (const [n, header] of [
      ['set-cookie', 'a=1'], ['cache-control', 'private'], ['cache-control', 'max-age=60, no-store'], ['cache-control', 'no-cache'],
      ['cache-control', 'max-age=0'],
    ].entries()) {
      origin.reply((...request) => ({ ...personal(...request), headers: { [header[0]]: header[1] } }));
      await direct(`/direct/said-${n}.css`, as('ada'));
      assert.equal((await direct(`/direct/said-${n}.css`, as('bob'))).text, 'bob', header.join());
    }
  });
});

describe('on an authenticated route', () => {
  for (const place of Object.keys(PLACES)) {
    test(`callers with their token in ${place} each get their own file`, async () => {
      for (const file of FILES) {
        for (const sub of ['ada', 'bob', 'bob', 'ada']) {
          const { text, cached } = await asCaller(place, file, sub);
          assert.deepEqual([text, cached], [sub, 'BYPASS'], `${file} for ${sub}`);
        }
      }
    });
  }

  test('what somebody has put into the cache for the same URL is not taken from it', async () => {
    for (const file of FILES) {
      assert.equal((await ask(Number(new URL(zone.url).port), file, [['X-Auth-Subject', 'planted']])).text, 'planted');
      assert.ok(zone.stored().includes(file));
      for (const place of Object.keys(PLACES)) assert.equal((await asCaller(place, file, 'ada')).text, 'ada', `${file} ${place}`);
    }
  });

  test('where the token goes on to the origin, too, each caller gets their own', async () => {
    for (const place of Object.keys(PLACES)) {
      for (const sub of ['ada', 'bob', 'ada']) assert.equal((await asCaller(place, '/kept/b.css', sub)).text, sub, place);
    }
  });

  test('nothing of all this is in the cache', () => {
    assert.deepEqual(zone.stored().filter((target) => /^\/(api|files|kept)\//.test(target) && !FILES.includes(target)), []);
  });

  // The runtime writes `no-cache` only where the request has no such header, so here a cache that goes by the wire does not hear of it.
  test('so it is where a client sends Cache-Control and Pragma itself', async () => {
    const own = [['Cache-Control', 'max-age=3600'], ['Pragma', 'x']];
    for (const [n, extra] of [[own[0]], [own[1]], own].entries()) {
      for (const sub of ['ada', 'bob']) {
        const [target, headers] = PLACES['a cookie'](`/api/own-${n}.css`, tokens[sub]);
        assert.equal((await through(target, [...headers, ...extra])).text, sub, extra.join());
      }
    }
  });
});

describe('on a route without a caller', () => {
  const arrived = (target) => origin.requests.filter((record) => record.target === target).length;

  test('with cache = "zone" a file is asked for once, whoever sends what', async () => {
    const file = '/shared/logo.png';
    const first = await through(file, [['X-Auth-Subject', 'forged']]);
    assert.deepEqual([first.text, first.cached], ['nobody', 'MISS']);
    for (const headers of [[], [['Cookie', 'a=1']], [['X-Auth-Subject', 'forged']]]) {
      const { text, cached } = await through(file, headers);
      assert.deepEqual([text, cached], ['nobody', 'HIT']);
    }
    assert.equal(arrived(file), 1);
    assert.equal((await through(`${file}?v=2`)).cached, 'MISS');
  });

  test('with cache = "zone" no client chooses the host in a file for all, even where forwarded = "keep"', async () => {
    origin.reply((req, res, record) => ({ status: 200, body: valuesOf(record, 'x-forwarded-host')[0] ?? 'no host' }));
    const file = '/believed/page.css';
    assert.deepEqual(await textAndCached(through(file, [['X-Forwarded-Host', 'evil.example']])), ['no host', 'MISS']);
    assert.deepEqual(await textAndCached(through(file)), ['no host', 'HIT']);
  });

  test('without it every request reaches the origin', async () => {
    const file = '/unshared/logo.png';
    for (const cached of ['BYPASS', 'BYPASS']) assert.equal((await through(file)).cached, cached);
    assert.deepEqual([arrived(file), zone.stored().includes(file)], [2, false]);
  });
});

describe('on an optional route', () => {
  for (const [n, place] of Object.keys(PLACES).entries()) {
    test(`with cache = "zone" a caller with a token in ${place} neither fills the cache nor reads from it`, async () => {
      const file = `/perhaps/${n}.css`;
      assert.deepEqual(await textAndCached(asCaller(place, file, 'ada')), ['ada', 'BYPASS']);
      assert.ok(!zone.stored().includes(file));
      assert.deepEqual(await textAndCached(through(file)), ['nobody', 'MISS']);
      assert.deepEqual(await textAndCached(through(file)), ['nobody', 'HIT']);
      for (const sub of ['ada', 'bob']) assert.deepEqual(await textAndCached(asCaller(place, file, sub)), [sub, 'BYPASS']);
      assert.deepEqual(await textAndCached(through(file)), ['nobody', 'HIT']);
    });
  }

  test('without it nobody\'s answer is shared', async () => {
    const file = '/unsaid/x.css';
    assert.deepEqual(await textAndCached(through(file)), ['nobody', 'BYPASS']);
    assert.deepEqual(await textAndCached(asCaller('a cookie', file, 'bob')), ['bob', 'BYPASS']);
    assert.ok(!zone.stored().includes(file));
  });
});
