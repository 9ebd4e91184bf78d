// The few figures that are made of many.

const ascending = (values) => [...values].sort((a, b) => a - b);

export function median(values) {
  const sorted = ascending(values);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const minimum = (values) => values.reduce((least, value) => Math.min(least, value), Infinity);

/** The value that `share` (0–1) of all do not exceed. */
export function percentile(values, share) {
  const sorted = ascending(values);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

export const sum = (values) => values.reduce((total, value) => total + value, 0);
export const mean = (values) => sum(values) / values.length;

/** The median of `of(x, y)` over values that were taken at nearly the same time. */
export const paired = (ones, others, of) => median(ones.map((one, index) => of(one, others[index])));
export const difference = (one, other) => one - other;
export const ratio = (one, other) => one / other;
