// What the benchmark of the registry prints.

const whole = (value) => (value >= 1000 ? Math.round(value).toLocaleString('en') : String(Math.round(value * 10) / 10));
const megabytes = (bytes) => `${Math.round(bytes / 1e6)} MB`;
const HEADS = ['request', 'times', 'median ms', '95 % within ms', 'D1 queries', 'rows read', 'rows written', 'calls of the log', 'of sessions'];

export function printRegistry({ users, tokens, seconds, bytes, rows, steps, walked, walking }) {
  console.log(`\n${whole(tokens)} tokens of ${whole(users)} users, written by the queue's consumer in ${seconds.toFixed(0)} s; the database has ${megabytes(bytes)}.`);
  console.log(`\n| ${HEADS.join(' | ')} |\n|${HEADS.map(() => '---|').join('')}`);
  for (const row of rows) {
    const figures = [row.d1_queries, row.d1_read, row.d1_written, row.log_calls, row.family_calls].map(whole);
    console.log(`| ${row.what} | ${row.count} | ${row.median.toFixed(1)} | ${row.late.toFixed(1)} | ${figures.join(' | ')} |`);
  }
  console.log(`\nWalked through ${whole(walked)} tokens, 100 at a time, in ${walking.toFixed(1)} s. Resident memory of wrangler's workerd processes,`);
  console.log('that with the Worker and the database last:');
  for (const step of steps) console.log(`  walk ${step.walk}, ${whole(step.walked)} tokens: ${sorted(step).map(megabytes).join(', ')}`);
}

/** The memory at the end of the last walk by that at the end of the one before, of the process that has the Worker and the database. */
export function growth(steps, walks) {
  const after = (walk) => sorted(steps.filter((step) => step.walk === walk).at(-1)).at(-1);
  return after(walks) / after(walks - 1);
}

const sorted = ({ bytes }) => [...bytes].sort((one, other) => one - other);
