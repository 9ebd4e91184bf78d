// Every case of tests/vectors/interop*.json in workerd, each with an issuer that answers what the case says.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { send } from '../../harness/client.mjs';
import { startGateway } from '../../harness/gateway.mjs';
import { expectationOf, headersOf, interopCases } from '../../harness/interop.mjs';
import { startOrigin } from '../../harness/origin.mjs';

let origin;
before(async () => {
  origin = await startOrigin();
});
after(() => origin.stop());

/** Keys at `/keys`, the auth server's answer everywhere else. */
async function startServer({ jwks, answer = { status: 404 } }) {
  const server = http.createServer((request, response) => {
    const { status, body } = request.url === '/keys' ? { status: 200, body: jwks } : answer;
    response.writeHead(status, { 'content-type': 'application/json' }).end(body === undefined ? '' : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) };
}

/** The case's configuration with addresses on loopback; what a token names stays. */
function local({ config }, url) {
  const verify = Object.fromEntries(Object.entries(config.issuers[0].verify).map(([name, value]) =>
    [name, typeof value === 'string' ? value.replace('https://idp.example', url) : value]));
  const [issuer, ...others] = config.issuers;
  return { ...config, origins: [{ ...config.origins[0], url: origin.url }], issuers: [{ ...issuer, verify }, ...others] };
}

/** workerd has the real time: a token that has ended by now says nothing here. */
const isOver = ({ token = '' }) => {
  const [, payload] = token.split('.');
  try {
    return JSON.parse(Buffer.from(payload, 'base64url')).exp < Date.now() / 1000;
  } catch {
    return false;
  }
};

for (const one of interopCases()) {
  test(`${one.id}: ${one.why}`, { skip: isOver(one) && 'its token has ended' }, async (t) => {
    const server = await startServer(one);
    t.after(() => server.stop());
    const gateway = await startGateway({ config: local(one, server.url), secrets: one.secrets });
    t.after(() => gateway.stop());
    const { pathname } = new URL(one.url);
    const answer = await send(gateway.url + pathname, { method: one.method, headers: headersOf(one) });
    const { forward, refuse, code } = expectationOf(one);
    if (refuse !== undefined) {
      assert.equal(answer.status, refuse, answer.text);
      const line = gateway.logs().find(({ event }) => event === 'refused');
      if (code) assert.equal(line?.code, code, gateway.output());
      return;
    }
    assert.equal(answer.status, 200, `${answer.text} ${gateway.output()}`);
    const received = Object.fromEntries(origin.requests.at(-1).headers.map(([name, value]) => [name.toLowerCase(), value]));
    for (const [name, value] of Object.entries(forward)) assert.equal(received[name], value, name);
  });
}
