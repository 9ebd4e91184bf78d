// Requests to the gateway's own resources, each of whose answers must be one that docs/openapi.yaml describes.
import assert from 'node:assert/strict';

import { send } from './client.mjs';
import { bodyOf } from './openapi.mjs';
import { rawRequest } from './raw.mjs';

const PROBLEM = 'application/problem+json';
const FORM = 'application/x-www-form-urlencoded';

/** The path of an operation, with a value in the place of its parameter. */
export const filled = ({ path }, value = 'none') => path.replace(/\{\w+\}/, value);

function written(type, body) {
  if (body === undefined || typeof body === 'string') return body;
  return type === FORM ? String(new URLSearchParams(body)) : JSON.stringify(body);
}

/** What asks for the operations of `api` (an `OpenApi`), at the gateway of `usual()` unless told otherwise. */
export function apiClient(api, usual) {
  function checked(operation, answer, { status, code }, request) {
    assert.equal(answer.status, status, `${operation.name} ${code ?? ''}: ${answer.text}`);
    if (code !== undefined) assert.equal(answer.headers['content-type'], PROBLEM, operation.name);
    if (code !== undefined && operation.method !== 'head') assert.equal(JSON.parse(answer.text).code, code, operation.name);
    api.check(operation, answer, request);
    return answer.text === '' ? undefined : bodyOf(answer);
  }

  return {
    /** Sends a request, and checks that the answer is described and has this status; with `code`, that it is this problem. The body of the answer. A `body` that is a text is sent as it is. */
    async ask(operation, { on = usual(), status, code, token, query, body, headers = {}, path = filled(operation) }) {
      const search = query === undefined ? '' : `?${new URLSearchParams(query)}`;
      const [type] = Object.keys(operation.body?.content ?? {});
      const text = written(type, body);
      const sent = text === undefined ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(text)) };
      const answer = await send(on.url + path + search, { method: operation.method.toUpperCase(), token, headers: { ...sent, ...headers }, body: text });
      return checked(operation, answer, { status, code }, { query, body });
    },

    /** The same for a head that no client writes: `lines`, and an empty body. */
    async askRaw(operation, lines, { on = usual(), status, code, path = filled(operation) }) {
      const text = [`${operation.method.toUpperCase()} ${path} HTTP/1.1`, ...lines, 'Content-Length: 0', '', ''].join('\r\n');
      const answer = await rawRequest(new URL(on.url).port, Buffer.from(text, 'latin1'));
      const headers = Object.fromEntries([...answer.headers].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
      return checked(operation, { ...answer, headers }, { status, code });
    },
  };
}
