// docs/openapi.yaml: what it says of each operation, and whether an answer is one that it describes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import Ajv from 'ajv/dist/2020.js';
import { parse } from 'yaml';

export const DOCUMENT = new URL('../../docs/openapi.yaml', import.meta.url);
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'];
const PROBLEM = 'application/problem+json';
/** Fields of the connection, and what describes the body, which is looked at by itself. */
const UNDESCRIBED = ['connection', 'content-length', 'content-type', 'date', 'keep-alive', 'transfer-encoding'];

export class OpenApi {
  #seen = new Set();
  #schemas = new Map();
  // Only unknown keywords and formats matter here: types stand beside a `$ref`.
  #ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true, keywords: ['components'] });

  constructor(document = parse(readFileSync(DOCUMENT, 'utf8'))) {
    this.document = document;
    this.operations = Object.entries(document.paths).flatMap(([path, item]) => METHODS.filter((method) => method in item).map((method) => this.#operation(path, item, method)));
  }

  /** The operation with this `operationId`. */
  get(id) {
    const found = this.operations.find((operation) => operation.id === id);
    assert.ok(found, `expected an operation ${id} in docs/openapi.yaml`);
    return found;
  }

  /** Fails unless `value` is what `schema` says. */
  fits(schema, value, what) {
    if (!this.#schemas.has(schema)) this.#schemas.set(schema, this.#ajv.compile({ ...schema, components: this.document.components }));
    const validate = this.#schemas.get(schema);
    assert.ok(validate(value), `${what}: ${this.#ajv.errorsText(validate.errors)}; got ${JSON.stringify(value)}`);
  }

  /**
   * Fails unless the answer is one that the document describes for the operation, and remembers that there is one. `request` has the `query` and the `body`
   * of a request that should be as described.
   */
  check(operation, { status, headers, text }, request) {
    const what = `${operation.name} ${status}`;
    const response = operation.responses[status];
    assert.ok(response, `${what} is not in docs/openapi.yaml: ${text}`);
    this.#checkHeaders(response, headers, what);
    const type = headers['content-type'];
    const content = response.content?.[type];
    assert.ok(content, `${what}: ${type} is not in docs/openapi.yaml`);
    if (operation.method === 'head') {
      assert.equal(text, '', what);
      this.#seen.add(what);
      return;
    }
    const body = bodyOf({ headers, text });
    this.fits(content.schema, body, what);
    if (type === PROBLEM) checkProblem(body, status, headers, what);
    if (status < 300) this.#checkRequest(operation, request, what);
    this.#seen.add(`${what} ${type === PROBLEM ? body.code : type}`);
  }

  /** The described answers that were not checked, each as operation, status, and code or type. */
  unseen() {
    return this.operations.flatMap((operation) => described(operation)).filter((answer) => !this.#seen.has(answer));
  }

  #operation(path, item, method) {
    const operation = item[method];
    const resolved = (list = []) => list.map((each) => this.#resolve(each));
    const responses = Object.entries(operation.responses).map(([status, response]) => {
      const { headers = {}, ...rest } = this.#resolve(response);
      return [status, { ...rest, headers: Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, this.#resolve(header)])) }];
    });
    return {
      path, method, id: operation.operationId, name: `${method.toUpperCase()} ${path}`,
      parameters: [...resolved(item.parameters), ...resolved(operation.parameters)], body: operation.requestBody,
      security: operation.security ?? this.document.security, responses: Object.fromEntries(responses),
    };
  }

  #resolve(value) {
    if (value.$ref === undefined) return value;
    return value.$ref.slice(2).split('/').reduce((whole, name) => whole[name], this.document);
  }

  #checkHeaders({ headers: described }, headers, what) {
    for (const [name, value] of Object.entries(headers).filter(([name]) => !UNDESCRIBED.includes(name))) {
      assert.ok(described[name], `${what}: the header ${name} is not in docs/openapi.yaml`);
      const { schema } = described[name];
      for (const each of [value].flat()) this.fits(schema, schema.type === 'integer' ? Number(each) : each, `${what}: ${name}`);
    }
    for (const [name, { required = false }] of Object.entries(described)) assert.ok(!required || name in headers, `${what}: expected the header ${name}`);
  }

  #checkRequest({ parameters, body: described }, { query = {}, body } = {}, what) {
    for (const [name, value] of Object.entries(query)) {
      const parameter = parameters.find((each) => each.in === 'query' && each.name === name);
      assert.ok(parameter, `${what}: the parameter ${name} is not in docs/openapi.yaml`);
      this.fits(parameter.schema, parameter.schema.type === 'integer' ? Number(value) : value, `${what}: the parameter ${name}`);
    }
    if (body === undefined) return assert.notEqual(described?.required, true, `${what}: expected a body, as described`);
    const [{ schema }] = Object.values(described.content);
    return this.fits(schema, body, `${what}: the body of the request`);
  }
}

/** The body of an answer: its JSON, or its text where it is none. */
export const bodyOf = ({ headers, text }) => (/^application\/([a-z-]+\+)?json$/.test(headers['content-type']) ? JSON.parse(text) : text);

/** What a problem document says twice is the same. */
function checkProblem({ type, status, code, request_id: id }, statusOfAnswer, headers, what) {
  assert.deepEqual([type, status], [`urn:edgeward:problem:${code}`, statusOfAnswer], what);
  assert.equal(headers['x-request-id'], id, what);
  if (status === 503) assert.equal('retry-after' in headers, code !== 'configuration_invalid', `${what} ${code}: Retry-After`);
}

function described({ name, method, responses }) {
  return Object.entries(responses).flatMap(([status, { content }]) => {
    if (method === 'head') return [`${name} ${status}`];
    const codes = (type) => (type === PROBLEM ? content[type].schema.properties.code.enum : [type]);
    return Object.keys(content).flatMap(codes).map((what) => `${name} ${status} ${what}`);
  });
}
