// The playground with the demo's configuration, keys and tokens, as `make dev` serves it.
import { readFileSync } from 'node:fs';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startDev } from '../../harness/dev.mjs';
import { scenario, useBrowser } from './browser.mjs';
import { openPlayground } from './playground.mjs';

export const CONFIGURATION = readFileSync(fileURLToPath(new URL('../../../demo/gateway.toml', import.meta.url)), 'utf8');
export const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

/**
 * Starts it for the tests of a file. `opened(name, act)` is a scenario in the open playground, with `p` for it; `asking(name, more,
 * act)` one in which a request has been entered that passes, unless `more` says otherwise.
 */
export function useDemo() {
  const browser = useBrowser();
  const demo = {
    dev: undefined,
    /** The text of the issuer's key set. */
    keys: undefined,
    get url() { return `${demo.dev.url}/.edgeward/playground/`; },
    async login(user, more = {}) {
      const answer = await fetch(`${demo.dev.url}/demo/login`, { method: 'POST', body: JSON.stringify({ user, ...more }) });
      if (!answer.ok) throw new Error(`login: ${answer.status} ${await answer.text()}`);
      return (await answer.json()).access_token;
    },
    opened: (name, act, options = {}) => scenario(browser, name, options, async (given) => {
      await act({ p: await openPlayground(given.page, demo.url), ...given });
    }),
    asking: (name, more, act) => demo.opened(name, async (given) => {
      const token = await (more.token ?? (() => demo.login('ada')))();
      const request = { method: 'GET', url: 'https://api.example.com/api/admin/users', headers: '' };
      await given.p.ask({ configuration: CONFIGURATION, keys: { demo: demo.keys }, ...request, ...more, token });
      await given.p.present();
      await act({ ...given, token });
    }),
  };
  before(async () => {
    demo.dev = await startDev();
    demo.keys = await (await fetch(`${demo.dev.url}/demo/.well-known/jwks.json`)).text();
  });
  after(() => demo.dev?.stop());
  return demo;
}
