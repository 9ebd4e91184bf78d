// ops/: alerts and dashboard use the metrics that there are, and no others.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { PROMTOOL } from '../../harness/promtool.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file) => readFileSync(ROOT + file, 'utf8');

/** The metrics of the program, each with the endings of its series. */
const metrics = [...read('src/metrics/series.rs').matchAll(/\b(counter|histogram|summary|gauge)\(\s*"(edgeward_\w+)"/g)].map(([, kind, name]) => ({
  name, endings: { counter: [''], gauge: [''], summary: ['_sum', '_count'], histogram: ['_bucket', '_sum', '_count'] }[kind],
}));
const series = metrics.flatMap(({ name, endings }) => endings.map((ending) => name + ending));
const used = (text) => [...new Set(text.match(/\bedgeward_\w+/g))];

test('every metric that an alert uses is one', () => {
  const names = used(read('ops/alerts.yml'));
  assert.ok(metrics.length >= 13 && names.length >= 8);
  assert.deepEqual(names.filter((name) => !series.includes(name) && !metrics.some((metric) => metric.name === name)), []);
});

test('the dashboard shows every metric, and no other', () => {
  const expressions = JSON.parse(read('ops/grafana.json')).panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n');
  assert.deepEqual(used(expressions).filter((name) => !series.includes(name)), []);
  assert.deepEqual(metrics.filter(({ endings, name }) => !endings.some((ending) => used(expressions).includes(name + ending))), []);
});

test('every metric is documented, and no other', () => {
  const section = read('docs/operations.md').split('\n## ').find((text) => text.startsWith('Metrics'));
  const documented = [...new Set([...section.matchAll(/^\| `(edgeward_\w+)/gm)].map(([, name]) => name))];
  assert.deepEqual(documented.sort(), metrics.map(({ name }) => name).sort());
});

test('promtool accepts the alerts', { skip: PROMTOOL === undefined && 'promtool is not installed' }, () => {
  assert.match(execFileSync(PROMTOOL, ['check', 'rules', `${ROOT}ops/alerts.yml`], { encoding: 'utf8' }), /SUCCESS: 11 rules found/);
});

/** Has promtool check whether an alert fires after an hour of these series, which grow by so much each minute. */
function assertAlert(name, labels, series, fires) {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-alerts-'));
  try {
    const file = join(folder, 'alerts.json');
    const firing = `ALERTS{alertname="${name}",alertstate="firing"${labels}}`;
    // YAML reads JSON.
    writeFileSync(file, JSON.stringify({
      rule_files: [`${ROOT}ops/alerts.yml`], evaluation_interval: '1m',
      tests: [{
        interval: '1m', input_series: Object.entries(series).map(([one, growth]) => ({ series: one, values: `0+${growth}x60` })),
        promql_expr_test: [{ expr: firing, eval_time: '60m', exp_samples: fires ? [{ labels: firing, value: 1 }] : [] }],
      }],
    }));
    execFileSync(PROMTOOL, ['test', 'rules', file], { encoding: 'utf8', stdio: 'pipe' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('slow revocations are an alert', { skip: PROMTOOL === undefined && 'promtool is not installed' }, () => {
  const lag = 'edgeward_revocation_lag_seconds';
  for (const [slow, fires] of [[0, false], [2, true], [100, true]]) {
    const quick = 100 - slow;
    assertAlert('EdgewardRevocationSlow', ',severity="warning"', {
      [`${lag}_bucket{le="5"}`]: quick, [`${lag}_bucket{le="10"}`]: quick, [`${lag}_bucket{le="+Inf"}`]: 100, [`${lag}_count`]: 100,
    }, fires);
  }
});
