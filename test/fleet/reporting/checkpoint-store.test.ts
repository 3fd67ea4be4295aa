import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { sectionNames, type SectionName } from '../../../src/fleet/jobs/job.ts';
import { commitCheckpoint } from '../../../src/fleet/reporting/checkpoints/checkpoint-commit.ts';
import { CheckpointFactory } from '../../../src/fleet/reporting/checkpoints/checkpoint-factory.ts';
import { checkpointKeys } from '../../../src/fleet/reporting/checkpoints/checkpoint-keys.ts';
import type { ReportCheckpointManager } from '../../../src/fleet/reporting/checkpoints/report-checkpoint-manager.ts';
import { serializeCheckpoint } from '../../../src/fleet/reporting/checkpoints/checkpoint-record.ts';
import { fencedScripts } from '../../../src/fleet/reporting/checkpoints/checkpoint-scripts.ts';
import type { CheckpointContext } from '../../../src/fleet/reporting/checkpoints/checkpoint-context.ts';
import { StaleWriterError } from '../../../src/fleet/reporting/error-codes.ts';
import { VirtualClock } from '../../helpers/virtual-clock.ts';
import { DirectRedisStore } from './helpers/direct-redis-store.ts';
import { redisServers, type TestServer } from './helpers/redis-servers.ts';
import { checkpointContext, contentOf } from './helpers/reports.ts';
import { testServices } from './helpers/services.ts';

describe.each(redisServers)('checkpoint store on $label', ({ start }) => {
  let server: TestServer;
  let store: DirectRedisStore;

  beforeAll(async () => {
    server = await start();
    store = await DirectRedisStore.connect(server.port);
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });
  beforeEach(() => store.client.flushall());

  const dump = async (): Promise<Record<string, unknown>> => {
    const content: Record<string, unknown> = {};
    for (const key of (await store.client.keys('*')).sort()) content[key] = (await store.client.type(key)) === 'hash' ? await store.client.hgetall(key) : await store.client.get(key);
    return content;
  };
  const attempt = async (context: CheckpointContext, floor = 0, services = testServices({ redis: store })): Promise<ReportCheckpointManager> => {
    const manager = new CheckpointFactory(services).createForContext(context);
    await manager.claim(floor);
    return manager;
  };

  it('C01 two users with one run id see nothing of each other', async () => {
    const mine = await attempt(checkpointContext({ userId: 'anna', jobId: 'run' }));
    const theirs = await attempt(checkpointContext({ userId: 'berta', jobId: 'run' }));
    await mine.saveSection('summary', contentOf('anna'));
    expect(await theirs.hasCheckpoints()).toBe(false);
    expect(await theirs.loadSection('summary')).toBeNull();
    await theirs.cleanup();
    expect(await mine.loadSection('summary')).toEqual(contentOf('anna'));
  });

  it('C02 a run writes exactly the two kinds of key, all in one hash slot', async () => {
    const manager = await attempt(checkpointContext({ userId: 'user 1', jobId: 'run:2' }));
    await manager.saveSection('summary', contentOf('a'));
    expect((await store.client.keys('*')).sort()).toEqual(['report_checkpoint:progress:{user%201:run%3A2}', 'report_checkpoint:{user%201:run%3A2}:summary']);
  });

  it('C03 C05 a save writes section and progress together, both with a time to live of 3600 s', async () => {
    const clock = new VirtualClock(1_700_000_000_000);
    const context = checkpointContext();
    const manager = await attempt(context, 0, testServices({ redis: store, clock }));
    await clock.advance(5_000);
    expect(await manager.saveSection('data_analysis', contentOf('a'), 'recommendations')).toBe(true);
    expect(await manager.getProgress()).toEqual({
      completed_sections: ['data_analysis'],
      in_progress: 'recommendations',
      total_sections: 4,
      last_update: 1_700_000_005_000,
      fencing_token: 1,
    });
    const keys = checkpointKeys(context.userId, context.jobId);
    for (const key of [keys.progress, keys.section('data_analysis')]) {
      const ttlMs = await store.client.pttl(key);
      expect(ttlMs).toBeGreaterThan(3_595_000);
      expect(ttlMs).toBeLessThanOrEqual(3_600_000);
    }
  });

  it.each([
    ['a small section', 2_000, ['evalsha']],
    ['one of 20 KB, with its content beside the script', 20_000, ['set', 'evalsha']],
  ])('C11 a save costs one exchange with Redis, however many sections there are: %s', async (_kind, bytes, commands) => {
    const manager = await attempt(checkpointContext());
    await manager.saveSection('data_analysis', contentOf('the first save makes the script known'));
    const sent: string[] = [];
    const { client } = store;
    const send = client.sendCommand.bind(client);
    client.sendCommand = (command, ...rest) => {
      sent.push(command.name);
      return send(command, ...rest);
    };
    try {
      for (const section of ['recommendations', 'action_items', 'summary'] as const) expect(await manager.saveSection(section, contentOf(section, bytes))).toBe(true);
    } finally {
      client.sendCommand = send;
    }
    expect(sent).toEqual([...commands, ...commands, ...commands]);
  });

  it.each([
    ['inline', 2_000],
    ['a blob behind a pointer', 200_000],
  ])('C04 sections come back as they were saved: %s', async (_kind, bytes) => {
    const context = checkpointContext();
    const first = await attempt(context);
    expect(await first.hasCheckpoints()).toBe(false);
    expect(await first.getProgress()).toMatchObject({ completed_sections: [] });
    for (const section of ['data_analysis', 'summary'] as const) expect(await first.saveSection(section, contentOf(section, bytes))).toBe(true);
    const second = await attempt(context);
    expect(await second.hasCheckpoints()).toBe(true);
    expect(await second.loadSection('summary')).toEqual(contentOf('summary', bytes));
    expect(await second.loadSection('action_items')).toBeNull();
    expect(await second.loadAllSections()).toEqual(new Map((['data_analysis', 'summary'] as const).map((section) => [section, contentOf(section, bytes)])));
  });

  it('C04 age is that of the oldest checkpoint in seconds, null without one', async () => {
    const clock = new VirtualClock();
    const manager = await attempt(checkpointContext(), 0, testServices({ redis: store, clock }));
    expect(await manager.getCheckpointAge()).toBeNull();
    await manager.saveSection('data_analysis', contentOf('a'));
    await clock.advance(30_000);
    await manager.saveSection('summary', contentOf('b'));
    await clock.advance(12_500);
    expect(await manager.getCheckpointAge()).toBe(42.5);
    clock.stepWall(-3_600_000);
    expect(await manager.getCheckpointAge()).toBe(0);
  });

  it('C04 no operation uses KEYS or SCAN', async () => {
    const watched = await DirectRedisStore.connect(server.port);
    const send = watched.client.sendCommand.bind(watched.client);
    const commands: string[] = [];
    watched.client.sendCommand = (command, stream) => {
      commands.push(command.name.toLowerCase());
      return send(command, stream);
    };
    try {
      const services = testServices({ redis: watched });
      const context = checkpointContext();
      const manager = await attempt(context, 0, services);
      await manager.saveSection('summary', contentOf('a', 50_000));
      const next = await attempt(context, 0, services);
      await next.loadAllSections();
      await next.loadSection('summary');
      await next.getProgress();
      await next.getCheckpointAge();
      await next.cleanup();
      expect(commands).toEqual(expect.arrayContaining(['evalsha', 'hgetall', 'mget']));
      const scripts = Object.values(fencedScripts).map((script) => script.source).join('\n');
      const called = [...scripts.matchAll(/redis\.call\('(\w+)'/g)].map(([, name]) => String(name).toLowerCase());
      expect([...commands, ...called].filter((command) => ['keys', 'scan', 'hscan', 'sscan'].includes(command))).toEqual([]);
    } finally {
      await watched.close();
    }
  });

  it('C07 cleanup removes every section and blob, and leaves only a fence that ends by itself', async () => {
    const context = checkpointContext();
    const manager = await attempt(context);
    for (const section of sectionNames) await manager.saveSection(section, contentOf(section, section === 'summary' ? 100_000 : 500));
    expect(await manager.cleanup()).toBe(true);
    const keys = checkpointKeys(context.userId, context.jobId);
    expect(await store.client.keys('*')).toEqual([keys.progress]);
    expect(await store.client.pttl(keys.progress)).toBeGreaterThan(0);
    expect(await manager.hasCheckpoints()).toBe(false);
    expect(await manager.getProgress()).toBeNull();
    expect(await manager.getCheckpointAge()).toBeNull();
  });

  it('C08 each attempt takes a higher token, also above a minimum from outside, also in an emptied Redis', async () => {
    const context = checkpointContext();
    const tokens: number[] = [];
    for (const floor of [0, 0, 10, 3]) tokens.push((await attempt(context, floor)).token);
    expect(tokens).toEqual([1, 2, 11, 12]);
    await store.client.flushall();
    expect((await attempt(context, 12)).token).toBe(13);
  });

  it.each([
    ['a save', async (zombie: ReportCheckpointManager) => expect(await zombie.saveSection('summary', contentOf('zombie'))).toBe(false)],
    ['a save of a large section', async (zombie: ReportCheckpointManager) => expect(await zombie.saveSection('summary', contentOf('zombie', 90_000))).toBe(false)],
    ['a cleanup', async (zombie: ReportCheckpointManager) => expect(await zombie.cleanup()).toBe(false)],
  ])('C08 a paused writer that comes back changes nothing and its attempt is aborted: %s', async (_what, act) => {
    const context = checkpointContext();
    const services = testServices({ redis: store });
    const zombie = await attempt(context, 0, services);
    await zombie.saveSection('data_analysis', contentOf('zombie', 60_000));
    const heir = await attempt(context);
    await heir.saveSection('data_analysis', contentOf('heir', 60_000));
    const before = await dump();
    await act(zombie);
    expect(await dump()).toEqual(before);
    expect(zombie.signal.aborted).toBe(true);
    expect(zombie.signal.reason).toBeInstanceOf(StaleWriterError);
    expect(services.eventsOf('checkpoint_rejected')).toEqual([expect.objectContaining({ reason: 'stale_writer' })]);
    expect(services.counted('checkpoint_stale_writers_total')).toBe(1);
    expect(await zombie.saveSection('action_items', contentOf('zombie'))).toBe(false);
    expect(await dump()).toEqual(before);
    expect(heir.signal.aborted).toBe(false);
  });

  it.each([0, 90_000])('D11 with fencing off a paused writer that comes back writes over its successor, filler %i', async (filler) => {
    const context = checkpointContext();
    const services = testServices({ redis: store, resilience: { fencing: false } });
    const zombie = await attempt(context, 0, services);
    const heir = await attempt(context, 0, services);
    await heir.saveSection('summary', contentOf('heir', filler));
    expect(await zombie.saveSection('summary', contentOf('zombie', filler))).toBe(true);
    expect(zombie.signal.aborted).toBe(false);
    expect(await (await attempt(context, 0, services)).loadSection('summary')).toEqual(contentOf('zombie', filler));
    expect(services.eventsOf('checkpoint_rejected')).toEqual([]);
    expect(await zombie.cleanup()).toBe(true);
    expect(await heir.hasCheckpoints()).toBe(false);
  });

  it('C08 a paused writer is refused also after its successor has finished and cleaned up', async () => {
    const context = checkpointContext();
    const zombie = await attempt(context);
    const heir = await attempt(context);
    await heir.saveSection('summary', contentOf('heir'));
    await heir.cleanup();
    const before = await dump();
    expect(await zombie.saveSection('summary', contentOf('zombie'))).toBe(false);
    expect(zombie.signal.reason).toBeInstanceOf(StaleWriterError);
    expect(await dump()).toEqual(before);
  });

  it('C08 a claim whose reply was lost is the same claim when it is made again', async () => {
    const context = checkpointContext();
    const nonces = createRng('one nonce');
    const claimed = [];
    for (let time = 0; time < 2; time++) {
      const manager = new CheckpointFactory(testServices({ redis: store }), nonces.fork('same')).createForContext(context);
      claimed.push(await manager.claim(0));
    }
    expect(claimed).toEqual([1, 1]);
  });

  it('C08 a closed run takes nothing more from the attempt that closed it', async () => {
    const keys = checkpointKeys('user', 'closed-run');
    const record = serializeCheckpoint({ section: 'summary', plan: 'plan', token: 3, saved_at: 0 }, contentOf('late'));
    const commit = { keys, fence: { token: 3, nonce: 'n' }, record, savedAt: 0, now: 0, totalSections: 4, inProgress: null };
    expect(await commitCheckpoint(store.client, fencedScripts.commit, commit)).toMatchObject({ status: 'saved' });
    await store.client.hset(keys.progress, 'closed', '1');
    expect(await commitCheckpoint(store.client, fencedScripts.commit, commit)).toEqual({ status: 'stale', heldToken: 3 });
    expect(await commitCheckpoint(store.client, fencedScripts.commit, { ...commit, fence: { token: 4, nonce: 'm' } })).toMatchObject({ status: 'saved' });
  });

  it('C03 every save renews the progress record’s time to live, and makes one where Redis was emptied', async () => {
    const context = checkpointContext();
    const { progress } = checkpointKeys(context.userId, context.jobId);
    const manager = await attempt(context);
    await store.client.pexpire(progress, 5_000);
    await manager.saveSection('data_analysis', contentOf('a'));
    expect(await store.client.pttl(progress)).toBeGreaterThan(3_500_000);
    await store.client.flushall();
    await manager.saveSection('summary', contentOf('b'));
    expect(await store.client.pttl(progress)).toBeGreaterThan(3_500_000);
  });

  it('C08 two living writers never mix: one of them has the run, whatever the order of their saves', async () => {
    const context = checkpointContext();
    const [left, right] = await Promise.all([attempt(context), attempt(context)]);
    expect(left.token).not.toBe(right.token);
    const winner = left.token > right.token ? left : right;
    await Promise.all(sectionNames.flatMap((section) => [left.saveSection(section, contentOf(`left ${section}`)), right.saveSection(section, contentOf(`right ${section}`))]));
    const mark = winner === left ? 'left' : 'right';
    const reader = await attempt(context);
    expect(await reader.loadAllSections()).toEqual(new Map(sectionNames.map((section) => [section, contentOf(`${mark} ${section}`)])));
  });

  it('C08 a save whose reply was lost may be made again', async () => {
    const context = checkpointContext();
    const services = testServices({ redis: store });
    let loseReply = true;
    const lossy = testServices({
      redis: {
        state: { up: true },
        onStateChange: () => () => undefined,
        close: async () => undefined,
        execute: async (name, work, options) => {
          const reply = await store.execute(name, work, options);
          if (name !== 'checkpoint.save' || !loseReply) return reply;
          loseReply = false;
          throw new Error('connection lost before the reply');
        },
      },
    });
    const manager = await attempt(context, 0, lossy);
    expect(await manager.saveSection('summary', contentOf('a', 40_000))).toBe(false);
    const before = await dump();
    expect(await manager.flush()).toBe(true);
    expect(Object.keys(await dump())).toEqual(Object.keys(before));
    expect(await (await attempt(context, 0, services)).loadSection('summary')).toEqual(contentOf('a', 40_000));
  });

  const damages: readonly (readonly [string, (key: string, progress: string) => Promise<unknown>, string])[] = [
    ['cut off in the middle', async (key) => store.client.set(key, ((await store.client.get(key)) ?? '').slice(0, -40)), 'damaged'],
    ['cut off in its header', async (key) => store.client.set(key, ((await store.client.get(key)) ?? '').slice(0, 80)), 'damaged'],
    ['empty', async (key) => store.client.set(key, ''), 'damaged'],
    ['one bit changed', async (key) => store.client.set(key, ((await store.client.get(key)) ?? '').replace('Heading', 'Heading!')), 'damaged'],
    ['gone', async (key) => store.client.del(key), 'damaged'],
    ['a list', async (key) => [await store.client.del(key), await store.client.lpush(key, 'x')], 'damaged'],
    ['a pointer to nothing', async (key) => store.client.set(key, `@{"v":1,"blob":"${key}:blob:1-x-y","bytes":5,"sha256":"z"}`), 'damaged'],
    [
      'a pointer to another user’s key',
      async (key) => {
        await store.client.rename(key, 'report_checkpoint:{other:run}:data_analysis:blob:1');
        await store.client.set(key, '@{"v":1,"blob":"report_checkpoint:{other:run}:data_analysis:blob:1","bytes":5,"sha256":"z"}');
      },
      'damaged',
    ],
    ['no pointer at all', async (key) => store.client.set(key, '@{"blob":'), 'damaged'],
  ];
  it.each(damages)('C09 a checkpoint that is %s is reported, ignored, and written anew', async (_what, damage) => {
    const context = checkpointContext();
    const keys = checkpointKeys(context.userId, context.jobId);
    const first = await attempt(context);
    for (const section of ['data_analysis', 'summary'] as const) await first.saveSection(section, contentOf(section));
    await damage(keys.section('data_analysis'), keys.progress);
    const services = testServices({ redis: store });
    const second = await attempt(context, 0, services);
    expect(await second.loadAllSections()).toEqual(new Map([['summary', contentOf('summary')]]));
    expect(services.eventsOf('checkpoint_rejected')).toEqual([expect.objectContaining({ section: 'data_analysis', reason: 'damaged' })]);
    expect((await second.getProgress())?.completed_sections).toEqual(['summary']);
    expect(await second.saveSection('data_analysis', contentOf('again'))).toBe(true);
    expect(await (await attempt(context)).loadSection('data_analysis')).toEqual(contentOf('again'));
  });

  it('C09 a large section whose blob is gone is damaged, never silently absent', async () => {
    const context = checkpointContext();
    const first = await attempt(context);
    await first.saveSection('summary', contentOf('summary', 100_000));
    await store.client.del(await store.client.keys('*:blob:*'));
    const services = testServices({ redis: store });
    expect(await (await attempt(context, 0, services)).loadAllSections()).toEqual(new Map());
    expect(services.eventsOf('checkpoint_rejected')).toEqual([expect.objectContaining({ section: 'summary', reason: 'damaged' })]);
  });

  it('C09 a checkpoint of another plan is foreign: reported, ignored, written anew', async () => {
    const context = checkpointContext();
    await (await attempt(context)).saveSection('summary', contentOf('old plan'));
    const services = testServices({ redis: store });
    const second = await attempt({ ...context, planHash: 'plan-2' }, 0, services);
    expect(await second.loadAllSections()).toEqual(new Map());
    expect(services.eventsOf('checkpoint_rejected')).toEqual([expect.objectContaining({ section: 'summary', reason: 'foreign' })]);
    expect(await second.hasCheckpoints()).toBe(false);
  });

  it('C09 a checkpoint under another section’s key is foreign', async () => {
    const context = checkpointContext();
    const keys = checkpointKeys(context.userId, context.jobId);
    const first = await attempt(context);
    await first.saveSection('summary', contentOf('a'));
    await first.saveSection('data_analysis', contentOf('b'));
    await store.client.set(keys.section('summary'), (await store.client.get(keys.section('data_analysis'))) ?? '');
    const services = testServices({ redis: store });
    expect([...(await (await attempt(context, 0, services)).loadAllSections()).keys()]).toEqual(['data_analysis']);
    expect(services.eventsOf('checkpoint_rejected')).toEqual([expect.objectContaining({ section: 'summary', reason: 'foreign' })]);
  });

  it('C09 a progress key that is no hash is removed and the run goes on', async () => {
    const context = checkpointContext();
    await store.client.set(checkpointKeys(context.userId, context.jobId).progress, 'text');
    const services = testServices({ redis: store });
    const manager = await attempt(context, 0, services);
    expect(manager.token).toBe(1);
    expect(services.eventsOf('checkpoint_rejected')).toEqual([expect.objectContaining({ reason: 'damaged' })]);
    expect(await manager.saveSection('summary', contentOf('a'))).toBe(true);
  });

  it('C03 a checkpoint above 1 MB is refused before it is sent, and nothing is thrown', async () => {
    const services = testServices({ redis: store });
    const manager = await attempt(checkpointContext(), 0, services);
    const before = await dump();
    expect(await manager.saveSection('summary', contentOf('a', 1_100_000))).toBe(false);
    expect(await dump()).toEqual(before);
    expect(services.eventsOf('checkpoint_rejected')).toEqual([expect.objectContaining({ reason: 'too_large', section: 'summary' })]);
    expect(manager.signal.aborted).toBe(false);
  });

  it('C10 an emptied Redis is filled again by the attempt that had saved there', async () => {
    const context = checkpointContext();
    const manager = await attempt(context, 4);
    await manager.saveSection('data_analysis', contentOf('a'));
    await manager.saveSection('recommendations', contentOf('b', 50_000));
    await store.client.flushall();
    expect(await manager.saveSection('action_items', contentOf('c'))).toBe(true);
    await manager.settled();
    const heir = await attempt(context);
    expect(heir.token).toBe(6);
    expect([...(await heir.loadAllSections()).keys()].sort()).toEqual(['action_items', 'data_analysis', 'recommendations']);
  });

  it('C08 scripts that Redis has forgotten are sent again', async () => {
    const context = checkpointContext();
    const manager = await attempt(context);
    await store.client.script('FLUSH');
    expect(await manager.saveSection('summary', contentOf('a'))).toBe(true);
    await store.client.script('FLUSH');
    expect(await manager.saveSection('data_analysis', contentOf('b', 70_000))).toBe(true);
    await store.client.script('FLUSH');
    expect(await manager.cleanup()).toBe(true);
  });

  it('C12 saves, loads, resumes, bytes, age and latency are counted, and events tell of them', async () => {
    const clock = new VirtualClock();
    const services = testServices({ redis: store, clock });
    const context = checkpointContext();
    await (await attempt(context, 0, services)).saveSection('summary', contentOf('a'));
    await clock.advance(3_000);
    const second = await attempt(context, 0, services);
    await second.loadAllSections();
    await second.noteResumed(['summary']);
    expect(services.counted('checkpoint_saves_total', { result: 'saved' })).toBe(1);
    expect(services.counted('checkpoint_loads_total', { result: 'found' })).toBe(1);
    expect(services.counted('checkpoint_resumes_total')).toBe(1);
    expect(services.counted('checkpoint_bytes')).toBeGreaterThan(200);
    expect(services.counted('checkpoint_age_seconds')).toBe(3);
    expect(services.recorded.filter(({ name }) => name === 'checkpoint_latency_seconds').map(({ labels }) => labels['operation'])).toEqual(['save', 'load']);
    expect(services.eventsOf('checkpoint_saved')).toEqual([expect.objectContaining({ section: 'summary', fencing_token: 1, job_id: context.jobId, correlation_id: context.correlationId })]);
    expect(services.eventsOf('checkpoint_resumed')).toEqual([expect.objectContaining({ sections: ['summary'], fencing_token: 2, age_seconds: 3 })]);
  });

  it('C03 after any mixture of operations no key is without a time to live and no pointer without its blob', async () => {
    const contexts = Array.from({ length: 6 }, () => checkpointContext());
    await Promise.all(
      contexts.map(async (context, index) => {
        const first = await attempt(context);
        await Promise.all(sectionNames.map((section, at) => first.saveSection(section, contentOf(`${section} first`, at % 2 === 0 ? 60_000 : 900))));
        const second = await attempt(context);
        await second.loadAllSections();
        await Promise.all([first.saveSection('summary', contentOf('late', 80_000)), second.saveSection('summary', contentOf('second', 30_000)), second.saveSection('action_items', contentOf('small'))]);
        if (index % 3 === 0) await second.cleanup();
      }),
    );
    const keys = await store.client.keys('*');
    const blobs = new Set(keys.filter((key) => key.includes(':blob:')));
    const immortal = (await Promise.all(keys.map(async (key) => [key, await store.client.pttl(key)] as const))).filter(([, ttlMs]) => ttlMs <= 0);
    expect(immortal).toEqual([]);
    const pointed: string[] = [];
    for (const key of keys.filter((each) => sectionNames.some((section: SectionName) => each.endsWith(`:${section}`)))) {
      const text = (await store.client.get(key)) ?? '';
      if (text.startsWith('@')) pointed.push((JSON.parse(text.slice(1)) as { blob: string }).blob);
    }
    expect(new Set(pointed)).toEqual(blobs);
    expect(pointed.length).toBeGreaterThan(0);
  });
});
