// Completion: what the schema allows where the cursor is.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { optionsAt } from '../../www/playground/editor/completion.js';

const SCHEMA = {
  type: 'object',
  properties: {
    realm: { type: 'string', description: 'Names the API.', default: 'edgeward' },
    routes: { type: 'array', items: { $ref: '#/$defs/route' } },
    log: { type: 'object', properties: { passes: { enum: ['off', 'all'], description: 'Which.' } } },
  },
  $defs: {
    route: { type: 'object', properties: {
      path: { type: 'string' }, access: { enum: ['authenticated', 'public'] }, cors_preflight: { type: 'boolean' },
      require: { $ref: '#/$defs/requirement' }, methods: { type: 'array', items: { enum: ['GET', 'POST'] } },
    } },
    requirement: { oneOf: [
      { type: 'object', properties: { role: { type: 'string' } } },
      { type: 'object', properties: { all: { type: 'array', items: { $ref: '#/$defs/requirement' } } } },
    ] },
  },
};

const labels = (text, isJson = false) => optionsAt(SCHEMA, text, isJson).map((option) => option.label).sort();

test('keys are those of the table that the cursor is in', () => {
  assert.deepEqual(labels('[vars.EDGEWARD]\n'), ['log', 'realm', 'routes']);
  assert.deepEqual(labels('[vars.EDGEWARD]\nrealm = "a"\n[[vars.EDGEWARD.routes]]\npath = "/"\n'), ['access', 'cors_preflight', 'methods', 'path', 'require']);
  assert.deepEqual(labels('[vars.EDGEWARD]\nlog = { '), ['passes']);
  assert.deepEqual(labels('[[vars.EDGEWARD.routes]]\nrequire = { all = [{ role = "a" }, { '), ['all', 'role']);
});

test('values are those that the schema lists', () => {
  assert.deepEqual(labels('[[vars.EDGEWARD.routes]]\naccess = '), ['"authenticated"', '"public"']);
  assert.deepEqual(labels('[[vars.EDGEWARD.routes]]\ncors_preflight = '), ['false', 'true']);
  assert.deepEqual(labels('[[vars.EDGEWARD.routes]]\nmethods = ["GET", '), ['"GET"', '"POST"']);
});

test('outside of the table there is nothing to complete', () => {
  assert.deepEqual(labels('name = "x"\n'), []);
  assert.deepEqual(labels('[vars]\n'), []);
  assert.ok(labels('[').includes('vars.EDGEWARD.routes'));
});

test('a JSON document is completed too', () => {
  assert.deepEqual(labels('{ ', true), ['"log"', '"realm"', '"routes"']);
  assert.deepEqual(labels('{ "routes": [{ "access": ', true), ['"authenticated"', '"public"']);
  assert.deepEqual(labels('{"vars": {"EDGEWARD": {"log": {', true), ['"passes"']);
});

test('a key is inserted with what follows it, and described with its default', () => {
  const [realm] = optionsAt(SCHEMA, '[vars.EDGEWARD]\n', false).filter((option) => option.label === 'realm');
  assert.equal(realm.apply, 'realm = ');
  assert.equal(realm.info, 'Names the API. Default: "edgeward".');
});
