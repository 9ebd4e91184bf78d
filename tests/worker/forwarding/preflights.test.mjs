// CORS preflights carry no credentials: real ones pass where the route says so, and nothing else does.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { startRawOrigin } from '../../harness/raw_origin.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';
import { fold, foldings } from '../../harness/spellings.mjs';

let origin;
let gateway;
let signer;

before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  const routes = [
    { path: '/open/**', cors_preflight: true },
    { path: '/some/**', cors_preflight: true, methods: ['GET', 'POST'] },
    { path: '/admin/**', cors_preflight: true, require: { role: 'admin' } },
    { path: '/closed/**' },
    { path: '/optional/**', access: 'optional' },
  ];
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes) });
  const answer = { 'access-control-allow-origin': 'https://app.example', 'access-control-allow-methods': 'GET, POST' };
  origin.reply(() => ({ status: 204, headers: answer }));
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const REAL = [['Origin', 'https://app.example'], ['Access-Control-Request-Method', 'POST'], ['Access-Control-Request-Headers', 'authorization']];

async function ask(method, target, headers) {
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, requestText(method, target, headers));
  return { answer, seen: origin.requests.slice(first) };
}

for (const path of ['/open/a', '/some/a', '/admin/a']) {
  test(`a real preflight passes without a token where the route allows it (${path})`, async () => {
    const { answer, seen } = await ask('OPTIONS', path, REAL);
    assert.equal(answer.status, 204, answer.text);
    assert.deepEqual(answer.headers.get('access-control-allow-origin'), ['https://app.example']);
    assert.equal(seen.length, 1);
    assert.deepEqual([seen[0].method, seen[0].target], ['OPTIONS', path]);
    for (const [name, value] of REAL) assert.deepEqual(valuesOf(seen[0], name.toLowerCase()), [value]);
    assert.deepEqual(seen[0].headers.filter(([name]) => /^x-auth-/i.test(name)), []);
  });
}

test('a preflight brings no forged identity in', async () => {
  const { seen } = await ask('OPTIONS', '/open/a', [...REAL, ['X-Auth-Subject', 'forged'], ['X_Auth_Roles', 'forged']]);
  assert.equal(seen.length, 1);
  assert.ok(!JSON.stringify(seen[0].headers).includes('forged'));
});

test('a preflight needs a token where the route does not allow it', async () => {
  const { answer, seen } = await ask('OPTIONS', '/closed/a', REAL);
  assert.deepEqual([answer.status, JSON.parse(answer.text).code, seen.length], [401, 'credential_missing', 0]);
});

for (const [what, method, headers] of [
  ['OPTIONS without either header', 'OPTIONS', []],
  ['OPTIONS without Origin', 'OPTIONS', REAL.slice(1)],
  ['OPTIONS without Access-Control-Request-Method', 'OPTIONS', [REAL[0], REAL[2]]],
  ['POST with both headers', 'POST', REAL],
  ['GET with both headers', 'GET', REAL],
]) {
  test(`${what} is no preflight and needs a token`, async () => {
    const { answer, seen } = await ask(method, '/open/a', headers);
    assert.deepEqual([answer.status, seen.length], [401, 0]);
  });
}

test('a preflight for a path without a route is 404', async () => {
  const { answer, seen } = await ask('OPTIONS', '/nowhere', REAL);
  assert.deepEqual([answer.status, seen.length], [404, 0]);
});

test('a preflight on an optional route passes anyway', async () => {
  const { answer, seen } = await ask('OPTIONS', '/optional/a', REAL);
  assert.deepEqual([answer.status, seen.length], [204, 1]);
});

test('a preflight with an ambiguous path is refused like any request', async () => {
  const { answer, seen } = await ask('OPTIONS', '/open/%2e%2e/admin/a', REAL);
  assert.deepEqual([answer.status, JSON.parse(answer.text).code, seen.length], [400, 'path_ambiguous', 0]);
});

test('a browser that has its answer sends the request itself with its token', async () => {
  const { answer, seen } = await ask('POST', '/some/a', [REAL[0], bearer(await signer.token()), ['Content-Length', '0']]);
  assert.deepEqual([answer.status, seen.length], [204, 1]);
});

test('a page may read a refusal where preflights pass, and nowhere else', async () => {
  const open = await ask('GET', '/open/a', [REAL[0]]);
  assert.equal(open.answer.status, 401);
  assert.deepEqual(open.answer.headers.get('access-control-allow-origin'), [REAL[0][1]]);
  assert.deepEqual(open.answer.headers.get('vary'), ['origin']);
  const closed = await ask('GET', '/closed/a', [REAL[0]]);
  assert.equal(closed.answer.headers.get('access-control-allow-origin'), undefined);
  const elsewhere = await ask('GET', '/open/a', []);
  assert.equal(elsewhere.answer.headers.get('access-control-allow-origin'), undefined);
});

describe('what nobody has judged stays behind, and a flood of preflights is limited', () => {
  const COOKIE = { cookie: '__Host-at', origins: ['https://app.example'] };
  const ROUTES = {
    '/bearer/a': {},
    '/cookie/a': { credentials: [COOKIE] },
    '/stripped/a': { credentials: [COOKIE], authorization: 'strip' },
    '/header/a': { credentials: [{ header: 'x-access-token' }] },
    '/several/a': { credentials: [{ authorization: 'Bearer' }, COOKIE, { header: 'x-access-token' }] },
    '/subprotocol/a': { credentials: [{ authorization: 'Bearer' }, { subprotocol: 'bearer' }] },
    '/query/a': { credentials: [{ query: 'access_token' }] },
    '/optional/a': { access: 'optional' },
    '/public/a': { access: 'public' },
    '/shadow/a': { mode: 'shadow' },
  };
  const limit = (binding, per) => ({ limit: { binding, per, window_seconds: 60 } });
  let raw;
  let strict;
  let token;

  before(async () => {
    raw = await startRawOrigin();
    token = await signer.token();
    const routes = Object.entries(ROUTES).map(([path, route]) => ({ path, cors_preflight: true, ...route }));
    routes.push({ path: '/by-subject/**', cors_preflight: true, ...limit('TWO', 'subject') });
    routes.push({ path: '/by-address/**', cors_preflight: true, ...limit('TWO', 'address') });
    const config = configuration(raw, signer.issuer(), routes);
    strict = await startGateway({ config, limits: { TWO: { limit: 2, period: 60 } } });
  });
  after(async () => {
    await strict?.stop();
    await raw?.stop();
  });

  /** Sends; the answer, and what reached the origin. */
  async function send(method, target, headers, body) {
    const first = raw.requests.length;
    const answer = await rawRequest(strict.port, requestText(method, target, headers, body));
    return { answer, seen: raw.requests.slice(first) };
  }

  const credentials = () => [
    ['Cookie', `a=1; __Host-at=${token}`], bearer(token), ['Content-Type', 'text/plain'], ['Content-Encoding', 'identity'], ['X-Harmless', 'yes'],
  ];
  const LOST = ['authorization', 'content-encoding', 'content-type', 'cookie', 'sec-websocket-protocol', 'transfer-encoding'];

  /** No body, nothing of it, and no token, wherever it stood; the rest is there. */
  function assertStripped({ answer, seen }, target, what) {
    assert.deepEqual([answer.status, seen.length], [200, 1], `${what}: ${answer.text}`);
    const [{ line, headers, body }] = seen;
    assert.deepEqual([line, body], [`OPTIONS ${target} HTTP/1.1`, ''], what);
    assert.deepEqual(headers.filter(([name]) => LOST.includes(name.toLowerCase())), [], what);
    // The platform says of every method but GET and HEAD that there is no body.
    assert.deepEqual(headers.filter(([name, value]) => fold(name) === 'content-length' && value !== '0'), [], what);
    assert.ok(!JSON.stringify(seen).includes(token), `${what}: ${JSON.stringify(seen)}`);
    for (const [name, value] of [...REAL, ['X-Harmless', 'yes']]) {
      assert.deepEqual(headers.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, own]) => own), [value], name);
    }
  }

  /** Windows begin with the clock's minutes. */
  async function wholeWindow() {
    const left = 60_000 - (Date.now() % 60_000);
    if (left < 4000) await new Promise((resolve) => setTimeout(resolve, left + 50));
  }

  for (const path of Object.keys(ROUTES)) {
    test(`no credential, and no body of any framing, goes along to the origin (${path})`, async () => {
      const whole = [...REAL, ...credentials(), ['Content-Length', '5']];
      assertStripped(await send('OPTIONS', path, whole, 'hello'), path, 'a length');
      const chunked = [...REAL, ...credentials(), ['Transfer-Encoding', 'chunked']];
      assertStripped(await send('OPTIONS', path, chunked, '5\r\nhello\r\n0\r\n\r\n'), path, 'chunks');
      assertStripped(await send('OPTIONS', path, [...REAL, ...credentials(), ['Content-Length', '0']]), path, 'no body');
      assertStripped(await send('OPTIONS', path, [...REAL, ['X-Harmless', 'yes']]), path, 'nothing to take away');
    });
  }

  test('a header that may hold the token stays behind in every spelling', async () => {
    const forms = foldings('x-access-token').map((form) => [form, token]);
    for (const path of ['/header/a', '/several/a']) {
      assertStripped(await send('OPTIONS', path, [...REAL, ['X-Harmless', 'yes'], ...forms]), path, path);
    }
  });

  test('so do subprotocols and a query parameter that may hold it', async () => {
    const offered = [...REAL, ['X-Harmless', 'yes'], ['Sec-WebSocket-Protocol', `bearer, ${token}, chat`]];
    assertStripped(await send('OPTIONS', '/subprotocol/a', offered), '/subprotocol/a', 'subprotocols');
    const asked = await send('OPTIONS', `/query/a?x=1&access_token=${token}`, [...REAL, ['X-Harmless', 'yes']]);
    assertStripped(asked, '/query/a?x=1', 'a query');
  });

  test('a cookie that is no UTF-8 is no reason to refuse what goes on without it', async () => {
    const head = requestText('OPTIONS', '/stripped/a', [...REAL, ['X-Harmless', 'yes'], ['Cookie', `a=\xe9; __Host-at=${token}`]]);
    const first = raw.requests.length;
    const answer = await rawRequest(strict.port, Buffer.from(head, 'latin1'));
    assertStripped({ answer, seen: raw.requests.slice(first) }, '/stripped/a', 'not UTF-8');
  });

  for (const [path, others] of [['/by-subject/a', 200], ['/by-address/a', 429]]) {
    test(`one preflight too many of an address is 429 and does not reach the origin (${path})`, async () => {
      await wholeWindow();
      const preflight = (address) => send('OPTIONS', path, [...REAL, ['cf-connecting-ip', address]]);
      for (let n = 0; n < 2; n += 1) assert.equal((await preflight('192.0.2.1')).answer.status, 200);
      const { answer, seen } = await preflight('192.0.2.1');
      assert.deepEqual([answer.status, JSON.parse(answer.text).code, seen.length], [429, 'rate_limited', 0]);
      assert.deepEqual(answer.headers.get('retry-after'), ['60']);
      assert.deepEqual(answer.headers.get('access-control-allow-origin'), ['https://app.example']);
      assert.equal((await preflight('192.0.2.2')).answer.status, 200, 'another address');
      // Preflights are nobody's: they use up no subject's count, but the address's where that is counted anyway.
      const request = await send('GET', path, [bearer(token), ['cf-connecting-ip', '192.0.2.1']]);
      assert.equal(request.answer.status, others, request.answer.text);
    });
  }

  test('whoever says another token with each preflight is counted all the same', async () => {
    await wholeWindow();
    const statuses = [];
    for (const sub of ['a', 'b', 'c']) {
      const own = bearer(await signer.token({ sub }));
      statuses.push((await send('OPTIONS', '/by-subject/b', [...REAL, own, ['cf-connecting-ip', '192.0.2.3']])).answer.status);
    }
    assert.deepEqual(statuses, [200, 200, 429]);
  });
});

test('a preflight asks for no other method, even of an origin that keeps method overrides', async (t) => {
  const origins = [{ name: 'main', url: origin.url, method_override: 'keep' }];
  const keeping = await startGateway({ config: configuration(origin, signer.issuer(), [{ path: '/open/**', cors_preflight: true }], { origins }) });
  t.after(() => keeping.stop());
  const forms = ['x-http-method-override', 'x-http-method', 'x-method-override'].flatMap(foldings);
  const sent = async (method, headers) => {
    const first = origin.requests.length;
    const { status } = await rawRequest(keeping.port, requestText(method, '/open/a', [...forms.map((form) => [form, 'DELETE']), ...headers]));
    return [status, origin.requests.slice(first).flatMap((request) => request.headers.filter(([, value]) => value === 'DELETE'))];
  };
  // Some origins obey it whatever the method is, and nobody has shown a token.
  assert.deepEqual(await sent('OPTIONS', REAL), [204, []]);
  const [status, kept] = await sent('POST', [bearer(await signer.token()), ['Content-Length', '0']]);
  assert.deepEqual([status, kept.length], [204, forms.length], 'a caller that the route lets pass may ask for one');
});
