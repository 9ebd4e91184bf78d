// The checks that a case of the http_attacks*.json files makes of what the origin saw: each accepts what it should, and no more.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { upstreamFaults } from '../../harness/http_vectors.mjs';
import { MARKS, marked } from '../../harness/spellings.mjs';

const seen = (...headers) => ({ target: '/a', headers });

/** Of each check: what it wants, records that it accepts, and records that it rejects. */
const CHECKS = {
  path: { wants: '/a', accepts: [seen()], rejects: [{ target: '/a/', headers: [] }] },
  headers: {
    wants: { 'x-auth-subject': 'user-1' },
    accepts: [seen(['X-Auth-Subject', 'user-1'], ['Accept', '*/*'])],
    rejects: [seen(), seen(['X-Auth-Subject', 'user-2']), seen(['X-Auth-Subject', 'user-1'], ['x-auth-subject', 'user-1'])],
  },
  absent: {
    wants: ['x-auth-subject', 'x-auth-roles'],
    accepts: [seen(), seen(['X_Auth_Subject', 'a'])],
    rejects: [seen(['X-Auth-Subject', 'a']), seen(['X-AUTH-ROLES', ''])],
  },
  absent_any_spelling: {
    wants: ['x-auth-subject'],
    accepts: [seen(), seen(['xauth-subject', 'a'], ['x-auth-subjects', 'a'])],
    rejects: [...MARKS.map((mark) => seen([marked('X-Auth-Subject', mark), 'a'])), seen(['X*Auth~Subject', 'a']), seen(['_X-Auth-Subject', 'a'])],
  },
  absent_other_spellings: {
    wants: ['x-auth-subject'],
    accepts: [seen(), seen(['X-Auth-Subject', 'a'], ['x-auth-subject', 'b'])],
    rejects: MARKS.filter((mark) => mark !== '-').map((mark) => seen(['X-Auth-Subject', 'a'], [marked('X-Auth-Subject', mark), 'a'])),
  },
  single: {
    wants: ['x-auth-subject'],
    accepts: [seen(['X-Auth-Subject', 'a'], ['X_Auth_Subject', 'b'])],
    rejects: [seen(), seen(['X-Auth-Subject', 'a'], ['x-auth-subject', 'a'])],
  },
  absent_value: {
    wants: { 'x-real-ip': '192.0.2.1', 'x-forwarded-host': ['evil.example', 'evil.example:443'] },
    accepts: [
      seen(), seen(['X-Real-Ip', '192.0.2.2'], ['X_Real_Ip', '192.0.2.10'], ['X-Forwarded-Host', 'evil.example.org']),
      seen(['X-Other', '192.0.2.1'], ['X-Real-Ip', 'evil.example']),
    ],
    rejects: [
      ...MARKS.map((mark) => seen(['X-Real-Ip', '192.0.2.2'], [marked('X-Real-Ip', mark), '192.0.2.1'])),
      seen(['x-forwarded-host', 'evil.example']), seen(['X+Forwarded~Host', 'evil.example:443']),
      seen(['X-Forwarded-Host', 'gateway.example'], ['X-Forwarded-Host', 'evil.example']),
    ],
  },
  not_equal: {
    wants: { 'x-forwarded-proto': 'https', 'x-request-id': 'forged' },
    accepts: [seen(), seen(['X-Forwarded-Proto', 'http'], ['X-Request-Id', 'made']), seen(['X_Request_Id', 'forged'], ['X-Other', 'https'])],
    rejects: [seen(['X-Forwarded-Proto', 'https']), seen(['X-Request-Id', 'made'], ['X-REQUEST-ID', 'forged'])],
  },
};

for (const [check, { wants, accepts, rejects }] of Object.entries(CHECKS)) {
  test(`${check} accepts what it should, and no more`, () => {
    assert.ok(accepts.length > 0 && rejects.length > 0);
    for (const record of accepts) assert.deepEqual(upstreamFaults({ [check]: wants }, record), []);
    for (const record of rejects) {
      const [fault, ...more] = upstreamFaults({ [check]: wants }, record);
      assert.ok(fault?.startsWith(`${check} `), JSON.stringify(record));
      assert.deepEqual(more, []);
    }
  });
}

test('several checks each say what is wrong, and one that nobody knows is an error', () => {
  const record = seen(['X_Auth_Subject', 'forged']);
  const faults = upstreamFaults({ path: '/b', absent: ['x-auth-subject'], absent_value: { 'x-auth-subject': 'forged' } }, record);
  assert.deepEqual(faults.map((fault) => fault.split(' ')[0]), ['path', 'absent_value']);
  assert.throws(() => upstreamFaults({ absent_vaule: {} }, record), /unknown upstream check: absent_vaule/);
});
