// Headers from which an origin may take another path, address or scheme than the one that was judged: the client's own reach none.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { inParallel } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';
import { fold, foldings, spellings } from '../../harness/spellings.mjs';

/** What WSGI servers and their middleware take the path from: for no origin. */
const PATH = ['script-name', 'path-info', 'x-script-name', 'x-path-info'];
/** What says who asked and for what: for those that keep it. */
const SAID = [
  'client-ip', 'true-client-ip', 'x-scheme', 'x-url-scheme', 'front-end-https', 'x-original-uri', 'proxy-client-ip', 'wl-proxy-client-ip', 'x-remote-ip',
  'x-originating-ip',
];
const FORGED = 'forged';
const PREFLIGHT = [['Origin', 'https://app.example'], ['Access-Control-Request-Method', 'POST']];
/** By the name of each origin what it keeps. */
const ORIGINS = {
  set: {},
  strip: { forwarded: 'strip' },
  keep: { forwarded: 'keep' },
  all: { forwarded: 'keep', method_override: 'keep' },
  override: { method_override: 'keep' },
};

let origin;
let gateway;
const cases = {};

before(async () => {
  origin = await startOrigin();
  const signer = await startSigner();
  const origins = Object.entries(ORIGINS).map(([name, kept]) => ({ name, url: origin.url, ...kept }));
  const routes = Object.keys(ORIGINS).flatMap((name) => [
    { path: `/${name}/public/**`, access: 'public', origin: name },
    { path: `/${name}/cached/**`, access: 'public', cache: 'zone', origin: name },
    { path: `/${name}/optional/**`, access: 'optional', origin: name },
    { path: `/${name}/api/**`, origin: name },
    { path: `/${name}/shadow/**`, mode: 'shadow', origin: name },
    { path: `/${name}/cors/**`, cors_preflight: true, origin: name },
  ]);
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes, { origins }) });
  const known = [bearer(await signer.token())];
  Object.assign(cases, {
    'a public route': { path: '/public/a' },
    'a route that a cache may answer': { path: '/cached/a' },
    'an optional route, without a caller': { path: '/optional/a' },
    'an optional route, with one': { path: '/optional/a', headers: known },
    'an authenticated route': { path: '/api/a', headers: known },
    'a route that would refuse': { path: '/shadow/a' },
    'a preflight': { path: '/cors/a', method: 'OPTIONS', headers: PREFLIGHT },
  });
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** The headers that reach the origin `name`, of a request with `extra` ones; `mark` tells requests under way at once apart. */
async function seen(name, { path, method = 'GET', headers = [] }, extra, mark = 'x') {
  const target = `/${name}${path}?${mark}`;
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, requestText(method, target, [...extra, ...headers]));
  assert.equal(answer.status, 200, answer.text);
  const records = origin.requests.slice(first).filter((record) => record.target === target);
  assert.equal(records.length, 1);
  return records[0].headers;
}

const forgeries = (forms) => forms.map((form, n) => [form, `${FORGED}-${n}`]);

function assertNone(headers, names, what) {
  assert.deepEqual(headers.filter(([name, value]) => names.includes(fold(name)) || value.includes(FORGED)), [], what);
}

for (const what of [
  'a public route', 'a route that a cache may answer', 'an optional route, without a caller', 'an optional route, with one', 'an authenticated route',
  'a route that would refuse', 'a preflight',
]) {
  describe(`on ${what}`, () => {
    for (const name of Object.keys(ORIGINS)) {
      test(`no spelling of SCRIPT_NAME or PATH_INFO arrives, all at once and by itself (${JSON.stringify(ORIGINS[name])})`, async () => {
        for (const header of PATH) assertNone(await seen(name, cases[what], forgeries(spellings(header))), PATH, header);
        const forms = PATH.flatMap(foldings);
        await inParallel(forms.length, 8, async (n) => {
          assertNone(await seen(name, cases[what], forgeries([forms[n], forms[n].toUpperCase()]), n), PATH, forms[n]);
        });
        for (const header of PATH) {
          const nominated = [['Connection', `close, ${header}`], ...forgeries([header, header.toUpperCase().replaceAll('-', '_')])];
          assertNone(await seen(name, cases[what], nominated), PATH, `${header}, nominated`);
        }
      });
    }

    for (const name of ['set', 'strip', 'override']) {
      test(`no spelling of an address or a scheme arrives (${JSON.stringify(ORIGINS[name])})`, async () => {
        for (const header of SAID) assertNone(await seen(name, cases[what], forgeries(spellings(header))), SAID, header);
        const forms = SAID.flatMap(foldings);
        await inParallel(forms.length, 8, async (n) => assertNone(await seen(name, cases[what], forgeries([forms[n]]), n), SAID, forms[n]));
      });
    }

    const isCached = what === 'a route that a cache may answer';
    test(isCached ? 'an answer for all depends on none of them' : 'an origin that keeps them gets the client\'s address and scheme as they came', async () => {
      for (const name of ['keep', 'all']) {
        const headers = await seen(name, cases[what], SAID.map((header) => [header, `of-${header}`]));
        const found = headers.filter(([header]) => SAID.includes(fold(header))).map(([header, value]) => [header.toLowerCase(), value]);
        assert.deepEqual(found.sort(), isCached ? [] : SAID.map((header) => [header, `of-${header}`]).sort());
      }
    });
  });
}

test('headers that only resemble them arrive', async () => {
  const harmless = [
    ['script', '1'], ['x-script', '2'], ['script-names', '3'], ['path', '4'], ['x-path', '5'], ['my-path-info', '6'], ['pathinfo', '7'], ['client', '8'],
    ['x-schemes', '9'], ['scheme', '10'],
  ];
  for (const name of Object.keys(ORIGINS)) {
    const headers = await seen(name, cases['an authenticated route'], harmless);
    for (const [header, value] of harmless) {
      assert.deepEqual(headers.filter(([each]) => each.toLowerCase() === header).map(([, own]) => own), [value], header);
    }
  }
});
