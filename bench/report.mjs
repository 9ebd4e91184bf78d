// What is printed while it runs, and at the end.
import { difference, paired, ratio, sum } from './statistics.mjs';

const number = (value, digits = 1) => (Number.isFinite(value) ? value.toFixed(digits) : '–');

/** One scenario as a table: CPU µs per request by rounds; difference and ratio to the floor by paired slices. */
export function printScenario({ id, contenders, load, pace, requests }) {
  const terms = pace ? `at ${pace.rate} requests/s` : `${requests} requests a round`;
  console.log(`\n${id}: CPU µs per request   (${terms}, machine load ${number(load)})`);
  const floor = contenders.floor ?? contenders.turned;
  row('', ['median', 'least', ...(floor ? ['above floor', '× floor'] : []), 'spread', ...(pace ? ['p50 ms', 'p99 ms'] : [])]);
  for (const [name, one] of Object.entries(contenders)) {
    const spread = (Math.max(...one.rounds) - one.least) / one.micros;
    row(name, [
      number(one.micros), number(one.least),
      ...(floor ? [number(paired(one.slices, floor.slices, difference)), number(paired(one.slices, floor.slices, ratio), 2)] : []),
      `${number(spread * 100, 0)} %`, ...(pace ? [number(one.p50, 2), number(one.p99, 2)] : []),
      ...(one.asked ? [`${sum(one.asked)} reads`] : []),
    ]);
  }
  const { edgeward, before } = contenders;
  if (edgeward && before) console.log(`  edgeward × before: ${number(paired(edgeward.slices, before.slices, ratio), 3)}`);
}

/** Any list of [name, value…]. */
export function printRows(title, heads, rows) {
  console.log(`\n${title}`);
  row('', heads);
  for (const [name, ...values] of rows) row(name, values.map((value) => (typeof value === 'number' ? number(value) : value)));
}

function row(name, values) {
  console.log(`  ${name.padEnd(22)}${values.map((value) => String(value).padStart(13)).join('')}`);
}

/** The targets beside what was reached; returns how many were missed. */
export function printTargets(lines) {
  if (lines.length === 0) return 0;
  const columns = ['limit', 'reached', 'by rounds', 'by least'];
  console.log(`\n${'target'.padEnd(56)}${columns.map((column) => column.padStart(11)).join('')}`);
  for (const { what, limit, value, rounds, least, missed } of lines) {
    const figures = [limit, value, rounds, least].map((figure) => (figure === undefined ? '' : number(figure, 2)).padStart(11));
    console.log(`${what.padEnd(56)}${figures.join('')}   ${limit === undefined ? '' : missed ? 'MISSED' : 'met'}`);
  }
  for (const { share, own, each } of lines.filter((one) => one.share)) {
    const [percent, gateway, store] = [share * 100, own, each].map((figure) => number(figure));
    console.log(`revocation bounded: ${percent} % of the hot requests read the store; a read costs the gateway ${gateway} µs ` +
      `and the store ${store} µs; the column by rounds holds both`);
  }
  return lines.filter(({ missed }) => missed).length;
}
