// What the examples' start.mjs do when they are run, and not imported.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Runs `main(port)` if this module is the program itself. */
export async function runAsProgram(url, main) {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const port = Number(process.argv[2] ?? 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) fail('expected a port from 1 to 65535', 'Run it as: node start.mjs 8787');
  await main(port);
}

/** Starts an example, prints what to try, and ends it on Ctrl-C. `needs` are files, and the commands that make them. */
export async function tryOut({ start, needs, curl }) {
  for (const [file, command] of needs) if (!existsSync(file)) fail(`${file} is missing`, `Run: ${command}`);
  console.log('   starting the applications and the gateway (about 20 seconds)');
  const show = (name, line) => console.log(`${name.padEnd(8)} ${line}`);
  const example = await start(show).catch((error) => fail(error.message, 'Fix what it names, and run it again.'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => example.stop().then(() => process.exit(0)));
  console.log(`\nReady: ${example.url}\n\nIn another terminal:\n`);
  for (const [title, line] of curl(example.url)) console.log(`# ${title}\n${line}\n`);
}

function fail(what, advice) {
  console.error(`\n   ${what}\n   -> ${advice}\n`);
  process.exit(1);
}
