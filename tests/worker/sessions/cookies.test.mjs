// Sessions in cookies: how they begin, are renewed on the way, and end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { NAMES, startCookies } from '../../harness/cookie_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

describe('cookie sessions', () => {
  let stage;
  before(async () => {
    stage = await startCookies({ api: { revocation: 'strict' } });
  });
  after(() => {
    const seen = stage?.cookiesSeen() ?? [];
    assert.deepEqual(seen.filter((name) => name.startsWith('__Host-')), [], 'no origin has seen a cookie of the session');
    return stage?.stop();
  });

  /** A browser whose access token has expired at the browser: it sends the refresh token alone. */
  const expired = async () => {
    const browser = await stage.login();
    browser.jar.delete(NAMES.access);
    return browser;
  };

  test('a login loses its tokens and gains the cookies', async () => {
    const browser = stage.open();
    const { status, headers, text, json } = await browser.post('/web/login', { email: emailOf('ada'), password: PASSWORD });
    assert.equal(status, 200);
    assert.ok(!/eyJ/.test(text), text);
    assert.deepEqual(Object.keys(json), ['user']);
    // Some seconds may have gone by since the token was issued.
    assert.deepEqual(headers['set-cookie'].map((line) => line.replace(/=[^;]*/, '').replace(/Max-Age=863[89]\d/, 'Max-Age=86400')), [
      `${NAMES.refresh}; Max-Age=86400; Path=/; Secure; HttpOnly; SameSite=Lax`,
      `${NAMES.access}; Max-Age=86400; Path=/; Secure; HttpOnly; SameSite=Lax`,
    ]);
    assert.ok(!/eyJ/.test(browser.jar.get(NAMES.refresh)), 'the refresh token is sealed');
    assert.deepEqual([headers['cache-control'], headers['cloudflare-cdn-cache-control']], ['no-store', 'no-store']);
  });

  test('a login that fails sets and clears nothing', async () => {
    const browser = await stage.login();
    const answer = await browser.post('/web/login', { email: emailOf('ada'), password: 'wrong' });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers['set-cookie'], undefined);
  });

  test('the access token in the cookie is the caller, and the origin gets it as a bearer token', async () => {
    const browser = await stage.login();
    browser.jar.set('theme', 'dark');
    const { status, headers } = await browser.get('/app/a');
    assert.equal(status, 200);
    assert.equal(headers['set-cookie'], undefined, 'a request that renews nothing sets nothing');
    assert.deepEqual([headers['cache-control'], headers['cloudflare-cdn-cache-control']], ['no-store', 'no-store']);
    const seen = Object.fromEntries(stage.origin.requests.at(-1).headers.map(([name, value]) => [name.toLowerCase(), value]));
    assert.equal(seen['x-auth-subject'], emailOf('ada'));
    assert.equal(seen.authorization, `Bearer ${browser.access}`);
    assert.equal(seen.cookie, 'theme=dark');
  });

  test('without an access token the session is renewed on the way, body and all', async () => {
    const browser = await expired();
    const before = stage.refreshes();
    const { status, headers } = await browser.post('/app/write', { a: 1 });
    assert.equal(status, 200);
    assert.equal(headers['set-cookie'].length, 2);
    assert.equal(stage.refreshes(), before + 1);
    const { body, headers: fields, method } = stage.origin.requests.at(-1);
    assert.deepEqual([method, body.toString()], ['POST', '{"a":1}']);
    assert.ok(fields.some(([name, value]) => name.toLowerCase() === 'authorization' && value === `Bearer ${browser.access}`));
    assert.equal((await browser.get('/app/a')).status, 200);
    assert.equal(stage.refreshes(), before + 1, 'once');
  });

  test('what only asks is renewed like the rest, and no preflight, which has no cookies, is', async () => {
    for (const method of ['HEAD', 'OPTIONS']) {
      const answer = await (await expired()).send('/app/a', { method });
      assert.deepEqual([answer.status, answer.headers['set-cookie']?.length], [200, 2], method);
    }
  });

  test('an optional route renews, too, and stays open to strangers', async () => {
    const browser = await expired();
    assert.equal((await browser.get('/optional/a')).headers['set-cookie'].length, 2);
    const fields = stage.origin.requests.at(-1).headers.map(([name]) => name.toLowerCase());
    assert.ok(fields.includes('x-auth-subject'));
    const stranger = await stage.open().get('/optional/a');
    assert.deepEqual([stranger.status, stranger.headers['set-cookie']], [200, undefined]);
  });

  test('a public route renews nothing, and its origin sees no cookie of the session', async () => {
    const browser = await expired();
    assert.equal((await browser.get('/open/a')).headers['set-cookie'], undefined);
    assert.ok(!stage.origin.requests.at(-1).headers.some(([name]) => name.toLowerCase() === 'cookie'));
  });

  test('two tabs at one moment get the same tokens, and the auth server is asked once', async () => {
    const browser = await expired();
    const before = stage.refreshes();
    const tabs = Array.from({ length: 10 }, () => browser.copy());
    const answers = await Promise.all(tabs.map((tab) => tab.get('/app/a')));
    assert.deepEqual(answers.map(({ status }) => status), Array(10).fill(200));
    assert.equal(stage.refreshes(), before + 1);
    assert.equal(new Set(tabs.map((tab) => tab.access)).size, 1);
    for (const tab of [tabs[0], tabs[9]]) {
      tab.jar.delete(NAMES.access);
      assert.equal((await tab.get('/app/a')).status, 200, 'each has a refresh token that is good');
    }
  });

  test('a renewal whose cookies never arrived is repeated from the stored answer', async () => {
    const browser = await expired();
    const before = stage.refreshes();
    assert.equal((await browser.get('/app/a', { keep: false })).status, 200);
    assert.equal((await browser.get('/app/a')).status, 200);
    assert.equal(stage.refreshes(), before + 1);
  });

  test('the page can refresh by itself, and gets no token', async () => {
    const browser = await stage.login();
    const { access } = browser;
    const answer = await browser.post('/web/refresh');
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json, {});
    assert.notEqual(browser.access, access);
  });

  test('without a session a refresh is refused and nothing is cleared', async () => {
    const browser = stage.open();
    const answer = await browser.post('/web/refresh');
    assert.equal(answer.status, 401);
    assert.equal(answer.headers['set-cookie'], undefined);
  });

  test('logout ends the session and deletes its cookies', async () => {
    const browser = await stage.login();
    const other = browser.copy();
    const answer = await browser.post('/web/logout');
    assert.equal(answer.status, 204);
    assert.equal(browser.jar.size, 0);
    const late = await other.get('/app/a');
    assert.equal(late.status, 401);
    assert.ok(late.headers['set-cookie'].every((line) => /Max-Age=0/.test(line)), 'a definite refusal clears the cookies');
  });

  test('a page learns who is logged in, and does not make the session last longer by asking', async () => {
    const browser = await expired();
    const answer = await browser.get('/.edgeward/me');
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.subject, emailOf('ada'));
    assert.ok(answer.json.expires_at > Date.now() / 1000);
    assert.equal((await stage.open().get('/.edgeward/me')).status, 401);
  });

  test('a refresh token moved into the other cookie, or to another host, is none', async () => {
    const browser = await expired();
    const host = stage.gateway.url.replace('127.0.0.1', 'localhost');
    const elsewhere = browser.copy();
    elsewhere.url = host;
    assert.equal((await elsewhere.get('/app/a')).status, 401);
    assert.equal((await elsewhere.post('/web/refresh')).headers['set-cookie'], undefined);
    assert.equal((await browser.get('/app/a')).status, 200, 'at its own host it still holds');
  });

  test('every octet of a sealed token counts', async () => {
    const browser = await expired();
    const value = browser.jar.get(NAMES.refresh);
    const before = stage.refreshes();
    for (const at of [0, 2, 4, 6, 14, 20, 60, value.length - 1]) {
      const other = browser.copy();
      other.jar.set(NAMES.refresh, value.slice(0, at) + (value[at] === 'A' ? 'B' : 'A') + value.slice(at + 1));
      assert.equal((await other.get('/app/a')).status, 401, `octet ${at}`);
    }
    assert.equal(stage.refreshes(), before);
  });
});
