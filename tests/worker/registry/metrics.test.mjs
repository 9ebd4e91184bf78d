// Metrics: what isolates count, summed up by the object MetricsSink.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';

import { PROMTOOL } from '../../harness/promtool.mjs';
import { until } from '../../harness/client.mjs';
import { startRegistry } from '../../harness/registry_stage.mjs';
import { emailOf, PASSWORD } from '../../servers/people.mjs';

describe('metrics', () => {
  let stage;
  let admin;
  before(async () => {
    stage = await startRegistry({ config: { metrics: 'object', metrics_require: { role: 'admin' } } });
    admin = (await stage.server.login('ada')).accessToken;
  });
  after(() => stage?.stop());

  const read = async () => {
    const { status, headers, text } = await stage.ask('GET', '/.edgeward/metrics', admin);
    assert.equal(status, 200, text);
    assert.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(headers['cache-control'], 'no-store');
    return Object.fromEntries(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }));
  };
  const counted = (name, least) => until(async () => {
    const series = await read();
    return (series[name] ?? 0) >= least && series;
  }, `${name} ≥ ${least}`, 30_000);

  test('decisions are counted by outcome, class of the route and level, and refusals by code', async () => {
    const { json: { accessToken } } = await stage.post('/api/auth/login', { email: emailOf('bob'), password: PASSWORD });
    for (let n = 0; n < 7; n += 1) assert.equal((await stage.ask('GET', '/api/x', accessToken)).status, 200);
    for (let n = 0; n < 3; n += 1) assert.equal((await stage.ask('GET', '/api/x')).status, 401);
    // The second time at the latest the copy of the log decides.
    for (let n = 0; n < 2; n += 1) assert.equal((await stage.ask('GET', '/bounded/x', accessToken)).status, 200);
    const series = await counted('edgeward_refusals_total{code="credential_missing"}', 3);
    assert.equal(series['edgeward_decisions_total{outcome="passed",route="authenticated",revocation="strict"}'], 7);
    assert.equal(series['edgeward_decisions_total{outcome="refused",route="authenticated",revocation="strict"}'], 3);
    assert.equal(series['edgeward_session_events_total{event="login",outcome="accepted"}'], 1);
    const all = series['edgeward_decision_seconds_count'];
    assert.equal(series['edgeward_decision_seconds_bucket{le="+Inf"}'], all);
    assert.ok(all >= 11 && series['edgeward_isolates'] >= 1 && series['edgeward_revocation_copy_age_seconds'] >= 0);
  });

  test('what alerts look at is there before it happens, because Prometheus sees no increase in the first number of a series', async () => {
    const series = await read();
    const lost = ['audit', 'ended', 'pair', 'seen'].map((kind) => `edgeward_registry_events_lost_total{event="${kind}"}`);
    for (const name of [...lost, 'edgeward_session_events_total{event="token_reuse",outcome=""}']) assert.equal(series[name], 0, name);
  });

  test('refreshes, ends of sessions and the way of a revocation are counted; no sum goes back', async () => {
    const { json: pair } = await stage.post('/api/auth/login', { email: emailOf('eve'), password: PASSWORD });
    const { json: next } = await stage.post('/api/auth/refresh', { refreshToken: pair.refreshToken });
    await stage.post('/api/auth/logout', { refreshToken: next.refreshToken }, { headers: { authorization: `Bearer ${next.accessToken}` } });
    assert.equal((await stage.ask('GET', '/api/x', next.accessToken)).status, 401);
    const before = await read();
    const series = await counted('edgeward_sessions_ended_total{reason="logout"}', 1);
    assert.equal(series['edgeward_refresh_total{outcome="rotated"}'], 1);
    assert.equal(series['edgeward_refresh_seconds_count'], 1);
    assert.ok(series['edgeward_revocation_lag_seconds_count'] >= 1);
    for (const [name, value] of Object.entries(before)) if (/_(total|count|bucket)\b/.test(name)) assert.ok(series[name] >= value, name);
  });

  test('no client can make a series: every path, header and token leaves fewer than 400', async () => {
    for (let n = 0; n < 300; n += 1) {
      await stage.ask('GET', `/nowhere/${n}?x=${n}`, n % 2 === 0 ? undefined : `e${n}.${n}.${n}`);
    }
    const series = await counted('edgeward_refusals_total{code="route_not_found"}', 300);
    assert.ok(Object.keys(series).length < 100, String(Object.keys(series).length));
    assert.ok(Object.keys(series).every((name) => !name.includes('nowhere')));
  });

  test('promtool accepts the text', { skip: PROMTOOL === undefined && 'promtool is not installed' }, async () => {
    const { text } = await stage.ask('GET', '/.edgeward/metrics', admin);
    assert.equal(execFileSync(PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' }), '');
  });

  test('nobody reads them who does not meet `metrics_require`', async () => {
    const bob = (await stage.server.login('bob')).accessToken;
    assert.equal((await stage.ask('GET', '/.edgeward/metrics')).status, 401);
    assert.equal((await stage.ask('GET', '/.edgeward/metrics', bob)).status, 403);
    assert.equal((await stage.ask('POST', '/.edgeward/metrics', admin, {})).status, 405);
  });
});

test('without `metrics` there is no such resource', async () => {
  const stage = await startRegistry();
  try {
    const admin = (await stage.server.login('ada')).accessToken;
    assert.equal((await stage.ask('GET', '/.edgeward/metrics', admin)).status, 404);
    assert.equal((await stage.ask('GET', '/.edgeward/admin/audit', admin)).status, 404);
  } finally {
    await stage.stop();
  }
});
