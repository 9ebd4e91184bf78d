// edgeward-django and edgeward-express compare headers with the assertion. What the gateway writes agrees, whatever is in the token.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { decodeJwt, exportJWK, generateKeyPair } from 'jose';

import { agrees } from '../../../examples/express/edgeward-express/headers.js';
import { FACTS } from '../../../examples/express/edgeward-express/options.js';
import { startGateway } from '../../harness/gateway.mjs';
import { startOrigin } from '../../harness/origin.mjs';
import { rawRequest, requestText } from '../../harness/raw.mjs';
import { bearer, configuration, startSigner } from '../../harness/signer.mjs';

const PYTHON = fileURLToPath(new URL('../../../.tools/venv-examples/bin/python', import.meta.url));
/** Compares each of the lines of its input as edgeward-django does; prints those that differ. */
const COMPARE = `
import json, sys
from edgeward_django.errors import Refused
from edgeward_django.identity import compare
from edgeward_django.rules import ClaimHeader, KeyRules, Rules
rules = Rules(KeyRules(""), "main", claim_headers=tuple(ClaimHeader(f"x-auth-{kind}", path, kind) for kind, path in (("plain", "a"), ("list", "b.c"), ("json", "d"))))
for line in sys.stdin:
    request = json.loads(line)
    try:
        compare(request["headers"], request["claims"], rules)
    except Refused:
        print(line)
`;
const ENCODINGS = { plain: 'a', list: 'b.c', json: 'd' };
const TEXTS = ['plain', 'Jörg 100%', 'a b', 'a,b', '"quoted"', 'back\\slash', '%', '%41', '日本', '\u{1F600}', 'é', 'tab\there', ' a ', '\'', ';=?#&+'];
const VALUES = [
  ...TEXTS, '', 0, 7, -1, 1.5, 1e21, 1e-7, 9007199254740991, true, false, null, [], {}, ['a'], TEXTS, [1, 'a', true], [''], [[]], [{ a: 1 }], ['a', null],
  { a: [1, 2, { b: null }], 'c d': 'é' },
];

let origin, signer, gateway;
const seen = [];
before(async () => {
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  [origin, signer] = await Promise.all([startOrigin(), startSigner()]);
  const headers = { claims: Object.entries(ENCODINGS).map(([encoding, claim]) => ({ header: `x-auth-${encoding}`, claim, encoding })) };
  const config = configuration(origin, signer.issuer(), [{ path: '/**' }], { headers, assertion: { key: 'ASSERTION_KEY' } });
  gateway = await startGateway({ config, secrets: { ASSERTION_KEY: JSON.stringify(await exportJWK(privateKey)) } });
  const tokens = [
    ...TEXTS.map((text) => ({ sub: text, email: text, roles: [text, 'x'], tenant: text, sid: text, jti: text })),
    ...TEXTS.map((text) => ({ roles: text, scope: `${text.trim()} read` })),
    ...[7, 'x'].map((value) => ({ email: value, tenant: value, sid: value, roles: [], scope: '' })),
    { scope: ['read', 'write'], roles: TEXTS }, { sub: undefined, email: '', roles: null, scope: null },
    ...VALUES.map((value) => ({ a: value, b: { c: value }, d: value })),
  ];
  for (const claims of tokens) {
    const answer = await rawRequest(gateway.port, requestText('GET', '/', [bearer(await signer.token(claims))]));
    if (answer.status !== 200) continue;
    const received = Object.fromEntries(origin.requests.at(-1).headers.map(([name, value]) => [name.toLowerCase(), value]));
    seen.push({ claims: decodeJwt(received['x-auth-assertion']), headers: Object.fromEntries(Object.entries(received).filter(([name]) => name.startsWith('x-auth-'))) });
  }
  assert.ok(seen.length >= tokens.length - 4, `${seen.length} of ${tokens.length} tokens pass`);
});
after(() => Promise.all([gateway?.stop(), origin?.stop()]));

test('edgeward-express agrees with each of them', () => {
  for (const { claims, headers } of seen) {
    for (const [fact, [member, encoding]] of Object.entries(FACTS)) {
      const header = headers[`x-auth-${fact.replaceAll('_', '-')}`];
      assert.ok(agrees(header, claims[member]?.length ? claims[member] : undefined, encoding), `${fact}: ${header} and ${JSON.stringify(claims[member])}`);
    }
    for (const [encoding, claim] of Object.entries(ENCODINGS)) {
      const header = headers[`x-auth-${encoding}`];
      assert.ok(agrees(header, claims.claims?.[claim], encoding), `${encoding}: ${header} and ${JSON.stringify(claims.claims?.[claim])}`);
    }
  }
});

test('edgeward-django agrees with each of them', { skip: existsSync(PYTHON) ? false : 'its Python packages are not installed: scripts/tools.sh examples' }, () => {
  const lower = seen.map((request) => JSON.stringify(request)).join('\n');
  const compared = spawnSync(PYTHON, ['-c', COMPARE], { input: lower, encoding: 'utf8' });
  assert.deepEqual([compared.stdout, compared.stderr, compared.status], ['', '', 0]);
});
