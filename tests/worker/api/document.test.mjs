// docs/openapi.yaml by itself: it is an OpenAPI document, and its examples are what it describes.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';

import { DOCUMENT, OpenApi } from '../../harness/openapi.mjs';

const api = new OpenApi();

test('it is an OpenAPI 3.1 document, and every reference leads somewhere', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(api.document));
  assert.ok(valid, JSON.stringify(errors, undefined, 2));
});

test('every operation has an id of its own', () => {
  const ids = api.operations.map(({ id }) => id);
  assert.deepEqual(ids.filter((id, n) => id === undefined || ids.indexOf(id) !== n), []);
});

test('an operation is described as refused without a credential exactly where it needs one', () => {
  for (const { name, security, responses } of api.operations) {
    const isOptional = security.length === 0 || security.some((scheme) => Object.keys(scheme).length === 0);
    const codes = responses[401]?.content['application/problem+json']?.schema.properties.code.enum ?? [];
    assert.equal(codes.includes('credential_missing'), !isOptional, name);
    const roles = security.flatMap(({ bearer }) => bearer ?? []);
    const expected = name.includes('/.edgeward/admin/') ? ['administrator'] : name.endsWith('/metrics') ? ['reader'] : [];
    assert.deepEqual(roles, expected, name);
  }
});

describe('each answer has one example, which fits', () => {
  for (const { name, responses } of api.operations) {
    test(name, () => {
      for (const [status, { content }] of Object.entries(responses)) {
        for (const [type, { schema, example }] of Object.entries(content)) {
          assert.notEqual(example, undefined, `${status} ${type}`);
          api.fits(schema, example, `${status} ${type}`);
        }
      }
    });
  }
});

test('the examples of parameters and bodies fit', () => {
  for (const { name, parameters, body } of api.operations) {
    for (const { name: parameter, schema, example } of parameters) {
      assert.notEqual(example, undefined, `${name} ${parameter}`);
      api.fits(schema, example, `${name} ${parameter}`);
    }
    for (const { schema, example } of Object.values(body?.content ?? {})) api.fits(schema, example, name);
  }
});

test('its links lead to documents', () => {
  const links = [...readFileSync(DOCUMENT, 'utf8').matchAll(/\]\(([a-z]+\.md)\)/g)].map(([, name]) => name);
  assert.ok(links.length > 0);
  for (const link of links) assert.ok(existsSync(new URL(link, DOCUMENT)), link);
});
