// Sessions in cookies, in a real Chromium: before a Node server with opaque pages, and before dj-rest-auth.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { NAMES, startCookies } from '../harness/cookie_stage.mjs';
import { hasPackages, startDjango, STOCK } from '../harness/django.mjs';
import { startGateway } from '../harness/gateway.mjs';
import { startOrigin } from '../harness/origin.mjs';
import { startRelay } from '../harness/relay.mjs';
import { emailOf, PASSWORD } from '../servers/people.mjs';
import { until, useBrowser } from './harness/browser.mjs';

const browser = useBrowser();
const html = (title) => ({ status: 200, headers: { 'content-type': 'text/html', 'cache-control': 'public, max-age=600' }, body: `<!doctype html><title>${title}</title><h1>${title}</h1>` });
const nameOf = ([name, value]) => (name.toLowerCase() === 'cookie' ? value : '');

/** The tests that hold before any auth server: `site()` has { url, origin, paths, credentials, refreshes(), expire(context) }. */
function holds(site) {
  const open = async () => {
    const context = await (await browser()).newContext();
    context.setDefaultTimeout(10_000);
    return context;
  };
  /** Logs in by a script of the page, which sees no token. */
  const login = async (page) => {
    const { url, paths, credentials } = site();
    await page.goto(`${url}/login`);
    const answer = await page.evaluate(async ([path, body]) => {
      const response = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
      return { status: response.status, text: await response.text(), cookies: document.cookie };
    }, [paths.login, credentials]);
    assert.equal(answer.status, 200, answer.text);
    assert.ok(!/eyJ/.test(answer.text), 'no token in the answer');
    assert.equal(answer.cookies.includes('__Host-'), false, 'and none that a script can read');
  };
  const own = async (context) => (await context.cookies()).filter(({ name }) => name.startsWith('__Host-'));
  const value = async (context, name) => (await own(context)).find((cookie) => cookie.name === name)?.value;
  const expire = (context) => context.clearCookies({ name: NAMES.access });
  const inSession = (title, act) => test(title, { timeout: 60_000 }, async () => {
    const context = await open();
    try {
      const page = await context.newPage();
      await login(page);
      await act({ context, page });
    } finally {
      await context.close();
    }
  });

  inSession('login, and the page after a reload', async ({ context, page }) => {
    const cookies = await own(context);
    assert.deepEqual(cookies.map(({ name, httpOnly, secure, sameSite, path }) => ({ name, httpOnly, secure, sameSite, path })), [NAMES.refresh, NAMES.access].map((name) => ({ name, httpOnly: true, secure: true, sameSite: 'Lax', path: '/' })));
    await page.goto(`${site().url}/app/page`);
    assert.equal(await page.title(), 'app');
    await page.reload();
    assert.equal(await page.title(), 'app');
    const me = await page.evaluate(() => fetch('/.edgeward/me').then((response) => response.json()));
    assert.ok(me.subject);
  });

  inSession('expiry and renewal: the page sees neither', async ({ context, page }) => {
    const before = site().refreshes();
    const refresh = await value(context, NAMES.refresh);
    await expire(context);
    await page.goto(`${site().url}/app/page`);
    assert.equal(await page.title(), 'app');
    assert.equal(site().refreshes(), before + 1);
    assert.ok(await value(context, NAMES.access));
    assert.notEqual(await value(context, NAMES.refresh), refresh);
    await expire(context);
    const status = await page.evaluate(() => fetch('/app/data', { method: 'POST', body: 'x' }).then((response) => response.status));
    assert.deepEqual([status, site().refreshes()], [200, before + 2]);
  });

  inSession('two tabs that refresh at the same moment', async ({ context, page }) => {
    const other = await context.newPage();
    await Promise.all([page, other].map((tab) => tab.goto(`${site().url}/app/page`)));
    const before = site().refreshes();
    await expire(context);
    await Promise.all([page, other].map((tab) => tab.reload()));
    assert.deepEqual([await page.title(), await other.title(), site().refreshes()], ['app', 'app', before + 1]);
    await expire(context);
    const burst = await page.evaluate(() => Promise.all(Array.from({ length: 6 }, (_, n) => fetch(`/app/${n}`).then((response) => response.status))));
    assert.deepEqual(burst, Array(6).fill(200));
    assert.equal(site().refreshes(), before + 2);
    await other.reload();
    assert.equal(await other.title(), 'app');
  });

  inSession('logout, and the back button', async ({ context, page }) => {
    await page.goto(`${site().url}/app/page`);
    const status = await page.evaluate((path) => fetch(path, { method: 'POST' }).then((response) => response.status), site().paths.logout);
    assert.ok(status < 300, `${status}`);
    assert.deepEqual(await own(context), []);
    await page.goto(`${site().url}/login`);
    await page.goBack();
    assert.equal(await page.title(), 'login', 'the page is not shown from a cache');
    assert.match(page.url(), /\/login\?next=%2Fapp%2Fpage$/);
  });

  inSession('a closed tab, whose cookies never arrived', async ({ context, page }) => {
    await page.goto(`${site().url}/app/page`);
    const before = site().refreshes();
    const refresh = await value(context, NAMES.refresh);
    await expire(context);
    site().origin.reply(() => new Promise(() => {}));
    page.evaluate(() => fetch('/app/slow').catch(() => {})).catch(() => {});
    await until(() => site().refreshes() === before + 1);
    await until(() => site().origin.requests.at(-1)?.target === '/app/slow');
    await page.close();
    site().origin.reply(site().answer);
    assert.equal(await value(context, NAMES.refresh), refresh, 'the browser has the old token still');
    const next = await context.newPage();
    await next.goto(`${site().url}/app/page`);
    assert.deepEqual([await next.title(), site().refreshes()], ['app', before + 1]);
    assert.notEqual(await value(context, NAMES.refresh), refresh);
  });

  inSession('a page of another site can use nothing', async ({ context, page }) => {
    const { url } = site();
    const evil = url.replace('localhost', '127.0.0.1');
    await page.goto(`${evil}/login`);
    const before = site().refreshes();
    await expire(context);
    await page.setContent(`<form method="POST" action="${url}/app/transfer"><input name="to" value="evil"></form>`);
    await Promise.all([page.waitForURL(`${url}/app/transfer`), page.evaluate(() => document.forms[0].submit())]);
    assert.match(await page.content(), /cross_site_request|401|credential_missing/);
    assert.ok(!site().origin.requests.some(({ target }) => target === '/app/transfer'));
    assert.equal(site().refreshes(), before);
  });
}

/** Pages of the application, and a login page that is nobody's. */
const answer = (req) => html(req.url.startsWith('/login') ? 'login' : 'app');
const PAGES = [
  { path: '/login', methods: ['*'], access: 'public', origin: 'main' },
  { path: '/favicon.ico', methods: ['*'], access: 'public', origin: 'main' },
];
const API = { revocation: 'strict', origin: 'main', on_unauthenticated: { redirect: '/login' } };
const local = (url) => url.replace('127.0.0.1', 'localhost');

describe('before a Node server', () => {
  let stage;
  before(async () => {
    stage = await startCookies({ api: API, routes: PAGES });
    stage.origin.reply(answer);
  });
  after(() => {
    assert.deepEqual((stage?.cookiesSeen() ?? []).filter((name) => name.startsWith('__Host-')), []);
    return stage?.stop();
  });
  holds(() => ({
    url: local(stage.gateway.url), origin: stage.origin, answer, refreshes: stage.refreshes,
    paths: { login: '/web/login', logout: '/web/logout' }, credentials: { email: emailOf('ada'), password: PASSWORD },
  }));
});

const NAME = 'dj-rest-auth';
describe('before dj-rest-auth', { skip: hasPackages(NAME) ? false : `${NAME} is not installed: make tools-tests` }, () => {
  const parts = [];
  let site;
  before(async () => {
    const add = async (part) => {
      parts.unshift(await part);
      return parts[0];
    };
    const django = await add(startDjango({ ...STOCK, beside: [NAME] }));
    const relay = await add(startRelay(django.url));
    const origin = await add(startOrigin());
    origin.reply(answer);
    const route = (path, handler) => ({ path: `/api/dj/${path}`, methods: ['POST'], access: 'public', handler, session: true, origin: 'django' });
    const gateway = await add(startGateway({
      config: {
        origins: [{ name: 'main', url: origin.url }, { name: 'django', url: relay.url }],
        issuers: [{
          name: 'django', issuer: 'django', without_iss: true, any_audience: true, algorithms: ['HS256'], verify: { secrets: ['JWT'] },
          claims: { subject: 'user_id' }, refresh: { preset: NAME, access_cookie: 'at', refresh_cookie: 'rt', session: { key: 'JWT' } },
        }],
        routes: [
          route('login/', 'login'), route('token/refresh/', 'refresh'), route('logout/', 'logout'), ...PAGES,
          { path: '/app/**', methods: ['*'], access: 'authenticated', session: true, ...API },
        ],
      },
      secrets: { JWT: django.secret }, kv: 'none', log: 'new',
    }));
    site = {
      url: local(gateway.url), origin, answer, refreshes: () => relay.callsTo('/api/dj/token/refresh/').length, relay,
      paths: { login: '/api/dj/login/', logout: '/api/dj/logout/' }, credentials: { username: 'ada', password: PASSWORD },
    };
  });
  after(async () => {
    const seen = [...site?.relay.calls.flatMap(({ cookies }) => cookies) ?? [], ...site?.origin.requests.flatMap(({ headers }) => headers.map(nameOf)) ?? []];
    assert.deepEqual(seen.filter((cookie) => /__Host-|\b(at|rt)=/.test(cookie)), []);
    for (const part of parts) await part.stop();
  });
  holds(() => site);
});
