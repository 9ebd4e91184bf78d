// Serves on loopback, for as long as start.mjs keeps its end of stdin open.
import { once } from 'node:events';
import http from 'node:http';

export async function serve(app) {
  const server = http.createServer(app).listen(Number(process.env.PORT ?? 0), '127.0.0.1');
  // Longer than the gateway keeps an idle connection.
  server.keepAliveTimeout = 75_000;
  await once(server, 'listening');
  console.log(JSON.stringify({ port: server.address().port }));
  process.stdin.resume().once('end', () => process.exit(0));
}
