// The API and its page, behind the gateway. It verifies no token of a caller, and holds no secret.
import { fileURLToPath } from 'node:url';

import express from 'express';

import { edgeward, hasRole } from './edgeward-express/index.js';
import { serve } from './serve.mjs';

const app = express();
// One hop: the gateway, which says the client's host and scheme (docs/origins.md).
app.set('trust proxy', 1);
app.disable('x-powered-by');

app.use((request, response, next) => {
  response.set('content-security-policy', "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
  next();
});
app.use(express.static(fileURLToPath(new URL('public', import.meta.url))));

app.use('/api', edgeward({
  jwksUrl: process.env.EDGEWARD_JWKS ?? 'http://127.0.0.1:8787/.edgeward/jwks.json',
  issuer: 'https://gateway.example',
  audience: 'api',
  tokenIssuers: ['https://auth.example'],
}));

/** What everybody has to do: { owner, text }. It is gone when the process ends. */
const tasks = [];

app.get('/api/tasks', (request, response) => {
  response.json(tasks.filter(({ owner }) => owner === request.caller.subject).map(({ text }) => text));
});

app.post('/api/tasks', express.json({ limit: '10kb' }), (request, response) => {
  const { text } = request.body ?? {};
  if (typeof text !== 'string' || text === '') return response.status(400).json({ text: 'is required' });
  tasks.push({ owner: request.caller.subject, text });
  return response.status(201).json({ text });
});

app.get('/api/everything', hasRole('admin'), (request, response) => response.json(tasks));

await serve(app);
