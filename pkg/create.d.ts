/** Makes a project, as `npm create edgeward` does: `words` are its arguments. The exit code. */
export function create(words: string[]): Promise<number>;
