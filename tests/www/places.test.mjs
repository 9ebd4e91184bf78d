// Errors are shown where they are: paths of the checker, found in the text.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'smol-toml';

import { readConfiguration } from '../../www/playground/input/configuration.js';
import { placeOf, places } from '../../www/playground/input/places.js';

const TOML = `# a comment with [brackets] = 1
name = "x"
[vars.EDGEWARD]
realm = "a # no comment"     # one
log = { passes = "all", refusals_per_second = 5 }

[[vars.EDGEWARD.routes]]
path = '/a/**'
methods = [
  "GET", # first
  "POST",
]
require = { all = [
  { role = "admin" },
  { any = [{ scope = "a" }, { claim = "org.plan", one_of = ["x"] }] },
] }

[[vars.EDGEWARD.routes]]
path = """
/b"""
"access" = "public"
[vars.EDGEWARD.routes.limit]
binding = "L"
[vars.EDGEWARD."headers"]
names.subject = "x"
`;

const lineIn = (text) => (path) => readConfiguration(text).line(path);

test('each path of a TOML text has its line', () => {
  const line = lineIn(TOML);
  const lines = {
    realm: 4, 'log.refusals_per_second': 5, 'routes[0].path': 8, 'routes[0].methods': 9, 'routes[0].methods[1]': 11,
    'routes[0].require': 13, 'routes[0].require.all[0].role': 14, 'routes[0].require.all[1].any[1].one_of': 15,
    'routes[0].require.all[1].any[1].one_of[0]': 15, 'routes[1].path': 19, 'routes[1].access': 21,
    'routes[1].limit.binding': 23, 'headers.names.subject': 25,
  };
  for (const [path, expected] of Object.entries(lines)) assert.equal(line(path), expected, path);
});

test('what is missing is shown at what it is missing from', () => {
  const line = lineIn(TOML);
  assert.equal(line('routes[1].require.all'), 18);
  assert.equal(line('EDGEWARD'), 3);
  assert.equal(line('issuers'), 3);
  assert.equal(line('EDGEWARD.routes[0].access'), 7);
});

test('each path of a JSON text has its line', () => {
  const line = lineIn('{\n "realm": "a\\"}",\n "routes": [\n  { "path": "/a" },\n  { "path": "/b",\n    "require": { "role": "x" } }\n ]\n}');
  assert.deepEqual(['realm', 'routes[1]', 'routes[1].path', 'routes[1].require.role', 'routes[2]'].map(line), [2, 5, 5, 6, 3]);
});

test('every value that the parser finds in the shipped files has a place', () => {
  for (const file of ['wrangler.toml', 'demo/gateway.toml']) {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const map = places(text, false);
    walk(parse(text), '', (path) => assert.ok(map.has(path), `${file}: ${path}`));
  }
});

test('a text that breaks off does no harm', () => {
  for (let length = 0; length < TOML.length; length++) places(TOML.slice(0, length), false);
  const json = '{"a":[{"b":1},{"c":"d"}]}';
  for (let length = 0; length < json.length; length++) places(json.slice(0, length), true);
  assert.equal(placeOf(places('', false), 'a.b[0]'), 0);
});

test('the table is taken out of a wrangler.toml, and other environments are named', () => {
  const found = readConfiguration(`${TOML}[env.staging.vars]\nx = 1\n`);
  assert.equal(found.config.realm, 'a # no comment');
  assert.match(found.notes[0], /\[env\.staging\] is left out/);
});

test('a document is the table itself, in JSON and in TOML', () => {
  assert.deepEqual(readConfiguration('{"routes":[]}').config, { routes: [] });
  assert.equal(readConfiguration('[[routes]]\npath = "/"').config.routes[0].path, '/');
  assert.equal(readConfiguration('{"vars":{"EDGEWARD":{"realm":"a"}}}').config.realm, 'a');
});

test('a text without the table, or that is none, is told with its line', () => {
  assert.match(readConfiguration('name = "x"\nmain = "y"\n').problems[0].message, /expected a table/);
  assert.equal(readConfiguration('a = 1\nb = = 2\n').problems[0].line, 2);
  assert.equal(readConfiguration('{\n "a": 1\n"b": 2}').problems[0].line, 3);
  assert.equal(readConfiguration('').config, null);
});

function walk(value, path, visit) {
  if (path) visit(path);
  if (Array.isArray(value)) value.forEach((item, index) => walk(item, `${path}[${index}]`, visit));
  else if (value && typeof value === 'object' && !(value instanceof Date)) {
    for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key, visit);
  }
}
