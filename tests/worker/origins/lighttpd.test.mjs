// In front of a real server that reads every byte of a header's name which is no letter or digit as `_`: whatever a client makes of
// the names that are the gateway's, the CGI script behind it never sees the client's value in the variable of one of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { inParallel } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { lighttpdMissing, startLighttpd, variableOf, variables } from '../../harness/lighttpd.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, ISSUER, startSigner } from '../../harness/signer.mjs';
import { CASINGS, fold, foldings, marked, MARKS } from '../../harness/spellings.mjs';

const ADDED = JSON.parse(readFileSync(new URL('../../harness/added_headers.json', import.meta.url), 'utf8'));
const REQUEST_ID = 'x-request-id';
const API_TOKEN = 'x-api-token';
const FORGED = 'forged';
const FORWARDED = [
  'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-for', 'x-forwarded', 'x-forwarded-port', 'x-real-ip', 'x-original-url', 'x-rewrite-url',
  'x-original-host', 'x-client-ip', 'x-host', 'x-cluster-client-ip',
];
const OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'];
const NAMES = [...new Set([...ADDED, 'x-auth-zzz', 'x-edgeward-x', 'remote-user', ...FORWARDED, ...OVERRIDES])];
const CLAIMS = { email: 'user@example.com', roles: ['user', 'editor'], scope: 'read', tenant: 'acme', sid: 'session-1', jti: 'token-1' };
/** `remote-user` has taken the place of `x-auth-subject`. */
const OURS = {
  'remote-user': 'user-1',
  'x-auth-issuer': ISSUER,
  'x-auth-email': 'user@example.com',
  'x-auth-roles': '"user", "editor"',
  'x-auth-scope': 'read',
  'x-auth-tenant': 'acme',
  'x-auth-session': 'session-1',
  'x-auth-token-id': 'token-1',
};
const ADDRESS = '203.0.113.7';
const ALWAYS = { 'x-forwarded-host': 'gateway.example', 'x-forwarded-proto': 'http', 'x-forwarded-for': ADDRESS };

describe('lighttpd', { skip: lighttpdMissing }, () => {
  let lighttpd;
  let gateway;
  const cases = {};

  before(async () => {
    lighttpd = await startLighttpd();
    const signer = await startSigner();
    const credentials = [{ header: API_TOKEN }];
    const routes = [
      { path: '/public/**', access: 'public' },
      { path: '/optional/**', access: 'optional' },
      { path: '/api/**' },
      { path: '/token/**', credentials },
      { path: '/perhaps/**', access: 'optional', credentials },
    ];
    const headers = { names: { subject: 'remote-user' } };
    gateway = await startGateway({ config: configuration(lighttpd, signer.issuer(), routes, { headers }) });
    const token = await signer.token(CLAIMS);
    const names = [...NAMES, API_TOKEN];
    Object.assign(cases, {
      'a public route': { path: '/public/a', headers: [bearer(token)], names: NAMES, expected: ALWAYS },
      'an optional route, without a caller': { path: '/optional/a', headers: [], names: NAMES, expected: ALWAYS },
      'an optional route, with one': { path: '/optional/a', headers: [bearer(token)], names: NAMES, expected: { ...ALWAYS, ...OURS } },
      'an authenticated route': { path: '/api/a', headers: [bearer(token)], names: NAMES, expected: { ...ALWAYS, ...OURS } },
      'a route with its token in a header': {
        path: '/token/a', headers: [[API_TOKEN, token]], names, expected: { ...ALWAYS, ...OURS, [API_TOKEN]: token },
      },
      'an optional route with its token in a header, and none there': { path: '/perhaps/a', headers: [], names, expected: ALWAYS },
    });
  });

  after(async () => {
    await gateway?.stop();
    await lighttpd?.stop();
  });

  /** The script's environment for a request with `extra` headers before the caller's own. */
  async function environment({ path, headers }, extra) {
    const answer = await rawRequest(gateway.port, requestText('GET', path, [...extra, ...headers, ['CF-Connecting-IP', ADDRESS]]));
    assert.equal(answer.status, 200, `${JSON.stringify(extra).slice(0, 300)}: ${answer.text.slice(0, 300)}`);
    return variables(answer);
  }

  const valuesIn = (found, name) => found.filter(([each]) => each === variableOf(name)).map(([, value]) => value);

  /** Each variable of a name of ours is there once where it belongs, with the gateway's value, and nothing of the client's is. */
  function assertHonest(found, { names, expected }, what) {
    assert.deepEqual(found.filter(([, value]) => value.includes(FORGED)), [], what);
    for (const name of names.filter((each) => each !== REQUEST_ID)) {
      assert.deepEqual(valuesIn(found, name), name in expected ? [expected[name]] : [], `${what}: ${name}`);
    }
    const [id, ...more] = valuesIn(found, REQUEST_ID);
    assert.match(id, /^[0-9a-f]{16}-[0-9a-f]+$/, what);
    assert.deepEqual(more, [], what);
  }

  /** A client may send its own request id, and a token where the route reads one: under these very names. */
  const mayBeSent = (form) => [REQUEST_ID, API_TOKEN].includes(form.toLowerCase());
  const forgeries = (forms) => forms.filter((form) => !mayBeSent(form)).map((form, index) => [form, `${FORGED}-${index}`]);

  test('by itself it reads X+Auth+Roles, Remote~User and X*Auth*Issuer as the names that they resemble', async () => {
    const sent = [['X+Auth+Roles', 'admin'], ['Remote~User', 'root'], ['X*Auth*Issuer', 'evil']];
    const found = variables(await rawRequest(lighttpd.port, requestText('GET', '/a', sent)));
    assert.deepEqual(['x-auth-roles', 'remote-user', 'x-auth-issuer'].map((name) => valuesIn(found, name)), [['admin'], ['root'], ['evil']]);
  });

  test('by itself it reads every mark so, alone and beside others', async () => {
    assert.equal(MARKS.length, 15);
    for (const name of NAMES) {
      const forms = foldings(name);
      const found = variables(await rawRequest(lighttpd.port, requestText('GET', '/a', forms.map((form) => [form, FORGED]))));
      // Of one name that is sent twice it makes one variable; these are all different names.
      assert.deepEqual(valuesIn(found, name), forms.map(() => FORGED), name);
    }
  });

  for (const what of [
    'a public route', 'an optional route, without a caller', 'an optional route, with one', 'an authenticated route',
    'a route with its token in a header', 'an optional route with its token in a header, and none there',
  ]) {
    describe(`behind the gateway, on ${what}`, () => {
      test('the script sees the gateway\'s values, where nobody forges any', async () => {
        assertHonest(await environment(cases[what], []), cases[what], 'plain');
      });

      for (const mark of MARKS) {
        test(`nothing comes in by writing ${mark} for the hyphens of every name`, async () => {
          const forms = cases[what].names.map((name) => marked(name, mark));
          for (const casing of [CASINGS.lower, CASINGS.title, CASINGS.upper]) {
            assertHonest(await environment(cases[what], forgeries(forms.map(casing))), cases[what], mark);
          }
        });
      }

      test('nor by all spellings of one name at once', async () => {
        const { names } = cases[what];
        await inParallel(names.length, 8, async (n) => {
          assertHonest(await environment(cases[what], forgeries(foldings(names[n]))), cases[what], names[n]);
        });
      });

      test('nor by one spelling alone, nor by naming it in Connection', async () => {
        const forms = cases[what].names.flatMap((name, n) => MARKS.filter((_, m) => (n + m) % 5 === 0).map((mark) => marked(name, mark)));
        await inParallel(forms.length, 8, async (n) => {
          const [forged] = forgeries([forms[n]]);
          if (!forged) return;
          assertHonest(await environment(cases[what], [forged]), cases[what], forms[n]);
          assertHonest(await environment(cases[what], [['Connection', `close, ${forms[n]}`], forged]), cases[what], `${forms[n]}, nominated`);
        });
      });
    });
  }

  test('headers that only resemble ours arrive', async () => {
    const harmless = [['x+authority', '1'], ['x~auth', '2'], ['xauth*subject', '3'], ['remote|users', '4'], ['x^real^ips', '5']];
    const found = await environment(cases['an authenticated route'], harmless);
    for (const [name, value] of harmless) assert.deepEqual(valuesIn(found, name), [value], name);
  });

  test('the names of this test are whole: every folding of them reads as the name', () => {
    for (const name of [...NAMES, API_TOKEN]) assert.deepEqual(foldings(name).map(fold), foldings(name).map(() => name));
  });
});
