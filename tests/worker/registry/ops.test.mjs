// ops/: alerts and dashboard use the metrics that there are, and no others.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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
