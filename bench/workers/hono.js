// Hono with its own middleware: `jwk` for keys of an issuer (it fetches them for every request), `jwt` for a secret.
import { Hono } from 'hono';
import { jwk } from 'hono/jwk';
import { jwt } from 'hono/jwt';
import { env } from 'cloudflare:workers';
import { identified } from './forward.js';

const verification = { iss: env.ISSUER, aud: env.AUDIENCE };
const guard = env.SECRET
  ? jwt({ secret: env.SECRET, alg: env.ALG, verification })
  : jwk({ jwks_uri: env.JWKS_URI, alg: [env.ALG], verification });

const app = new Hono();
app.use('*', guard);
app.all('*', (c) => fetch(identified(c.req.raw, c.get('jwtPayload'), c.env.HEADERS)));

export default app;
