import { describe, expect, it, onTestFinished } from 'vitest';
import type { SectionName } from '../../../src/fleet/jobs/job.ts';
import { CheckpointFactory } from '../../../src/fleet/reporting/checkpoints/checkpoint-factory.ts';
import { StaleWriterError } from '../../../src/fleet/reporting/error-codes.ts';
import { until } from '../../helpers/until.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { AbsentRedisStore, DirectRedisStore, SwitchableStore } from './helpers/direct-redis-store.ts';
import { startAnyRedis, type TestServer } from './helpers/redis-servers.ts';
import { checkpointContext, contentOf } from './helpers/reports.ts';
import { testServices } from './helpers/services.ts';

interface Outage {
  readonly store: DirectRedisStore;
  readonly stop: () => Promise<void>;
  readonly restart: () => Promise<void>;
}

async function redisThatCanGo(): Promise<Outage> {
  let server: TestServer = await startAnyRedis();
  const { port } = server;
  const store = await DirectRedisStore.connect(port);
  onTestFinished(async () => {
    await store.close();
    await server.stop();
  });
  return {
    store,
    stop: async () => {
      await server.stop();
      await until(() => !store.state.up, 'the client to notice');
    },
    restart: async () => {
      server = await startAnyRedis(port);
      await until(() => store.state.up, 'the client to be back');
    },
  };
}

describe('checkpoints without Redis', () => {
  it('C10 saves answer false at once and nothing is thrown where Redis was never there', async () => {
    const services = testServices({ redis: new AbsentRedisStore() });
    const manager = new CheckpointFactory(services).createForContext(checkpointContext());
    expect(await manager.claim(41)).toBe(42);
    expect(await manager.loadAllSections()).toEqual(new Map());
    expect(manager.mayResume).toBe(false);
    expect(await manager.saveSection('summary', contentOf('a'))).toBe(false);
    expect([await manager.hasCheckpoints(), await manager.getProgress(), await manager.getCheckpointAge(), await manager.cleanup()]).toEqual([false, null, null, false]);
    expect(manager.signal.aborted).toBe(false);
    expect(services.eventsOf('checkpoint_rejected')).toEqual([expect.objectContaining({ section: 'summary', reason: 'unavailable' })]);
    expect(services.counted('checkpoint_failures_total')).toBeGreaterThan(0);
  });

  it('C10 what was saved during an outage reaches Redis when it is back, with what the outage has wiped out, under the same token', async () => {
    const outage = await redisThatCanGo();
    const acknowledged: SectionName[] = [];
    const services = testServices({ redis: outage.store });
    const context = checkpointContext();
    const manager = new CheckpointFactory(services).createForContext({ ...context, onAcknowledged: (section) => void acknowledged.push(section) });
    expect(await manager.claim(6)).toBe(7);
    expect(await manager.saveSection('data_analysis', contentOf('before'))).toBe(true);
    await outage.stop();
    expect(await manager.saveSection('recommendations', contentOf('during', 50_000))).toBe(false);
    expect(await manager.saveSection('action_items', contentOf('during 2'))).toBe(false);
    expect(acknowledged).toEqual(['data_analysis']);
    await outage.restart();
    await until(async () => acknowledged.length === 3 && (await manager.getProgress())?.completed_sections.length === 3, 'everything to be saved again');
    expect(acknowledged.toSorted()).toEqual(['action_items', 'data_analysis', 'recommendations']);
    expect(manager.token).toBe(7);
    const heir = new CheckpointFactory(services).createForContext(context);
    expect(await heir.claim(0)).toBe(8);
    expect(Object.fromEntries(await heir.loadAllSections())).toEqual({
      action_items: contentOf('during 2'),
      data_analysis: contentOf('before'),
      recommendations: contentOf('during', 50_000),
    });
  });

  it('C10 an attempt that began without Redis takes the run once Redis is there, over an earlier attempt that held its token', async () => {
    const outage = await redisThatCanGo();
    const context = checkpointContext();
    const clock = new VirtualClock();
    const services = testServices({ redis: outage.store, clock });
    const earlier = new CheckpointFactory(services).createForContext(context);
    expect(await earlier.claim(0)).toBe(1);
    await earlier.saveSection('data_analysis', contentOf('earlier'));
    const store = new SwitchableStore(outage.store);
    const lateRedis = testServices({ redis: store, clock });
    store.available = false;
    await clock.advance(1);
    const later = new CheckpointFactory(lateRedis).createForContext(context);
    expect(await later.claim(0)).toBe(1);
    expect(await later.saveSection('summary', contentOf('later'))).toBe(false);
    store.available = true;
    expect(await later.flush()).toBe(true);
    expect(later.token).toBe(2);
    expect(await earlier.saveSection('action_items', contentOf('zombie'))).toBe(false);
    expect(earlier.signal.reason).toBeInstanceOf(StaleWriterError);
    expect([...(await later.loadAllSections()).keys()]).toEqual(['data_analysis', 'summary']);
  });

  it('C08 an attempt that began without Redis and finds a later one there has lost the run', async () => {
    const outage = await redisThatCanGo();
    const context = checkpointContext();
    const clock = new VirtualClock();
    const store = new SwitchableStore(outage.store);
    store.available = false;
    const paused = new CheckpointFactory(testServices({ redis: store, clock })).createForContext(context);
    expect(await paused.claim(0)).toBe(1);
    await paused.saveSection('summary', contentOf('paused'));
    await clock.advance(1);
    const heir = new CheckpointFactory(testServices({ redis: outage.store, clock })).createForContext(context);
    await heir.claim(0);
    await heir.saveSection('summary', contentOf('heir'));
    store.available = true;
    expect(await paused.flush()).toBe(false);
    expect(paused.signal.reason).toBeInstanceOf(StaleWriterError);
    expect(await heir.loadSection('summary')).toEqual(contentOf('heir'));
  });

  it('C10 a release after a failure sends what is still in memory, and then stays silent', async () => {
    const outage = await redisThatCanGo();
    const store = new SwitchableStore(outage.store);
    const context = checkpointContext();
    const manager = new CheckpointFactory(testServices({ redis: store })).createForContext(context);
    await manager.claim(0);
    store.available = false;
    expect(await manager.saveSection('summary', contentOf('a'))).toBe(false);
    store.available = true;
    await manager.release();
    expect(await manager.saveSection('data_analysis', contentOf('too late'))).toBe(false);
    const heir = new CheckpointFactory(testServices({ redis: outage.store })).createForContext(context);
    await heir.claim(0);
    expect([...(await heir.loadAllSections()).keys()]).toEqual(['summary']);
  });

  it('C07 checkpoints that Redis was not there to remove are removed once it is back', async () => {
    const outage = await redisThatCanGo();
    const store = new SwitchableStore(outage.store);
    const manager = new CheckpointFactory(testServices({ redis: store })).createForContext(checkpointContext());
    await manager.claim(0);
    expect(await manager.saveSection('summary', contentOf('a'))).toBe(true);
    store.available = false;
    expect(await manager.cleanup()).toBe(false);
    expect(await sectionKeys(outage)).toHaveLength(1);
    store.available = true;
    await until(async () => (await sectionKeys(outage)).length === 0, 'the late removal');
  });

  it('C07 a removal whose answer was lost is repeated, and is no stale writer', async () => {
    const outage = await redisThatCanGo();
    const store = new ForgetfulStore(outage.store);
    const services = testServices({ redis: store });
    const manager = new CheckpointFactory(services).createForContext(checkpointContext());
    await manager.claim(0);
    expect(await manager.saveSection('summary', contentOf('a'))).toBe(true);
    store.answersLost = 1;
    expect(await manager.cleanup()).toBe(false);
    expect(await manager.cleanup()).toBe(true);
    expect(manager.signal.aborted).toBe(false);
    expect(services.eventsOf('checkpoint_rejected')).toEqual([]);
  });
});

async function sectionKeys({ store }: Outage): Promise<string[]> {
  return await store.client.keys('report_checkpoint:{*');
}

/** Carries out what is asked, and loses the next answers. */
class ForgetfulStore extends SwitchableStore {
  answersLost = 0;

  override async execute<T>(name: string, work: Parameters<SwitchableStore['execute']>[1], options?: Parameters<SwitchableStore['execute']>[2]): Promise<T> {
    const answer = await super.execute<T>(name, work, options);
    if (this.answersLost === 0) return answer;
    this.answersLost -= 1;
    throw new Error('the connection was lost before the answer came');
  }
}
