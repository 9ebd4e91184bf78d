// The auth server beside an admin application, on loopback.
import { AuthServer } from '../servers/auth-server.mjs';
import { emailOf, PASSWORD } from '../servers/people.mjs';
import { serve } from '../servers/serve.mjs';
import { send } from './client.mjs';

/**
 * Starts it with the options of `AuthServer`. `auth` is that object: `rotateSecret()`, `refuse(token)`, `token(name)`, `mail`,
 * `limit`. `calls`, `callsTo(path)`, `fail({ kind, times, path, commits })` and `heal()` are those of `serve`.
 */
export async function startAuthServer(options) {
  const auth = new AuthServer(options);
  const server = await serve(auth.answer);
  const post = (path, body, extra = {}) =>
    send(`${server.url}/api/auth/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body, ...extra });
  return {
    ...server,
    auth,
    meUrl: `${server.url}/api/auth/me`,
    post,
    me: (token) => send(`${server.url}/api/auth/me`, { token }),
    /** { accessToken, refreshToken, user } of ada, bob or eve. */
    async login(name) {
      const answer = await post('login', { email: emailOf(name), password: PASSWORD });
      if (answer.status !== 200) throw new Error(`login of ${name}: ${answer.status} ${answer.text}`);
      return answer.json;
    },
  };
}
