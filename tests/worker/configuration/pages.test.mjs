// The pages under /.edgeward/: their files come from a binding, and everything else about the answer from the gateway.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { assertRefusal } from '../../harness/problem.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

const ROOT = '/.edgeward/playground';
const FILES = {
  [`${ROOT}/index.html`]: ['text/html; charset=utf-8', '<!doctype html><title>page</title>'],
  [`${ROOT}/fetch.html`]: ['text/html; charset=utf-8', '<!doctype html><title>frame</title>'],
  [`${ROOT}/page-ABCDEFG7.js`]: ['text/javascript; charset=utf-8', 'export {};'],
  [`${ROOT}/page-ABCDEFG7.wasm`]: ['application/wasm', '\0asm'],
  [`${ROOT}/fetch.js`]: ['text/javascript; charset=utf-8', '"use strict";'],
  [`${ROOT}/plain.css`]: ['text/css; charset=utf-8', 'a {}'],
  [`${ROOT}/no-type`]: [undefined, 'x'],
  '/.edgeward/docs/index.html': ['text/html; charset=utf-8', '<!doctype html><title>documentation</title>'],
  '/.edgeward/docs/guides/start.html': ['text/html; charset=utf-8', '<!doctype html><title>guide</title>'],
};
/** What files might say and must not be able to: the gateway says it. */
const MEANT_BADLY = {
  'content-security-policy': "default-src * 'unsafe-inline'", 'set-cookie': 'a=b', 'access-control-allow-origin': '*', 'x-auth-subject': 'eve',
  'cache-control': 'public, max-age=31536000', 'cross-origin-opener-policy': 'unsafe-none', refresh: '0; url=https://evil.example',
};

let files;
let origin;
let signer;
let gateway;

before(async () => {
  [files, origin, signer] = await Promise.all([startOrigin(), startOrigin(), startSigner()]);
  gateway = await start({ EDGEWARD_WWW: files.url });
});
beforeEach(() => files.reply(serveFiles));
after(async () => {
  await gateway?.stop();
  await Promise.all([files?.stop(), origin?.stop()]);
});

/** With a route for everything: were the own paths not taken first, the origin would have them. */
function start(services) {
  const routes = [{ path: '/**', access: 'public' }, { path: '/playground/**' }];
  return startGateway({ config: configuration(origin, signer.issuer(), routes), kv: 'none', services });
}

const etagOf = (text) => `"${text.length}"`;

function serveFiles(req) {
  const [type, text] = FILES[req.url] ?? [];
  if (text === undefined) return { status: 404, headers: MEANT_BADLY, body: 'no such file' };
  const headers = { ...MEANT_BADLY, etag: etagOf(text), ...type && { 'content-type': type }, 'content-length': Buffer.byteLength(text) };
  return { status: 200, headers, body: req.method === 'HEAD' ? undefined : text };
}

/** Asks, and checks that no origin was asked. */
async function ask(method, path, headers = [], at = gateway) {
  const first = origin.requests.length;
  const answer = await rawRequest(at.port, requestText(method, path, headers));
  assert.equal(origin.requests.length, first, 'the origin was asked');
  return answer;
}

const value = (answer, name) => {
  const values = answer.headers.get(name) ?? [];
  assert.ok(values.length <= 1, `${name} stands ${values.length} times`);
  return values[0];
};

const directives = (policy) => new Map(policy.split('; ').map((directive) => directive.split(' ')).map(([name, ...sources]) => [name, sources.join(' ')]));

describe('a page', () => {
  test('is index.html of its folder', async () => {
    const answer = await ask('GET', `${ROOT}/`);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.text, FILES[`${ROOT}/index.html`][1]);
    assert.equal(value(answer, 'content-type'), 'text/html; charset=utf-8');
    assert.equal(files.requests.at(-1).target, `${ROOT}/index.html`);
  });

  test('is led to with its slash, on which its own links depend', async () => {
    const answer = await ask('GET', ROOT);
    assert.equal(answer.status, 308);
    assert.equal(value(answer, 'location'), `${ROOT}/`);
  });

  test('of the documentation is found as one of the playground is', async () => {
    assert.equal(value(await ask('GET', '/.edgeward/docs'), 'location'), '/.edgeward/docs/');
    for (const path of ['index.html', 'guides/start.html']) assert.equal((await ask('GET', `/.edgeward/docs/${path}`)).text, FILES[`/.edgeward/docs/${path}`][1]);
    assert.equal((await ask('GET', '/.edgeward/docs/')).text, FILES['/.edgeward/docs/index.html'][1]);
  });

  test('its query is nobody\'s business', async () => {
    const answer = await ask('GET', `${ROOT}/?token=secret`);
    assert.equal(answer.status, 200);
    assert.equal(files.requests.at(-1).target, `${ROOT}/index.html`);
  });

  test('has all its files, each of its own type', async () => {
    for (const [path, [type, text]] of Object.entries(FILES)) {
      const answer = await ask('GET', path);
      assert.deepEqual([answer.status, answer.text], [200, text], path);
      assert.equal(value(answer, 'content-type'), type ?? 'application/octet-stream', path);
    }
  });

  test('answers HEAD without a body', async () => {
    for (const path of [`${ROOT}/`, `${ROOT}/plain.css`]) {
      const answer = await ask('HEAD', path);
      assert.deepEqual([answer.status, answer.text], [200, ''], path);
      assert.equal(files.requests.at(-1).method, 'HEAD');
    }
    assert.equal((await ask('HEAD', ROOT)).status, 308);
  });

  test('has no other methods', async () => {
    const first = files.requests.length;
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await ask(method, `${ROOT}/`, [['Content-Length', '0']]);
      assertRefusal(answer, { status: 405, code: 'method_not_allowed' });
      assert.equal(value(answer, 'allow'), 'GET, HEAD');
    }
    assert.equal(files.requests.length, first, 'the files were asked');
  });

  test('is for everybody: a token is not looked at, good or bad', async () => {
    for (const token of [await signer.token(), 'rubbish']) assert.equal((await ask('GET', `${ROOT}/`, [bearer(token)])).status, 200);
  });
});

describe('its headers', () => {
  test('are the gateway\'s, whatever the files say', async () => {
    for (const path of [...Object.keys(FILES), `${ROOT}/`, ROOT]) {
      const answer = await ask('GET', path);
      assert.equal(value(answer, 'x-content-type-options'), 'nosniff', path);
      assert.equal(value(answer, 'referrer-policy'), 'no-referrer', path);
      assert.equal(value(answer, 'cross-origin-opener-policy'), 'same-origin', path);
      assert.match(value(answer, 'permissions-policy'), /camera=\(\)/, path);
      for (const name of ['set-cookie', 'access-control-allow-origin', 'x-auth-subject', 'refresh']) {
        assert.equal(value(answer, name), undefined, `${name} of ${path}`);
      }
    }
  });

  test('a policy stands on every file, without an exception for what stands in a page', async () => {
    for (const path of Object.keys(FILES)) {
      const policy = value(await ask('GET', path), 'content-security-policy');
      assert.equal(directives(policy).get('default-src'), "'none'", path);
      assert.doesNotMatch(policy, /'unsafe-(?:inline|eval|hashes)'| \*|data:[^;]*script/, path);
    }
  });

  test('a policy lets the page talk to nobody else, nor stand in another\'s frame', async () => {
    const policy = directives(value(await ask('GET', `${ROOT}/`), 'content-security-policy'));
    assert.deepEqual(Object.fromEntries(policy), {
      'default-src': "'none'", 'script-src': "'self' 'wasm-unsafe-eval'", 'style-src': "'self'", 'img-src': "'self' data:", 'connect-src': "'self'",
      'frame-src': "'self'", 'frame-ancestors': "'none'", 'base-uri': "'none'", 'form-action': "'none'",
    });
  });

  test('a policy lets the frame that fetches keys stand in the page alone, with an origin of its own', async () => {
    const policy = directives(value(await ask('GET', `${ROOT}/fetch.html`), 'content-security-policy'));
    assert.deepEqual(Object.fromEntries(policy), {
      sandbox: 'allow-scripts', 'default-src': "'none'", 'script-src': "'self'", 'style-src': "'self'",
      'connect-src': 'https: http://localhost:* http://127.0.0.1:*', 'frame-ancestors': "'self'", 'base-uri': "'none'", 'form-action': "'none'",
    });
  });

  test('what it loads may be loaded from nowhere, which is where that frame is; all else from the page alone', async () => {
    for (const path of Object.keys(FILES)) {
      const expected = path.endsWith('/fetch.js') ? 'cross-origin' : 'same-origin';
      assert.equal(value(await ask('GET', path), 'cross-origin-resource-policy'), expected, path);
    }
  });

  test('a file that is named by its content stays for good, any other is asked for anew', async () => {
    const caching = async (path) => value(await ask('GET', path), 'cache-control');
    for (const name of ['page-ABCDEFG7.js', 'page-ABCDEFG7.wasm']) {
      assert.equal(await caching(`${ROOT}/${name}`), 'public, max-age=31536000, immutable');
    }
    for (const path of [`${ROOT}/`, `${ROOT}/index.html`, `${ROOT}/plain.css`, `${ROOT}/no-type`]) assert.equal(await caching(path), 'no-cache', path);
  });
});

describe('a file that a browser has kept', () => {
  const path = `${ROOT}/plain.css`;
  const etag = etagOf(FILES[path][1]);
  const again = (held) => ask('GET', path, [['If-None-Match', held]]);

  test('has a tag, by which it need not be sent again', async () => {
    assert.equal(value(await ask('GET', path), 'etag'), etag);
    for (const held of [etag, `W/${etag}`, `"other", W/${etag}`]) {
      const answer = await again(held);
      assert.deepEqual([answer.status, answer.text], [304, ''], held);
      assert.equal(value(answer, 'etag'), etag);
      assert.match(value(answer, 'content-security-policy'), /^default-src 'none'/);
    }
  });

  test('is sent when it is another', async () => {
    for (const held of ['"other"', '"5 "', '*', etag.slice(1, -1), '']) {
      const answer = await again(held);
      assert.deepEqual([answer.status, answer.text], [200, FILES[path][1]], held);
    }
  });

  test('has no tag where the files give a strange one', async () => {
    for (const strange of ['"a"b"', 'none', '"', 'W/"5"']) {
      files.reply((req) => ({ ...serveFiles(req), headers: { etag: strange, 'content-length': 4 } }));
      const answer = await again(strange);
      assert.deepEqual([answer.status, value(answer, 'etag')], [200, undefined], strange);
    }
  });
});

test('nothing of a request reaches the files but its path', async () => {
  const secret = 'not-for-the-files';
  const headers = ['Authorization', 'Cookie', 'X-Request-Id', 'If-None-Match', 'Range', 'Referer', 'X-Auth-Subject', 'Accept-Language', 'User-Agent'];
  const answer = await ask('GET', `${ROOT}/plain.css?${secret}`, headers.map((name) => [name, secret]));
  assert.equal(answer.status, 200);
  const seen = files.requests.at(-1);
  assert.deepEqual([seen.method, seen.target, seen.body?.toString() ?? ''], ['GET', `${ROOT}/plain.css`, '']);
  assert.ok(!JSON.stringify(seen).includes(secret), JSON.stringify(seen.headers));
  assert.ok(!JSON.stringify(seen).includes('gateway.example'), 'nor does its host');
});

describe('what is not there', () => {
  test('is 404, and the files are not quoted', async () => {
    for (const path of [`${ROOT}/nothing.js`, `${ROOT}/deeper/`, `${ROOT}/deeper`, `${ROOT}/index.html/`]) {
      assertRefusal(await ask('GET', path), { status: 404, code: 'route_not_found' });
    }
  });

  test('is 404 where the files would lead elsewhere', async () => {
    files.reply(() => ({ status: 307, headers: { location: 'https://evil.example/' } }));
    assertRefusal(await ask('GET', `${ROOT}/`), { status: 404, code: 'route_not_found' });
  });

  test('is 500 when the files fail, whichever way', async () => {
    files.reply(() => ({ status: 503, body: 'secret of the files' }));
    assertRefusal(await ask('GET', `${ROOT}/`), { status: 500, code: 'internal_error' });
    files.reply((req, res) => res.destroy());
    assertRefusal(await ask('GET', `${ROOT}/`), { status: 500, code: 'internal_error' });
  });

  for (const spelling of [
    '/..%2fhealth', '/%2e%2e/health', '/../health', '/..;/health', '/%2e%2e%2fhealth', '/..%5chealth', '/\\..\\health', '/%252e%252e/health', '//',
    '//index.html', '/index.html;x', '/index%2fhtml', '/index.html%00', '/.hidden', '/x/.hidden', '/a%20b', '/@', '/~', '/%C3%BC.html', '/index.html%3Fx', ';/index.html',
  ]) {
    test(`${ROOT}${spelling} reaches no file`, async () => {
      const first = files.requests.length;
      const answer = await ask('GET', `${ROOT}${spelling}`);
      assert.ok([400, 404].includes(answer.status), `status ${answer.status}`);
      assert.equal(files.requests.length, first, `the files were asked for ${files.requests.at(-1)?.target}`);
    });
  }

  test('an encoded letter is the letter: one form of a path is matched and served', async () => {
    const answer = await ask('GET', '/.edgewar%64/playgroun%64/index%2ehtml');
    assert.equal(answer.status, 200);
    assert.equal(files.requests.at(-1).target, `${ROOT}/index.html`);
  });

  test('no other own path is a file', async () => {
    for (const path of ['/.edgeward/', '/.edgeward/index.html', '/.edgeward/playgroundx/', '/.edgeward/Playground/', '/.edgeward/docsx/', '/.edgeward/Docs/', '/.edgeward/console/']) {
      const first = files.requests.length;
      assertRefusal(await ask('GET', path), { status: 404, code: 'route_not_found' });
      assert.equal(files.requests.length, first, path);
    }
  });
});

describe('a path of the API', () => {
  test('is never answered from the files', async () => {
    for (const path of ['/playground/index.html', '/playground/']) {
      const first = files.requests.length;
      assertRefusal(await ask('GET', path), { status: 401, code: 'credential_missing', challenge: { realm: 'api' } });
      assert.equal(files.requests.length, first, path);
    }
    assert.equal((await rawRequest(gateway.port, requestText('GET', '/index.html'))).text, 'origin');
  });
});

describe('a deployment without the binding', () => {
  test('has no pages, by any method', async () => {
    const bare = await start({});
    try {
      for (const method of ['GET', 'HEAD', 'POST']) {
        for (const path of [ROOT, `${ROOT}/`, `${ROOT}/index.html`]) {
          const answer = await ask(method, path, [['Content-Length', '0']], bare);
          assert.equal(answer.status, 404, `${method} ${path}`);
        }
      }
      assertRefusal(await ask('GET', `${ROOT}/`, [], bare), { status: 404, code: 'route_not_found' });
    } finally {
      await bare.stop();
    }
  });
});
