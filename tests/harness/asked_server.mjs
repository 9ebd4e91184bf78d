// An auth server on loopback that is asked about tokens: `/api/me/` shows the caller, `/introspect` introspects, `/token` exchanges
// (RFC 8693), and all can fail in every way there is. What it was sent is kept as it came.
import { createServer } from 'node:http';

export const ME_PATH = '/api/me/';
export const INTROSPECTION_PATH = '/introspect';
export const TOKEN_PATH = '/token';

const DRIP_MS = 150;
const LARGE_BYTES = 5 * 1024 * 1024;

/** Wherever a body is possible it holds a good answer, so that a gateway which takes what it should refuse is seen. */
const FAULTS = {
  timeout: () => {},
  reset: (response) => response.socket.resetAndDestroy(),
  'cut off': (response, text) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) + 9 });
    response.write(text, () => response.socket.destroy());
  },
  'status 500': (response, text) => send(response, 500, text),
  'status 502': (response, text) => send(response, 502, text),
  'no content': (response) => response.writeHead(204).end(),
  rubbish: (response) => send(response, 200, '<!doctype html><title>Sign in</title>', { 'content-type': 'text/html' }),
  'a list': (response, text) => send(response, 200, `[${text}]`),
  'a member twice': (response, text) => send(response, 200, `{"id":"other","active":true,"access_token":"other",${text.slice(1)}`),
  large: (response, text) => send(response, 200, `${text.slice(0, -1)},"padding":"${'x'.repeat(LARGE_BYTES)}"}`),
  'slow drip': drip,
};

export const FAULT_KINDS = Object.keys(FAULTS);

/** What the log says of each. */
export const FAULT_CODES = {
  timeout: 'auth_server_timeout',
  reset: 'auth_server_unreachable',
  'cut off': 'auth_server_unreachable',
  'status 500': 'auth_server_status',
  'status 502': 'auth_server_status',
  'no content': 'auth_server_status',
  rubbish: 'auth_server_answer_malformed',
  'a list': 'auth_server_answer_malformed',
  'a member twice': 'auth_server_answer_malformed',
  large: 'auth_server_answer_too_large',
  'slow drip': 'auth_server_timeout',
};

export async function startAskedServer() {
  const requests = [];
  const sockets = new Set();
  let fault = null;
  const auth = {
    /** { method, target, headers, body, token, form } of every request that arrived. */
    requests,
    /** What is known about a token: a JSON object, or undefined for a no. */
    users: (token) => ({ id: `user-${token}` }),
    /** What is issued for a token and a form: the answer's JSON object, or undefined for a no. */
    issue: (token, form) => issued(`${form.audience}-for-${token.slice(-20)}`),
    /** Milliseconds before an answer. */
    delay: 0,
    /** The media type of good answers. */
    type: 'application/json',
    /** Makes the body of a good answer of its JSON. */
    write: async (text) => text,
    get calls() { return requests.length; },
    /** How it answers from now on: a name of FAULT_KINDS, { status, headers, body }, or null for well. */
    fault(kind) { fault = kind; },
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    }),
  };
  const server = createServer(async (request, response) => {
    response.on('error', () => {});
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const isMe = request.url === ME_PATH;
    const form = Object.fromEntries(new URLSearchParams(body));
    const token = isMe ? /^Bearer (.*)$/.exec(request.headers.authorization ?? '')?.[1] : form.token ?? form.subject_token;
    requests.push({ method: request.method, target: request.url, headers: request.headers, body, token, form });
    // A runtime may send a GET again when a kept-alive connection breaks; what is counted here are calls.
    response.setHeader('connection', 'close');
    // As firewalls in front of real auth servers do.
    if (!request.headers['user-agent']) return response.writeHead(403).end();
    if (auth.delay) await new Promise((resolve) => setTimeout(resolve, auth.delay));
    if (request.url === TOKEN_PATH) {
      const answer = auth.issue(token, form);
      const text = JSON.stringify(answer ?? { error: 'invalid_target' });
      if (typeof fault === 'string') return FAULTS[fault](response, text);
      if (fault) return response.writeHead(fault.status, fault.headers).end(fault.body ?? text);
      return send(response, answer ? 200 : 400, await auth.write(text), { 'content-type': auth.type });
    }
    const known = auth.users(token);
    const text = JSON.stringify(isMe ? known ?? {} : known ? { active: true, ...known } : { active: false });
    if (typeof fault === 'string') return FAULTS[fault](response, text);
    if (fault) return response.writeHead(fault.status, fault.headers).end(fault.body ?? text);
    send(response, isMe && !known ? 401 : 200, await auth.write(text), { 'content-type': auth.type });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  auth.url = `http://127.0.0.1:${server.address().port}`;
  auth.me = auth.url + ME_PATH;
  auth.introspection = auth.url + INTROSPECTION_PATH;
  auth.token = auth.url + TOKEN_PATH;
  return auth;
}

/** The answer of a token exchange, with other members where `more` has some. */
export const issued = (token, more = {}) => ({
  access_token: token, token_type: 'Bearer', expires_in: 300,
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', ...more,
});

function send(response, status, text, headers = { 'content-type': 'application/json' }) {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

/** The whole body, one octet at a time: complete only long after any sensible timeout. */
function drip(response, text) {
  const padded = text.padEnd(100);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(padded) });
  let sent = 0;
  const timer = setInterval(() => {
    response.write(padded[sent]);
    sent += 1;
    if (sent === padded.length) response.end();
  }, DRIP_MS);
  response.on('close', () => clearInterval(timer));
}

/** A well-formed JWT of these claims that nobody has signed. */
export function unsigned(claims, header = { alg: 'ES256', typ: 'JWT' }) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode(header)}.${encode(claims)}.AQ`;
}
