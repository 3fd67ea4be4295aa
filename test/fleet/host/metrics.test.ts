import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricDefinitions } from '../../../src/telemetry/metrics/registry.ts';
import { noPromtool, promtool } from '../../helpers/promtool.ts';
import { until } from '../../helpers/until.ts';
import { FleetServers, type TestHost } from './fleet-servers.ts';

const user = 'user@planted.example';
const jobIds = ['planted-job-1', 'planted-job-2'];
const correlationId = 'planted-correlation';

let servers: FleetServers;
let hosts: { readonly business: TestHost; readonly control: TestHost; readonly reporting: TestHost };

beforeAll(async () => {
  servers = await FleetServers.start();
  hosts = { business: servers.host('business'), control: servers.host('control'), reporting: servers.host('reporting') };
  await Promise.all(Object.values(hosts).map((host) => host.up()));
  for (const run of jobIds) {
    await hosts.control.post('/jobs', { run_id: run, user_id: user, question: 'Planted question?', period: { from: '2025-01-01', to: '2025-12-31' } }, { 'x-correlation-id': correlationId });
  }
  for (const run of jobIds) await until(async () => (await hosts.control.get(`/jobs/${run}`)).body['status'] === 'completed', `${run} to be completed`, 25_000);
}, 60_000);

afterAll(async () => {
  await servers?.[Symbol.asyncDispose]();
}, 30_000);

/** Series by what stands before the value, without the label of the host. */
async function scrape(host: TestHost): Promise<ReadonlyMap<string, number>> {
  const { body } = await host.get<string>('/metrics');
  return new Map(
    body
      .split('\n')
      .filter((line) => line.startsWith('netra_'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        const series = line.slice(0, at).replace(/,?host="[^"]*"/, '').replace('{,', '{').replace('{}', '');
        return [series, Number(line.slice(at + 1))];
      }),
  );
}

describe('metrics of a host', () => {
  it('N01 jobs, reports, their levels and durations, checkpoints and tokens are counted', async () => {
    const control = await scrape(hosts.control);
    expect(control.get('netra_jobs_accepted_total')).toBe(2);
    // Counted once the report is there for whoever asks.
    await until(async () => (await scrape(hosts.reporting)).get('netra_job_duration_seconds_count') === 2, 'both jobs to be counted');
    const reporting = await scrape(hosts.reporting);
    expect(reporting.get('netra_reports_total{level="FULL"}')).toBe(2);
    expect(reporting.get('netra_reports_total{level="FALLBACK"}')).toBe(0);
    expect(reporting.get('netra_report_attempts_total{outcome="stored"}')).toBe(2);
    expect(reporting.get('netra_job_duration_seconds_count')).toBe(2);
    expect(reporting.get('netra_job_duration_seconds_sum')).toBeGreaterThan(0);
    expect(reporting.get('netra_checkpoint_saves_total{result="saved"}')).toBe(8);
    expect(reporting.get('netra_checkpoint_bytes_count')).toBe(8);
    expect(reporting.get('netra_checkpoint_latency_seconds_count{operation="save"}')).toBe(8);
    expect(reporting.get('netra_llm_tokens_total{direction="input"}')).toBeGreaterThan(0);
    expect(reporting.get('netra_llm_tokens_total{direction="output"}')).toBeGreaterThan(0);
    expect(reporting.get('netra_llm_latency_seconds_count{outcome="success"}')).toBe(8);
    expect(reporting.get('netra_breaker_calls_total{breaker="llm",outcome="success"}')).toBe(8);
  });

  it('N01 level, breakers, pool, lag, budget and process are shown as they stand', async () => {
    let series: ReadonlyMap<string, number> = new Map();
    // A report is there before the message that asked for it is committed.
    await until(async () => {
      series = await scrape(hosts.reporting);
      return series.get('netra_consumer_lag_messages{agent="reporting"}') === 0 && series.get('netra_agent_work_in_progress{agent="reporting"}') === 0;
    }, 'no message to be left');
    expect(series.get('netra_degradation_level')).toBe(0);
    expect(series.get('netra_dependency_up{dependency="redis"}')).toBe(1);
    for (const breaker of ['redis', 'postgres', 'kafka', 'llm']) {
      expect(series.get(`netra_breaker_state{breaker="${breaker}",state="closed"}`)).toBe(1);
      expect(series.get(`netra_breaker_state{breaker="${breaker}",state="open"}`)).toBe(0);
    }
    expect(series.get('netra_breaker_failure_ratio{breaker="redis"}')).toBe(0);
    expect(series.get('netra_database_pool_connections')).toBeGreaterThan(0);
    expect(series.get('netra_database_pool_waiting_requests')).toBe(0);
    expect(series.get('netra_retry_budget_available{service="redis"}')).toBeGreaterThan(0);
    expect(Math.abs((series.get('netra_process_start_time_seconds') as number) - Date.now() / 1_000)).toBeLessThan(120);
    expect(series.get('netra_process_resident_memory_bytes')).toBeGreaterThan(1e7);
  });

  it('N01 every metric of the registry is there, in all roles, and no other', async () => {
    for (const host of Object.values(hosts)) {
      const types = [...(await host.get<string>('/metrics')).body.matchAll(/^# TYPE netra_(\S+) (\S+)$/gm)].map(([, name, kind]) => [name, kind]);
      expect(types).toEqual(Object.entries(metricDefinitions).map(([name, { kind }]) => [name, kind]));
    }
  });

  it('N01 nothing of a job, its user, its question or an error is in any series', async () => {
    await hosts.business.post('/agents/order/planted-action', { planted: 'input' }, { 'x-correlation-id': correlationId });
    for (const host of Object.values(hosts)) expect((await host.get<string>('/metrics')).body).not.toMatch(/planted/i);
  });

  it.skipIf(noPromtool !== undefined)(`N01 promtool finds nothing to say about any host's metrics${noPromtool === undefined ? '' : ` (${noPromtool})`}`, async () => {
    for (const host of Object.values(hosts)) {
      expect(await promtool(['check', 'metrics'], (await host.get<string>('/metrics')).body)).toEqual({ code: 0, output: '' });
    }
    // It does say something where there is something to say.
    expect((await promtool(['check', 'metrics'], '# HELP took_ms Time\n# TYPE took_ms counter\ntook_ms 1\n')).output).toMatch(/_total/);
  });

  it('N01 a job that waits for its model is open, and work of its agent, until it has its report', async () => {
    const { llm } = servers.proxies;
    llm.silence();
    const run = 'planted-job-4';
    await hosts.control.post('/jobs', { run_id: run, user_id: user, question: 'Still waiting?', period: { from: '2025-01-01', to: '2025-12-31' } });
    await until(async () => (await scrape(hosts.reporting)).get('netra_agent_work_in_progress{agent="reporting"}') === 1, 'the reporting agent to be at work', 15_000);
    const open = await scrape(hosts.control);
    expect(open.get('netra_jobs_open')).toBe(1);
    expect(open.get('netra_oldest_open_job_age_seconds')).toBeGreaterThan(0);
    expect((await scrape(hosts.reporting)).get('netra_jobs_open')).toBe(0);
    llm.unsilence();
    llm.reset();
    await until(async () => (await scrape(hosts.control)).get('netra_jobs_open') === 0, `${run} to be settled`, 25_000);
    expect((await scrape(hosts.control)).get('netra_oldest_open_job_age_seconds')).toBe(0);
  }, 60_000);

  it('N01 a Redis that goes away shows in breaker, dependency, transitions and checkpoint failures, and is back afterwards', async () => {
    const { redis } = servers.proxies;
    await redis.refuse();
    const run = 'planted-job-3';
    await until(async () => (await scrape(hosts.reporting)).get('netra_dependency_up{dependency="redis"}') === 0, 'Redis to be seen down', 15_000);
    await hosts.control.post('/jobs', { run_id: run, user_id: user, question: 'Without Redis?', period: { from: '2025-01-01', to: '2025-12-31' } });
    await until(async () => (await scrape(hosts.reporting)).get('netra_breaker_state{breaker="redis",state="open"}') === 1, 'the breaker of Redis to open', 15_000);
    const series = await scrape(hosts.reporting);
    expect(series.get('netra_breaker_state{breaker="redis",state="closed"}')).toBe(0);
    expect(series.get('netra_breaker_transitions_total{breaker="redis",from="closed",to="open"}')).toBe(1);
    expect(series.get('netra_breaker_calls_total{breaker="redis",outcome="failure"}')).toBeGreaterThan(0);
    await until(async () => (await hosts.control.get(`/jobs/${run}`)).body['status'] === 'completed', `${run} to be completed`, 25_000);
    const failures = [...(await scrape(hosts.reporting))].filter(([name, value]) => name.startsWith('netra_checkpoint_failures_total') && value > 0);
    expect(failures).not.toEqual([]);
    await redis.listenAgain();
    await until(async () => (await scrape(hosts.reporting)).get('netra_breaker_state{breaker="redis",state="closed"}') === 1, 'the breaker of Redis to close', 20_000);
  }, 60_000);
});
