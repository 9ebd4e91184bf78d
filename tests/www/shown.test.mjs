// What is shown of times and issuers.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { issuersOf } from '../../www/playground/input/issuers.js';
import { fromField, relative, span, toField, utc } from '../../www/playground/view/moment.js';

const NOW = 1_767_225_600;

test('a span shows its two largest units', () => {
  const spans = { 0: '0 s', 59: '59 s', 60: '1 min', 3661: '1 h 1 min', 3601: '1 h', 90_000: '1 d 1 h', 172_800: '2 d' };
  for (const [seconds, text] of Object.entries(spans)) assert.equal(span(Number(seconds)), text);
});

test('a time is told against another', () => {
  assert.deepEqual([relative(NOW + 60, NOW), relative(NOW - 5, NOW), relative(NOW, NOW)], ['in 1 min', '5 s ago', 'now']);
});

test('times are UTC, and those beyond the calendar are seconds', () => {
  assert.equal(utc(NOW), '2026-01-01 00:00:00Z');
  assert.equal(utc(1e15), '1000000000000000 s');
});

test('the field of the time means UTC, both ways', () => {
  assert.equal(toField(NOW), '2026-01-01T00:00:00');
  assert.equal(fromField('2026-01-01T00:00:00'), NOW);
  assert.equal(fromField('2026-01-01T00:00'), NOW);
  for (const text of ['', 'x', '1969-12-31T23:59:59']) assert.equal(fromField(text), null, text);
});

test('an issuer is asked for what does not stand in the configuration', () => {
  const issuers = issuersOf({ issuers: [
    { name: 'a', verify: { jwks: 'https://a/jwks' } },
    { name: 'b', issuer: 'https://b/', verify: { discovery: true } },
    { name: 'c', verify: { secrets: ['ONE', 'TWO'] } },
    { name: 'd', verify: { me: 'https://d/me', fallback: { jwks: 'https://d/jwks' } } },
    { name: 'e', verify: { keys: { keys: [] } } },
    { name: 7 }, null,
  ] });
  assert.deepEqual(issuers.map(({ name, address, secrets }) => [name, address, secrets]), [
    ['a', 'https://a/jwks', []], ['b', 'https://b/.well-known/openid-configuration', []], ['c', null, ['ONE', 'TWO']],
    ['d', 'https://d/jwks', []], ['e', null, []],
  ]);
  assert.deepEqual([issuers[3].isAsked, issuers[4].isInline], [true, true]);
});

test('a configuration that is none has no issuers', () => {
  for (const config of [null, {}, { issuers: 'x' }, { issuers: [{ name: 'a', verify: 'x' }] }]) assert.ok(issuersOf(config).length <= 1);
});
