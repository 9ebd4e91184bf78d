// A client that sends our headers itself, in every spelling: the origin never sees its value.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { inParallel } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, ISSUER, startSigner } from '../../harness/signer.mjs';
import { CASINGS, fold, foldings, marked, MARKS, spellings } from '../../harness/spellings.mjs';

const ADDED = JSON.parse(readFileSync(new URL('../../harness/added_headers.json', import.meta.url), 'utf8'));
const NAMES = [...ADDED.filter((name) => name !== 'x-request-id'), 'x-auth-zzz', 'x-edgeward-x'];
const FORGED = 'forged';
const CLAIMS = {
  sub: 'user-1', email: 'user@example.com', roles: ['user', 'editor'], scope: 'read write', tenant: 'acme', sid: 'session-1', jti: 'token-1',
};
const OURS = {
  'x-auth-subject': 'user-1',
  'x-auth-issuer': ISSUER,
  'x-auth-email': 'user@example.com',
  'x-auth-roles': '"user", "editor"',
  'x-auth-scope': 'read write',
  'x-auth-tenant': 'acme',
  'x-auth-session': 'session-1',
  'x-auth-token-id': 'token-1',
};

let origin;
let gateway;
let callers;

before(async () => {
  origin = await startOrigin();
  const signer = await startSigner();
  const routes = [
    { path: '/public/**', access: 'public' },
    { path: '/optional/**', access: 'optional' },
    { path: '/api/**' },
  ];
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes) });
  const token = bearer(await signer.token(CLAIMS));
  callers = [
    { who: 'anyone on a public route', path: '/public/a', headers: [], ours: {} },
    { who: 'a caller with a token on a public route', path: '/public/a', headers: [token], ours: {} },
    { who: 'anyone on an optional route', path: '/optional/a', headers: [], ours: {} },
    { who: 'a caller with a token on an optional route', path: '/optional/a', headers: [token], ours: OURS },
    { who: 'a caller on an authenticated route', path: '/api/a', headers: [token], ours: OURS },
  ];
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** Sends and returns what the origin saw of it; `mark` tells requests under way at once apart. */
async function seen({ path, headers }, extra, { mark = 'x', method = 'GET', body = '' } = {}) {
  const target = `${path}?${mark}`;
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, requestText(method, target, [...extra, ...headers], body));
  assert.equal(answer.status, 200, answer.text);
  const records = origin.requests.slice(first).filter((record) => record.target === target);
  assert.equal(records.length, 1);
  return records[0];
}

/** Ours, each exactly once, and nothing else that reads as ours. */
function assertOnlyOurs(record, ours, what) {
  const reserved = record.headers.filter(([name]) => /^x-(auth|edgeward)-/.test(fold(name)));
  const sorted = (pairs) => pairs.map(([name, value]) => `${name}: ${value}`).sort();
  assert.deepEqual(sorted(reserved.map(([name, value]) => [name.toLowerCase(), value])), sorted(Object.entries(ours)), what);
  assert.ok(!JSON.stringify(record.headers).includes(FORGED), `${what}: ${JSON.stringify(record.headers)}`);
}

const forgeries = (names) => names.map((name, index) => [name, `${FORGED}-${index}`]);

for (const index of [0, 1, 2, 3, 4]) {
  const who = ['public', 'public with a token', 'optional', 'optional with a token', 'authenticated'][index];
  describe(`on a route that is ${who}`, () => {
    test('a request without forged headers carries exactly ours', async () => {
      assertOnlyOurs(await seen(callers[index], []), callers[index].ours, 'plain');
    });

    for (const name of NAMES) {
      test(`every spelling of ${name} at once is removed`, async () => {
        const all = spellings(name);
        assert.ok(all.length >= MARKS.length * 4);
        assertOnlyOurs(await seen(callers[index], forgeries(all)), callers[index].ours, name);
      });
    }

    test('every folding of every name by itself is removed', async () => {
      const forms = NAMES.flatMap(foldings);
      assert.ok(forms.length >= MARKS.length * NAMES.length, `${forms.length} forms`);
      await inParallel(forms.length, 8, async (n) => {
        const record = await seen(callers[index], forgeries([forms[n]]), { mark: n });
        assertOnlyOurs(record, callers[index].ours, forms[n]);
      });
    });

    test('every casing of every name by itself is removed', async () => {
      const forms = NAMES.flatMap((name) => Object.values(CASINGS).map((casing) => casing(name)));
      await inParallel(forms.length, 8, async (n) => {
        const record = await seen(callers[index], forgeries([forms[n]]), { mark: n });
        assertOnlyOurs(record, callers[index].ours, forms[n]);
      });
    });

    test('duplicates, before and after the token, are removed', async () => {
      for (const name of NAMES) {
        const twice = forgeries([name, name.toUpperCase(), name]);
        assertOnlyOurs(await seen(callers[index], twice), callers[index].ours, name);
        const around = { ...callers[index], headers: [...callers[index].headers, ...twice] };
        assertOnlyOurs(await seen(around, twice), callers[index].ours, name);
      }
    });

    test('naming our headers in Connection neither removes ours nor lets theirs through', async () => {
      for (const name of NAMES) {
        for (const form of [...MARKS.map((mark) => marked(name, mark)), name.toUpperCase()]) {
          const nominated = [['Connection', `close, ${form}`], ...forgeries([form])];
          assertOnlyOurs(await seen(callers[index], nominated), callers[index].ours, form);
        }
      }
      const everything = [['Connection', ['keep-alive', ...NAMES].join(', ')], ['connection', NAMES.join(',')]];
      assertOnlyOurs(await seen(callers[index], everything), callers[index].ours, 'all of them');
    });

    test('a bare line feed and a trailer bring nothing in', async () => {
      const { ours } = callers[index];
      const lineFeed = await seen(callers[index], [['X-Other', `a\nX-Auth-Subject: ${FORGED}`]]);
      assertOnlyOurs(lineFeed, ours, 'line feed');
      const trailer = `1\r\na\r\n0\r\nX-Auth-Subject: ${FORGED}\r\n\r\n`;
      const chunked = [['Transfer-Encoding', 'chunked'], ['Trailer', 'X-Auth-Subject']];
      const record = await seen(callers[index], chunked, { method: 'POST', body: trailer });
      assertOnlyOurs(record, ours, 'trailer');
      assert.deepEqual(record.trailers, []);
    });

    test('a space before the colon and a folded line are refused or bring nothing in', async () => {
      const { path, headers, ours } = callers[index];
      for (const odd of [['X-Auth-Subject ', FORGED], ['X_Auth_Roles\t', FORGED], ['X-Other', `a\r\n X-Auth-Subject: ${FORGED}`]]) {
        const first = origin.requests.length;
        const answer = await rawRequest(gateway.port, requestText('GET', path, [odd, ...headers]));
        if (answer.status === 400) assert.equal(origin.requests.length, first);
        else assertOnlyOurs(origin.requests[first], ours, odd[0]);
      }
    });
  });
}

test('headers that only resemble ours pass', async () => {
  const harmless = [['x-authority', '1'], ['x-auth', '2'], ['xauth-subject', '3'], ['y-x-auth-subject', '4'], ['x-edge-ward-x', '5'], ['x+authority', '6']];
  const record = await seen(callers[4], harmless);
  for (const [name, value] of harmless) assert.deepEqual(valuesOf(record, name), [value], name);
});

test('a spelling on a refused request does not reach the origin at all', async () => {
  const earlier = origin.requests.length;
  const forms = NAMES.flatMap((name) => MARKS.map((mark) => marked(name, mark)));
  const answer = await rawRequest(gateway.port, requestText('GET', '/api/a', forgeries(forms)));
  assert.equal(answer.status, 401);
  assert.equal(origin.requests.length, earlier);
});
