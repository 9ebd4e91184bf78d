// Many requests under way at once, each waiting in another place: what is decided on is always the request that it is about.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { sleep } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { memoryKv } from '../../harness/memory_kv.mjs';
import { startOrigin, valuesOf } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

const COUNT = 60;

let origin, other, signer, gateway;
before(async () => {
  [origin, other, signer] = await Promise.all([startOrigin(), startOrigin(), startSigner()]);
  const kv = memoryKv();
  // Answers come in another order than the questions did.
  let asked = 0;
  kv.instead = async () => {
    asked += 1;
    await sleep((asked * 37) % 90);
  };
  const routes = [
    { path: '/waits/**', revocation: 'bounded' },
    { path: '/signed/**' },
    { path: '/bound/**', revocation: 'bounded', origin: 'bound' },
    { path: '/open/**', access: 'public' },
  ];
  const config = configuration(origin, signer.issuer(), routes);
  config.origins.push({ name: 'bound', url: 'service:OTHER' });
  gateway = await startGateway({ config, kv, services: { OTHER: other.url } });
});
after(async () => {
  await gateway?.stop();
  await Promise.all([origin?.stop(), other?.stop()]);
});

test('each request reaches its own origin with its own path, fields, body and caller', async () => {
  for (const [n, each] of [origin, other].entries()) {
    each.reply(async (_, res, { target }) => {
      await sleep((target.length * 13) % 40);
      return { status: 200, headers: { 'x-from': String(n) }, body: target };
    });
  }
  const kinds = ['waits', 'signed', 'bound', 'open'];
  const tokens = await Promise.all(Array.from({ length: COUNT }, (_, n) => signer.token({ sub: `user-${n}`, jti: `token-${n}` })));
  // The second round meets tokens that are known, beside those that are not.
  for (const round of [0, 1]) {
    await Promise.all(tokens.map(async (token, n) => {
      const kind = kinds[(n + round) % kinds.length];
      const target = `/${kind}/${round}/${'x'.repeat(n % 7)}/${n}?n=${n}`;
      const body = `body of ${round} ${n}`;
      const fields = [bearer(token), ['X-Who', `who-${n}`], ['X-Request-Id', `id-${round}-${n}`], ['Content-Length', String(body.length)]];
      // Some have a list of names that no other request has.
      if (n % 3 === 0) fields.push([`X-Only-${round}-${n}`, `only-${n}`]);
      const answer = await rawRequest(gateway.port, requestText('POST', target, fields, body));
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual([answer.text, answer.headers.get('x-from')], [target, [kind === 'bound' ? '1' : '0']]);
      const seen = (kind === 'bound' ? other : origin).requests.filter((record) => record.target === target);
      assert.equal(seen.length, 1, target);
      const of = (name) => valuesOf(seen[0], name);
      const expected = [[`who-${n}`], [`id-${round}-${n}`], [`Bearer ${token}`], kind === 'open' ? [] : [`user-${n}`]];
      assert.deepEqual([of('x-who'), of('x-request-id'), of('authorization'), of('x-auth-subject')], expected, target);
      assert.equal(seen[0].body.toString(), body);
      assert.deepEqual(of(`x-only-${round}-${n}`), n % 3 === 0 ? [`only-${n}`] : []);
    }));
  }
});
