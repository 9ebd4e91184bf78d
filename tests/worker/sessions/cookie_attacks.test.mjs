// Attacks on sessions in cookies that once got through, and others of their kinds.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { send, sleep, until } from '../../harness/client.mjs';
import { Browser, expired, NAMES, setCookies, withCookies } from '../../harness/cookie_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

const LOGIN = (name) => ({ email: emailOf(name), password: PASSWORD });

/** The origin answers paths with `slow` late. */
const slowly = (stage, ms) => stage.origin.reply(async (req) => {
  if (req.url.includes('slow')) await sleep(ms);
  return { status: 200, headers: {}, body: 'done' };
});
const me = async (browser) => (await browser.get('/.edgeward/me')).json.subject;

describe('late answers', { concurrency: 3 }, () => {
  test('older cookies do not take the place of newer ones', () => withCookies({ refresh: { grace_seconds: 1 } }, async (stage) => {
    slowly(stage, 2500);
    const browser = await expired(stage);
    const late = browser.copy().get('/app/slow');
    await sleep(300);
    assert.equal((await browser.get('/app/a')).status, 200);
    assert.equal((await browser.get('/app/a')).status, 200, 'the new token is used');
    assert.equal((await browser.post('/web/refresh')).status, 200);
    const answer = await late;
    assert.deepEqual([answer.status, setCookies(answer)], [200, []]);
    assert.equal((await browser.post('/web/refresh')).status, 200);
  }));

  test('a late answer sets its cookies while its tokens are the newest', () => withCookies({}, async (stage) => {
    slowly(stage, 1500);
    const browser = await expired(stage);
    const answer = await browser.get('/app/slow');
    assert.deepEqual([answer.status, setCookies(answer).length], [200, 2]);
    browser.jar.delete(NAMES.access);
    assert.equal((await browser.get('/app/a')).status, 200);
    assert.equal(stage.refreshes(), 2, 'the browser has the newest refresh token');
  }));

  test('another login is not undone', () => withCookies({}, async (stage) => {
    slowly(stage, 1800);
    const browser = await expired(stage);
    const late = browser.copy().get('/app/slow');
    await sleep(300);
    assert.equal((await browser.post('/web/login', LOGIN('eve'))).status, 200);
    browser.keep(await late);
    assert.equal(await me(browser), emailOf('eve'));
  }));

  test('a logout is not undone, and a new session is not deleted', () => withCookies({}, async (stage) => {
    slowly(stage, 1800);
    const browser = await expired(stage);
    const late = browser.copy().get('/app/slow');
    await sleep(300);
    await browser.post('/web/logout');
    browser.keep(await late);
    assert.equal(browser.jar.size, 0);
    const other = await expired(stage);
    stage.server.auth.endAll();
    const ending = other.copy().get('/optional/slow');
    await sleep(300);
    assert.equal((await other.post('/web/login', LOGIN('bob'))).status, 200);
    other.keep(await ending);
    assert.equal(await me(other), emailOf('bob'));
  }));
});

test('a login or a logout during a renewal is not undone, although its answer comes within a second', () => withCookies({}, async (stage) => {
  const during = async (work) => {
    const held = Promise.withResolvers();
    stage.origin.reply(async () => {
      await held.promise;
      return { status: 200, headers: {}, body: 'done' };
    });
    const browser = await expired(stage);
    const count = stage.origin.requests.length;
    const late = browser.copy().get('/app/a');
    await until(() => stage.origin.requests.length > count, 'the request');
    const { length } = setCookies(await work(browser));
    await sleep(150);
    held.resolve();
    assert.equal(length, 2, 'set or deleted');
    const answer = await late;
    assert.deepEqual([answer.status, setCookies(answer)], [200, []]);
  };
  await during((browser) => browser.post('/web/login', LOGIN('bob')));
  await during((browser) => browser.post('/web/logout'));
}));

test('an auth server that refuses late deletes no session that a login has begun meanwhile', () => withCookies({}, async (stage) => {
  const { refresh } = stage.server.auth;
  stage.server.auth.refresh = async function late(fields) {
    await sleep(1500);
    return refresh.call(this, fields);
  };
  for (const call of [(tab) => tab.get('/optional/a'), (tab) => tab.post('/web/refresh')]) {
    const browser = await expired(stage);
    const count = stage.refreshes();
    const late = call(browser.copy());
    await until(() => stage.refreshes() > count, 'the refresh');
    assert.equal((await browser.post('/web/login', LOGIN('bob'))).status, 200);
    const answer = await late;
    assert.deepEqual(setCookies(answer), []);
    browser.keep(answer);
    assert.equal(await me(browser), emailOf('bob'));
  }
}));

describe('cookies as attackers write them', { concurrency: 3 }, () => {
  test('a name behind a letter that only JavaScript trims is no cookie of the session, and locks nobody out', () => withCookies({}, async (stage) => {
    const eve = await stage.login('eve');
    const victim = await expired(stage);
    for (const letter of ['\u00a0', '\u2000', '\u3000', '\ufeff', '\u0085']) {
      const cookie = Buffer.from(`${letter}${NAMES.refresh}=${eve.jar.get(NAMES.refresh)}`).toString('latin1');
      const stranger = await stage.open().send('/web/refresh', { method: 'POST', headers: { cookie } });
      assert.deepEqual([stranger.status, setCookies(stranger)], [401, []], JSON.stringify(letter));
      const planted = await victim.copy().get('/app/a', { headers: { cookie: `${victim.cookie}; ${cookie}` } });
      assert.equal(planted.status, 200, JSON.stringify(letter));
    }
  }));

  test('no spelling of a name reaches an origin', () => withCookies({}, async (stage) => {
    const { jar } = await stage.login();
    const value = jar.get(NAMES.refresh);
    for (const cookie of [
      `a=1, ${NAMES.refresh}=${value}`, `"${NAMES.refresh}"=${value}`, `=${NAMES.refresh}=${value}`, `${NAMES.refresh.toLowerCase()}=${value}`,
      `${NAMES.refresh}.x=${value}`, `${NAMES.refresh}.01=${value}`, `b="1; ${NAMES.refresh}=${value}"`, `\u00a0${NAMES.refresh}=${value}`,
    ]) {
      for (const path of ['/open/a', '/optional/a']) {
        assert.equal((await send(stage.gateway.url + path, { headers: { cookie: `kept=1; ${cookie}` } })).status, 200, cookie);
        const seen = stage.origin.requests.at(-1).headers.filter(([name]) => name.toLowerCase() === 'cookie').map(([, text]) => text).join();
        assert.ok(seen.includes('kept=1') && !seen.includes(value), `${path} ${cookie}`);
      }
    }
  }));

  test('credentials that a browser adds by itself let no other site log anyone in or out', () => withCookies({}, async (stage) => {
    for (const authorization of ['Basic dTpw', 'Negotiate YII', 'Bearer', 'Bearerx y']) {
      const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', authorization };
      for (const path of ['/web/login', '/web/logout']) {
        const answer = await send(stage.gateway.url + path, { method: 'POST', headers, body: LOGIN('eve') });
        assert.deepEqual([answer.status, setCookies(answer)], [403, []], `${path} ${authorization}`);
      }
    }
  }));

  test('an access cookie that is no token is none: the session is renewed', () => withCookies({}, async (stage) => {
    for (const value of ['1~', '1~a b', '1~a', '1~a.b.c', '2~x', '9~a', '1~a\\b', 'x', '1~eyJhbGciOiJub25lIn0.e30.']) {
      const browser = await stage.login();
      browser.jar.set(NAMES.access, value);
      assert.equal((await browser.get('/app/a')).status, 200, value);
    }
  }));

  test('a logout does not answer with more cookies than a set has', () => withCookies({}, async (stage) => {
    const many = Array.from({ length: 2000 }, (_, n) => `${NAMES.access}.${n}=x`).join('; ');
    const answer = await stage.open().send('/web/logout', { method: 'POST', headers: { cookie: many } });
    assert.ok(setCookies(answer).length <= 20, `${setCookies(answer).length}`);
  }));
});

test('a cookie of many spaces, and an answer that begins a token again and again, are read in one pass', () => withCookies({
  routes: [{ path: '/other/login', methods: ['POST'], access: 'public', origin: 'main', handler: 'login', session: true }],
}, async (stage) => {
  // Letter by letter anew, these would take longer than a client waits.
  const cookie = `x=a${' '.repeat(100_000)}b`;
  const answers = await Promise.all(Array.from({ length: 8 }, () => stage.open().send('/web/logout', { method: 'POST', headers: { cookie } })));
  assert.deepEqual(answers.map(({ status }) => status), Array(8).fill(204));
  const body = JSON.stringify({ error: 'eyJ'.repeat(80_000) });
  stage.origin.reply(() => ({ status: 400, headers: { 'content-type': 'application/json' }, body }));
  const answer = await stage.open().post('/other/login', {});
  assert.deepEqual([answer.status, answer.text], [400, body]);
}));

describe('logins and answers that leave something behind', { concurrency: 3 }, () => {
  const OTHER = [{ path: '/other/login', methods: ['POST'], access: 'public', origin: 'main', handler: 'login', session: true }];
  const answers = (stage, json, more = {}) => stage.origin.reply(() => ({ status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(json), ...more }));

  test('a login without a refresh token leaves none of the session before', () => withCookies({ routes: OTHER }, async (stage) => {
    const browser = await stage.login('ada');
    answers(stage, { accessToken: (await stage.server.login('eve')).accessToken });
    assert.equal((await browser.post('/other/login')).status, 200);
    assert.deepEqual([...browser.jar.keys()], [NAMES.access]);
    assert.equal(await me(browser), emailOf('eve'));
  }));

  test('a login that gives the same refresh token, or names the same session, leaves the browser logged in', () => withCookies({ routes: OTHER, api: { revocation: 'strict' } }, async (stage) => {
    const first = await stage.server.login('ada');
    const second = (await stage.refresh(first.refreshToken, { on: stage.server.url })).json;
    const browser = stage.open();
    for (const pair of [first, second, second]) {
      answers(stage, pair);
      assert.equal((await browser.post('/other/login')).status, 200);
    }
    // The objects have heard of what has ended when a later order of the same kind is done.
    await (await stage.login('bob')).post('/web/logout');
    stage.origin.reply(() => ({ status: 200, headers: {}, body: '' }));
    assert.equal((await browser.get('/app/a')).status, 200);
    browser.jar.delete(NAMES.access);
    assert.equal((await browser.get('/app/a')).status, 200);
    assert.deepEqual(stage.events('session_ended').map(({ reason }) => reason), ['logout']);
  }));

  test("a login or a logout leaves none of the auth server's own cookies that the browser had before", () => withCookies({
    routes: [...OTHER, { ...OTHER[0], path: '/other/logout', handler: 'logout' }], refresh: { access_cookie: 'at', refresh_cookie: 'rt' }, session: { removed_cookies: ['id'] },
  }, async (stage) => {
    const { accessToken, refreshToken } = await stage.server.login('ada');
    const attributes = 'Path=/x; Domain=example.com; Expires=Wed, 01 Jan 2031 00:00:00 GMT; Max-Age=900; HttpOnly; SameSite=None; Secure';
    const login = [`at=${accessToken}; ${attributes}`, `rt=${refreshToken}; ${attributes}`, `id=i; ${attributes}`, `${NAMES.access}=1~x; Path=/`, 'own=1'];
    const logout = ['at=""; Max-Age=0; Path=/', 'rt=; Path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT', `${NAMES.refresh}=; Path=/; Max-Age=0`];
    for (const [path, lines, expected] of [
      ['/other/login', login, ['at', 'rt', 'id'].map((name) => `${name}=; Path=/x; Domain=example.com; HttpOnly; SameSite=None; Secure; Max-Age=0`)],
      ['/other/logout', logout, ['at=; Path=/; Max-Age=0', 'rt=; Path=/; Max-Age=0']],
    ]) {
      for (const isHeld of [true, false]) {
        const browser = await stage.login();
        for (const name of isHeld ? ['at', 'rt', 'id'] : []) browser.jar.set(name, 'old');
        answers(stage, {}, { headers: { 'content-type': 'application/json', 'set-cookie': lines } });
        const answer = await browser.post(path);
        assert.equal(answer.status, 200);
        assert.deepEqual(setCookies(answer).filter((line) => !/^(?:__Host-|own)/.test(line)), isHeld ? expected : [], `${path} ${isHeld}`);
        assert.ok(!setCookies(answer).some((line) => line.includes(`${NAMES.access}=1~x;`)));
      }
    }
  }));

  test('a refresh token that cannot be told apart begins no session', () => withCookies({ routes: OTHER }, async (stage) => {
    const { accessToken } = await stage.server.login('eve');
    for (const refreshToken of ['a%b-0123456789', 'a#b-0123456789', 'a,b-0123456789', 'a b-0123456789', 'é-0123456789']) {
      answers(stage, { accessToken, refreshToken });
      const answer = await stage.open().post('/other/login');
      assert.deepEqual([answer.status, setCookies(answer)], [503, []], refreshToken);
    }
  }));

  test('no access token with letters that no cookie has is written into one', () => withCookies({ routes: OTHER }, async (stage) => {
    for (const accessToken of ['a\nb', 'a; Domain=evil.example; x', 'a b', 'a,b', 'é', 'a"b']) {
      answers(stage, { accessToken, refreshToken: 'opaque-refresh-token-1' });
      const answer = await stage.open().post('/other/login');
      assert.deepEqual([answer.status, setCookies(answer)], [503, []], JSON.stringify(accessToken));
    }
  }));

  test('an answer that repeats the refresh token reaches no page', () => withCookies({ refresh: { refused_codes: ['no'] } }, async (stage) => {
    const browser = await stage.login();
    const seen = [];
    const { refresh } = stage.server.auth;
    stage.server.auth.refresh = async (fields) => {
      seen.push(fields.refreshToken);
      return { status: 409, json: { message: `not ${fields.refreshToken}` } };
    };
    const answer = await browser.post('/web/refresh');
    stage.server.auth.refresh = refresh;
    assert.ok(seen.length === 1 && !answer.text.includes(seen[0]), answer.text);
    assert.deepEqual([answer.status, setCookies(answer)], [503, []]);
  }));

  test('a refusal that repeats the token, or names a field after it, ends the session and shows nothing', () => withCookies({
    api: { on_unauthenticated: { redirect: '/sign-in' } },
  }, async (stage) => {
    const { refresh } = stage.server.auth;
    for (const refusal of [
      ({ refreshToken }) => ({ status: 403, json: { message: `Failed for [${refreshToken}]: it is not in the database` } }),
      () => ({ status: 401, json: { errors: { refreshToken: 'is invalid' } } }),
    ]) {
      const browser = await expired(stage);
      const { status } = refusal({});
      stage.server.auth.refresh = async (fields) => refusal(fields);
      const page = await browser.copy().get('/app/a', { headers: { 'sec-fetch-mode': 'navigate' } });
      const open = await browser.copy().get('/optional/a');
      const own = await browser.copy().post('/web/refresh');
      stage.server.auth.refresh = refresh;
      assert.deepEqual([page.status, open.status, own.status, own.text], [302, 200, status, '']);
      for (const answer of [page, open, own]) assert.ok(setCookies(answer).length === 2 && setCookies(answer).every((line) => /=; Max-Age=0;/.test(line)));
      assert.equal(own.headers['cache-control'], 'no-store');
    }
  }));

  test('a renewal needs no more of the answer than its tokens, because nobody is shown the rest', () => withCookies({
    routes: [{ path: '/password', methods: ['POST'], access: 'authenticated', origin: 'main', handler: 'password', session: true }],
  }, async (stage) => {
    const { refresh } = stage.server.auth;
    stage.server.auth.refresh = async function more(fields) {
      const answer = await refresh.call(this, fields);
      return { ...answer, json: { ...answer.json, id_token: answer.json.accessToken } };
    };
    const browser = await expired(stage);
    const answer = await browser.get('/app/a');
    assert.deepEqual([answer.status, answer.text, setCookies(answer).length], [200, 'origin', 2]);
    assert.equal((await browser.post('/web/refresh')).status, 503, 'the page would be shown it');
    const { accessToken } = await stage.server.login('ada');
    answers(stage, { id_token: accessToken });
    const late = await expired(stage);
    const change = await late.post('/password');
    assert.deepEqual([change.status, setCookies(change).length], [503, 2], 'nor is one in the answer to the request that waited for a renewal');
  }));

  test('statuses with which no response can be made are 502, and the new cookies are not lost', () => withCookies({}, async (stage) => {
    for (const status of [600, 999]) {
      stage.origin.reply(() => ({ status, headers: {}, body: 'x' }));
      const browser = await expired(stage);
      const answer = await browser.get('/app/a', { timeoutMs: 5000 });
      assert.deepEqual([answer.status, setCookies(answer).length], [502, 2], `${status}`);
    }
  }));

  test('expire_tree_on_refresh leaves no tab behind', () => withCookies({
    refresh: { expire_tree_on_refresh: true }, auth: { accessSeconds: 20 }, api: { revocation: 'strict' },
  }, async (stage) => {
    const browser = await stage.login();
    const tabs = [browser.copy(), browser.copy()];
    const first = await tabs[0].get('/app/a');
    await sleep(100);
    assert.deepEqual([first.status, (await tabs[1].get('/app/a')).status], [200, 200]);
  }));
});

test('a renewed request counts once against the limit of its route', async () => {
  const limits = { LIMIT: { limit: 4, period: 60 } };
  await withCookies({
    routes: [{ path: '/counted/**', methods: ['*'], access: 'authenticated', session: true, limit: { binding: 'LIMIT', per: 'subject', window_seconds: 60 } }],
    auth: { accessSeconds: 20 }, gateway: { limits, kv: 'local' },
  }, async (stage) => {
    const browser = await stage.login();
    const statuses = [];
    for (let n = 0; n < 5; n += 1) statuses.push((await browser.get('/counted/a')).status);
    assert.deepEqual(statuses, [200, 200, 200, 200, 429]);
  });
});

test('two cookie fields of one request are one header, and neither shows a session', () => withCookies({}, async (stage) => {
  const browser = new Browser(stage.gateway.url);
  await browser.post('/web/login', LOGIN('ada'));
  const answer = await send(`${stage.gateway.url}/open/a`, { headers: { cookie: ['kept=1', browser.cookie] } });
  assert.equal(answer.status, 200);
  const seen = JSON.stringify(stage.origin.requests.at(-1).headers);
  assert.ok(!seen.includes(browser.access) && !seen.includes(browser.jar.get(NAMES.refresh)));
}));
