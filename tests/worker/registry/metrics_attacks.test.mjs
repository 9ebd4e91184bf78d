// Attacks on the object MetricsSink: reports that are wrong, late, repeated or from too many isolates; and on what isolates report.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { until } from '../../harness/client.mjs';
import { seriesOf, startSink } from '../../harness/metrics_sink.mjs';
import { PROMTOOL } from '../../harness/promtool.mjs';
import { startRegistry } from '../../harness/registry_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

const CONFORMANCE = fileURLToPath(new URL('../../../build-conformance/index.js', import.meta.url));
const refusals = (code) => `edgeward_refusals_total{code="${code}"}`;
const A = refusals('a');
const B = refusals('b');
const KEY_AGE = 'edgeward_key_age_seconds{issuer="main"}';

/** A line of the exposition format (0.0.4): a name, its labels with `\`, `"` and line feeds escaped, and a number. */
const SERIES = /^[a-z_]+(\{[a-z_]+="([^"\\]|\\["\\n])*"(,[a-z_]+="([^"\\]|\\["\\n])*")*\})? (0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/;

/** Fails unless `text` is one that Prometheus reads: every line well formed, every series once. */
function assertReadable(text) {
  assert.ok(text.endsWith('\n'), 'it ends with a line feed');
  const lines = text.split('\n').slice(0, -1);
  for (const line of lines) assert.match(line, line.startsWith('#') ? /^# (HELP|TYPE) edgeward_[a-z_]+ / : SERIES);
  const names = lines.map((line) => (line.startsWith('#') ? line.split(' ').slice(0, 3).join(' ') : line.slice(0, line.lastIndexOf(' '))));
  assert.equal(new Set(names).size, names.length, 'every series stands there once');
  if (PROMTOOL !== undefined) assert.equal(execFileSync(PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' }), '');
}

describe('the object', () => {
  let sink;
  beforeEach(async () => {
    sink = await startSink();
  });
  afterEach(() => sink?.stop());

  const told = async (...lists) => (await sink.calls(...lists)).map(({ value, error }) => {
    assert.equal(error, undefined);
    return value;
  });
  const reportOf = (id, counts, more = {}) => ['report', id, JSON.stringify({ counts, gauges: {}, ...more })];

  test('what is no count changes no sum, and the text stays readable', async () => {
    await sink.report('one', { [A]: 7 });
    for (const value of ['1e999', '-1e999', '-5', '1e308', '1e308', '9007199254740993', 'null', 'true', '"8"', '"NaN"', '[9]', '{"valueOf":9}']) {
      await sink.calls([['report', value.slice(0, 60), `{"counts":{${JSON.stringify(A)}:${value}},"gauges":{${JSON.stringify(KEY_AGE)}:${value}}}`]]);
      const text = await sink.text();
      assertReadable(text);
      assert.equal(seriesOf(text)[A], 7, value);
    }
    await sink.report('two', { [A]: 0.5 });
    assert.equal((await sink.series())[A], 7.5);
    await sink.restart();
    assert.equal((await sink.series())[A], 7.5);
  });

  test('an isolate is remembered for a day after its last report, and its counts stay in the sums', async () => {
    const isolates = (database) => database.prepare('SELECT counts FROM isolates ORDER BY row').all().flatMap(({ counts }) => JSON.parse(counts));
    const hourAgo = (hours) => Date.now() - hours * 3_600_000;
    for (const id of ['gone', 'here']) await sink.report(id, { [A]: 7 });
    await sink.text();
    await sink.onDisk((database) => {
      const aged = isolates(database).map(([id, , counts]) => [id, hourAgo(id === 'gone' ? 24.1 : 23.9), counts]);
      database.prepare('UPDATE isolates SET counts = ?').run(JSON.stringify(aged));
    });
    await sink.report('new', { [A]: 1 });
    assert.equal((await sink.series())[A], 15);
    assert.deepEqual((await sink.onDisk(isolates)).map(([id]) => id), ['here', 'new']);
    assert.equal((await sink.series())[A], 15);
  });

  test('what is no report is refused, and changes nothing', async () => {
    await sink.report('one', { [A]: 7 });
    const text = JSON.stringify({ counts: { [A]: 1 }, gauges: {} });
    for (const values of [[], ['two'], ['two', ''], ['two', '{'], ['two', 'null'], ['two', 5], ['two', [text]], [undefined, text], [5, text], ['x'.repeat(65), text], ['two', text + ' '.repeat(200_000)]]) {
      const [{ error }] = await sink.calls([['report', ...values]]);
      assert.notEqual(error, undefined, JSON.stringify(values).slice(0, 80));
    }
    for (const counts of [null, 5, 'text', [3]]) await sink.calls([['report', 'three', JSON.stringify({ counts, gauges: counts })]]);
    const shown = await sink.text();
    assertReadable(shown);
    assert.equal(seriesOf(shown)[A], 7);
  });

  test('no name makes a line or a series of its own', async () => {
    const names = [
      `${refusals('x')} 1\nedgeward_isolates 9\n# `, 'edgeward_refusals_total{code="x\n"}', 'edgeward_refusals_total{code="x"y"}', 'edgeward_refusals_total{code="x\\"}',
      'edgeward_refusals_total{', 'edgeward_refusals_total{}', 'edgeward_refusals_total{code=x}', `${A} `, `${A}{code="b"}`, 'edgeward_refusals_total{code="x",}',
      'edgeward_decision_seconds_bucket{', 'edgeward_decision_seconds_count 5\nx', 'constructor', '__proto__', 'toString', 'hasOwnProperty', '',
    ];
    const counts = `{${names.map((name) => `${JSON.stringify(name)}:3`).join(',')},${JSON.stringify(A)}:7}`;
    for (const id of ['one', '__proto__', 'constructor']) await sink.calls([['report', id, `{"counts":${counts},"gauges":${counts}}`]]);
    const text = await sink.text();
    assertReadable(text);
    assert.deepEqual(seriesOf(text), { [A]: 21, edgeward_isolates: 3 });
    await sink.restart();
    assert.deepEqual(await sink.series(), { [A]: 21, edgeward_isolates: 3 });
  });

  test('names with escaped quotes, backslashes and line feeds come out as they came', async () => {
    const name = 'edgeward_breaker_state{kind="issuer",name="a \\"b\\" \\\\ \\n c"}';
    await sink.report('one', { [A]: 1 }, { [name]: 2 });
    const text = await sink.text();
    assertReadable(text);
    assert.equal(seriesOf(text)[name], 2);
  });

  test('any number of names makes 400 series at most, and those that came first go on', async () => {
    await sink.report('first', { [A]: 1 });
    for (let n = 0; n < 20; n += 1) {
      const many = Object.fromEntries(Array.from({ length: 400 }, (_, k) => [refusals(`c${n}_${k}`), 1]));
      await sink.report(`many-${n}`, many, many);
    }
    await sink.report('first', { [A]: 5 });
    const text = await sink.text();
    assertReadable(text);
    const series = seriesOf(text);
    assert.ok(Object.keys(series).length <= 400, String(Object.keys(series).length));
    assert.equal(series[A], 5);
  });

  test('two versions of the gate are summed up, and what the object does not know is not shown', async () => {
    const both = 'edgeward_refresh_total{outcome="rotated"}';
    await told(
      [reportOf('old', { [A]: 1, [both]: 2 }), reportOf('new', { [B]: 3, [both]: 4, 'edgeward_new_total{kind="x"}': 5, edgeward_new_seconds_sum: 0.25 })],
      [reportOf('old', { [A]: 2, [both]: 3 }), reportOf('new', { [B]: 4, [both]: 5, 'edgeward_new_total{kind="x"}': 6, edgeward_new_seconds_sum: 0.5 })],
    );
    const text = await sink.text();
    assertReadable(text);
    assert.deepEqual(seriesOf(text), { [A]: 2, [B]: 4, [both]: 8, edgeward_isolates: 2 });
  });

  test('a report that comes twice, late or without some series changes no sum', async () => {
    const sumAfter = async (...counts) => {
      await told(counts.map((own) => reportOf('one', own)));
      return (await sink.series())[A];
    };
    assert.equal(await sumAfter({ [A]: 10 }), 10);
    assert.equal(await sumAfter({ [A]: 20 }, { [A]: 20 }), 20);
    assert.equal(await sumAfter({ [A]: 10 }), 20, 'late');
    assert.equal(await sumAfter({}, { [A]: 20 }), 20, 'without');
    assert.equal(await sumAfter({ [A]: 25 }), 25);
    await sink.restart();
    assert.equal(await sumAfter({ [A]: 5 }, { [A]: 20 }, { [A]: 26 }), 26, 'late, to another life of the object');
  });

  test('more isolates than are remembered, again and again: every count is summed up once', async () => {
    const isolates = Array.from({ length: 6000 }, (_, n) => ({ id: `isolate-${n}`, told: undefined }));
    for (let round = 1; round <= 3; round += 1) {
      const counts = { [A]: round };
      const answers = await told(isolates.map(({ id, told: last }) => reportOf(id, counts, { told: last })));
      for (const [n, at] of answers.entries()) isolates[n].told = { at, counts };
      assert.equal((await sink.series())[A], isolates.length * round);
      if (round === 2) await sink.restart();
    }
  });

  test('what an isolate reported to an object that crashed before it saved it counts when it comes again', async () => {
    const [at] = await told([reportOf('one', { [A]: 10 })]);
    await sink.restart();
    await told([reportOf('one', { [A]: 15 }, { told: { at, counts: { [A]: 10 } } })]);
    assert.equal((await sink.series())[A], 15);
    // With a report that has nothing of what it was told, and one that has too much.
    await told([reportOf('two', { [A]: 1 }, { told: { at: 'x', counts: null } }), reportOf('three', { [A]: 1 }, { told: null }), reportOf('four', { [A]: 1 }, { told: { at: 0, counts: { [A]: 9 } } })]);
    assert.ok((await sink.series())[A] >= 17);
  });

  test('no sum that was shown goes back when the object crashes, though reports come while it is shown', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const [{ value: text }] = await sink.calls([['text'], ...Array.from({ length: 20 }, (_, n) => reportOf(`${round}-${n}`, { [A]: 100 }))]);
      await sink.restart();
      assert.ok(((await sink.series())[A] ?? 0) >= (seriesOf(text)[A] ?? 0), `round ${round}`);
    }
  });

  test('reports and readings at once: every text is readable, no sum goes back, and in the end each is right', async () => {
    let shown = 0;
    for (let round = 1; round <= 20; round += 1) {
      const calls = Array.from({ length: 40 }, (_, n) => reportOf(`isolate-${n}`, { [A]: round, [B]: 2 * round, edgeward_decision_seconds_sum: round / 10 }));
      const all = await told(calls.flatMap((call, n) => (n % 10 === 0 ? [['text'], call] : [call])));
      for (const text of all.filter((value) => typeof value === 'string')) {
        assertReadable(text);
        const sum = seriesOf(text)[A] ?? 0;
        assert.ok(sum >= shown, `${sum} after ${shown}`);
        shown = sum;
      }
    }
    const series = await sink.series();
    assert.deepEqual([series[A], series[B], series['edgeward_isolates']], [800, 1600, 40]);
    assert.ok(Math.abs(series['edgeward_decision_seconds_sum'] - 80) < 1e-6);
  });

  test('as many and as long reports as there may be are saved, and are there after a restart', async () => {
    const long = Object.fromEntries(Array.from({ length: 190 }, (_, n) => [refusals(`${n}-${'x'.repeat(900)}`), 1]));
    await told(Array.from({ length: 150 }, (_, n) => reportOf(`isolate-${n}`, long)));
    const [series] = Object.keys(long);
    assert.equal((await sink.series())[series], 150);
    await sink.restart();
    await told(Array.from({ length: 150 }, (_, n) => reportOf(`isolate-${n}`, long)));
    assert.equal((await sink.series())[series], 150);
  });
});

describe('an isolate whose wasm traps', () => {
  let stage;
  let admin;
  before(async () => {
    stage = await startRegistry({ config: { metrics: 'object', metrics_require: { role: 'admin' } }, more: { main: CONFORMANCE } });
    admin = (await stage.server.login('ada')).accessToken;
  });
  after(() => stage?.stop());

  test('counts once what it counts after that, and loses nothing of its sessions', async () => {
    const read = async () => seriesOf((await stage.ask('GET', '/.edgeward/metrics', admin)).text);
    const counted = (name, least) => until(async () => {
      const series = await read();
      return (series[name] ?? 0) >= least && series;
    }, `${name} ≥ ${least}`, 30_000);
    const missing = refusals('credential_missing');
    assert.equal((await stage.ask('GET', '/api/x')).status, 401);
    await counted(missing, 1);
    // A report is on its way from now on: what is counted before and after the trap comes into it.
    await read();
    assert.equal((await stage.post('/api/auth/login', { email: emailOf('bob'), password: PASSWORD })).status, 200);
    assert.equal((await stage.ask('GET', '/.edgeward/conformance/trap')).status, 500);
    for (let n = 0; n < 5; n += 1) assert.equal((await stage.ask('GET', '/api/x')).status, 401);
    await counted(missing, 6);
    // It comes with a later report than those: one that had them twice has come, too.
    assert.equal((await stage.ask('GET', '/nowhere')).status, 404);
    const series = await counted(refusals('route_not_found'), 1);
    assert.equal(series[missing], 6);
    assert.equal(series['edgeward_session_events_total{event="login",outcome="accepted"}'], 1);
  });
});
