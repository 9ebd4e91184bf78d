// What passes arrives as it was sent, and the origin's answer comes back as it was given.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

let origin;
let gateway;
let token;

before(async () => {
  origin = await startOrigin();
  const signer = await startSigner();
  const routes = [{ path: '/api/**' }, { path: '/stripped/**', authorization: 'strip' }, { path: '/public/**', access: 'public' }];
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes) });
  token = await signer.token();
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** Sends with the token; { answer, record }, the record undefined where nothing reached the origin. */
async function pass(method, target, headers = [], body = '') {
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, requestText(method, target, [bearer(token), ...headers], body));
  assert.ok(origin.requests.length <= first + 1);
  return { answer, record: origin.requests[first] };
}

const plain = (status, headers = {}, body = '') => origin.reply(() => ({ status, headers, body }));

describe('the request', () => {
  before(() => plain(200));

  for (const target of [
    '/api/a', '/api/a/', '/api', '/api/', '/api/a.b/..c', '/api/a%20b', '/api/%C3%BC', '/api/a%3Fb', '/api/a%23b', "/api/a:b@c!$&'()*+,=~-_",
    '/api/a?', '/api/a??', '/api/a?x=1&x=2&&y', '/api/a?next=/../admin', '/api/a?x=%2e%2e%2f%00%5c', '/api/a?x=a+b%20c',
    '/api/a?%61=%7e', '/api/a?x[]={1}|2^`', '/api/a?/./..//;', '/api/a?x=%', '/api/a?x=%zz',
  ]) {
    test(`${target} arrives byte for byte`, async () => {
      const { answer, record } = await pass('GET', target);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(record.target, target);
    });
  }

  for (const [target, canonical] of [
    ['/%61pi/%62', '/api/b'], ['/api/%7Ex%2D', '/api/~x-'], ['/api/%c3%bc', '/api/%C3%BC'], ['/api/ü', '/api/%C3%BC'], ['/api/{a}', '/api/%7Ba%7D'],
    // The runtime's fetch writes URLs so (WHATWG URL, special-query percent-encode set).
    ["/api/a?q='it'", '/api/a?q=%27it%27'], ['/api/a?q=ü', '/api/a?q=%C3%BC'],
  ]) {
    test(`${target} arrives in its canonical form ${canonical}`, async () => {
      const { record } = await pass('GET', target);
      assert.equal(record.target, canonical);
    });
  }

  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    test(`the method ${method} arrives`, async () => {
      const { answer, record } = await pass(method, '/api/a');
      assert.equal(answer.status, 200);
      assert.equal(record.method, method);
    });
  }

  test('a body of every octet arrives, with a length and in chunks', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));
    const head = (framing) => Buffer.from(requestText('POST', '/api/a', [bearer(token), ['Content-Type', 'application/x-thing'], framing]));
    const chunked = Buffer.concat([Buffer.from('100\r\n'), bytes, Buffer.from('\r\n0\r\n\r\n')]);
    for (const [framing, body] of [[['Content-Length', '256'], bytes], [['Transfer-Encoding', 'chunked'], chunked]]) {
      const first = origin.requests.length;
      await rawRequest(gateway.port, Buffer.concat([head(framing), body]));
      assert.deepEqual(origin.requests[first].body, bytes);
      assert.deepEqual(valuesOf(origin.requests[first], 'content-type'), ['application/x-thing']);
    }
  });

  test('a length beside chunks is refused, or never reaches the origin', async () => {
    const framing = [['Content-Length', '5'], ['Transfer-Encoding', 'chunked']];
    const { answer, record } = await pass('POST', '/api/a', framing, '3\r\nabc\r\n0\r\n\r\n');
    if (answer.status === 400) return assert.equal(record, undefined);
    assert.deepEqual([valuesOf(record, 'content-length'), record.body.toString()], [[], 'abc']);
  });

  test('an empty body with a length of 0 arrives as that', async () => {
    const { record } = await pass('POST', '/api/a', [['Content-Length', '0']]);
    assert.deepEqual(valuesOf(record, 'content-length'), ['0']);
    assert.equal(record.body.length, 0);
  });

  test('a body on a GET does not become a second request at the origin', async () => {
    const inner = 'GET /api/inner HTTP/1.1\r\nHost: x\r\n\r\n';
    const first = origin.requests.length;
    const answer = await rawRequest(gateway.port, requestText('GET', '/api/a', [bearer(token), ['Content-Length', inner.length]], inner));
    await pass('GET', '/api/after');
    const targets = origin.requests.slice(first).map(({ target }) => target);
    assert.deepEqual(targets, answer.status === 200 ? ['/api/a', '/api/after'] : ['/api/after']);
  });

  test('an ordinary header arrives as it was sent, several of one name included', async () => {
    const { record } = await pass('GET', '/api/a', [
      ['Accept', 'application/json;q=0.9, */*'], ['Cookie', 'a=1; b="2"'], ['X-Many', 'one'], ['X-Many', 'two'], ['If-None-Match', 'W/"x"'],
      ['Range', 'bytes=0-1'], ['X-Forwarded-For', '192.0.2.1'], ['User-Agent', 'check/1'],
    ]);
    assert.deepEqual(valuesOf(record, 'accept'), ['application/json;q=0.9, */*']);
    assert.deepEqual(valuesOf(record, 'cookie'), ['a=1; b="2"']);
    assert.equal(valuesOf(record, 'x-many').join(', '), 'one, two');
    assert.deepEqual(valuesOf(record, 'if-none-match'), ['W/"x"']);
    assert.deepEqual(valuesOf(record, 'range'), ['bytes=0-1']);
    assert.deepEqual(valuesOf(record, 'user-agent'), ['check/1']);
  });

  test('hop-by-hop headers, and those that Connection names, stay behind', async () => {
    const { record } = await pass('GET', '/api/a', [
      ['Connection', 'keep-alive, X-Hop , x-other'], ['Keep-Alive', 'timeout=5'], ['X-Hop', '1'], ['X-Other', '2'], ['TE', 'trailers'],
      ['Proxy-Connection', 'keep-alive'], ['Proxy-Authorization', 'Basic eA=='], ['Trailer', 'X-T'], ['X-Stays', '3'],
    ]);
    const gone = ['x-hop', 'x-other', 'keep-alive', 'te', 'proxy-connection', 'proxy-authorization', 'trailer', 'upgrade'];
    assert.deepEqual(gone.filter((name) => valuesOf(record, name).length > 0), []);
    assert.deepEqual(valuesOf(record, 'x-stays'), ['3']);
    assert.ok(!valuesOf(record, 'connection').join().includes('x-hop'));
  });

  test('traceparent and tracestate pass', async () => {
    const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const { record } = await pass('GET', '/api/a', [['traceparent', parent], ['tracestate', 'v=1']]);
    assert.deepEqual(valuesOf(record, 'traceparent'), [parent]);
    assert.deepEqual(valuesOf(record, 'tracestate'), ['v=1']);
  });

  test('a usable x-request-id is kept, any other replaced, a missing one made', async () => {
    for (const id of ['a', 'A-b_c.9', 'x'.repeat(128)]) {
      const { record } = await pass('GET', '/api/a', [['X-Request-Id', id]]);
      assert.deepEqual(valuesOf(record, 'x-request-id'), [id]);
    }
    const made = [];
    for (const headers of [[], [['X-Request-Id', 'x'.repeat(129)]], [['X-Request-Id', 'a b']], [['X-Request-Id', '']], [['X-Request-Id', 'a"b']]]) {
      const { record } = await pass('GET', '/api/a', headers);
      const [id, ...more] = valuesOf(record, 'x-request-id');
      assert.deepEqual(more, []);
      assert.match(id, /^[A-Za-z0-9._-]{8,128}$/);
      made.push(id);
    }
    assert.equal(new Set(made).size, made.length);
    assert.ok(!made.includes('x'.repeat(128)));
  });

  test('authorization is kept byte for byte', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const first = origin.requests.length;
      await rawRequest(gateway.port, requestText('GET', '/api/a', [['authorization', `${scheme} ${token}`]]));
      assert.deepEqual(valuesOf(origin.requests[first], 'authorization'), [`${scheme} ${token}`]);
    }
  });

  test('authorization is stripped where the route says so', async () => {
    const { record } = await pass('GET', '/stripped/a');
    assert.deepEqual(valuesOf(record, 'authorization'), []);
    assert.deepEqual(valuesOf(record, 'x-auth-subject'), ['user-1']);
    assert.ok(!JSON.stringify(record.headers).includes(token));
  });
});

describe('the answer', () => {
  for (const status of [200, 201, 206, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503]) {
    test(`${status} comes back with its headers and body`, async () => {
      plain(status, { 'x-own': 'yes', 'www-authenticate': 'Basic realm="o"', 'content-type': 'text/x' }, `body of ${status}`);
      const { answer } = await pass('GET', '/api/a');
      assert.equal(answer.status, status);
      assert.equal(answer.text, `body of ${status}`);
      assert.deepEqual(['x-own', 'www-authenticate', 'content-type'].map((name) => answer.headers.get(name)[0]), ['yes', 'Basic realm="o"', 'text/x']);
    });
  }

  for (const status of [301, 302, 303, 307, 308]) {
    test(`a redirect with ${status} is passed on, not followed`, async () => {
      plain(status, { location: `${origin.url}/elsewhere` });
      const first = origin.requests.length;
      const { answer } = await pass('GET', '/api/a');
      assert.equal(answer.status, status);
      assert.deepEqual(answer.headers.get('location'), [`${origin.url}/elsewhere`]);
      assert.equal(origin.requests.length, first + 1);
    });
  }

  test('each Set-Cookie stays a header of its own', async () => {
    plain(200, { 'set-cookie': ['a=1; Path=/', 'b=2, 3; Secure'] });
    const { answer } = await pass('GET', '/api/a');
    assert.deepEqual(answer.headers.get('set-cookie'), ['a=1; Path=/', 'b=2, 3; Secure']);
  });

  test('HEAD has the length of the GET and no body', async () => {
    plain(200, { 'content-length': '1234', etag: '"e"' });
    const { answer } = await pass('HEAD', '/api/a');
    assert.deepEqual([answer.status, answer.headers.get('content-length'), answer.headers.get('etag'), answer.text], [200, ['1234'], ['"e"'], '']);
  });

  test('204 and 304 have no body and keep their headers', async () => {
    for (const status of [204, 304]) {
      plain(status, { etag: '"e"', 'x-own': 'yes' });
      const { answer } = await pass('GET', '/api/a', [['If-None-Match', '"e"']]);
      assert.deepEqual([answer.status, answer.headers.get('etag'), answer.headers.get('x-own'), answer.text], [status, ['"e"'], ['yes'], '']);
    }
  });

  for (const [coding, compress] of [['gzip', gzipSync], ['br', brotliCompressSync]]) {
    for (const accepts of [true, false]) {
      test(`an answer in ${coding} is not touched${accepts ? '' : ', even if the client did not ask for it'}`, async () => {
        const body = compress(Buffer.from('text '.repeat(1000)));
        plain(200, { 'content-encoding': coding, 'content-type': 'text/plain', 'content-length': body.length }, body);
        const { answer } = await pass('GET', '/api/a', accepts ? [['Accept-Encoding', 'gzip, br']] : []);
        assert.deepEqual(answer.headers.get('content-encoding'), [coding]);
        assert.deepEqual(answer.body, body);
        assert.deepEqual(answer.headers.get('content-length'), [String(body.length)]);
      });
    }
  }

  test('what the client accepts as coding arrives unchanged', async () => {
    plain(200);
    const { record } = await pass('GET', '/api/a', [['Accept-Encoding', 'identity;q=0.5, zstd']]);
    assert.deepEqual(valuesOf(record, 'accept-encoding'), ['identity;q=0.5, zstd']);
  });
});
