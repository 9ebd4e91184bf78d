// What is shown of times and issuers.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { issuersOf } from '../../www/playground/input/issuers.js';
import { fromField, relative, span, utc, withTimes } from '../../www/playground/view/moment.js';

const NOW = 1_767_225_600;

test('a span shows its two largest units', () => {
  const spans = { 0: '0 s', 59: '59 s', 60: '1 min', 3661: '1 h 1 min', 3601: '1 h', 90_000: '1 d 1 h', 172_800: '2 d' };
  for (const [seconds, text] of Object.entries(spans)) assert.equal(span(Number(seconds)), text);
});

test('a time is told against another', () => {
  assert.deepEqual([relative(NOW + 60, NOW), relative(NOW - 5, NOW), relative(NOW, NOW)], ['in 1 min', '5 s ago', 'now']);
});

test('times are ISO 8601 in UTC, and those beyond the calendar are seconds', () => {
  assert.equal(utc(NOW), '2026-01-01T00:00:00Z');
  assert.equal(utc(1e15), '1000000000000000 s');
});

test('seconds since 1970 in a sentence become ISO 8601, and spans stay', () => {
  assert.equal(withTimes(`\`exp\` ${NOW} s, now ${NOW + 60}.5 s, leeway 30 s`), '`exp` 2026-01-01T00:00:00Z, now 2026-01-01T00:01:00Z, leeway 30 s');
});

test('a field of a time means UTC, unless it names an offset', () => {
  for (const text of ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00', '2026-01-01 00:00', ' 2026-01-01t00:00z', '2026-01-01T00:00:00.9Z', '2026-01-01T02:00:00+02:00', utc(NOW)]) {
    assert.equal(fromField(text), NOW, text);
  }
  for (const text of ['', 'x', '1969-12-31T23:59:59', '2026-01-01', '2026-13-01T00:00:00Z', '1/1/2026, 12:00:00 AM']) assert.equal(fromField(text), null, text);
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
