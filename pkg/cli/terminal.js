// What is said and asked. Questions go to standard error, so that standard output can be piped.
import { createInterface } from 'node:readline/promises';

/** A command that could not be carried out: exit code 1. The message says what to do. */
export class Failure extends Error {}

/** A command line that was not understood: exit code 2. */
export class UsageError extends Error {}

export const say = (text = '') => process.stdout.write(`${text}\n`);

/** Prints why a command failed; its exit code. */
export function finish(error) {
  const isUsage = error instanceof UsageError || error?.code?.startsWith?.('ERR_PARSE_ARGS');
  if (isUsage) process.stderr.write(`edgeward: ${lower(error.message)}; see \`edgeward --help\`\n`);
  else if (error instanceof Failure) process.stderr.write(`edgeward: ${error.message}\n`);
  else throw error;
  return isUsage ? 2 : 1;
}

// The first sentence: what Node adds is about writing such an argument, which is not what was meant.
const lower = (text) => `${text[0].toLowerCase()}${text.slice(1).split('. ')[0]}`;

/**
 * Asks on the terminal. `ask(question, { usual, problem })` returns the answer, or `usual` for an empty one; it asks again while
 * `problem(answer)` is a text. `choose(question, choices)` returns one of them. `confirm(question, usual)` returns true or false.
 */
export function asker() {
  let terminal;
  const lines = [];
  let waiting;
  // A pipe may end or bring several lines at once: the lines are kept, and an end is an error and no endless wait.
  const open = () => {
    if (terminal) return;
    terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: process.stdin.isTTY });
    terminal.on('line', (line) => { lines.push(line); waiting?.(); });
    terminal.on('close', () => { lines.push(undefined); waiting?.(); });
  };
  const read = async (question) => {
    open();
    process.stderr.write(question);
    while (lines.length === 0) await new Promise((resolve) => { waiting = resolve; });
    const line = lines[0] === undefined ? undefined : lines.shift();
    if (line === undefined) throw new Failure('expected an answer, and standard input has ended: give --yes and what is asked as options');
    return line.trim();
  };
  const ask = async (question, { usual, problem = () => undefined } = {}) => {
    for (;;) {
      const answer = await read(`${question}${usual === undefined ? '' : ` (${usual})`}${question.endsWith('?') ? '' : ':'} `) || usual || '';
      const wrong = answer === '' ? 'expected an answer' : problem(answer);
      if (wrong === undefined) return answer;
      process.stderr.write(`  ${wrong}\n`);
    }
  };
  return {
    ask,
    async choose(question, choices) {
      for (const [index, [, title]] of choices.entries()) process.stderr.write(`  ${`${index + 1}`.padStart(2)}  ${title}\n`);
      const known = (answer) => choices.find(([name], index) => answer === name || answer === `${index + 1}`);
      const answer = await ask(question, { problem: (text) => (known(text) ? undefined : `expected a number from 1 to ${choices.length}, or a name`) });
      return known(answer)[0];
    },
    async confirm(question, usual = false) {
      const answer = await ask(`${question} [y/n]`, { problem: (text) => (/^(y|yes|n|no|-)$/i.test(text) ? undefined : 'expected y or n'), usual: usual ? 'y' : 'n' });
      return /^y/i.test(answer);
    },
    close: () => terminal?.close(),
  };
}
