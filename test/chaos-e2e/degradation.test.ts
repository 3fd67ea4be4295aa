import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Lab } from '../helpers/lab.ts';
import type { ServiceName } from '../../src/infra/provider.ts';

/** One fleet for all: each test breaks one thing, and leaves level 0 behind. */
describe('degradation and recovery', { timeout: 90_000 }, () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await Lab.start({ reportingHosts: 1 });
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const hosts = ['business-1', 'control-1', 'reporting-1'] as const;

  async function broken<T>(service: ServiceName, level: number, work: () => Promise<T>): Promise<T> {
    const before = lab.events.length;
    await lab.setProxy(service, false);
    if (level > 0) await Promise.all(hosts.map((host) => lab.event((event) => event.seq > before && event.type === 'level.changed' && event.host === host && event.to === level)));
    else await Promise.all(hosts.slice(2).map((host) => lab.event((event) => event.seq > before && event.type === 'dependency.changed' && event.host === host && event.dependency === service && !event.up)));
    const result = await work();
    const healed = lab.events.length;
    await lab.setProxy(service, true);
    if (level > 0) await Promise.all(hosts.map((host) => lab.event((event) => event.seq > healed && event.type === 'level.changed' && event.host === host && event.to === 0)));
    return result;
  }

  it('F08 Kafka gone is level 2: jobs are accepted and reported by direct calls, and level 0 comes back by itself', async () => {
    const view = await broken('kafka', 2, async () => {
      await lab.submit('kafka-down');
      return lab.completed('kafka-down');
    });
    expect(view.result).toMatchObject({ success: true, level: 'FULL' });
    await lab.submit('kafka-back');
    expect((await lab.completed('kafka-back')).result).toMatchObject({ success: true, level: 'FULL' });
  });

  it('F09 PostgreSQL gone is level 1: jobs go on in SQLite, and reach PostgreSQL once afterwards', async () => {
    const view = await broken('postgres', 1, async () => {
      await lab.submit('postgres-down');
      return lab.completed('postgres-down');
    });
    expect(view.result).toMatchObject({ success: true, level: 'FULL' });
    await lab.event((event) => event.type === 'database.reconciled' && event.host === 'control-1');
    await lab.event((event) => event.type === 'database.reconciled' && event.host === 'reporting-1');
    expect((await lab.reportsInDatabase()).get('lab-postgres-down')).toBe(1);
    expect((await lab.completed('postgres-down')).result).toEqual(view.result);
  });

  it('C10 Redis gone leaves the level at 0: the report is made without it', async () => {
    const view = await broken('redis', 0, async () => {
      await lab.submit('redis-down');
      return lab.completed('redis-down');
    });
    expect(view.result).toMatchObject({ success: true, level: 'FULL' });
    await lab.event((event) => event.type === 'dependency.changed' && event.host === 'reporting-1' && event.dependency === 'redis' && event.up);
  });

  it('D08 the model gone: sections come from templates, and the report says so', async () => {
    await lab.setProxy('llm', false);
    await lab.submit('llm-down', { userId: 'user-9', question: 'Which shipments are late?' });
    const view = await lab.completed('llm-down');
    expect(view.result.success).toBe(true);
    expect(view.result.level).not.toBe('FULL');
    await lab.event((event) => event.type === 'dependency.changed' && event.host === 'reporting-1' && event.dependency === 'llm' && !event.up);
    const before = lab.events.length;
    await lab.setProxy('llm', true);
    // The probe that finds it back also ends the open time of its breaker (N06): the next report need not wait for it.
    await lab.event((event) => event.seq > before && event.type === 'dependency.changed' && event.host === 'reporting-1' && event.dependency === 'llm' && event.up);
    await lab.submit('llm-back', { question: 'Which shipments are late?' });
    expect((await lab.completed('llm-back')).result).toMatchObject({ success: true, level: 'FULL' });
  });

  it('F08 several services gone is level 3: read-only, with a time to try again, and jobs are accepted again afterwards', async () => {
    await lab.setProxy('redis', false);
    const refusal = await broken('kafka', 3, async () => {
      const error: unknown = await lab.submit('read-only').then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      await lab.setProxy('redis', true);
      await Promise.all(hosts.map((host) => lab.event((event) => event.type === 'level.changed' && event.host === host && event.from === 3)));
      return error;
    });
    expect(refusal).toMatchObject({ code: 'READ_ONLY' });
    await lab.submit('writable');
    expect((await lab.completed('writable')).result).toMatchObject({ success: true });
  });
});
