// SimpleJWT behind the gateway: what clients see is to the byte what they see without it.
// Rows D1, D2, D7 and E11 of the systems that Edgeward serves.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { assertPassed, assertTokenRefused } from '../../harness/config.mjs';
import { send } from '../../harness/client.mjs';
import { hasPackages, startDjango, STOCK } from '../../harness/django.mjs';
import { startGateway } from '../../harness/gateway.mjs';

const PASSWORD_OF = { username: 'ada' };
const PATH = '/api/auth/token';
const SHOWN = ['content-type', 'www-authenticate', 'allow'];

/** Django as it is installed, and a gateway before it. No window is open, so that a used token is seen as one. */
async function start({ rotates, refresh = {}, route: more = {}, beside }) {
  const django = await startDjango({ ...STOCK, rotates, beside });
  const route = (path, handler) => ({ path: `${PATH}/${path}`, methods: ['POST'], access: 'public', handler, ...more });
  const config = {
    origins: [{ name: 'django', url: django.url }],
    issuers: [{
      name: 'django', issuer: 'django', without_iss: true, any_audience: true, algorithms: ['HS256'], verify: { secrets: ['JWT'] },
      claims: { subject: 'user_id' }, refresh: { preset: 'simplejwt', grace_seconds: 0, unused_seconds: 0, ...refresh },
    }],
    routes: [
      route('', 'login'), route('refresh/', 'refresh'), route('verify/', 'verify'), route('blacklist/', 'blacklist'),
      { path: '/api/**', methods: ['*'], access: 'authenticated', revocation: 'strict' },
    ],
  };
  const gateway = await startGateway({ config, secrets: { JWT: django.secret }, kv: 'none', log: 'new' }).catch(async (error) => {
    await django.stop();
    throw error;
  });
  const post = (url) => (path, body) =>
    send(`${url}${PATH}/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  return {
    django, gateway, direct: post(django.url), through: post(gateway.url), login: () => django.login('ada'),
    stop: () => Promise.all([gateway.stop(), django.stop()]),
  };
}

const seen = ({ status, text, headers }) => [status, text, ...SHOWN.map((name) => headers[name])];
const assertSame = (through, direct, what) => assert.deepEqual(seen(through), seen(direct), what);
/** The shape of an answer with tokens: what of it is not random. */
const shape = ({ status, text, headers }) => [status, text.replace(/eyJ[\w.-]+/g, 'token'), ...SHOWN.map((name) => headers[name])];

/** The token with other claims, signed anew. */
function resigned(token, secret, change) {
  const [header, payload] = token.split('.');
  const claims = { ...JSON.parse(Buffer.from(payload, 'base64url')), ...change };
  const input = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const OLDER = 'simplejwt-5.4';

for (const [name, options, skip] of [
  ['with rotation and blacklist', { rotates: true }, false],
  ['with neither', { rotates: false }, false],
  [
    'as of 5.4', { rotates: true, beside: [OLDER], refresh: {}, route: { error_style: OLDER } },
    hasPackages(OLDER) ? false : 'SimpleJWT 5.4 is not installed: make tools-tests',
  ],
]) {
  const { rotates } = options;
  describe(name, { skip }, () => {
    let stage;
    before(async () => {
      stage = await start(options);
    });
    after(() => stage.stop());

    test('a good token is exchanged, in the same form', async () => {
      const [one, other] = [await stage.login(), await stage.login()];
      const through = await stage.through('refresh/', { refresh: one.refresh });
      assert.deepEqual(shape(through), shape(await stage.direct('refresh/', { refresh: other.refresh })));
      assert.equal(through.status, 200);
      assert.equal(through.headers['cache-control'], 'no-store');
      assert.equal('refresh' in through.json, rotates);
      assertPassed(await send(`${stage.gateway.url}/api/auth/me/`, { token: through.json.access }));
    });

    test('a used token is refused as SimpleJWT does it, or is good again', async () => {
      const [one, other] = [await stage.login(), await stage.login()];
      await stage.through('refresh/', { refresh: one.refresh });
      await stage.direct('refresh/', { refresh: other.refresh });
      const through = await stage.through('refresh/', { refresh: one.refresh });
      const direct = await stage.direct('refresh/', { refresh: other.refresh });
      if (rotates) assertSame(through, direct);
      else assert.deepEqual(shape(through), shape(direct));
      assert.equal(through.status, rotates ? 401 : 200);
    });

    test('what is expired, malformed or of another type, or no token, is refused with the same bytes', async () => {
      const { access, refresh } = await stage.login();
      const expired = resigned(refresh, stage.django.secret, { exp: 1_000_000_000 });
      const bodies = {
        expired: { refresh: expired },
        'another type': { refresh: access },
        'another signature': { refresh: resigned(refresh, 'another', {}) },
        malformed: { refresh: 'rubbish' },
        number: { refresh: 7 },
        blank: { refresh: '' },
        null: { refresh: null },
        list: { refresh: [refresh] },
        missing: {},
        'a list': [],
        'a text': '"a"',
        'no type': { refresh: resigned(refresh, stage.django.secret, { token_type: undefined }) },
        'no expiry': { refresh: resigned(refresh, stage.django.secret, { exp: undefined }) },
      };
      for (const [what, body] of Object.entries(bodies)) {
        assertSame(await stage.through('refresh/', body), await stage.direct('refresh/', body), what);
      }
    });

    test('another media type is refused with the same bytes', async () => {
      const ask = (url) => send(`${url}${PATH}/refresh/`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' });
      assertSame(await ask(stage.gateway.url), await ask(stage.django.url));
    });

    test('a login passes unchanged', async () => {
      const body = { username: 'ada', password: 'wrong' };
      assertSame(await stage.through('', body), await stage.direct('', body));
      assert.equal((await stage.through('', body)).status, 401);
      assertSame(await stage.through('', PASSWORD_OF), await stage.direct('', PASSWORD_OF));
    });

    test('verify and blacklist respect what was ended here, with the same bytes', async () => {
      const [one, other] = [await stage.login(), await stage.login()];
      assertSame(await stage.through('verify/', { token: one.refresh }), await stage.direct('verify/', { token: other.refresh }), 'good');
      assertSame(await stage.through('blacklist/', { refresh: one.refresh }), await stage.direct('blacklist/', { refresh: other.refresh }), 'ended');
      assertSame(await stage.through('blacklist/', { refresh: one.refresh }), await stage.direct('blacklist/', { refresh: other.refresh }), 'again');
      // Without the setting Django does not look at its own blacklist here.
      const verified = await stage.through('verify/', { token: one.refresh });
      if (rotates) assertSame(verified, await stage.direct('verify/', { token: other.refresh }), 'verify');
      assert.deepEqual([verified.status, verified.text], [400, '{"non_field_errors":["Token is blacklisted"]}']);
      assertSame(await stage.through('refresh/', { refresh: one.refresh }), await stage.direct('refresh/', { refresh: other.refresh }), 'refresh');
    });
  });
}

test('a blacklisted login takes its access tokens along, which SimpleJWT does not', async (t) => {
  const stage = await start({ rotates: true });
  t.after(() => stage.stop());
  const { refresh } = await stage.login();
  const first = (await stage.through('refresh/', { refresh })).json;
  assertPassed(await send(`${stage.gateway.url}/api/auth/me/`, { token: first.access }));
  assert.equal((await stage.through('blacklist/', { refresh: first.refresh })).status, 200);
  assertTokenRefused(await send(`${stage.gateway.url}/api/auth/me/`, { token: first.access }));
});

for (const [style, detail] of [[undefined, 'Token is invalid'], ['simplejwt-5.4', 'Token is invalid or expired']]) {
  test(`a token that nobody should read is refused in the style ${style ?? 'of the preset'}`, async (t) => {
    const stage = await start({ rotates: true, route: { error_style: style } });
    t.after(() => stage.stop());
    const { status, json } = await stage.through('refresh/', { refresh: 'x.y\u001cz' });
    assert.deepEqual([status, json], [401, { detail, code: 'token_not_valid' }]);
  });
}

test('in shadow mode all goes to Django, and the log says what was found', async (t) => {
  const stage = await start({ rotates: true, route: { mode: 'shadow' } });
  t.after(() => stage.stop());
  const { refresh } = await stage.login();
  for (const status of [200, 401]) assert.equal((await stage.through('refresh/', { refresh })).status, status);
  const told = stage.gateway.logs().filter(({ event }) => event === 'session_shadow');
  assert.deepEqual(told.map(({ handler, presented, answer }) => [handler, presented, answer]), [
    ['refresh', 'verified', 'rotated'], ['refresh', 'verified', 'refused'],
  ]);
});
