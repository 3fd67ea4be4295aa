import { describe, expect, it } from 'vitest';
import { reportLevels } from '../../../src/fleet/jobs/job.ts';
import { MetricSet, type MetricSetOptions } from '../../../src/telemetry/metrics/metric-set.ts';
import { metricDefinitions, type CounterName } from '../../../src/telemetry/metrics/registry.ts';
import type { MetricDefinition } from '../../../src/telemetry/metrics/definition.ts';

const definitions: [string, MetricDefinition][] = Object.entries(metricDefinitions);
const known = { agents: ['order', 'reporting'], breakers: ['redis', 'agent.order'], services: ['redis', 'agent'] };
const metricSet = (options: Partial<MetricSetOptions> = {}): MetricSet => new MetricSet({ host: 'h-1', known: () => known, onRefused: (name, error) => expect.fail(`${name}: ${String(error)}`), ...options });

describe('metrics', () => {
  it('N01 are counted, observed and set under their prefix, with the label of their host', async () => {
    const metrics = metricSet();
    metrics.count('retries_total', { service: 'redis' });
    metrics.count('retries_total', { service: 'redis' }, 2);
    metrics.observe('checkpoint_latency_seconds', 0.007, { operation: 'save' });
    metrics.set('degradation_level', 2);
    const text = await metrics.text();
    expect(text).toContain('netra_retries_total{service="redis",host="h-1"} 3');
    expect(text).toContain('netra_checkpoint_latency_seconds_bucket{le="0.005",host="h-1",operation="save"} 0');
    expect(text).toContain('netra_checkpoint_latency_seconds_bucket{le="0.01",host="h-1",operation="save"} 1');
    expect(text).toContain('netra_degradation_level{host="h-1"} 2');
  });

  it('N01 a counter begins at 0, so that its first increase is one; a gauge that is forgotten is absent until it is set', async () => {
    const metrics = metricSet();
    expect(await metrics.text()).toContain('netra_checkpoint_failures_total{operation="save",host="h-1"} 0');
    metrics.set('consumer_lag_messages', 5, { agent: 'order' });
    metrics.forget('consumer_lag_messages');
    metrics.set('consumer_lag_messages', 6, { agent: 'reporting' });
    expect((await metrics.text()).match(/^netra_consumer_lag_messages.*$/gm)).toEqual(['netra_consumer_lag_messages{agent="reporting",host="h-1"} 6']);
  });

  it('N07 other labels than declared, NaN and counting down never break the work that is counted; each metric is complained of once', async () => {
    const refused: string[] = [];
    const metrics = metricSet({ onRefused: (name) => refused.push(name) });
    for (let turn = 0; turn < 3; turn++) metrics.count('retries_total', { user: '1' });
    metrics.count('jobs_accepted_total', {}, -1);
    metrics.observe('checkpoint_bytes', Number.NaN);
    metrics.count('nothing_total' as CounterName);
    metrics.count('retries_total', { service: 'redis' });
    expect(refused).toEqual(['retries_total', 'jobs_accepted_total', 'checkpoint_bytes', 'nothing_total']);
    const text = await metrics.text();
    expect(text).toContain('netra_retries_total{service="redis",host="h-1"} 1');
    expect(text).toContain('netra_checkpoint_bytes_sum{host="h-1"} 0');
  });

  it.each(definitions)('N01 %s: no label can hold what comes from outside, be it a job, a user, a correlation id or a message', async (name, { kind, labels = {} }) => {
    const metrics = metricSet();
    for (const label of Object.keys(labels)) expect(label).not.toMatch(/job|run|user|correlation|id$|error|message|question/);
    const planted = ['job-4711', 'user@example.org', '0194e1c2-7a55-7000-8000-000000000000', 'connect ECONNREFUSED 127.0.0.1:1'];
    for (const value of planted) {
      const all = Object.fromEntries(Object.keys(labels).map((label) => [label, value]));
      if (kind === 'counter') metrics.count(name as never, all);
      else if (kind === 'gauge') metrics.set(name as never, 1, all);
      else metrics.observe(name as never, 1, all);
    }
    const text = await metrics.text();
    for (const value of planted) expect(text).not.toContain(value);
    if (Object.keys(labels).length === 0) return;
    const series = text.split('\n').filter((line) => line.startsWith(`netra_${name}`) && line.includes('other'));
    expect(series.some((line) => Number(line.split(' ').at(-1)) > 0)).toBe(true);
  });

  it('N01 names end in base units, counters in _total; every metric is explained', () => {
    for (const [name, { kind, help }] of definitions) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb|kilobytes|megabytes|percent)(_|$)/);
      expect({ name, total: name.endsWith('_total') }).toEqual({ name, total: kind === 'counter' });
      if (kind === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/);
      expect(help).toMatch(/^\S.{10,}[^.]$/);
    }
  });

  it('N01 the levels that are counted are those that reports have', () => {
    expect(metricDefinitions.reports_total.labels.level).toEqual(reportLevels);
    expect(metricDefinitions.report_duration_seconds.labels.level).toEqual(reportLevels);
  });
});
