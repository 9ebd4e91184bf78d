// examples/django, started by its one command: Main, two tenants, an auth API and a clinic on Django, and the gateway before them. The
// rows of systems A to E are walked here; the files of the folder have one system each.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { lines } from '../../../examples/django/start.mjs';
import { startDjangoExample } from '../../harness/django_example.mjs';
import { authApi } from './django/auth_api.mjs';
import { besides } from './django/besides.mjs';
import { refreshes } from './django/refreshes.mjs';
import { registry } from './django/registry.mjs';
import { sessions } from './django/sessions.mjs';
import { tenants } from './django/tenants.mjs';

const PYTHON = fileURLToPath(new URL('../../../.tools/venv-examples/bin/python', import.meta.url));

const shell = (command) => promisify(execFile)('bash', ['-c', command]).then(({ stdout }) => stdout);

describe('examples/django', { skip: existsSync(PYTHON) ? false : 'its Python packages are not installed: scripts/tools.sh examples' }, () => {
  let stage;
  before(async () => { stage = await startDjangoExample(); });
  after(() => stage?.stop());

  const given = () => stage;

  test('what the one command prints works as it stands', async () => {
    const shown = [];
    for (const [, command] of lines(stage)) shown.push(await shell(command));
    const [caller, record, foreign, exams, cookies, tokens] = shown;
    assert.equal(JSON.parse(caller).claims.sub, 'user-2');
    assert.equal(JSON.parse(record).first_name, 'Robert');
    assert.match(foreign, /^HTTP\/1.1 403 /);
    assert.equal(JSON.parse(exams).role, 'rvt');
    assert.match(cookies, /^HTTP\/1.1 200 [^]*set-cookie: __Host-access=/i);
    assert.ok(JSON.parse(tokens).tokens.length > 0);
  });

  describe('A: tenants and Main, one token, forwarded', () => tenants(given));
  describe('B: a central auth API', () => authApi(given));
  describe('C: an auth server beside an application', () => besides(given));
  describe('C: sessions in cookies, and logout', () => sessions(given));
  describe('D: refresh, done in one place', () => refreshes(given));
  describe('E: a registry of all tokens', () => registry(given));

  test('nobody printed a token, a secret or an error that nobody expected', () => {
    const applications = Object.values(stage.applications).map(({ output }) => output()).join('\n');
    const printed = [stage.output(), applications];
    for (const text of printed) {
      assert.ok(!/eyJ[\w-]{20,}\.[\w-]{20,}/.test(text), 'no token');
      for (const [name, secret] of Object.entries(stage.secrets)) assert.ok(!text.includes(secret), name);
    }
    assert.ok(!/Traceback/.test(applications), applications);
  });
});
