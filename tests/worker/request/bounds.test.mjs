// How large a head may be, and that one at the platform's own limit costs little more than the platform itself takes to read it.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { cpuClock } from '../../../bench/proc.mjs';
import { sleep } from '../../harness/client.mjs';
import { startEcho } from '../../harness/echo.mjs';
import { platform, startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { assertRefusal } from '../../harness/problem.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';
import { embed, startWorkerd } from '../../harness/workerd.mjs';

const FIELDS = 512;
const ELEMENTS = 64;
const KIB = 1024;

let origin;
let gateway;
let token;

before(async () => {
  origin = await startOrigin();
  const signer = await startSigner();
  const routes = [{ path: '/public/**', access: 'public' }, { path: '/api/**' }, { path: '/shadow/**', mode: 'shadow' }];
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes) });
  token = bearer(await signer.token());
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

const letter = (n) => String.fromCharCode('a'.charCodeAt(0) + (n % 26));
/** So many names: of two letters as long as there are any, with `-field-name` behind them if they are to be `long`. */
const names = (count, long = false) =>
  Array.from({ length: count }, (_, n) => [`${letter(n / 26)}${letter(n)}${n < 676 ? '' : Math.floor(n / 676)}${long ? '-field-name' : ''}`, '1']);

const ask = (path, headers) => rawRequest(gateway.port, requestText('GET', path, headers));

/** What each path is answered with by itself: the headers that it needs, and the status. */
const PATHS = {
  'a protected path, with a token': ['/api/a', () => [token], 200],
  'a protected path, without one': ['/api/a', () => [], 401],
  'a public path': ['/public/a', () => [], 200],
  'a path in shadow mode': ['/shadow/a', () => [], 200],
  'the health of the gateway': ['/.edgeward/health', () => [], 200],
  'a path of no route': ['/nowhere', () => [], 404],
  'an ambiguous path': ['/public/a%2fb', () => [], 400],
};

async function assertTooLarge(path, headers, what) {
  const [first, requestId] = [origin.requests.length, 'too-large'];
  const answer = await ask(path, [...headers, ['X-Request-Id', requestId]]);
  assert.equal(answer.status, 431, `${what}: ${answer.status} ${answer.text}`);
  assertRefusal(answer, { status: 431, code: 'header_fields_too_large', challenge: undefined, requestId });
  assert.equal(origin.requests.length, first, 'the origin was asked');
}

for (const [what, [path, own, status]] of Object.entries(PATHS)) {
  describe(`on ${what}`, () => {
    for (const long of [false, true]) {
      test(`${FIELDS} fields are taken and one more is not (${long ? 'long' : 'short'} names)`, async () => {
        // `Host` is one of them.
        const taken = [...own(), ...names(FIELDS - 1 - own().length, long)];
        assert.equal((await ask(path, taken)).status, status);
        // The id in the place of one more name.
        await assertTooLarge(path, taken, `${FIELDS + 1} fields`);
        await assertTooLarge(path, [...own(), ...names(2500, long)], '2500 fields');
      });
    }

    test('fields of one name are one', async () => {
      // They go on as they came, and Node takes a thousand.
      const same = Array.from({ length: FIELDS + 200 }, () => ['X-Same', '1']);
      assert.equal((await ask(path, [...own(), ...same])).status, status);
    });

    test(`${ELEMENTS} elements of Connection are taken and one more is not, whatever they are and wherever they stand`, async () => {
      for (const element of ['', ' ', 'x-a', 'close', 'keep-alive', 'cf-connecting-ip']) {
        const together = (count) => [...own(), ['Connection', Array(count).fill(element).join(',')]];
        assert.equal((await ask(path, together(ELEMENTS))).status, status, `${ELEMENTS} of "${element}"`);
        for (const count of [ELEMENTS + 1, 16_000]) await assertTooLarge(path, together(count), `${count} of "${element}"`);
      }
      const apart = (count) => [...own(), ...Array.from({ length: count }, (_, n) => [n % 2 ? 'connection' : 'Connection', 'x-a'])];
      assert.equal((await ask(path, apart(ELEMENTS))).status, status);
      await assertTooLarge(path, apart(ELEMENTS + 1), 'a header for each');
    });
  });
}

test('the platform itself hands heads of 256 KiB and 10,000 fields to a Worker, and refuses 512 KiB before any', async () => {
  const many = [...names(10_000), ['Connection', ','.repeat(64 * KIB)], ['X-Large', 'a'.repeat(128 * KIB)]];
  const tooLarge = [['X-Large', 'a'.repeat(512 * KIB)]];
  const echo = await startEcho();
  try {
    const shown = await rawRequest(echo.port, requestText('GET', '/', many));
    assert.equal(shown.status, 200, shown.text);
    assert.ok(JSON.parse(shown.text).headers.length > 10_000, 'all of them reach a Worker');
    assert.equal((await rawRequest(echo.port, requestText('GET', '/', tooLarge))).status, 431);
  } finally {
    await echo.stop();
  }
  await assertTooLarge('/api/a', [token, ...many], '10,000 fields');
  const refused = await ask('/api/a', [token, ...tooLarge]);
  assert.deepEqual([refused.status, refused.headers.get('x-request-id')], [431, undefined], 'no Worker has seen it');
  assert.equal((await ask('/api/a', [token])).status, 200, 'nothing is left of it');
});

describe('two hundred heads of 32 KB with 2,500 names and 16,000 commas in Connection', () => {
  const REQUESTS = 200;
  const LANES = 4;
  /** Every other request waits for one head at most; a single one once took a second or more of an idle machine, and a busy one is slower. */
  const WAIT_MS = 4000;
  let plain;
  let head;

  before(async () => {
    head = (path) => requestText('GET', path, [...names(2500), ['Connection', ','.repeat(16_000)]]);
    plain = await startPlain();
  });
  after(() => plain?.stop());

  /** CPU time in µs that the process takes for so many requests; no more of them once it is past `most`. */
  async function spent({ port, pid }, text, status, { count = REQUESTS, most = Infinity } = {}) {
    const cpu = cpuClock(pid);
    for (let n = 0; n < count && cpu() < most; n += LANES) {
      const answers = await Promise.all(Array.from({ length: LANES }, () => rawRequest(port, text)));
      assert.deepEqual(answers.map((answer) => answer.status), Array(LANES).fill(status));
    }
    return cpu();
  }

  for (const path of ['/api/a', '/public/a', '/.edgeward/health']) {
    test(`cost less than four times what a Worker costs that does nothing, and nobody else waits (${path})`, async (t) => {
      for (const [target, status] of [[plain, 200], [gateway, 431]]) await spent(target, head(path), status, { count: 20, most: 1e6 });
      const floor = await spent(plain, head(path), 200);
      let longest = 0;
      let isOver = false;
      const others = (async () => {
        while (!isOver) {
          const began = performance.now();
          assert.equal((await ask('/api/a', [token])).status, 200);
          longest = Math.max(longest, performance.now() - began);
          await sleep(20);
        }
      })();
      const own = await spent(gateway, head(path), 431, { most: 4 * floor }).finally(() => { isOver = true; });
      await others;
      const told = `${Math.round(own / 1000)} ms of CPU time, and ${Math.round(floor / 1000)} ms without the gateway`;
      t.diagnostic(told);
      assert.ok(own < 4 * floor, told);
      assert.ok(longest < WAIT_MS, `another request took ${Math.round(longest)} ms`);
    });
  }
});

test('a path whose other readings are long together is ambiguous, before they are all made', async () => {
  // A letter of three bytes that NFKC reads as eighteen characters, among them spaces.
  const long = '\ufdfa'.repeat(2500);
  for (const rest of ['/a;b/%2541/c./d%20', `/%${'25'.repeat(14)}41`, ';/c.']) {
    for (const [method, headers] of [['GET', []], ['OPTIONS', [['Origin', 'https://app.example'], ['Access-Control-Request-Method', 'GET']]]]) {
      const answer = await rawRequest(gateway.port, requestText(method, `/public/${long}${rest}`, headers));
      assert.equal(answer.status, 400, `${method} ${rest}: ${answer.text}`);
      assert.equal(JSON.parse(answer.text).code, 'path_ambiguous');
    }
  }
  const usual = encodeURIComponent('\u00e9'.repeat(1000));
  assert.equal((await ask(`/public/${usual};x`, [])).status, 200, 'one other reading of a long path');
});

/** What the platform costs: a Worker that looks at nothing. */
async function startPlain() {
  const workerd = await startWorkerd((directory) => {
    const path = join(directory, 'plain.js');
    writeFileSync(path, 'export default { fetch: () => new Response("ok") };');
    return {
      services: [{ name: 'plain', worker: { ...platform(), modules: [{ name: 'plain.js', esModule: embed(path) }] } }],
      sockets: [{ name: 'entry', address: '127.0.0.1:0', http: {}, service: 'plain' }],
    };
  });
  return { port: workerd.ports.get('entry'), pid: workerd.pid, stop: workerd.stop };
}
