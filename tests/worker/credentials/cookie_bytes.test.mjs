// Cookies and subprotocols in bytes that are not UTF-8: what is handed on arrives to the byte, and where a token would have to be cut
// out of them, which the platform cannot do without spoiling the rest, the request is refused.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startGateway } from '../../harness/gateway.mjs';
import { startRawOrigin } from '../../harness/raw_origin.mjs';
import { assertRefusal } from '../../harness/problem.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

const NAME = '__Host-at';
const OURS = [{ cookie: NAME, origins: ['https://app.example'] }];

/** Each letter is a byte. */
const NOT_UTF8 = {
  'Latin-1': 'caf\xe9',
  'Latin-1 before a letter': 'caf\xe9s',
  'bytes that no UTF-8 has': '\xff\xfe',
  'a sequence that breaks off': '\xf0\x9f\x98',
  'a continuation by itself': '\x80',
  'an overlong form': '\xc0\xaf',
  'a surrogate': '\xed\xa0\x80',
  'more than Unicode has': '\xf4\x90\x80\x80',
  'Windows-1252': '\x93quoted\x94',
};
const UTF8 = { 'ASCII': 'abc', 'two bytes': 'caf\xc3\xa9', 'three bytes': '\xe6\xbc\xa2', 'four bytes': '\xf0\x9f\x98\x80', 'percent': '%e9%00' };

/** Cookies with `odd` in them, around that of ours. */
const around = (odd, token) => [
  `name=${odd}; ${NAME}=${token}; x=1`, `${NAME}=${token}; name=${odd}`, `a=1;name=${odd};  ${NAME}=${token}`, `${odd}=1; ${NAME}=${token}`,
];

let origin;
let gateway;
let token;

before(async () => {
  origin = await startRawOrigin();
  const signer = await startSigner();
  const routes = [
    { path: '/kept/**', credentials: OURS },
    { path: '/stripped/**', credentials: OURS, authorization: 'strip' },
    { path: '/optional/**', access: 'optional', credentials: [{ authorization: 'Bearer' }, ...OURS], authorization: 'strip' },
    { path: '/shadow/**', credentials: OURS, authorization: 'strip', mode: 'shadow' },
    { path: '/bearer/**' },
    { path: '/bearer-stripped/**', authorization: 'strip' },
    { path: '/public/**', access: 'public' },
    { path: '/subprotocol/**', credentials: [{ authorization: 'Bearer' }, { subprotocol: 'bearer' }] },
  ];
  gateway = await startGateway({ config: configuration(origin, signer.issuer(), routes) });
  token = await signer.token();
});

after(async () => {
  await gateway?.stop();
  await origin?.stop();
});

/** Sends each letter as one byte; the answer, and the values of the header at the origin. */
async function send(path, name, value, { more = [], id = 'bytes' } = {}) {
  const first = origin.requests.length;
  const head = requestText('GET', path, [[name, value], ['X-Request-Id', id], ...more]);
  const answer = await rawRequest(gateway.port, Buffer.from(head, 'latin1'));
  const seen = origin.requests.slice(first);
  const values = seen.map(({ headers }) => headers.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, own]) => own));
  return { answer, seen, values };
}

function assertArrived({ answer, values }, expected, what) {
  assert.deepEqual([answer.status, values], [200, [expected]], `${what}: ${answer.text}`);
}

function assertNotCut({ answer, seen }, what) {
  assert.equal(seen.length, 0, `${what}: the origin was asked`);
  assertRefusal(answer, { status: 400, code: 'header_not_utf8', challenge: undefined, requestId: 'bytes' });
}

describe('a cookie beside the token', () => {
  for (const [what, odd] of Object.entries(NOT_UTF8)) {
    test(`that is ${what} arrives to the byte where nothing is cut out`, async () => {
      for (const cookie of around(odd, token)) {
        assertArrived(await send('/kept/a', 'Cookie', cookie), [cookie], 'a cookie that stays');
        for (const path of ['/bearer/a', '/bearer-stripped/a', '/public/a']) {
          assertArrived(await send(path, 'Cookie', cookie, { more: [bearer(token)] }), [cookie], `nobody's credential on ${path}`);
        }
      }
    });

    test(`that is ${what} is refused where the token has to be cut out`, async () => {
      for (const cookie of around(odd, token)) {
        for (const path of ['/stripped/a', '/optional/a', '/shadow/a']) assertNotCut(await send(path, 'Cookie', cookie), `${path} ${cookie}`);
      }
    });

    test(`that is ${what} arrives to the byte where there is no token to cut out`, async () => {
      const cookie = `a=1; name=${odd};x="2"`;
      assertArrived(await send('/optional/a', 'Cookie', cookie), [cookie], 'nobody');
      assertArrived(await send('/optional/a', 'Cookie', cookie, { more: [bearer(token)] }), [cookie], 'a caller');
      assertArrived(await send('/shadow/a', 'Cookie', cookie), [cookie], 'watched');
      assert.equal((await send('/stripped/a', 'Cookie', cookie)).answer.status, 401);
    });
  }

  for (const [what, odd] of Object.entries(UTF8)) {
    test(`that is ${what} stays to the byte when the token is cut out`, async () => {
      const rests = [`name=${odd}; x=1`, `name=${odd}`, `a=1;name=${odd}`, `${odd}=1`];
      for (const path of ['/stripped/a', '/optional/a', '/shadow/a']) {
        for (const [n, cookie] of around(odd, token).entries()) assertArrived(await send(path, 'Cookie', cookie), [rests[n]], `${path} ${cookie}`);
      }
    });
  }

  test('and the token alone leaves no cookie, whatever other headers hold', async () => {
    const { answer, seen, values } = await send('/stripped/a', 'Cookie', `${NAME}=${token}`, { more: [['X-Name', 'caf\xe9']] });
    assert.deepEqual([answer.status, values], [200, [[]]]);
    assert.deepEqual(seen[0].headers.filter(([name]) => name.toLowerCase() === 'x-name').map(([, value]) => value), ['caf\xe9']);
  });
});

describe('a subprotocol beside the token', () => {
  const NAMED = 'Sec-WebSocket-Protocol';
  for (const [what, odd] of Object.entries(NOT_UTF8)) {
    test(`that is ${what} is refused, because the token is always cut out`, async () => {
      for (const offered of [`bearer, ${token}, ${odd}`, `${odd}, bearer, ${token}`]) assertNotCut(await send('/subprotocol/a', NAMED, offered), offered);
    });

    test(`that is ${what} arrives to the byte where no token is among them`, async () => {
      for (const path of ['/subprotocol/a', '/bearer/a', '/public/a']) {
        const offered = `chat.${odd}, chat`;
        assertArrived(await send(path, NAMED, offered, { more: [bearer(token)] }), [offered], path);
      }
    });
  }

  for (const offered of ['chat.v2,chat.v1', 'chat.v2 ,  chat.v1', 'caf\xe9,chat']) {
    test(`arrives with the spaces that it came with where no token is among them (${JSON.stringify(offered)})`, async () => {
      assertArrived(await send('/subprotocol/a', NAMED, offered, { more: [bearer(token)] }), [offered], offered);
    });
  }

  test('that is ASCII stays when the token is cut out', async () => {
    assertArrived(await send('/subprotocol/a', NAMED, `chat.v2, bearer, ${token}, chat.v1`), ['chat.v2, chat.v1'], 'ASCII');
  });
});

test('the log says why, and nothing of the cookie', async () => {
  await send('/stripped/a', 'Cookie', `secret-name=secret-value\xe9; ${NAME}=${token}`, { id: 'the-log' });
  const [line, ...more] = gateway.logs().filter(({ event, request_id: id }) => event === 'refused' && id === 'the-log');
  assert.deepEqual([line.code, line.status, more], ['header_not_utf8', 400, []]);
  for (const secret of ['secret-', token.split('.')[2]]) assert.ok(!gateway.output().includes(secret));
});
