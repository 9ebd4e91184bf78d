// Which page may read a refusal: any that has to add the token itself, and where a cookie holds it only those that are listed, so
// that no other learns whether somebody is logged in.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startGateway } from '../../harness/gateway.mjs';
import { startRawOrigin } from '../../harness/raw_origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

const [APP, ADMIN] = ['https://app.example', 'https://admin.example'];
const STRANGERS = [
  'https://evil.example', 'null', 'http://app.example', 'https://app.example:8443', 'https://app.example.evil.example', 'https://evilapp.example',
  'HTTPS://APP.EXAMPLE', 'https://app.example/', 'https://app.example, https://evil.example', 'https://gateway.example', 'http://gateway.example', '*',
];
const COOKIE = { cookie: '__Host-at', origins: [APP] };
const now = () => Math.floor(Date.now() / 1000);

let origin;
let gateway;
let tokens;

before(async () => {
  origin = await startRawOrigin();
  const signer = await startSigner();
  const route = (path, credentials, more) => ({ path, credentials, cors_preflight: true, require: { role: 'admin' }, ...more });
  const routes = [
    route('/cookie/**', [COOKIE]),
    route('/stripped/**', [COOKIE], { authorization: 'strip' }),
    route('/either/**', [{ authorization: 'Bearer' }, COOKIE]),
    route('/same/**', [COOKIE, { cookie: 'other', origins: [ADMIN, APP] }]),
    route('/different/**', [COOKIE, { cookie: 'other', origins: [ADMIN] }]),
    route('/unlisted/**', [{ cookie: '__Host-at' }]),
    route('/bearer/**'),
    route('/header/**', [{ header: 'x-access-token' }]),
    route('/silent/**', [COOKIE], { cors_preflight: false }),
  ];
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes) });
  tokens = { user: await signer.token(), expired: await signer.token({ exp: now() - 60 }), admin: await signer.token({ roles: ['admin'] }) };
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const ask = (path, page, headers = [], method = 'GET') =>
  rawRequest(gateway.port, requestText(method, path, [...(page === undefined ? [] : [['Origin', page]]), ...headers]));
const inCookie = (token) => ['Cookie', `__Host-at=${token}`];
const LENGTH = ['Content-Length', '0'];

/** Ways to be refused with a token in `place`: headers, method, status and code. */
const refusals = (place) => ({
  'no token': [[], 'GET', 401, 'credential_missing'],
  'an expired token': [[place(tokens.expired)], 'GET', 401, 'invalid_token'],
  'a token that is no such': [[place('a.b.c')], 'GET', 401, 'invalid_token'],
  'a user who may not': [[place(tokens.user)], 'GET', 403, 'insufficient_scope'],
});
const ofCookies = () => ({
  ...refusals(inCookie),
  'a write from another site': [[inCookie(tokens.admin), ['Sec-Fetch-Site', 'cross-site'], LENGTH], 'POST', 403, 'cross_site_request'],
});

function assertRefused(answer, [, , status, code], what) {
  assert.deepEqual([answer.status, JSON.parse(answer.text).code], [status, code], what);
}

function assertReadable(answer, page, what) {
  const values = ['access-control-allow-origin', 'access-control-allow-credentials', 'vary'].map((name) => answer.headers.get(name));
  assert.deepEqual(values, [[page], ['true'], ['origin']], what);
  assert.match(answer.headers.get('access-control-expose-headers')[0], /www-authenticate/);
}

function assertUnreadable(answer, what) {
  const told = [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'));
  assert.deepEqual(told, [], what);
}

describe('where a cookie holds the token, a refusal', () => {
  for (const path of ['/cookie/a', '/stripped/a', '/either/a', '/same/a']) {
    test(`is readable by a listed page, and by nobody before or after it (${path})`, async () => {
      for (const [what, refusal] of Object.entries(ofCookies())) {
        // A listed page may write: its `Origin` is the proof that no other site asks.
        if (refusal[3] === 'cross_site_request') continue;
        const [headers, method] = refusal;
        assertUnreadable(await ask(path, 'https://evil.example', headers, method), `${what}, before`);
        const answer = await ask(path, APP, headers, method);
        assertRefused(answer, refusal, what);
        assertReadable(answer, APP, what);
        assertUnreadable(await ask(path, 'https://evil.example', headers, method), `${what}, after`);
        assertUnreadable(await ask(path, undefined, headers, method), `${what}, no page at all`);
      }
    });

    test(`is readable by no other page, whatever the reason (${path})`, async () => {
      for (const [what, refusal] of Object.entries(ofCookies())) {
        const [headers, method] = refusal;
        for (const page of STRANGERS) {
          const answer = await ask(path, page, headers, method);
          assertRefused(answer, refusal, `${what} from ${page}`);
          assertUnreadable(answer, `${what} from ${page}`);
        }
      }
    });
  }

  test('is readable only by pages that every cookie lists', async () => {
    for (const [path, page, isReadable] of [
      ['/different/a', APP, false], ['/different/a', ADMIN, false], ['/same/a', APP, true], ['/same/a', ADMIN, false],
      ['/unlisted/a', APP, false], ['/unlisted/a', 'null', false], ['/unlisted/a', 'http://gateway.example', false],
    ]) {
      const answer = await ask(path, page);
      assert.equal(answer.status, 401);
      if (isReadable) assertReadable(answer, page, `${path} from ${page}`);
      else assertUnreadable(answer, `${path} from ${page}`);
    }
  });

  test('is readable by nobody where preflights do not pass', async () => {
    for (const page of [APP, 'null']) assertUnreadable(await ask('/silent/a', page), page);
  });
});

describe('where a page has to add the token itself, a refusal', () => {
  for (const [path, place] of [['/bearer/a', bearer], ['/header/a', (token) => ['X-Access-Token', token]]]) {
    test(`is readable by any page (${path})`, async () => {
      for (const [what, refusal] of Object.entries(refusals(place))) {
        const [headers, method] = refusal;
        for (const page of [APP, ...STRANGERS]) {
          const answer = await ask(path, page, headers, method);
          assertRefused(answer, refusal, `${what} from ${page}`);
          assertReadable(answer, page, `${what} from ${page}`);
        }
      }
    });
  }

  test('says nothing to who is no page', async () => {
    for (const path of ['/bearer/a', '/header/a']) assertUnreadable(await ask(path, undefined), path);
  });
});

test('what passes is the origin\'s to make readable', async () => {
  for (const page of [APP, 'https://evil.example', undefined]) {
    const answer = await ask('/cookie/a', page, [inCookie(tokens.admin)]);
    assert.deepEqual([answer.status, answer.text], [200, 'ok']);
    assertUnreadable(answer, page);
  }
});
