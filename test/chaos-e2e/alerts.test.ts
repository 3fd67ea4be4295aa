import { Toxiproxy } from 'toxiproxy-node-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../helpers/lab.ts';
import { Prometheus, type ActiveAlert } from '../helpers/prometheus.ts';
import { noPrometheus } from '../helpers/promtool.ts';

const hosts = ['business-1', 'control-1', 'reporting-1'] as const;
const because = noPrometheus === undefined ? '' : ` (${noPrometheus})`;

/** As deployed, apart from how long something has to last, and how much has to wait: a test has seconds for what takes minutes. */
function hastened(rules: string): string {
  return rules
    .replaceAll(/for: \d+m/g, 'for: 2s')
    .replaceAll(/\[\d+m\]/g, '[20s]')
    .replace('netra_consumer_lag_messages) > 100', 'netra_consumer_lag_messages) > 1')
    .replace('age_seconds) > 300', 'age_seconds) > 3');
}

/** One fleet under a real Prometheus for all: each test breaks one thing, and leaves it whole behind. */
describe.skipIf(noPrometheus !== undefined)(`alerts${because}`, { timeout: 120_000 }, () => {
  let lab: Lab;
  let prometheus: Prometheus;
  let jobs = 0;
  beforeAll(async () => {
    lab = await Lab.start({ concurrency: 1 });
    prometheus = await Prometheus.start({ targets: hosts.map((host) => new URL(lab.driver.url(host) as string).host), token: lab.token, rules: hastened });
    await prometheus.until(async () => (await prometheus.query('up == 1')).length === hosts.length, 'all hosts to be scraped', 30_000);
  });
  afterAll(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
  });

  async function submit(): Promise<string> {
    const name = `alerts-${(jobs += 1)}`;
    await lab.submit(name);
    return name;
  }

  /** Resolves with the alert once it fires; it was seen pending, or had no time to. */
  async function fires(name: string, labels: Readonly<Record<string, string>> = {}): Promise<ActiveAlert> {
    let found: ActiveAlert | undefined;
    const wanted = (alert: ActiveAlert): boolean => alert.labels['alertname'] === name && Object.entries(labels).every(([label, value]) => alert.labels[label] === value);
    await prometheus.until(
      async () => {
        found = (await prometheus.alerts()).find((alert) => wanted(alert) && alert.state === 'firing');
        return found !== undefined;
      },
      `${name} to fire`,
      60_000,
    );
    return found as ActiveAlert;
  }

  async function quiet(names: readonly string[]): Promise<void> {
    await prometheus.until(async () => !(await prometheus.alerts()).some(({ labels }) => names.includes(labels['alertname'] as string)), `${names.join(', ')} to be over`, 90_000);
  }

  it('N03 a fleet that is whole raises none', async () => {
    const name = await submit();
    await lab.completed(name);
    await prometheus.until(async () => (await prometheus.query('sum(netra_reports_total{level="FULL"})'))[0]?.value === 1, 'the report to be scraped', 15_000);
    expect(await prometheus.alerts()).toEqual([]);
  });

  it('N03 Redis gone: the breaker is seen open, calls fail, checkpoints fail; all of it is over once Redis is back', async () => {
    await lab.setProxy('redis', false);
    await lab.completed(await submit());
    await prometheus.until(async () => (await prometheus.query('netra_breaker_state{breaker="redis", host="reporting-1", state="closed"}'))[0]?.value === 0, 'the breaker to be scraped', 30_000);
    const [open] = await Promise.all([fires('NetraBreakerOpen', { breaker: 'redis', host: 'reporting-1' }), fires('NetraCheckpointFailures', { host: 'reporting-1' }), fires('NetraHighFailureRate', { breaker: 'redis' })]);
    expect(open.annotations).toMatchObject({ summary: 'reporting-1 has given up redis', runbook_url: 'docs/monitoring.md#netrabreakeropen' });
    await lab.setProxy('redis', true);
    await lab.completed(await submit());
    await quiet(['NetraBreakerOpen', 'NetraCheckpointFailures', 'NetraHighFailureRate']);
  });

  it('N03 the model gone: reports are below BASIC', async () => {
    await lab.setProxy('llm', false);
    await lab.completed(await submit());
    await lab.completed(await submit());
    expect((await fires('NetraReportsBelowBasic')).annotations['summary']).toMatch(/^\d[\d.]*% of the reports are below BASIC$/);
    await lab.setProxy('llm', true);
    // A breaker that nobody calls stays as it was.
    await prometheus.until(async () => (await lab.completed(await submit())).result['level'] === 'FULL', 'a whole report', 60_000);
    await quiet(['NetraReportsBelowBasic', 'NetraBreakerOpen']);
  });

  it('N03 Kafka gone: the fleet is at level 2', async () => {
    await lab.setProxy('kafka', false);
    const alerts = await Promise.all(hosts.map((host) => fires('NetraFleetDegraded', { host })));
    expect(alerts[0]?.annotations['summary']).toBe('business-1 is at level 2');
    await lab.setProxy('kafka', true);
    await quiet(['NetraFleetDegraded']);
  });

  it('N03 work comes faster than it is done, and then its host is lost: messages wait, the host is down, and nobody is seen to go on', async () => {
    const slow = await (await new Toxiproxy(lab.infra.toxiproxyUrl).get('llm')).addToxic({ name: 'slow', type: 'latency', stream: 'downstream', toxicity: 1, attributes: { latency: 4_000, jitter: 0 } });
    const waiting = [await submit(), await submit(), await submit()];
    expect((await fires('NetraConsumerLag', { agent: 'reporting' })).annotations['summary']).toMatch(/^[23] messages wait for reporting$/);
    const { instance } = (await prometheus.query('netra_agent_work_in_progress{host="reporting-1", agent="reporting"} > 0'))[0]?.metric ?? {};
    // It is started again at another port, where this Prometheus does not look.
    await lab.driver.kill('reporting-1');
    await Promise.all([fires('NetraHostDown', { instance: instance as string }), fires('NetraNoResumeAfterCrash')]);
    await slow.remove();
    for (const name of waiting) await lab.completed(name);
    await quiet(['NetraNoResumeAfterCrash', 'NetraConsumerLag']);
  });
});
