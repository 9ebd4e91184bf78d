// What the examples' start.mjs do when they are run, and not imported.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = 'Run it as: node start.mjs [PORT] [--free-ports] [--state FOLDER]';

/**
 * If the module `url` is the program itself: starts the example by `start({ port, folder, free, show })`, prints `lines(example)` to try, and ends it on
 * Ctrl-C. `needs` are files, and the commands that make them.
 */
export async function runAsProgram(url, { start, needs, lines }) {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const { port, free, folder } = given(dirname(fileURLToPath(url)));
  for (const [file, command] of needs) if (!existsSync(file)) fail(`${file} is missing`, `Run: ${command}`);
  console.log('   starting the applications and the gateway (about 20 seconds)');
  const show = (name, line) => console.log(`${name.padEnd(8)} ${line}`);
  const starting = start({ port, folder, free, show });
  // Also while it starts: wrangler is a process group of its own, and would outlive this one.
  const end = async () => {
    await starting.then(({ stop }) => stop(), () => {});
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  const example = await starting.catch((error) => fail(error.message, 'Fix what it names, and run it again.'));
  console.log(`\nReady: ${example.url}\n\nIn another terminal:\n`);
  for (const [title, line] of lines(example)) console.log(`# ${title}\n${line}\n`);
}

function given(here) {
  try {
    const { positionals: [port = '8787', ...more], values } = parseArgs({
      allowPositionals: true, options: { 'free-ports': { type: 'boolean', default: false }, state: { type: 'string', default: join(here, '.wrangler') } },
    });
    if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535) throw new Error(`expected a port from 1 to 65535, got ${port}`);
    if (more.length > 0) throw new Error('expected at most a port');
    return { port: Number(port), free: values['free-ports'], folder: values.state };
  } catch (error) {
    return fail(error.message, USAGE);
  }
}

function fail(what, advice) {
  console.error(`\n   ${what}\n   -> ${advice}\n`);
  process.exit(1);
}
