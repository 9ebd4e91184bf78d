// The report of an isolate to the object MetricsSink, as far as it is one: any gate of this account can send anything.

/** As src/metrics/series.rs has it. */
export const MOST_SERIES = 400;
const MOST_OF_ID = 64;
const MOST_CHARACTERS = 200_000;
const MOST_OF_NAME = 1000;
const LABEL = '[a-z_]+="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
/** A name with its labels, as the text form has them: any other name could be a line or a series of its own there. */
const SERIES = new RegExp(`^edgeward_[a-z_]+(?:\\{${LABEL}(?:,${LABEL})*\\})?$`);

/**
 * What stands in a report: `counts` and `gauges` as lists of series and numbers. `told` is when the object took over the last report that the
 * isolate knows of, and a function for what was counted in it.
 */
export function reportOf(id, text) {
  if (!isText(id, MOST_OF_ID) || !isText(text, MOST_CHARACTERS)) throw new Error('expected the id of an isolate, and its report as a text');
  const { counts, gauges, told } = JSON.parse(text);
  return { counts: numbersOf(counts), gauges: numbersOf(gauges), told: { at: told?.at, counts: () => numbersOf(told?.counts) } };
}

const isText = (value, most) => typeof value === 'string' && value !== '' && value.length <= most;

/** The entries that are series with a number, none below 0, and none so great that one more would change nothing. */
const numbersOf = (series) => Object.entries(series ?? {}).filter(([name, value]) => isCount(value) && isSeries(name)).slice(0, MOST_SERIES);

const isCount = (value) => Number.isFinite(value) && value >= 0 && value < Number.MAX_SAFE_INTEGER;
const isSeries = (name) => name.length <= MOST_OF_NAME && SERIES.test(name);
