// `npm create edgeward`: the same as `edgeward init`, in a new folder.
import { run } from './init.js';
import { finish } from './terminal.js';

/** Runs it, and returns the exit code. */
export async function create(words) {
  try {
    return await run(words, 'gateway');
  } catch (error) {
    return finish(error);
  }
}
