#!/usr/bin/env node
// The command line. A command's file is read when the command is: `check` does not wait for the rest.
import { core } from './core.js';
import { HELP } from './help.js';
import { UsageError, finish, say } from './terminal.js';

/** The commands in JavaScript, each a file whose `run(words)` returns the exit code; the core has the others. */
const COMMANDS = {
  init: () => import('./init.js'),
  dev: () => import('./dev.js'),
  deploy: () => import('./deploy.js'),
  doctor: () => import('./doctor.js'),
};

const [name, ...words] = process.argv.slice(2);

// Anyone who closed the pipe has read enough.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  process.exitCode = await run();
} catch (error) {
  process.exitCode = finish(error);
}

async function run() {
  const isHelp = name === undefined || ['help', '--help', '-h'].includes(name);
  if (isHelp || (Object.hasOwn(COMMANDS, name) && words.some((word) => ['--help', '-h'].includes(word)))) return help();
  if (Object.hasOwn(COMMANDS, name)) return (await COMMANDS[name]()).run(words);
  const { stdout, stderr, code } = await core().command([name, ...words]);
  if (stderr.startsWith('edgeward: expected audit, check, explain or schema')) throw new UsageError('expected init, dev, check, explain, schema, deploy, doctor or audit');
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  return code;
}

async function help() {
  const { stdout } = await core().command(['--help']);
  say(`${HELP}\n${stdout.slice(stdout.indexOf('\n') + 2)}`.trimEnd());
  return 0;
}
