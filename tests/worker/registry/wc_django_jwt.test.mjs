// wc-django-jwt beside the handler `expire`: both know the same tokens, and are asked the same.
import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { send, until } from '../../harness/client.mjs';
import { assertProblem } from '../../harness/config.mjs';
import { hasPackages, startDjango, STOCK } from '../../harness/django.mjs';
import { startRegistry } from '../../harness/registry_stage.mjs';
import { PASSWORD } from '../../servers/people.mjs';

const NAME = 'wc-django-jwt';
const skip = hasPackages(NAME) ? false : `${NAME} is not installed: make tools-tests`;
const PATH = '/api/wcd';
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const SHOWN = ['content-type', 'www-authenticate'];
const OVER = [400, '{"token":["Token is not longer valid."]}'];
const DONE = [200, '{}'];

describe(NAME, { skip }, () => {
  let django;
  let stage;
  before(async () => {
    django = await startDjango({ ...STOCK, rotates: false, beside: [NAME] });
    const route = (path, handler) => ({ path: `${PATH}/${path}/`, methods: ['POST'], access: 'public', handler });
    stage = await startRegistry({
      vars: { JWT: django.secret },
      config: {
        origins: [{ name: 'django', url: django.url }],
        issuers: [{
          name: 'django', issuer: 'django', without_iss: true, any_audience: true, algorithms: ['HS256'], verify: { secrets: ['JWT'] },
          claims: { subject: 'user_id' }, refresh: { preset: 'simplejwt', register: ['pairs', 'user'] },
        }],
        routes: [
          route('obtain', 'login'), route('refresh', 'refresh'), route('expire', 'expire'),
          { path: '/api/**', methods: ['*'], access: 'authenticated', revocation: 'strict' },
          { path: '/bounded/**', methods: ['*'], access: 'authenticated', revocation: 'bounded' },
        ],
      },
    });
  });
  after(async () => {
    await stage?.stop();
    await django?.stop();
  });

  const registered = (access) => until(
    async () => (await stage.ask('GET', '/.edgeward/sessions', access)).json.sessions?.some(({ is_current: isCurrent }) => isCurrent), 'its registration', 15_000,
  );
  /** A login through the gateway: both know its tokens then. */
  const login = async () => {
    const { json, text } = await stage.post(`${PATH}/obtain/`, { username: 'bob', password: PASSWORD });
    assert.ok(json?.access, text);
    await registered(json.access);
    return json;
  };
  /** What the package and the gateway answer to the same request. */
  const both = ({ method = 'POST', headers = JSON_TYPE, body }) =>
    Promise.all([django.url, stage.gateway.url].map((url) => send(`${url}${PATH}/expire/`, { method, headers, body })));
  const seen = ({ status, text, headers }) => [status, text, ...SHOWN.map((name) => headers[name])];
  /** Status and body of both, which must be the same. */
  const same = async (what, request) => {
    const [theirs, ours] = await both(request);
    assert.deepEqual(seen(ours), seen(theirs), what);
    return [ours.status, ours.text];
  };
  const expire = (what, body) => same(what, { body: JSON.stringify(body) });
  const api = async (token) => (await stage.ask('GET', '/api/me/', token)).status;
  /** Django has no such page; what the gateway refuses is 401. */
  const bounded = async (token) => (await stage.ask('GET', '/bounded/x', token)).status;

  /** The token with other claims, signed anew. */
  const resigned = (token, change) => {
    const [header, payload] = token.split('.');
    const claims = { ...JSON.parse(Buffer.from(payload, 'base64url')), ...change };
    const input = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    return `${input}.${createHmac('sha256', django.secret).update(input).digest('base64url')}`;
  };

  for (const affects of [{}, { affect_tree: false }, { affect_tree: 'off' }]) {
    test(`a token alone ends, and what it came with does not: ${JSON.stringify(affects)}`, async () => {
      for (const [one, other] of [['access', 'refresh'], ['refresh', 'access']]) {
        const tokens = await login();
        assert.deepEqual(await expire(one, { token: tokens[one], ...affects }), DONE);
        assert.deepEqual(await expire(`${one} again`, { token: tokens[one], ...affects }), OVER);
        assert.equal(await api(tokens.access), one === 'access' ? 401 : 200);
        assert.deepEqual(await expire(other, { token: tokens[other], ...affects }), DONE);
      }
    });
  }

  for (const affects of [true, 'true', 'Yes', 1]) {
    test(`the whole tree ends with any of its tokens: ${JSON.stringify(affects)}`, async () => {
      for (const one of ['access', 'refresh', 'next']) {
        const tokens = await login();
        const { json } = await stage.post(`${PATH}/refresh/`, { refresh: tokens.refresh });
        const all = { ...tokens, next: json.access };
        await registered(all.next);
        assert.equal(await bounded(all.next), 404);
        assert.deepEqual(await expire(one, { token: all[one], affect_tree: affects }), DONE);
        assert.equal(await bounded(all.next), 401, 'the isolate that ended it does not wait for the bound');
        for (const [name, token] of Object.entries(all)) assert.deepEqual(await expire(`${name} after ${one}`, { token }), OVER);
        assert.deepEqual([await api(all.access), await api(all.next)], [401, 401]);
        for (const url of [django.url, stage.gateway.url]) {
          const { status } = await send(`${url}${PATH}/refresh/`, { method: 'POST', headers: JSON_TYPE, body: { refresh: tokens.refresh } });
          assert.ok(status === 400 || status === 401, `${status}`);
        }
      }
    });
  }

  test('a form, and white space round the token, are read', async () => {
    const { access, refresh } = await login();
    assert.deepEqual(await same('form', { headers: FORM, body: new URLSearchParams({ token: access, affect_tree: '' }).toString() }), DONE);
    assert.deepEqual(await expire('white space', { token: ` ${refresh}\n` }), DONE);
  });

  test('what is no token of theirs, and what has expired by itself, is refused with the same bytes', async () => {
    const { access } = await login();
    const past = Math.floor(Date.now() / 1000) - 3600;
    for (const [what, token] of Object.entries({
      rubbish: 'rubbish', 'two words': 'a b', 'other letters': 'é€', quotes: '"', 'three parts': 'a.b.c', 'another signature': `${access.slice(0, -3)}abc`,
      'expired by itself': resigned(access, { exp: past, jti: randomUUID() }), 'another type': resigned(access, { token_type: 'sliding', jti: randomUUID() }),
    })) assert.deepEqual(await expire(what, { token }), OVER, what);
    assert.equal(await api(access), 200);
  });

  test('what is asked wrongly is said with the same bytes', async () => {
    const { access, refresh } = await login();
    const tokens = [undefined, null, '', ' ', 1, 1.5, true, false, [], ['a'], {}, 'rubbish', access];
    const affects = [undefined, true, false, 'maybe', '', ' true', 'null', null, 2, -1, [], ['true'], {}];
    for (const token of tokens) {
      // What would end the token is another test.
      for (const affect of affects.filter((value) => token !== access || ![undefined, true, false].includes(value))) {
        const body = JSON.stringify({ token, affect_tree: affect });
        await same(body.replace(access, 'access'), { body });
      }
    }
    for (const body of ['', '[]', '[{}]', '"a"', '1', '1.5', 'true', 'null', '{}', `{"token":"rubbish","more":{"token":[]}}`]) await same(body, { body });
    for (const body of ['', 'token=', 'token=rubbish', 'affect_tree=maybe', 'token=&affect_tree=maybe', 'token=rubbish&affect_tree=maybe', 'more=1']) {
      await same(body, { headers: FORM, body });
    }
    await same('another media type', { headers: { 'content-type': 'text/plain' }, body: access });
    for (const token of [access, refresh]) assert.deepEqual(await expire('still active', { token }), DONE);
  });

  test('what differs: no JSON, a member twice, multipart and other methods are refused in the gateway\'s own words', async () => {
    const { access } = await login();
    for (const body of ['{', '{]', ' ']) {
      for (const answer of await both({ body })) assert.deepEqual([answer.status, /^JSON parse error - /.test(answer.json.detail)], [400, true], body);
    }
    const twice = await both({ body: `{"token":"${access}","token":"rubbish"}` });
    assert.deepEqual(twice.map(({ status, json }) => [status, Object.keys(json)[0]]), [[400, 'token'], [400, 'detail']]);
    const multipart = `--x\r\ncontent-disposition: form-data; name="token"\r\n\r\nrubbish\r\n--x--\r\n`;
    const parts = await both({ headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: multipart });
    assert.deepEqual(parts.map(({ status }) => status), [400, 415]);
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const [theirs, ours] = await both({ method, headers: {} });
      assert.equal(theirs.status, 405, method);
      assertProblem(ours, 405, 'method_not_allowed');
    }
  });

  test('a good token that neither has ever seen is good to both', async () => {
    const { access } = await login();
    const [theirs, ours] = await both({ body: JSON.stringify({ token: resigned(access, { jti: randomUUID().replaceAll('-', '') }) }) });
    assert.deepEqual([[theirs.status, theirs.text], [ours.status, ours.text]], [DONE, DONE]);
  });
});
