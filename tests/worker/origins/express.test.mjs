// In front of a real Express 4: what it reads more widely than the gateway's routes say is refused or taken away before it arrives, and
// what it believes of a proxy is what the gateway says.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startExpress, sight } from '../../harness/express.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';
import { CASINGS, fold, marked, MARKS } from '../../harness/spellings.mjs';
import { OVERRIDES } from '../../servers/express.mjs';

const ADDRESS = '203.0.113.7';
const FROM = ['CF-Connecting-IP', ADDRESS];
const EVIL = {
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'https',
  'x-forwarded-for': '1.2.3.4',
  'x-forwarded-port': '444',
  'x-forwarded': 'for=1.2.3.4;host=evil.example',
  'x-real-ip': '1.2.3.4',
  'x-original-host': 'evil.example',
  'x-host': 'evil.example',
  'x-client-ip': '1.2.3.4',
  'x-cluster-client-ip': '1.2.3.4',
  'x-original-url': '/admin/users',
  'x-rewrite-url': '/admin/users',
  // The first three are what the package `request-ip` believes beside the others.
  'forwarded-for': '1.2.3.4',
  'fastly-client-ip': '1.2.3.4',
  'x-appengine-user-ip': '1.2.3.4',
  'x-http-host-override': 'evil.example',
  forwarded: 'for=1.2.3.4;host=evil.example;proto=https',
};
const DEMANDS = { admin: '/admin/**', worker: '/tasks/**', auditor: '/reports/daily' };

let express;
let gateway;
let sensitive;
const tokens = {};

before(async () => {
  express = await startExpress();
  const signer = await startSigner();
  const protectedRoutes = Object.entries(DEMANDS).map(([role, path]) => ({ path, require: { role } }));
  const origins = [
    { name: 'main', url: express.url },
    { name: 'kept', url: express.url, forwarded: 'keep', method_override: 'keep' },
    { name: 'stripped', url: express.url, forwarded: 'strip' },
  ];
  const routes = [
    { path: '/**' }, ...protectedRoutes,
    { path: '/posts/**', methods: ['POST'] },
    { path: '/kept/**', origin: 'kept' },
    { path: '/stripped/**', origin: 'stripped' },
    { path: '/shop/**', strip_prefix: '/shop' },
    { path: '/new/**', add_prefix: '/v2' },
    { path: '/moved/**', strip_prefix: '/moved', add_prefix: '/v2/now' },
  ];
  gateway = await startGateway({ config: configuration(express, signer.issuer(), routes, { origins }) });
  const asItIs = [{ name: 'main', url: express.url, case_sensitive_paths: true }];
  sensitive = await startGateway({ config: configuration(express, signer.issuer(), [{ path: '/**' }, ...protectedRoutes], { origins: asItIs }) });
  for (const role of ['', ...Object.keys(DEMANDS)]) tokens[role] = bearer(await signer.token({ roles: role ? [role] : [] }));
});

after(async () => {
  await gateway?.stop();
  await sensitive?.stop();
  await express?.stop();
});

/** Sends with a token; { answer, seen, calls }: what Express's handler saw, and all that arrived there. */
async function pass(method, target, headers = [], body = '', { role = '', through = gateway, host } = {}) {
  const first = express.calls.length;
  const text = requestText(method, target, [tokens[role], ...headers], body);
  const answer = await rawRequest(through.port, host === undefined ? text : text.replace('Host: gateway.example', () => `Host: ${host}`));
  return { answer, seen: sight(answer), calls: express.calls.slice(first) };
}

async function assertAmbiguous(target, role) {
  const { answer, calls } = await pass('GET', target, [], '', { role });
  assert.deepEqual([answer.status, JSON.parse(answer.text).code, calls], [400, 'path_ambiguous', []], `${target} as ${role || 'anybody'}`);
}

describe('a path that Express or another reader takes for a protected one', () => {
  test('by itself Express serves /ADMIN/users and /Tasks/1 as /admin/users and /tasks/1', async () => {
    for (const target of ['/admin/users', '/ADMIN/users', '/Admin/USERS/']) {
      assert.equal((await express.ask('GET', target)).route, 'the users, for admins', target);
    }
    assert.equal((await express.ask('GET', '/Tasks/1')).route, 'a task, for workers');
  });

  test('the protected paths themselves want their role, and the rest wants none', async () => {
    assert.equal((await pass('GET', '/admin/users')).answer.status, 403);
    assert.equal((await pass('GET', '/admin/users', [], '', { role: 'admin' })).seen.route, 'the users, for admins');
    assert.equal((await pass('GET', '/tasks/1', [], '', { role: 'worker' })).seen.route, 'a task, for workers');
    assert.equal((await pass('GET', '/reports/daily', [], '', { role: 'auditor' })).seen.originalUrl, '/reports/daily');
    assert.equal((await pass('GET', '/reports/weekly')).seen.originalUrl, '/reports/weekly');
  });

  for (const [how, targets] of Object.entries({
    'in other letter case': ['/ADMIN/users', '/Admin/users', '/admiN/USERS', '/%41dmin/users', '/TASKS/1', '/taskS', '/reports/Daily', '/Reports/daily/'],
    'with a space or a dot behind a segment': [
      '/admin%20/users', '/admin%20%20', '/admin./users', '/admin../users', '/admin.%20/users', '/tasks./1', '/reports/daily%20', '/reports/daily.',
      '/ADMIN./users',
    ],
    'with an encoded ? or # behind it': ['/admin%3fx/users', '/admin%3F', '/admin%23/users', '/tasks%23x', '/reports/daily%3fx', '/reports/daily%23'],
    'in letters that are compatible with ASCII': [
      '/%EF%BD%81dmin/users', '/%EF%BC%A1dmin/users', '/%EF%BD%81%EF%BD%84%EF%BD%8D%EF%BD%89%EF%BD%8E/users', '/ａdmin/users',
      '/ta%C5%BFks/1', '/tas%E2%84%AAs/1', '/TA%C5%BFK%C5%BF', '/%C2%AAdmin', '/%E2%93%90dmin/users', '/%F0%9D%90%9Admin/users', '/adm%E2%85%B0n/users',
      '/report%C5%BF/daily', '/reports/%EF%BD%84aily',
    ],
  })) {
    test(`${how} is 400, whatever role the caller has, and never arrives`, async () => {
      for (const target of targets) {
        for (const role of ['', ...Object.keys(DEMANDS)]) await assertAmbiguous(target, role);
      }
    });
  }

  test('behind which more is encoded under the same route wants the role of that route', async () => {
    for (const target of ['/admin/users%3fx', '/admin/users%23', '/admin/USERS', '/admin/users.', '/admin/users%20', '/admin/%EF%BD%95sers']) {
      const { answer, calls } = await pass('GET', target);
      assert.deepEqual([answer.status, calls], [403, []], target);
      assert.equal((await pass('GET', target, [], '', { role: 'admin' })).answer.status, 200, target);
    }
  });

  test('is what its letters say where the origin is said to tell case, and still ambiguous for all else', async () => {
    const ask = (target) => pass('GET', target, [], '', { through: sensitive });
    for (const target of ['/ADMIN/users', '/Tasks/1', '/reports/DAILY']) {
      const { answer, seen } = await ask(target);
      assert.deepEqual([answer.status, seen.originalUrl], [200, target]);
    }
    assert.equal((await ask('/admin/users')).answer.status, 403);
    for (const target of ['/admin%20/users', '/admin./users', '/admin%3fx', '/%EF%BD%81dmin/users']) {
      const { answer, calls } = await ask(target);
      assert.deepEqual([answer.status, calls], [400, []], target);
    }
  });

  test('and one that only resembles it passes', async () => {
    for (const target of ['/administrator/users', '/admin-/users', '/%C3%A4dmin/users', '/USERS/admin', '/.admin/users', '/task/1']) {
      const { answer, seen } = await pass('GET', target);
      assert.deepEqual([answer.status, seen?.originalUrl], [200, target]);
    }
  });
});

describe('a method in a header', () => {
  const forms = OVERRIDES.flatMap((name) => MARKS.map((mark) => CASINGS.title(marked(name, mark))));

  test('by itself Express deletes what POST with such a header names', async () => {
    for (const form of forms) {
      const { route, method, originalMethod } = await express.ask('POST', '/posts/1', [[form, 'DELETE'], ['Content-Length', 0]]);
      assert.deepEqual([route, method, originalMethod], ['a deletion', 'DELETE', 'POST'], form);
    }
  });

  test('does not arrive in any spelling: a POST stays one', async () => {
    for (const form of [...forms, ...OVERRIDES.map(CASINGS.lower), ...OVERRIDES.map(CASINGS.upper)]) {
      const { answer, seen } = await pass('POST', '/posts/1', [[form, 'DELETE'], ['Content-Length', 3]], 'abc');
      assert.equal(answer.status, 200, form);
      assert.deepEqual([seen.route, seen.method, seen.body], ['anything else', 'POST', 'abc'], form);
      assert.deepEqual(Object.keys(seen.headers).filter((name) => OVERRIDES.includes(fold(name))), [], form);
    }
    const all = await pass('POST', '/posts/1', [...forms.map((form) => [form, 'DELETE']), ['Content-Length', 0]]);
    assert.equal(all.seen.method, 'POST', 'all of them at once');
  });

  test('arrives where the origin is said to take it', async () => {
    for (const name of OVERRIDES) {
      const { seen } = await pass('POST', '/kept/1', [[CASINGS.title(name), 'DELETE'], ['Content-Length', 0]]);
      assert.deepEqual([seen.route, seen.method, seen.originalMethod], ['a deletion', 'DELETE', 'POST'], name);
    }
  });
});

describe('what Express believes of its proxy', () => {
  const told = ({ hostname, protocol, secure, ip, ips }) => ({ hostname, protocol, secure, ip, ips });
  const TRUE = { hostname: 'gateway.example', protocol: 'http', secure: false, ip: ADDRESS, ips: [ADDRESS] };
  const LIES = Object.entries(EVIL);

  test('by itself it believes whoever sends it from loopback', async () => {
    const believed = told(await express.ask('GET', '/a', LIES));
    assert.deepEqual(believed, { hostname: 'evil.example', protocol: 'https', secure: true, ip: '1.2.3.4', ips: ['1.2.3.4'] });
  });

  test('is what the gateway says, whatever the client says, in every spelling', async () => {
    assert.deepEqual(told((await pass('GET', '/a', [FROM])).seen), TRUE);
    for (const mark of MARKS) {
      for (const casing of Object.values(CASINGS)) {
        const lies = LIES.map(([name, value]) => [casing(marked(name, mark)), value]);
        for (const headers of [[FROM, ...lies], [...lies, ...lies, FROM]]) {
          const { seen } = await pass('GET', '/a', headers);
          assert.deepEqual(told(seen), TRUE, mark);
          const known = Object.entries(seen.headers).filter(([name]) => fold(name) in EVIL);
          assert.deepEqual(Object.fromEntries(known), {
            'x-forwarded-host': 'gateway.example', 'x-forwarded-proto': 'http', 'x-forwarded-for': ADDRESS,
          }, mark);
        }
      }
    }
  });

  test('each lie alone changes nothing', async () => {
    for (const [name, value] of LIES) assert.deepEqual(told((await pass('GET', '/a', [FROM, [name, value]])).seen), TRUE, name);
  });

  test('is the host that the client asked for, with its port unless that says nothing', async () => {
    for (const [host, forwarded] of [
      ['GATEWAY.Example', 'gateway.example'], ['gateway.example.', 'gateway.example'], ['gateway.example:80', 'gateway.example'],
      ['gateway.example:8443', 'gateway.example:8443'], ['Gateway.Example.:8080', 'gateway.example:8080'],
    ]) {
      const { seen } = await pass('GET', '/a', [['X-Forwarded-Host', 'evil.example']], '', { host });
      assert.deepEqual([seen.headers['x-forwarded-host'], seen.hostname], [forwarded, 'gateway.example'], host);
    }
  });

  test('is no address where the platform names none, and its own word for an IPv6 one', async () => {
    const without = await pass('GET', '/a', [['X-Forwarded-For', '1.2.3.4'], ['CF_Connecting_IP', '1.2.3.4']]);
    assert.deepEqual([without.seen.ip, without.seen.ips, without.seen.headers['x-forwarded-for']], ['127.0.0.1', [], undefined]);
    const six = await pass('GET', '/a', [['X-Forwarded-For', '1.2.3.4'], ['CF-Connecting-IP', '2001:db8::7']]);
    assert.deepEqual([six.seen.ip, six.seen.ips], ['2001:db8::7', ['2001:db8::7']]);
  });

  test('is nothing where the origin is said to want nothing', async () => {
    for (const mark of MARKS) {
      const lies = LIES.map(([name, value]) => [marked(name, mark), value]);
      const { seen } = await pass('GET', '/stripped/a', [FROM, ...lies]);
      assert.deepEqual(told(seen), { hostname: '127.0.0.1', protocol: 'http', secure: false, ip: '127.0.0.1', ips: [] }, mark);
      assert.deepEqual(Object.keys(seen.headers).filter((name) => fold(name) in EVIL), [], mark);
    }
  });

  test('is the client\'s word where the origin is said to keep it', async () => {
    const { seen } = await pass('GET', '/kept/a', [FROM, ...LIES]);
    assert.deepEqual(told(seen), { hostname: 'evil.example', protocol: 'https', secure: true, ip: '1.2.3.4', ips: ['1.2.3.4'] });
  });
});

describe('a request without a body, or with one where most have none', () => {
  for (const [how, framing, body, expected] of [
    ['a length of 0', [['Content-Length', 0]], '', ''],
    ['no chunk but the last', [['Transfer-Encoding', 'chunked']], '0\r\n\r\n', ''],
    ['a body with a length', [['Content-Length', 5]], 'hello', 'hello'],
  ]) {
    test(`GET and HEAD with ${how} arrive once, and the GET with its body`, async () => {
      assert.equal((await express.ask('GET', '/a', framing, body)).body, expected, 'by itself');
      for (const method of ['GET', 'HEAD']) {
        const { answer, seen, calls } = await pass(method, '/a?x=1', framing, body);
        assert.deepEqual([answer.status, seen?.method, calls], [200, method, [`${method} /a?x=1`]], answer.text);
        if (method === 'GET') assert.equal(seen.body, expected);
      }
    });
  }

  test('GET and HEAD with a body in chunks are 411 and do not arrive: the runtime would send them without it', async () => {
    const chunks = '2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n';
    for (const method of ['GET', 'HEAD']) {
      const { answer, calls } = await pass(method, '/a', [['Transfer-Encoding', 'chunked']], chunks);
      assert.deepEqual([answer.status, calls], [411, []]);
      assert.match(answer.text, method === 'GET' ? /"code":"length_required"/ : /^$/);
    }
    assert.equal((await pass('POST', '/a', [['Transfer-Encoding', 'chunked']], chunks)).seen.body, 'hello');
  });
});

describe('a prefix', () => {
  for (const [target, arrived] of [
    ['/shop/items/7?x=%2f', '/items/7?x=%2f'], ['/shop/', '/'], ['/shop', '/'], ['/new/a%20b/', '/v2/new/a%20b/'], ['/moved/a?b', '/v2/now/a?b'],
  ]) {
    test(`${target} arrives as ${arrived}`, async () => {
      const { answer, seen } = await pass('GET', target);
      assert.deepEqual([answer.status, seen?.originalUrl], [200, arrived], answer.text);
    });
  }

  test('taken away does not open a protected path', async () => {
    for (const target of ['/shop/../admin/users', '/shop%2f..%2fadmin/users', '/SHOP/admin/users', '/shop./admin/users']) {
      assert.equal((await pass('GET', target)).answer.status, 400, target);
    }
  });
});
