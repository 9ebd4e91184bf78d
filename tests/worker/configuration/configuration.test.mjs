// A configuration that does not hold together lets nothing pass, and says why in the log alone.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { until } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { assertRefusal } from '../../harness/problem.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

const SECRET = 'a-secret-of-more-than-thirty-two-octets';
const SHORT_SECRET = 'tooshort';

let origin;
let signer;
let token;

before(async () => {
  origin = await startOrigin();
  signer = await startSigner();
  token = await signer.token();
});

after(() => origin?.stop());

const sound = () => configuration(origin, signer.issuer(), [{ path: '/api/**' }, { path: '/public/**', access: 'public' }]);

async function withGateway(options, work) {
  const gateway = await startGateway(options);
  try {
    return await work(gateway);
  } finally {
    await gateway.stop();
  }
}

const get = (gateway, target, headers = [bearer(token)]) => rawRequest(gateway.port, requestText('GET', target, headers));

/** Starts it, asks every kind of path twice; returns the one line of the log, as text. */
function complaint(options) {
  return withGateway(options, async (gateway) => {
    const earlier = origin.requests.length;
    for (const target of ['/api/a', '/public/a', '/nowhere', '/', '/.edgeward/ready', '/.edgeward/me', '/api/%2e%2e/a']) {
      for (const headers of [[], [bearer(token)]]) {
        const answer = await get(gateway, target, headers);
        assertRefusal(answer, { status: 503, code: 'configuration_invalid', retryAfter: answer.headers.has('retry-after') });
        assert.deepEqual(Object.keys(JSON.parse(answer.text)).length, 5);
        assert.ok(!/issuers|routes|origins|\[\d/.test(JSON.stringify([answer.text, [...answer.headers]])), answer.text);
      }
    }
    assert.equal(origin.requests.length, earlier, 'the origin was asked');
    const lines = await until(() => {
      const own = gateway.logs().filter(({ event }) => event === 'configuration_invalid');
      return own.length > 0 && own;
    }, 'a line of the log');
    assert.equal(lines.length, 1, JSON.stringify(lines));
    for (const secret of [SECRET, SHORT_SECRET, token]) assert.ok(!gateway.output().includes(secret), 'a secret is in the log');
    return JSON.stringify(lines[0]);
  });
}

test('a sound configuration serves', async () => {
  await withGateway({ config: sound() }, async (gateway) => {
    assert.equal((await get(gateway, '/api/a')).status, 200);
    assert.deepEqual(gateway.logs().filter(({ event }) => event === 'configuration_invalid'), []);
  });
});

test('what is read before the first request is logged with it, once', async () => {
  await withGateway({ config: sound() }, async (gateway) => {
    assert.deepEqual(gateway.logs(), []);
    for (let n = 0; n < 2; n += 1) assert.equal((await get(gateway, '/api/a')).status, 200);
    const read = await until(() => {
      const lines = gateway.logs().filter(({ event }) => event === 'configuration_read');
      return lines.length > 0 && lines;
    }, 'a line of the log');
    assert.deepEqual(read.map(({ from }) => from), ['vars']);
  });
});

test('a Worker that is shown no variables before its first request reads them then', async () => {
  await withGateway({ config: sound(), flags: ['disallow_importable_env'] }, async (gateway) => {
    assert.equal((await get(gateway, '/api/a')).status, 200);
    assert.equal((await get(gateway, '/api/a', [])).status, 401);
  });
});

test('all errors stand in one line of the log, each with its path, and none on the wire', async () => {
  const config = sound();
  config.leeway_seconds = 301;
  config.surprise = true;
  config.issuers[0].audiences = [];
  config.issuers[0].algorithms = ['ES256', 'none'];
  config.routes[0].revocation = 'strict';
  config.routes[1].origin = 'nowhere';
  config.routes.push({ path: 'no-slash', access: 'public', methods: ['*'] });
  const line = await complaint({ config });
  for (const path of [
    'leeway_seconds', 'surprise', 'issuers[0].audiences', 'issuers[0].algorithms[1]', 'routes[0].revocation', 'routes[1].origin', 'routes[2].path',
  ]) assert.ok(line.includes(path), `${path} in ${line}`);
});

const FAULTS = {
  'no issuer for a route that needs one': ['issuers', (c) => { c.issuers = []; }],
  'no origin': ['origins', (c) => { c.origins = []; }],
  'no route': ['routes', (c) => { c.routes = []; }],
  'an issuer without audiences': ['issuers[0].audiences', (c) => { c.issuers[0].audiences = []; }],
  'an issuer without algorithms': ['issuers[0].algorithms', (c) => { c.issuers[0].algorithms = []; }],
  'an unknown algorithm': ['issuers[0].algorithms[0]', (c) => { c.issuers[0].algorithms = ['RS257']; }],
  'ES256K, which WebCrypto does not have': ['issuers[0].algorithms', (c) => { c.issuers[0].algorithms = ['ES256K']; }],
  'HS256 with a key set': ['issuers[0]', (c) => { c.issuers[0].algorithms = ['HS256']; }],
  'a misspelt field': ['issuers[0].audience', (c) => { c.issuers[0].audience = ['api']; }],
  'a field of the wrong type': ['leeway_seconds', (c) => { c.leeway_seconds = '30'; }],
  'two issuers of one name': ['issuers[1].name', (c) => { c.issuers.push({ ...c.issuers[0], issuer: 'https://other.example' }); }],
  'two issuers of one iss': ['issuers[1].issuer', (c) => { c.issuers.push({ ...c.issuers[0], name: 'other' }); }],
  'a key set over plain http': ['issuers[0].verify', (c) => { c.issuers[0].verify = { jwks: 'http://auth.example.com/jwks.json' }; }],
  'an origin over plain http': ['origins[0].url', (c) => { c.origins[0].url = 'http://api.example.com'; }],
  'an origin that is no URL': ['origins[0].url', (c) => { c.origins[0].url = 'api'; }],
  'a service binding that is not there': ['origins[0].url', (c) => { c.origins[0].url = 'service:NOWHERE'; }],
  'a secret that is not there': ['issuers[0].verify', (c) => secrets(c, ['NOWHERE'])],
  'a secret that is too short': ['issuers[0].verify', (c) => secrets(c, ['GOOD', 'SHORT'])],
  'strict revocation': ['routes[0].revocation', (c) => { c.routes[0].revocation = 'strict'; }],
  'two routes that tie': ['routes[2]', (c) => { c.routes.push({ ...c.routes[0] }); }],
  'a route for TRACE': ['routes[0].methods', (c) => { c.routes[0].methods = ['TRACE']; }],
  'a route without methods': ['routes[0].methods', (c) => { c.routes[0].methods = []; }],
  'a requirement on a public route': ['routes[1].require', (c) => { c.routes[1].require = { role: 'admin' }; }],
  'an unknown kind of access': ['routes[0].access', (c) => { c.routes[0].access = 'anyone'; }],
  'a leeway below zero': ['leeway_seconds', (c) => { c.leeway_seconds = -1; }],
  'an identity header that is no header name': ['headers.names.subject', (c) => { c.headers = { names: { subject: 'x auth' } }; }],
};

const secrets = (config, names) => Object.assign(config.issuers[0], { algorithms: ['HS256'], verify: { secrets: names } });

describe('refused with its path:', () => {
  for (const [what, [path, spoil]] of Object.entries(FAULTS)) {
    test(what, async () => {
      const config = sound();
      spoil(config);
      const line = await complaint({ config, secrets: { GOOD: SECRET, SHORT: SHORT_SECRET } });
      assert.ok(line.includes(path), `${path} in ${line}`);
    });
  }

  for (const [what, config] of [['no configuration', undefined], ['an empty one', {}], ['a text', 'realm'], ['a list', []], ['null', null]]) {
    test(what, async () => {
      await complaint({ config });
    });
  }
});

test('a missing KV binding is an error where a route asks it, and none where no route does', async () => {
  const config = sound();
  config.routes[0].revocation = 'bounded';
  assert.match(await complaint({ config, kv: 'none' }), /EDGEWARD_KV/);
  config.routes[0].revocation = 'off';
  await withGateway({ config, kv: 'none' }, async (gateway) => assert.equal((await get(gateway, '/api/a')).status, 200));
});

test('leeway of 0 and of 300 seconds are both in range', async () => {
  for (const leeway of [0, 300]) {
    await withGateway({ config: { ...sound(), leeway_seconds: leeway } }, async (gateway) => {
      assert.equal((await get(gateway, '/api/a')).status, 200);
      const expired = await signer.token({ exp: Math.floor(Date.now() / 1000) - 100 });
      assert.equal((await get(gateway, '/api/a', [bearer(expired)])).status, leeway === 0 ? 401 : 200);
    });
  }
});
