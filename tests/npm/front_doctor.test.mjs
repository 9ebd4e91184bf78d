// `edgeward doctor` against a gateway in real workerd, and against servers that do what a gateway must not.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { before, test } from 'node:test';

import { startGateway } from '../harness/gateway.mjs';
import { startIssuer } from '../harness/issuer.mjs';
import { deadPort, startOrigin } from '../harness/origin.mjs';
import { project } from './project.mjs';

let place;
before(() => { place = project(); });

const doctor = (words, more) => place.later('edgeward', ['doctor', ...words], { more });

async function gateway(t, { url } = {}) {
  const issuer = await startIssuer();
  const config = {
    origins: [{ name: 'main', url: url ?? `http://127.0.0.1:${await deadPort()}` }], issuers: [issuer.config()], routes: [{ path: '/api/**', access: 'authenticated' }],
  };
  const worker = await startGateway({ config });
  t.after(() => Promise.all([worker.stop(), issuer.stop()]));
  place.put('wrangler.json', { vars: { EDGEWARD: config } });
  return { worker, issuer };
}

/** Enough of a gateway's answers about itself. */
const ALIVE = '{"status":"alive","was":"ready"}';

/** A server that answers every request by `answer(request, response)`. */
async function server(t, answer) {
  const listening = createServer(answer);
  t.after(() => { listening.closeAllConnections(); listening.close(); });
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  return `http://127.0.0.1:${listening.address().port}`;
}

test('a gateway whose API cannot be reached around it has no problems', async (t) => {
  const { worker, issuer } = await gateway(t);
  const { status, output } = await doctor([worker.url, '--token-env', 'TOKEN'], { TOKEN: await issuer.token() });
  assert.equal(status, 0, output);
  for (const line of [
    'ok   /api/ without a token is refused, with 401', 'ok   the gateway is alive', 'ok   ready: keys and stores answer', 'ok   a request without a token is refused, with a challenge', 'ok   a token that is none is refused',
    'ok   no cache is in the way', 'ok   the token is accepted', 'WARN no assertion: the API cannot tell the gateway\'s requests from others', '0 problems, 1 warning',
  ]) assert.ok(output.includes(`${line}\n`), `${line}\n${output}`);
  assert.match(output, /^ok {3}issuer \S+: its key set answers, with 1 key$/m);
  assert.match(output, /^ok {3}http:\/\/127\.0\.0\.1:\d+ cannot be reached from here: ECONNREFUSED$/m);
});

test('an API that answers around the gateway is a problem; one that refuses is a warning', async (t) => {
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const { worker } = await gateway(t, origin);
  const open = await doctor([worker.url]);
  assert.equal(open.status, 1, open.output);
  assert.match(open.output, /^FAIL http:\/\/127\.0\.0\.1:\d+ can be reached around the gateway: \/api\/ answers 200 to a made-up identity header$/m);
  origin.reply(() => ({ status: 403 }));
  const closed = await doctor([worker.url, '--path', '/api/x']);
  assert.equal(closed.status, 0, closed.output);
  assert.match(closed.output, /^WARN .* it refuses \/api\/x with 403$/m);
});

test('an issuer without keys, and a token that is refused, are problems', async (t) => {
  const { worker, issuer } = await gateway(t);
  const token = await issuer.token({ aud: 'other' });
  await issuer.stop();
  const { status, output } = await doctor([worker.url, '--token-env', 'TOKEN'], { TOKEN: token });
  assert.equal(status, 1);
  assert.match(output, /^FAIL ready: status 503$/m);
  assert.match(output, /^FAIL issuer \S+: http:\S+: ECONNREFUSED$/m);
  assert.match(output, /^FAIL the token: status \d+$/m);
  assert.ok(!output.includes(token));
});

test('a gateway that is not there, or refuses everything, is said first', async (t) => {
  const missing = await doctor([`http://127.0.0.1:${await deadPort()}`]);
  assert.match(missing.output, /^FAIL http:\S+ does not answer: ECONNREFUSED\n {5}-> look at the address, DNS and the routes in the wrangler file\n\n1 problem, 0 warnings$/m);
  const worker = await startGateway({ config: { nonsense: 1 } });
  t.after(() => worker.stop());
  const faulty = await doctor([worker.url]);
  assert.equal(faulty.status, 1);
  assert.match(faulty.output, /^FAIL health: 503, the configuration has errors or could not be read$/m);
});

test('a path that passes without a token is a problem, and one that is not there a warning', async (t) => {
  const origin = await startOrigin();
  t.after(() => origin.stop());
  const config = { origins: [{ name: 'main', url: origin.url }], routes: [{ path: '/open', access: 'public' }] };
  const worker = await startGateway({ config });
  t.after(() => worker.stop());
  const open = await doctor([worker.url, '--path', '/open']);
  assert.match(open.output, /^FAIL \/open without a token: expected 401, got 200\n {5}-> its route is public, or in shadow mode/m);
  assert.equal(open.status, 1);
  assert.match((await doctor([worker.url, '--path', '/none'])).output, /^WARN \/none without a token: expected 401, got 404$/m);
});

test('what cannot be checked without a wrangler file is named, and a server that is no gateway is found out', async (t) => {
  const empty = project();
  const { worker } = await gateway(t);
  const { output } = await empty.later('edgeward', ['doctor', worker.url]);
  assert.match(output, /^WARN no configuration here: the issuers' keys were not checked/m);
  const other = await empty.later('edgeward', ['doctor', await server(t, (_, response) => response.end('<html>'))]);
  assert.match(other.output, /^FAIL health: expected status 200 and `alive`, got 200 and something else$/m);
  assert.equal(other.status, 1);
});

test('a cache in front of it, a wrong clock, and answers that something changed are seen', async (t) => {
  const url = await server(t, (request, response) => {
    response.setHeader('date', new Date(Date.now() - 120_000).toUTCString());
    response.setHeader('x-request-id', 'the-same');
    response.setHeader('cf-cache-status', 'HIT');
    if (/\/(health|ready)$/.test(request.url)) return response.end(ALIVE);
    response.writeHead(401, { 'content-type': 'text/html' });
    return response.end('<html>');
  });
  const { status, output } = await doctor([url, '--origin', 'http://127.0.0.1:1']);
  assert.equal(status, 1);
  assert.match(output, /^FAIL a cache answers in the gateway's place$/m);
  assert.match(output, /^WARN clocks: its is 1(19|20|21) s behind this machine's$/m);
  assert.match(output, /^FAIL \/\.edgeward\/me without a token: expected 401 with WWW-Authenticate, got 401 without it$/m);
  assert.match(output, /^FAIL a refusal does not say `no-store`$/m);
  assert.match(output, /^WARN a refusal is no problem document$/m);
});

test('a clock that is right is said to be', async (t) => {
  const { output } = await doctor([await server(t, (_, response) => response.end(ALIVE)), '--origin', 'http://127.0.0.1:1']);
  assert.match(output, /^ok {3}clocks: its and this machine's differ by [01] s$/m);
});

test('an address is needed, and a variable that is set', async (t) => {
  for (const words of [[], ['api.example.com'], ['https://a.example', 'https://b.example']]) assert.equal((await doctor(words)).status, 2);
  const { worker } = await gateway(t);
  const { status, output } = await doctor([worker.url, '--token-env', 'NOT_SET']);
  assert.equal(status, 2);
  assert.match(output, /expected the name of an environment variable that is set/);
});
