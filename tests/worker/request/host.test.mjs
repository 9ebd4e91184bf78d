// What stands in Host is never a part of the path: what is no host with a port at most is refused (RFC 9112 section 3.2), and
// the path that was matched is the path that arrives.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { rawRequest } from '../../harness/raw.mjs';
import { configuration, startSigner } from '../../harness/signer.mjs';

let origin;
let gateway;
let shared;

before(async () => {
  origin = await startOrigin();
  const signer = await startSigner();
  const routes = [
    { path: '/url/**', access: 'public' },
    { path: '/bound/**', access: 'public', origin: 'bound' },
    { path: '/admin/**', require: { role: 'admin' } },
  ];
  const origins = [{ name: 'main', url: origin.url }, { name: 'bound', url: 'service:BACKEND' }];
  const config = configuration(origin, signer.issuer(), routes, { origins });
  gateway = await startGateway({ config, services: { BACKEND: origin.url } });
  const tenants = ['a.example', '127.0.0.1', '[::1]'].map((host, n) => ({ name: `tenant-${n}`, hosts: [host], origin: 'main', claim: false }));
  const tenantRoutes = [{ path: '/url/**', access: 'public' }, { path: '/api/**' }];
  shared = await startGateway({ config: configuration(origin, signer.issuer(), tenantRoutes, { tenants }) });
});

after(async () => {
  await gateway?.stop();
  await shared?.stop();
  await origin?.stop();
});

async function ask(target, host) {
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  return { answer, targets: origin.requests.slice(first).map((record) => record.target) };
}

for (const target of ['/url/x', '/bound/x']) {
  describe(`on ${target}`, () => {
    for (const host of [
      'a/admin', 'a\\admin', 'a\\admin\\users', 'a@b\\admin', 'a:80\\admin', 'a/url', 'a/bound', 'a/../b', 'a?x', 'a#x', 'user@a', 'a b', 'a|b', 'a:b', '[x',
    ]) {
      test(`the Host ${host} is refused`, async () => {
        const { answer, targets } = await ask(target, host);
        assert.deepEqual([answer.status, targets], [400, []]);
      });
    }

    for (const host of ['gateway.example', 'Gateway.Example:8080', '127.0.0.1:1', '[::1]:80', 'a_b.example', 'xn--tda.example']) {
      test(`the Host ${host} is taken, and the path arrives`, async () => {
        const { answer, targets } = await ask(target, host);
        assert.deepEqual([answer.status, targets], [200, [target]]);
      });
    }
  });
}

describe('a port is digits without a zero before them:', () => {
  const REFUSED = [
    '+8443', '+443', '+0', '-8443', '08443', '00443', '000000000000000000000443', '0', '00', '65536', '99999', '18446744073709560059', ' 8443', '84 43',
    '8443 1', 'abc', '8443a', 'a8443', '0x20fb', '8_443', '8.443', '8443.', '1e3', '', ':8443', '8443:', '8443:8443', '8443,b.example', '%38443', '\t8443',
    '\uff18\uff14', '\u0668',
  ];
  for (const [what, target] of [['without tenants', () => gateway], ['with tenants', () => shared]]) {
    for (const host of ['a.example', '127.0.0.1', '[::1]']) {
      test(`the Host ${host} with anything else is refused ${what}`, async () => {
        for (const port of REFUSED) {
          const first = origin.requests.length;
          for (const path of ['/url/x', '/nowhere', '/.edgeward/health']) {
            const answer = await rawRequest(target().port, `GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
            assert.equal(answer.status, 400, `${path} of ${host}:${port}: ${answer.text}`);
            assert.equal(JSON.parse(answer.text).code, 'request_ambiguous');
          }
          assert.equal(origin.requests.length, first, port);
        }
      });

      test(`the Host ${host} with one is taken ${what}`, async () => {
        for (const port of ['1', '81', '8443', '10080', '65535']) {
          const first = origin.requests.length;
          const answer = await rawRequest(target().port, `GET /url/x HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
          assert.equal(answer.status, 200, `${port}: ${answer.text}`);
          const [record] = origin.requests.slice(first);
          assert.deepEqual([record.target, valuesOf(record, 'x-forwarded-host')], ['/url/x', [`${host}:${port}`]]);
        }
      });
    }
  }
});

test('a host with an empty label is refused: some servers read it without, as a tenant\'s', async () => {
  for (const target of [gateway, shared]) {
    for (const host of ['a.example..', 'a.example..:8443', '.a.example', 'a..example', '..', '.', '.:80']) {
      const first = origin.requests.length;
      const answer = await rawRequest(target.port, `GET /url/x HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
      assert.equal(answer.status, 400, `${host}: ${answer.text}`);
      assert.equal(origin.requests.length, first, host);
    }
  }
});

test('an absolute target is judged by its path', async () => {
  const { answer, targets } = await ask('http://other.example/admin/x', 'gateway.example');
  assert.deepEqual([answer.status, targets], [401, []]);
});

test('the asterisk target belongs to no route', async () => {
  const first = origin.requests.length;
  const answer = await rawRequest(gateway.port, 'OPTIONS * HTTP/1.1\r\nHost: gateway.example/url\r\n\r\n');
  assert.equal(answer.status, 400);
  assert.equal(origin.requests.length, first);
});

test('a host with the port of its scheme is the same tenant\'s as without', async (t) => {
  const other = await startOrigin();
  t.after(() => other.stop());
  const config = configuration(origin, (await startSigner()).issuer(), [{ path: '/**', access: 'public' }]);
  config.tenants = [{ name: 'acme', hosts: ['acme.example:80'], origin: 'main' }, { name: 'rest', hosts: ['*.example'], origin: other.url }];
  const own = await startGateway({ config });
  t.after(() => own.stop());
  for (const [host, expected] of [['acme.example:80', origin], ['acme.example', origin], ['acme.example.', origin], ['acme.example:81', other]]) {
    const before = expected.requests.length;
    const answer = await rawRequest(own.port, `GET /x HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assert.deepEqual([answer.status, expected.requests.length], [200, before + 1], host);
  }
});
