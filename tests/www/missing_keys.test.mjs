// Whether an explanation lacks keys, and which.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { missingKeys } from '../../www/playground/input/missing_keys.js';

const CONFIG = { issuers: [
  { name: 'a', issuer: 'https://a', verify: { jwks: 'https://a/jwks' } },
  { name: 'b', issuer: 'https://b', verify: { secrets: ['ONE', 'TWO'] } },
] };

const stopped = (stage, code, iss, algorithm = 'ES256') => ({
  token: { algorithm, claims: { iss } }, findings: [{ stage: 'token', holds: true }, { stage, code, holds: false, summary: 'it does not verify' }],
});

test('a decision without the keys of the issuer lacks them', () => {
  const missing = missingKeys(stopped('key', 'keys_unavailable', 'https://a'), CONFIG, {});
  assert.deepEqual(missing, { stage: 'key', text: 'not known: no keys of `a` are given here', fields: ['keys-a'] });
});

test('a signature under a secret lacks the secrets that are not given', () => {
  const explanation = stopped('signature', 'signature_invalid', 'https://b', 'HS256');
  assert.deepEqual(missingKeys(explanation, CONFIG, { ONE: 'x' })?.fields, ['secret-TWO']);
  assert.equal(missingKeys(explanation, CONFIG, { ONE: 'x', TWO: 'y' }), null);
});

test('nothing is lacking where the decision rests on the keys that are there', () => {
  const passed = { token: null, findings: [{ stage: 'key', holds: true }] };
  for (const explanation of [passed, { token: null, findings: [] }, stopped('key', 'key_unknown', 'https://a'), stopped('signature', 'signature_invalid', 'https://a'), stopped('claims', 'token_expired', 'https://b', 'HS256')]) {
    assert.equal(missingKeys(explanation, CONFIG, {}), null);
  }
});
