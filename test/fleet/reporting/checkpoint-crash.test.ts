import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sectionNames } from '../../../src/fleet/jobs/job.ts';
import { CheckpointFactory } from '../../../src/fleet/reporting/checkpoints/checkpoint-factory.ts';
import { DirectRedisStore } from './helpers/direct-redis-store.ts';
import { startAnyRedis, type TestServer } from './helpers/redis-servers.ts';
import { checkpointContext, contentOf } from './helpers/reports.ts';
import { testServices } from './helpers/services.ts';

const child = fileURLToPath(new URL('./helpers/crash-child.ts', import.meta.url));

interface Ended {
  readonly lines: readonly string[];
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

function runChild(...parameters: readonly string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const running = spawn(process.execPath, [child, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    running.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    running.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    running.once('error', reject);
    running.once('close', (_code, signal) => resolve({ lines: stdout.split('\n').filter(Boolean), signal, stderr }));
  });
}

describe('checkpoints of a process that is killed', () => {
  let server: TestServer;
  let store: DirectRedisStore;
  beforeAll(async () => {
    server = await startAnyRedis();
    store = await DirectRedisStore.connect(server.port);
  });
  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  it('C03 C06 C08 killed at any command of a commit, nothing is half written and every acknowledged section is there', async () => {
    const port = String(server.port);
    // The first one also sends the scripts, which takes more commands.
    await runChild(port, 'user', 'first', '0', 'before');
    const whole = await runChild(port, 'user', 'whole', '0', 'before');
    expect(whole.stderr).toBe('');
    const commands = Number(/done after (\d+)/.exec(whole.lines.at(-1) ?? '')?.[1]);
    expect(commands).toBeGreaterThanOrEqual(6);
    const points = Array.from({ length: commands }, (_, index) => index + 1).flatMap((at) => [
      { at, when: 'before' },
      { at, when: 'after' },
    ]);
    // Two at a time: the machine may have no more cores.
    const strike = async (): Promise<void> => {
      for (let point = points.pop(); point !== undefined; point = points.pop()) {
        const jobId = `killed-${point.at}-${point.when}`;
        const { signal, lines } = await runChild(port, 'user', jobId, String(point.at), point.when);
        expect(signal, jobId).toBe('SIGKILL');
        const heir = new CheckpointFactory(testServices({ redis: store })).createForContext(checkpointContext({ userId: 'user', jobId }));
        expect(await heir.claim(0), jobId).toBeGreaterThanOrEqual(1);
        const loaded = await heir.loadAllSections();
        const cleaned = !(await heir.hasCheckpoints());
        // The cleanup is the last command: only a kill after it has been sent may leave nothing.
        if (point.at < commands) for (const section of lines) expect([...loaded.keys()], jobId).toContain(section);
        else expect(cleaned || loaded.size === 2, jobId).toBe(true);
        if (loaded.has('data_analysis')) expect(loaded.get('data_analysis')).toEqual(contentOf('small'));
        const large = loaded.get('recommendations');
        if (large !== undefined) expect([contentOf('large', 60_000), contentOf('large again', 70_000)]).toContainEqual(large);
      }
    };
    await Promise.all([strike(), strike()]);
    await expectNoOrphans(store);
  });
});

async function expectNoOrphans(store: DirectRedisStore): Promise<void> {
  const keys = await store.client.keys('*');
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) {
    expect(await store.client.pttl(key), key).toBeGreaterThan(0);
    if (!sectionNames.some((section) => key.endsWith(`:${section}`))) continue;
    const text = (await store.client.get(key)) ?? '';
    if (text.startsWith('@')) expect(keys).toContain((JSON.parse(text.slice(1)) as { blob: string }).blob);
  }
}
