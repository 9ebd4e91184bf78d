// What sessions in cookies must never do: the ten tests that the advisories of other gateways wrote, and those of their kind.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';

import { send, sleep, until } from '../../harness/client.mjs';
import { expired, KEY, NAMES, setCookies, withCookies } from '../../harness/cookie_stage.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

const LOGIN = { email: emailOf('ada'), password: PASSWORD };

/** The same token with a space after the brace that opens its header. */
const spaced = (token) => token.replace(/^[^.]+/, (header) => Buffer.from(Buffer.from(header, 'base64url').toString().replace('{', '{ ')).toString('base64url'));
/** Encrypted with a shared key, as Auth.js has them: its second part is empty. */
const encrypted = `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..${['iv-of-12-bytes', 'ciphertext', 'tag'].map((part) => Buffer.from(part).toString('base64url')).join('.')}`;
/** Fields that count before `Cache-Control`: RFC 9213 and two vendors of it, Fastly, Akamai, nginx. */
const TARGETED = ['cdn-cache-control', 'vercel-cdn-cache-control', 'akamai-cache-control', 'surrogate-control', 'edge-control', 'x-accel-expires'];
const isCleared = (answer) => setCookies(answer).length > 0 && setCookies(answer).every((line) => /=; Max-Age=0;/.test(line));

describe('the ten rules of cookie sessions', { concurrency: 2 }, () => {
  test('1: the cookies of the gateway never reach an origin, in no part and on no route', () => withCookies({}, async (stage) => {
    const browser = await stage.login();
    browser.jar.set(`${NAMES.access}.1`, 'left').set(`${NAMES.refresh}.7`, 'left').set('other', '1').set(`${NAMES.access}x`, 'not ours');
    for (const path of ['/app/a', '/optional/a', '/open/a']) {
      assert.equal((await browser.get(path)).status, 200);
      const [, cookie] = stage.origin.requests.at(-1).headers.find(([name]) => name.toLowerCase() === 'cookie');
      assert.equal(cookie, `other=1; ${NAMES.access}x=not ours`, path);
    }
    await browser.post('/web/refresh');
    await browser.post('/web/logout');
    assert.deepEqual(stage.cookiesSeen().filter((name) => name.startsWith('__Host-') && !name.endsWith('x')), []);
  }));

  test('2: no other site changes anything: unsafe methods, upgrades, own paths, and login without a cookie', () => withCookies({
    session: { csrf: { origins: ['https://app.example'], header: 'x-csrf' } },
  }, async (stage) => {
    const browser = await stage.login();
    const foreign = [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'cross-site', origin: 'null' }];
    const calls = [
      ...['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ['/app/a', { method }]),
      ...['/web/login', '/web/refresh', '/web/logout'].map((path) => [path, { method: 'POST', body: LOGIN }]),
      ['/app/ws', { headers: { upgrade: 'websocket', connection: 'upgrade' } }],
    ];
    const { length } = stage.server.calls;
    for (const headers of foreign) {
      for (const [path, options] of calls) {
        const answer = await browser.send(path, { ...options, headers: { 'content-type': 'application/json', ...options.headers, ...headers } });
        assert.equal(answer.status, 403, `${options.method} ${path} ${JSON.stringify(headers)}`);
        assert.deepEqual(setCookies(answer), []);
      }
      const answer = await stage.open().send('/web/login', { method: 'POST', body: LOGIN, headers: { 'content-type': 'application/json', ...headers } });
      assert.equal(answer.status, 403, 'a login without any cookie');
    }
    // Nothing is said of where it comes from.
    const silent = (headers) => send(`${stage.gateway.url}/app/a`, { method: 'POST', headers: { cookie: browser.cookie, ...headers } });
    assert.equal((await silent({})).status, 403);
    assert.deepEqual(stage.server.calls.length, length, 'the auth server was not asked');
    assert.equal(stage.origin.requests.length, 0);
    const post = (headers) => browser.send('/app/a', { method: 'POST', headers });
    assert.equal((await post({ 'sec-fetch-site': 'cross-site', origin: 'https://app.example' })).status, 200, 'a listed origin');
    assert.equal((await post({ 'sec-fetch-site': 'cross-site', 'x-csrf': '1' })).status, 403, 'the header outweighs nothing that is said');
    assert.equal((await silent({ 'x-csrf': '1' })).status, 200, 'the header stands for what is not said');
    // A navigation by a link, which changes nothing, is no forgery.
    assert.equal((await browser.get('/app/a', { headers: { 'sec-fetch-site': 'cross-site' } })).status, 200);
  }));

  test('3: the loser of a race for one refresh token gets the cookies of the winner, or none', () => withCookies({}, async (stage) => {
    const browser = await expired(stage);
    const tabs = Array.from({ length: 20 }, () => browser.copy());
    const answers = await Promise.all(tabs.map((tab, n) => (n % 2 === 0 ? tab.get('/app/a') : tab.post('/web/refresh'))));
    assert.ok(answers.every(({ status }) => status === 200), answers.map(({ status }) => status).join());
    assert.equal(stage.refreshes(), 1);
    const tokens = new Set(tabs.map(({ access }) => access));
    assert.equal(tokens.size, 1);
    assert.ok(tabs.every((tab) => tab.set.every((line) => !/Max-Age=0/.test(line))));
  }));

  test('4: a transient failure keeps the cookies: nothing is set, nothing cleared, and the answer says to come again', () => withCookies({
    timeout: 500, auth: { accessSeconds: 900 },
  }, async (stage) => {
    for (const fault of [{ kind: 'status 500' }, { kind: 'status 429' }, { kind: 'status 302' }, { kind: 'reset' }, { kind: 'timeout' }, { kind: 'not json' }, { kind: 'cut off' }]) {
      const browser = await expired(stage);
      stage.server.fail({ ...fault, times: 50, path: '/api/auth/refresh' });
      for (const answer of [await browser.get('/app/a'), await browser.get('/optional/a')]) {
        assert.equal(answer.status, 503, JSON.stringify(fault));
        assert.equal(answer.headers['retry-after'], '5');
        assert.deepEqual(setCookies(answer), [], JSON.stringify(fault));
      }
      assert.deepEqual(setCookies(await browser.post('/web/refresh')), []);
      stage.server.heal();
      assert.equal((await browser.get('/app/a')).status, 200, `${JSON.stringify(fault)}: afterwards it goes on`);
    }
  }));

  test('5: a value of more than 3,900 bytes is split, and a set that is not whole is no session', () => withCookies({
    auth: { padding: 4500 },
  }, async (stage) => {
    const browser = await stage.login();
    assert.deepEqual([...browser.jar.keys()].sort(), [NAMES.access, `${NAMES.access}.1`, NAMES.refresh, `${NAMES.refresh}.1`, `${NAMES.refresh}.2`].sort());
    assert.ok([...browser.jar].every(([name, value]) => name.length + value.length <= 4096));
    assert.equal((await browser.get('/app/a')).status, 200);
    const without = (name) => {
      const other = browser.copy();
      other.jar.delete(name);
      return other;
    };
    const renewed = await without(`${NAMES.access}.1`).get('/app/a');
    assert.deepEqual([renewed.status, setCookies(renewed).length], [200, 5], 'half of an access token is none');
    const broken = without(`${NAMES.refresh}.1`);
    broken.jar.delete(NAMES.access);
    const refused = await broken.get('/app/a');
    assert.deepEqual([refused.status, setCookies(refused)], [401, []], 'half of a refresh token is none, and nothing is cleared');
    // From many parts to fewer: what is left at the browser goes.
    const many = browser.copy();
    many.jar.set(`${NAMES.access}.2`, 'left').set(`${NAMES.access}.3`, 'left');
    assert.equal((await many.post('/web/refresh')).status, 200);
    assert.ok(!many.jar.has(`${NAMES.access}.2`) && !many.jar.has(`${NAMES.access}.3`));
    assert.equal((await many.get('/app/a')).status, 200);
    const gone = many.copy();
    gone.jar.delete(`${NAMES.refresh}.1`);
    await gone.post('/web/logout');
    assert.equal(gone.jar.size, 0, 'logout deletes every part');
  }));

  test('6: a renewal does not change which session it is: one family, which an administrator ends', () => withCookies({}, async (stage) => {
    const browser = await stage.login();
    for (let n = 0; n < 3; n += 1) await browser.post('/web/refresh');
    const sessions = stage.events('token_refresh').map(({ session }) => session);
    assert.deepEqual([sessions.length, new Set(sessions).size], [3, 1]);
  }));

  test('7: nothing that was stored heals a session that was revoked', () => withCookies({ api: { revocation: 'strict' } }, async (stage) => {
    const browser = await expired(stage);
    const thief = browser.copy();
    assert.equal((await browser.get('/app/a')).status, 200);
    await browser.copy().post('/web/logout');
    // The answer for this token is stored still, and inside the window.
    const answer = await thief.get('/app/a');
    assert.equal(answer.status, 401);
    assert.ok(isCleared(answer));
    assert.equal((await browser.get('/app/a')).status, 401);
    assert.equal(stage.refreshes(), 1);
  }));

  test('8: every answer of a route with cookies may be kept by nobody', () => withCookies({}, async (stage) => {
    const outweighing = Object.fromEntries(TARGETED.map((name) => [name, name === 'x-accel-expires' ? '600' : 'max-age=600']));
    stage.origin.reply(() => ({ status: 200, headers: { 'cache-control': 'public, max-age=600', etag: '"1"', ...outweighing }, body: 'page' }));
    const browser = await stage.login();
    const lost = await expired(stage);
    const answers = [
      await browser.get('/app/a'), await lost.get('/app/a'), await stage.open().get('/app/a'), await browser.get('/.edgeward/me'),
      await stage.open().get('/.edgeward/me'), await browser.post('/web/refresh'), await stage.open().post('/web/refresh'),
      await stage.open().post('/web/login', LOGIN), await stage.open().post('/web/login', {}), await browser.post('/app/a', {}, { headers: { 'sec-fetch-site': 'cross-site' } }),
      await browser.post('/web/logout'), await stage.open().get('/optional/a'),
    ];
    for (const [n, { headers }] of answers.entries()) {
      assert.deepEqual([headers['cache-control'], headers['cloudflare-cdn-cache-control']], ['no-store', 'no-store'], `answer ${n}`);
      assert.deepEqual(TARGETED.filter((name) => name in headers), [], `answer ${n}`);
    }
  }));

  test('9: a login begins a new session, whatever cookies came with it', () => withCookies({}, async (stage) => {
    const planted = await stage.login('eve');
    const victim = planted.copy();
    assert.equal((await victim.post('/web/login', LOGIN)).status, 200);
    assert.notEqual(victim.jar.get(NAMES.refresh), planted.jar.get(NAMES.refresh));
    assert.equal((await victim.get('/.edgeward/me')).json.subject, emailOf('ada'));
    planted.jar.delete(NAMES.access);
    const before = await until(async () => {
      const answer = await planted.get('/.edgeward/me');
      return answer.status === 401 && answer;
    }, 'the end of the session that the browser had before');
    assert.ok(isCleared(before));
    assert.equal((await victim.get('/.edgeward/me')).status, 200);
  }));

  test('10: logout works with an expired access token, and with none', () => withCookies({ auth: { accessSeconds: 1 } }, async (stage) => {
    const browser = await stage.login();
    const other = browser.copy();
    await sleep(1100);
    const answer = await browser.post('/web/logout');
    assert.equal(answer.status, 204, answer.text);
    assert.ok(isCleared(answer));
    other.jar.delete(NAMES.access);
    assert.equal((await other.get('/app/a')).status, 401);
    for (const nobody of [stage.open(), browser]) {
      const again = await nobody.post('/web/logout');
      assert.deepEqual([again.status, isCleared(again)], [204, true]);
    }
  }));
});

describe('cookie sessions, further', { concurrency: 2 }, () => {
  test('a logout that fails clears the cookies all the same', () => withCookies({ timeout: 500 }, async (stage) => {
    const browser = await stage.login();
    stage.server.fail({ kind: 'reset', times: 5, path: '/api/auth/logout' });
    const answer = await browser.post('/web/logout');
    assert.equal(answer.status, 503);
    assert.ok(isCleared(answer));
    stage.server.heal();
  }));

  test('a token that ends within the leeway is renewed, and one that ends later is not', () => withCookies({ auth: { accessSeconds: 20 } }, async (stage) => {
    const browser = await stage.login();
    const { access } = browser;
    assert.equal((await browser.get('/app/a')).status, 200);
    assert.notEqual(browser.access, access, 'the leeway is 30 s');
    stage.server.auth.accessSeconds = 900;
    await browser.get('/app/a');
    const { access: next } = browser;
    await browser.get('/app/a');
    assert.equal(browser.access, next);
  }));

  test('while the auth server is down, a token that has not ended yet still holds', () => withCookies({ auth: { accessSeconds: 20 } }, async (stage) => {
    const browser = await stage.login();
    stage.server.fail({ kind: 'status 500', times: 9, path: '/api/auth/refresh' });
    const answer = await browser.get('/app/a');
    assert.deepEqual([answer.status, setCookies(answer)], [200, []]);
    stage.server.heal();
  }));

  test('a definite refusal ends the session: cookies go, and strangers are who they are', () => withCookies({}, async (stage) => {
    for (const [path, status] of [['/app/a', 401], ['/optional/a', 200]]) {
      const browser = await expired(stage);
      stage.server.auth.endAll();
      const answer = await browser.get(path);
      assert.equal(answer.status, status);
      assert.ok(isCleared(answer), path);
      assert.ok(!stage.origin.requests.at(-1)?.headers.some(([name]) => name.toLowerCase() === 'x-auth-subject'));
    }
  }));

  test('keys rotate without logging anyone out, and a key that has gone opens nothing', () => withCookies({}, async (stage) => {
    const browser = await stage.login();
    const [own, next] = [browser.copy(), randomBytes(32).toString('base64')];
    const refresh = (names) => ({ ...stage.config.issuers[0].refresh, session: { key: 'SESSION_KEY', ...names } });
    const on = async (names, secrets, work) => {
      const config = { ...stage.config, issuers: [{ ...stage.config.issuers[0], refresh: refresh(names) }] };
      const gateway = await startGateway({ ...stage.options, config, secrets: { ...stage.options.secrets, ...secrets } });
      try {
        own.url = gateway.url;
        await work(gateway);
      } finally {
        await gateway.stop();
      }
    };
    const host = { host: new URL(stage.gateway.url).host };
    await on({ previous_key: 'OLD_KEY' }, { SESSION_KEY: next, OLD_KEY: KEY }, async () => {
      own.jar.delete(NAMES.access);
      assert.equal((await own.get('/app/a', { headers: host })).status, 200);
    });
    await on({}, { SESSION_KEY: next }, async () => {
      own.jar.delete(NAMES.access);
      assert.equal((await own.get('/app/a', { headers: host })).status, 200, 'it was sealed anew');
      browser.url = own.url;
      browser.jar.delete(NAMES.access);
      const answer = await browser.get('/app/a', { headers: host });
      assert.deepEqual([answer.status, setCookies(answer)], [401, []]);
    });
  }));

  test('a session ends when it was idle for too long; asking who is logged in is no use of it', () => withCookies({
    session: { idle_seconds: 60 },
  }, async (stage) => {
    const browser = await stage.login();
    const ages = () => browser.set.slice(-2).map((line) => Number(/Max-Age=(\d+)/.exec(line)[1]));
    // A second may end between the two readings of the clock.
    const isWhole = () => ages().every((age) => age === 60 || age === 59);
    assert.ok(isWhole(), ages().join());
    await sleep(2100);
    browser.jar.delete(NAMES.access);
    await browser.get('/.edgeward/me');
    assert.ok(ages().every((age) => age <= 58), ages().join());
    browser.jar.delete(NAMES.access);
    await browser.get('/app/a');
    assert.ok(isWhole(), ages().join());
  }));

  test('pages without a session are sent to the login, and nothing else is', () => withCookies({
    api: { on_unauthenticated: { redirect: '/sign-in?from=app' } },
  }, async (stage) => {
    const page = (path, more = {}) => stage.open().send(path, { headers: { 'sec-fetch-mode': 'navigate', ...more.headers }, ...more });
    const answer = await page('/app/a/b?q=1&r=%2F');
    assert.equal(answer.status, 302);
    assert.equal(answer.headers.location, '/sign-in?from=app&next=%2Fapp%2Fa%2Fb%3Fq%3D1%26r%3D%252F');
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(stage.gateway.logs().findLast(({ event }) => event === 'refused').status, 302);
    assert.equal((await stage.open().get('/app/a')).status, 401);
    assert.equal((await stage.open().get('/app/a', { headers: { 'sec-fetch-mode': 'cors' } })).status, 401);
    assert.equal((await stage.open().post('/app/a', {}, { headers: { 'sec-fetch-mode': 'navigate' } })).status, 401);
    assert.equal((await page('/optional/a')).status, 200);
    const browser = await expired(stage);
    stage.server.fail({ kind: 'status 500', times: 1, path: '/api/auth/refresh' });
    assert.equal((await browser.get('/app/a', { headers: { 'sec-fetch-mode': 'navigate' } })).status, 503, 'nobody knows whether there is a session');
    stage.server.auth.endAll();
    const ended = await browser.get('/app/a', { headers: { 'sec-fetch-mode': 'navigate' } });
    assert.deepEqual([ended.status, isCleared(ended)], [302, true]);
  }));

  test('an answer that still shows a token reaches no browser', () => withCookies({
    routes: [{ path: '/twice/login', methods: ['POST'], access: 'public', origin: 'main', handler: 'login', session: true }],
  }, async (stage) => {
    const { accessToken, refreshToken } = await stage.server.login('ada');
    const reply = (json, headers = {}) => stage.origin.reply(() => ({ status: 200, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(json) }));
    const login = () => stage.open().post('/twice/login', LOGIN);
    for (const [json, headers] of [
      [{ accessToken, refreshToken, again: refreshToken }], [{ accessToken, refreshToken, list: [{ url: `?t=${accessToken}` }] }],
      [{ accessToken, refreshToken }, { 'x-refresh': refreshToken }], [{ accessToken, refreshToken }, { 'set-cookie': `own=${accessToken}` }],
    ]) {
      reply(json, headers);
      const answer = await login();
      assert.equal(answer.status, 503, JSON.stringify(Object.keys({ ...json, ...headers })));
      assert.ok(!answer.text.includes('eyJ') && !JSON.stringify(answer.headers).includes('eyJ'));
    }
    // A path that is wrong in the configuration shows no token either.
    for (const json of [
      { access_token: accessToken, refresh_token: refreshToken }, { data: { accessToken: 'opaque-token-of-16' } }, { refreshToken }, { token: `${accessToken}` },
      { user: { refresh: 'opaque-token-of-16' } }, { jwt: `x${accessToken}x` },
      { jwt: spaced(accessToken) }, { 'refresh-token': 'opaque-token-of-16' }, { session: encrypted },
    ]) {
      reply(json);
      const answer = await login();
      assert.equal(answer.status, 503, JSON.stringify(Object.keys(json)));
      assert.deepEqual(setCookies(answer), []);
    }
    reply({ mfa: 'required', refreshed_at: '2026', access_expiration: '2026', home: 'https://newoldsite-example.intranet1.example.com' });
    assert.equal((await login()).status, 200, 'a step of a login that has no tokens yet');
    reply({ accessToken, refreshToken, id: 1 });
    assert.deepEqual((await login()).json, { id: 1 });
    stage.origin.reply(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body: `{"id":12345678901234567890,"f":1.10,"accessToken":"${accessToken}"}` }));
    assert.equal((await login()).text, '{"id":12345678901234567890,"f":1.10}');
  }));

  test("a client that holds its tokens ends its session at the page's logout, too", () => withCookies({
    session: { csrf: { header: 'x-csrf' } }, api: { revocation: 'strict' },
  }, async (stage) => {
    const { accessToken, refreshToken } = await stage.server.login('ada');
    const answer = await stage.post('/web/logout', { refreshToken }, { headers: { authorization: `Bearer ${accessToken}`, 'x-csrf': '1' } });
    assert.equal(answer.status, 204, answer.text);
    assert.equal((await stage.get('/strict/a', accessToken)).status, 401);
    assert.equal((await stage.refresh(refreshToken)).status, 401);
  }));

  test('a page of another origin reads that it was logged out', () => withCookies({
    session: { csrf: { origins: ['https://app.example'] } },
    routes: [{ path: '/own/logout', methods: ['POST'], access: 'public', handler: 'logout', forward: false, session: true, cors_preflight: true, origin: 'auth' }],
  }, async (stage) => {
    const headers = { origin: 'https://app.example', 'sec-fetch-site': 'same-site' };
    for (const browser of [await stage.login(), stage.open()]) {
      const answer = await browser.post('/own/logout', {}, { headers });
      assert.equal(answer.status, 204);
      assert.deepEqual([answer.headers['access-control-allow-origin'], answer.headers['access-control-allow-credentials'], answer.headers.vary], ['https://app.example', 'true', 'origin']);
    }
  }));

  test('upgrades and streams carry the new cookies', () => withCookies({}, async (stage) => {
    const browser = await expired(stage);
    stage.origin.reply((req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write('data: 1\n\n');
      setTimeout(() => res.end('data: 2\n\n'), 200);
    });
    const answer = await browser.get('/app/events');
    assert.deepEqual([answer.status, answer.text, setCookies(answer).length], [200, 'data: 1\n\ndata: 2\n\n', 2]);
  }));
});
