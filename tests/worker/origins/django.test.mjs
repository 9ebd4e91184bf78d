// What Django makes of the host, the scheme and the address that the gateway names: links, redirects, forms, tenants.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { connections, send } from '../../harness/client.mjs';
import { assertPassed } from '../../harness/config.mjs';
import { startDjango } from '../../harness/django.mjs';
import { platform } from '../../harness/gateway.mjs';
import { bearer, startSigner } from '../../harness/signer.mjs';
import { embed, startWorkerd } from '../../harness/workerd.mjs';

const BUILD = fileURLToPath(new URL('../../../build/', import.meta.url));
const HOSTS = { 'acme.example.com': 'acme', 'other.example.com': 'other' };
// What the platform says of every client here; the other is what clients claim.
const CLIENT = '203.0.113.7';
const CLAIMED = '198.51.100.9';
// Nobody the tests reach anything from: gunicorn then believes no scheme, and what Django's settings do is seen alone.
const NOBODY = '192.0.2.1';

const agents = { http: connections(), https: new Agent({ keepAlive: true, rejectUnauthorized: false }) };

let django, redirecting, signer, gateways, token;
before(async () => {
  const common = { useForwardedHost: true, useForwardedProto: true, allowedHosts: ['.example.com'] };
  [django, redirecting, signer] = await Promise.all([
    startDjango({ ...common, csrf: true, tenantHosts: HOSTS, headerMap: 'dangerous', trustedPeers: NOBODY }),
    // All of gunicorn's own settings as they are by default.
    startDjango({ ...common, sslRedirect: true }),
    startSigner(),
  ]);
  token = await signer.token({ org: { id: 'acme' } });
  gateways = await startGateways({
    set: configuration(django),
    keep: configuration(django, 'keep'),
    strip: configuration(django, 'strip'),
    redirecting: configuration(redirecting),
    redirectingStripped: configuration(redirecting, 'strip'),
  });
});
after(async () => {
  await gateways?.stop();
  await Promise.all([django, redirecting].map((each) => each?.stop()));
  for (const agent of Object.values(agents)) agent.destroy();
});

/** Routes name the origin, so that a host of no tenant reaches Django, too. */
function configuration(origin, forwarded) {
  const issuer = signer.issuer({ claims: { tenant: 'org.id' } });
  const route = { origin: 'main', revocation: 'off' };
  return {
    origins: [{ name: 'main', url: origin.url, forwarded }],
    tenants: Object.entries(HOSTS).map(([host, name]) => ({ name, hosts: [host], origin: 'main' })),
    issuers: [issuer],
    routes: [
      { ...route, path: '/api/**', access: 'authenticated' },
      { ...route, path: '/api/people', access: 'public' },
      { ...route, path: '/form', access: 'public' },
      { ...route, path: '/public/**', access: 'public' },
    ],
  };
}

/**
 * One process with a gateway for each configuration, each on sockets for `http` and `https`, where the platform names the client,
 * and `unnamed`, plain, where it does not.
 */
async function startGateways(configurations) {
  const names = Object.keys(configurations);
  const workerd = await startWorkerd((directory) => {
    const options = { injectRequestHeaders: [{ name: 'cf-connecting-ip', value: CLIENT }] };
    const tlsOptions = { keypair: certificate(directory) };
    return {
      services: [
        { name: 'internet', network: { allow: ['private'] } },
        ...names.map((name) => ({
          name, worker: { ...platform(), modules: modules(), bindings: [variable(directory, name, configurations[name])] },
        })),
      ],
      extensions: [],
      sockets: names.flatMap((service) => [
        { name: `${service} http`, address: '127.0.0.1:0', http: options, service },
        { name: `${service} https`, address: '127.0.0.1:0', https: { options, tlsOptions }, service },
        { name: `${service} unnamed`, address: '127.0.0.1:0', http: {}, service },
      ]),
    };
  });
  const url = (socket) => `http${socket.endsWith(' https') ? 's' : ''}://127.0.0.1:${workerd.ports.get(socket)}`;
  return { url: (gateway, socket) => url(`${gateway} ${socket}`), stop: workerd.stop };
}

/** A certificate that nobody has to believe: the clients here do not look at it. */
function certificate(directory) {
  const [privateKey, certificateChain] = ['key.pem', 'certificate.pem'].map((name) => join(directory, name));
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=gateway.example'];
  execFileSync('openssl', [...request, '-keyout', privateKey, '-out', certificateChain], { stdio: 'ignore' });
  return { privateKey: embed(privateKey), certificateChain: embed(certificateChain) };
}

function variable(directory, name, configured) {
  const path = join(directory, `${name}.json`);
  writeFileSync(path, JSON.stringify(configured));
  return { name: 'EDGEWARD', json: embed(path) };
}

function modules() {
  const wasm = readdirSync(BUILD).filter((name) => name.endsWith('.wasm'));
  return [
    { name: 'index.js', esModule: embed(join(BUILD, 'index.js')) },
    ...wasm.map((name) => ({ name, wasm: embed(join(BUILD, name)) })),
  ];
}

/** A request of acme's user; `socket` is "https", "http" or "unnamed". */
function ask(path, { gateway = 'set', socket = 'https', host = 'acme.example.com', headers = {}, ...options } = {}) {
  const [name, value] = bearer(token);
  const agent = agents[socket === 'https' ? 'https' : 'http'];
  return send(gateways.url(gateway, socket) + path, { agent, headers: { host, [name]: value, ...headers }, ...options });
}

/** What Django makes of such a request. */
async function seen(options) {
  const answer = await ask('/api/where/?x=1', options);
  assertPassed(answer, JSON.stringify(options));
  return answer.json;
}

const location = (answer) => [answer.status, answer.headers.location];

describe('the host and the scheme', () => {
  for (const [socket, host, origin] of [
    ['https', 'acme.example.com', 'https://acme.example.com'],
    ['https', 'Acme.Example.com.', 'https://acme.example.com'],
    ['https', 'ACME.EXAMPLE.COM:443', 'https://acme.example.com'],
    ['https', 'Acme.Example.com.:443', 'https://acme.example.com'],
    ['https', 'Acme.Example.com.:8443', 'https://acme.example.com:8443'],
    ['https', 'acme.example.com:80', 'https://acme.example.com:80'],
    ['http', 'Acme.Example.com.', 'http://acme.example.com'],
    ['http', 'Acme.Example.com.:80', 'http://acme.example.com'],
    ['http', 'acme.example.com:8080', 'http://acme.example.com:8080'],
    ['http', 'acme.example.com:443', 'http://acme.example.com:443'],
  ]) {
    test(`a request by ${socket} to ${host} is one to ${origin}`, async () => {
      const { url, secure, tenant, headers } = await seen({ socket, host });
      assert.equal(url, `${origin}/api/where/?x=1`);
      assert.equal(secure, socket === 'https');
      assert.deepEqual([tenant, headers['x-auth-tenant']], ['acme', 'acme'], 'the gateway and Django see the same tenant');
      assert.equal(headers['x-forwarded-host'], new URL(origin).host);
      assert.equal(headers['x-forwarded-proto'], socket);
      assert.equal(headers.host, new URL(django.url).host, 'Host is the origin\'s own');
    });
  }

  test('a page of a list links to the next one on the public host', async () => {
    const first = await ask('/api/people/', { host: 'Acme.Example.com.' });
    assertPassed(first);
    assert.equal(first.json.next, 'https://acme.example.com/api/people/?page=2');
    const second = await ask('/api/people/?page=2', { host: 'Acme.Example.com.:8443' });
    assert.equal(second.json.previous, 'https://acme.example.com:8443/api/people/');
    assert.equal(second.json.next, 'https://acme.example.com:8443/api/people/?page=3');
  });

  test('Django judges the public host by ALLOWED_HOSTS, and not its own', async () => {
    assert.equal((await ask('/api/people/', { host: 'elsewhere.example.com' })).status, 200);
    const answer = await ask('/api/people/', { host: 'example.org' });
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.headers['content-type'], /^text\/html/, 'Django\'s own answer');
  });
});

describe('SECURE_SSL_REDIRECT', () => {
  test('a request by https is served, and not sent to where it came from', async () => {
    for (const host of ['acme.example.com', 'Acme.Example.com.:443', 'Acme.Example.com.:8443']) {
      assertPassed(await ask('/api/where/', { gateway: 'redirecting', host }), host);
    }
  });

  test('a request by http is sent to https on the public host, whatever scheme it claims', async () => {
    const claims = {
      'X-Forwarded-Proto': 'https', 'X_Forwarded_Proto': 'https', 'X-Forwarded-Protocol': 'ssl', 'X-Forwarded-Ssl': 'on',
      Forwarded: 'proto=https',
    };
    for (const headers of [{}, claims]) {
      const answer = await ask('/api/where/?x=1', { gateway: 'redirecting', socket: 'http', host: 'Acme.Example.com.', headers });
      assert.deepEqual(location(answer), [301, 'https://acme.example.com/api/where/?x=1']);
    }
  });

  test('a client cannot have a request by https redirected by claiming that it is not', async () => {
    for (const name of ['X-Forwarded-Proto', 'X_Forwarded_Proto', 'x.forwarded.proto']) {
      assertPassed(await ask('/api/where/', { gateway: 'redirecting', headers: { [name]: 'http' } }), name);
    }
    const forwarded = { Forwarded: 'proto=http', 'X-Forwarded-Protocol': 'tcp', 'X-Forwarded-Ssl': 'off' };
    assertPassed(await ask('/api/where/', { gateway: 'redirecting', headers: forwarded }));
  });

  test('with forwarded = "strip" every request is redirected, to the origin\'s own address', async () => {
    const answer = await ask('/api/where/', { gateway: 'redirectingStripped' });
    assert.deepEqual(location(answer), [301, `${redirecting.url.replace('http:', 'https:')}/api/where/`]);
  });
});

describe('a form', () => {
  /** A page's own cookie and token, and a post with them from `origin`, or from a page at `referer`. */
  async function post(options, headers) {
    const page = await ask('/form/', options);
    assertPassed(page);
    const [cookie] = page.headers['set-cookie'][0].split(';');
    return ask('/form/', { ...options, method: 'POST', headers: { cookie, 'x-csrftoken': page.json.token, ...headers } });
  }

  test('is taken from the public origin', async () => {
    for (const [host, origin] of [
      ['acme.example.com', 'https://acme.example.com'],
      ['Acme.Example.com.', 'https://acme.example.com'],
      ['Acme.Example.com.:8443', 'https://acme.example.com:8443'],
    ]) {
      const answer = await post({ host }, { origin });
      assert.deepEqual([answer.status, answer.json], [200, { changed: true }], host);
      assert.equal((await post({ host }, { referer: `${origin}/page` })).status, 200, 'by Referer');
    }
    assert.equal((await post({ socket: 'http' }, { origin: 'http://acme.example.com' })).status, 200);
  });

  test('is refused from any other', async () => {
    for (const origin of [
      'https://other.example.com', 'http://acme.example.com', 'https://acme.example.com:8443', 'https://acme.example.com.evil.example',
      django.url, 'null',
    ]) {
      assert.equal((await post({}, { origin })).status, 403, origin);
    }
    assert.equal((await post({}, { referer: 'https://other.example.com/page' })).status, 403);
    assert.equal((await post({}, {})).status, 403, 'by https without Origin and Referer');
  });

  test('is refused from another origin that names itself as the host', async () => {
    for (const name of ['X-Forwarded-Host', 'X_Forwarded_Host', 'X-Host']) {
      assert.equal((await post({}, { origin: 'https://other.example.com', [name]: 'other.example.com' })).status, 403, name);
    }
  });

  test('is refused even from the public origin with forwarded = "strip": Django does not know it', async () => {
    assert.equal((await post({ gateway: 'strip' }, { origin: 'https://acme.example.com' })).status, 403);
  });
});

describe('a tenant that is chosen by the host', () => {
  const SPELLINGS = [
    'X-Forwarded-Host', 'x-forwarded-host', 'X_Forwarded_Host', 'X+Forwarded+Host', 'x.forwarded.host', 'X-Forwarded_Host',
  ];
  const CLAIMS = [
    ...SPELLINGS.map((name) => [name, 'other.example.com']),
    ['X-Forwarded-Server', 'other.example.com'],
    ['X-Original-Host', 'other.example.com'],
    ['X_Original_Host', 'other.example.com'],
    ['X-Host', 'other.example.com'],
    ['X_Host', 'other.example.com'],
    ['X-Forwarded', 'host=other.example.com'],
    ['Forwarded', 'for=198.51.100.9;host=other.example.com;proto=https'],
    ['X-Forwarded-Host', ['other.example.com', 'acme.example.com']],
    ['X-Forwarded-Host', 'other.example.com, acme.example.com'],
    ['X-Forwarded-Host', ''],
  ];

  for (const [name, value] of CLAIMS) {
    test(`stays the client's own beside ${name}: ${[value].flat().join(' and again ') || 'nothing'}`, async () => {
      const { tenant, url, headers } = await seen({ headers: { [name]: value } });
      assert.equal(tenant, 'acme');
      assert.equal(url, 'https://acme.example.com/api/where/?x=1');
      assert.ok(!JSON.stringify(headers).includes('other.example.com'), JSON.stringify(headers));
    });
  }

  test('stays the client\'s own beside all of these at once, and where Connection names ours', async () => {
    const headers = Object.fromEntries(CLAIMS.filter(([, value]) => typeof value === 'string' && value !== ''));
    const connection = 'keep-alive, X-Forwarded-Host, x-forwarded-proto, X_Forwarded_Host';
    for (const all of [headers, { connection }, { ...headers, connection }]) {
      const { tenant, url, headers: arrived } = await seen({ headers: all });
      assert.deepEqual([tenant, url], ['acme', 'https://acme.example.com/api/where/?x=1']);
      assert.ok(!JSON.stringify(arrived).includes('other.example.com'), JSON.stringify(arrived));
    }
  });

  test('without the gateway this Django is fooled by two of the spellings', async () => {
    for (const name of ['X-Forwarded-Host', 'X_Forwarded_Host']) {
      const answer = await send(`${django.url}/api/where/`, { headers: { host: 'acme.example.com', [name]: 'other.example.com' } });
      assert.equal(answer.json.tenant, 'other', name);
    }
  });

  test('is chosen by the client with forwarded = "keep"', async () => {
    const claims = { 'X-Forwarded-Host': 'other.example.com', 'X-Forwarded-Proto': 'https' };
    const { tenant, url, headers } = await seen({ gateway: 'keep', headers: claims });
    assert.equal(headers['x-auth-tenant'], 'acme', 'the token is acme\'s');
    assert.deepEqual([tenant, url], ['other', 'https://other.example.com/api/where/?x=1']);
    const unclaimed = await seen({ gateway: 'keep' });
    assert.deepEqual([unclaimed.tenant, unclaimed.headers['x-forwarded-host']], [null, undefined], 'nothing is set');
  });

  test('is nobody with forwarded = "strip": Django sees its own host alone', async () => {
    for (const headers of [{}, Object.fromEntries(SPELLINGS.map((name) => [name, 'other.example.com']))]) {
      const { tenant, url, secure, headers: arrived } = await seen({ gateway: 'strip', headers });
      assert.deepEqual([tenant, url, secure], [null, `${django.url}/api/where/?x=1`, false]);
      assert.deepEqual(Object.keys(arrived).filter((name) => /forward/.test(name)), []);
    }
  });
});

describe('the client\'s address', () => {
  const NAMES = ['X-Forwarded-For', 'X_Forwarded_For', 'X+Forwarded+For', 'X-Real-IP', 'X_Real_IP', 'X-Client-IP', 'X-Cluster-Client-IP'];
  const claims = Object.fromEntries(NAMES.map((name) => [name, CLAIMED]));
  claims.Forwarded = `for=${CLAIMED}`;

  test('is what the platform says, and nothing that the client says arrives', async () => {
    for (const headers of [{}, claims, ...Object.entries(claims).map(([name, value]) => ({ [name]: value }))]) {
      const { client, counted_as: countedAs, headers: arrived } = await seen({ headers });
      assert.deepEqual([client, countedAs, arrived['x-forwarded-for']], [CLIENT, CLIENT, CLIENT]);
      assert.ok(!JSON.stringify(arrived).includes(CLAIMED), JSON.stringify(arrived));
    }
  });

  test('is not known where the platform names none, and the client cannot name one', async () => {
    const { client, headers } = await seen({ socket: 'unnamed', headers: claims });
    assert.equal(client, '127.0.0.1');
    assert.equal(headers['x-forwarded-for'], undefined);
    assert.ok(!JSON.stringify(headers).includes(CLAIMED), JSON.stringify(headers));
  });

  test('is what the client says with forwarded = "keep", and unknown with "strip"', async () => {
    assert.equal((await seen({ gateway: 'keep', headers: claims })).client.split(',')[0], CLAIMED);
    const { client, headers } = await seen({ gateway: 'strip', headers: claims });
    assert.deepEqual([client, headers['x-forwarded-for']], ['127.0.0.1', undefined]);
  });
});

describe('the path', () => {
  // gunicorn takes SCRIPT_NAME from peers on loopback, and under header_map = "dangerous" from everybody, and cuts it off the path.
  test('is the one that was judged, whatever SCRIPT_NAME says', async () => {
    for (const gateway of ['set', 'redirecting']) {
      for (const name of ['SCRIPT_NAME', 'script_name']) {
        const answer = await ask('/public/api/people/', { gateway, headers: { [name]: '/public' } });
        assert.equal(answer.status, 404, `${name}: ${answer.text}`);
      }
    }
  });
});
