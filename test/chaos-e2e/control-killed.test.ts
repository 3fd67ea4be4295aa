import { describe, expect, it } from 'vitest';
import { Lab } from '../helpers/lab.ts';
import { until } from '../helpers/until.ts';

describe('the host that leads the jobs', () => {
  it('F12 killed with -9 twice in mid-run: every accepted job still gets exactly one report, and none is paid for twice over', { timeout: 90_000 }, async () => {
    await using lab = await Lab.start({ reportingHosts: 2, concurrency: 8, llmLatencyMs: 40 });
    const accepted: string[] = [];
    const submitTo = async (name: string): Promise<void> => {
      // What is not accepted was promised nothing; a client offers it again.
      await until(async () => lab.submit(name).then(() => true, () => false), `${name} to be accepted`, 20_000);
      accepted.push(`lab-${name}`);
    };
    const kill = async (): Promise<void> => {
      const before = lab.events.length;
      const gone = lab.driver.processOf('control-1');
      gone?.kill('SIGKILL');
      await lab.event((event) => event.seq > before && event.type === 'host.exited' && event.host === 'control-1' && event.signal === 'SIGKILL');
      // New jobs come while it is being started again.
      await Promise.all([1, 2].map((n) => submitTo(`during-${before}-${n}`)));
      await lab.event((event) => event.seq > before && event.type === 'host.ready' && event.host === 'control-1');
    };

    await Promise.all(Array.from({ length: 8 }, (_, index) => submitTo(`first-${index}`)));
    // Accepted a moment ago: some have been sent on their way, some not.
    await kill();
    await Promise.all(Array.from({ length: 8 }, (_, index) => submitTo(`second-${index}`)));
    await lab.event((event) => event.type === 'checkpoint.saved' && event.job_id?.startsWith('lab-second-') === true);
    await kill();

    const views = await Promise.all(accepted.map((runId) => lab.completed(runId.slice('lab-'.length))));
    expect(views).toHaveLength(20);
    for (const view of views) expect(view.result).toMatchObject({ success: true, level: 'FULL' });
    expect(Object.fromEntries(await lab.reportsInDatabase())).toEqual(Object.fromEntries(accepted.map((runId) => [runId, 1])));
    const paid = (await lab.llmLog()).filter((entry) => entry.type === 'request');
    const perSection = Map.groupBy(paid, (entry) => `${entry.run_id}/${entry.section}`);
    expect(perSection.size).toBe(accepted.length * 4);
    expect(paid.length).toBeLessThanOrEqual(accepted.length * 4 + 8);
  });
});
